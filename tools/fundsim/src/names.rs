//! The words of generated data: funds by kind, customers, announcements. The company and its people are invented.

/// A fund's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Equity,
    Mixed,
    Bond,
    Money,
    Index,
    Qdii,
    FundOfFunds,
}

impl Kind {
    /// The name that the interface uses.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Equity => "equity",
            Self::Mixed => "mixed",
            Self::Bond => "bond",
            Self::Money => "money",
            Self::Index => "index",
            Self::Qdii => "qdii",
            Self::FundOfFunds => "fof",
        }
    }

    /// Chinese and English.
    pub(crate) const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Equity => ("股票", "Equity"),
            Self::Mixed => ("混合", "Mixed"),
            Self::Bond => ("债券", "Bond"),
            Self::Money => ("货币", "Money Market"),
            Self::Index => ("指数", "Index"),
            Self::Qdii => ("QDII", "QDII"),
            Self::FundOfFunds => ("FOF", "FOF"),
        }
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        [Self::Equity, Self::Mixed, Self::Bond, Self::Money, Self::Index, Self::Qdii, Self::FundOfFunds]
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

/// Every fund: kind, Chinese and English theme. The kind's word and the company's name are added.
pub(crate) const FUNDS: &[(Kind, &str, &str)] = &[
    (Kind::Mixed, "成长精选", "Growth Select"),
    (Kind::Mixed, "价值优选", "Value Choice"),
    (Kind::Mixed, "稳健回报", "Steady Return"),
    (Kind::Mixed, "灵活配置", "Flexible Allocation"),
    (Kind::Mixed, "均衡增长", "Balanced Growth"),
    (Kind::Mixed, "红利优享", "Dividend Income"),
    (Kind::Mixed, "行业轮动", "Sector Rotation"),
    (Kind::Mixed, "新机遇", "New Opportunity"),
    (Kind::Mixed, "质量领先", "Quality Leaders"),
    (Kind::Mixed, "创新驱动", "Innovation Drive"),
    (Kind::Mixed, "趋势优选", "Trend Choice"),
    (Kind::Mixed, "民生改善", "Better Living"),
    (Kind::Mixed, "长三角主题", "Yangtze Delta"),
    (Kind::Mixed, "沪港深优势", "Mainland and Hong Kong Advantage"),
    (Kind::Equity, "消费升级", "Consumption Upgrade"),
    (Kind::Equity, "医药健康", "Healthcare"),
    (Kind::Equity, "科技创新", "Technology Innovation"),
    (Kind::Equity, "新能源", "New Energy"),
    (Kind::Equity, "先进制造", "Advanced Manufacturing"),
    (Kind::Equity, "高端装备", "High End Equipment"),
    (Kind::Equity, "金融地产", "Financials and Property"),
    (Kind::Equity, "港股通精选", "Hong Kong Connect Select"),
    (Kind::Equity, "环保产业", "Environmental Industry"),
    (Kind::Equity, "现代农业", "Modern Agriculture"),
    (Kind::Equity, "信息产业", "Information Industry"),
    (Kind::Bond, "双利", "Double Benefit"),
    (Kind::Bond, "纯债", "Pure Bond"),
    (Kind::Bond, "短债", "Short Bond"),
    (Kind::Bond, "中短债", "Short and Medium Bond"),
    (Kind::Bond, "信用优选", "Credit Choice"),
    (Kind::Bond, "可转债", "Convertible"),
    (Kind::Bond, "增强收益", "Enhanced Income"),
    (Kind::Bond, "丰利", "Rich Harvest"),
    (Kind::Bond, "安享", "Peace of Mind"),
    (Kind::Bond, "产业债", "Industrial Bond"),
    (Kind::Bond, "一年定开", "One Year Open"),
    (Kind::Bond, "政金债", "Policy Bank"),
    (Kind::Money, "现金宝", "Cash Treasure"),
    (Kind::Money, "日日盈", "Daily Gain"),
    (Kind::Money, "天天利", "Everyday Benefit"),
    (Kind::Money, "活期通", "Current Account Plus"),
    (Kind::Money, "余利", "Surplus"),
    (Kind::Money, "快线", "Express"),
    (Kind::Index, "沪深300", "CSI 300"),
    (Kind::Index, "中证500", "CSI 500"),
    (Kind::Index, "中证1000", "CSI 1000"),
    (Kind::Index, "上证50", "SSE 50"),
    (Kind::Index, "创业板", "ChiNext"),
    (Kind::Index, "科创50", "STAR 50"),
    (Kind::Index, "中证红利", "CSI Dividend"),
    (Kind::Index, "半导体", "Semiconductor"),
    (Kind::Index, "证券公司", "Securities Firms"),
    (Kind::Index, "医药卫生", "Health Care Sector"),
    (Kind::Index, "食品饮料", "Food and Beverage"),
    (Kind::Qdii, "全球精选", "Global Select"),
    (Kind::Qdii, "美国科技", "US Technology"),
    (Kind::Qdii, "亚洲机会", "Asia Opportunity"),
    (Kind::Qdii, "恒生指数", "Hang Seng"),
    (Kind::Qdii, "全球债券", "Global Bond"),
    (Kind::Qdii, "黄金主题", "Gold"),
    (Kind::FundOfFunds, "养老目标2035", "Pension Target 2035"),
    (Kind::FundOfFunds, "养老目标2045", "Pension Target 2045"),
    (Kind::FundOfFunds, "稳健养老", "Steady Pension"),
    (Kind::FundOfFunds, "平衡配置", "Balanced Allocation"),
    (Kind::FundOfFunds, "积极配置", "Active Allocation"),
];

/// Company name before every fund's.
pub(crate) const COMPANY: (&str, &str) = ("云帆", "Yunfan");

/// Surnames with their Latin spelling.
pub(crate) const SURNAMES: &[(&str, &str)] = &[
    ("王", "Wang"),
    ("李", "Li"),
    ("张", "Zhang"),
    ("刘", "Liu"),
    ("陈", "Chen"),
    ("杨", "Yang"),
    ("赵", "Zhao"),
    ("黄", "Huang"),
    ("周", "Zhou"),
    ("吴", "Wu"),
    ("徐", "Xu"),
    ("孙", "Sun"),
    ("胡", "Hu"),
    ("朱", "Zhu"),
    ("高", "Gao"),
    ("林", "Lin"),
    ("何", "He"),
    ("郭", "Guo"),
    ("马", "Ma"),
    ("罗", "Luo"),
    ("梁", "Liang"),
    ("宋", "Song"),
    ("郑", "Zheng"),
    ("谢", "Xie"),
    ("韩", "Han"),
    ("唐", "Tang"),
    ("冯", "Feng"),
    ("董", "Dong"),
    ("程", "Cheng"),
    ("沈", "Shen"),
    ("彭", "Peng"),
    ("潘", "Pan"),
    ("袁", "Yuan"),
    ("蒋", "Jiang"),
    ("欧阳", "Ouyang"),
    ("诸葛", "Zhuge"),
];

/// Characters of given names with their Latin spelling.
pub(crate) const GIVEN: &[(&str, &str)] = &[
    ("伟", "wei"),
    ("芳", "fang"),
    ("娜", "na"),
    ("敏", "min"),
    ("静", "jing"),
    ("丽", "li"),
    ("强", "qiang"),
    ("磊", "lei"),
    ("军", "jun"),
    ("洋", "yang"),
    ("勇", "yong"),
    ("艳", "yan"),
    ("杰", "jie"),
    ("娟", "juan"),
    ("涛", "tao"),
    ("明", "ming"),
    ("超", "chao"),
    ("秀", "xiu"),
    ("霞", "xia"),
    ("平", "ping"),
    ("刚", "gang"),
    ("桂", "gui"),
    ("英", "ying"),
    ("华", "hua"),
    ("建", "jian"),
    ("国", "guo"),
    ("文", "wen"),
    ("子", "zi"),
    ("轩", "xuan"),
    ("雨", "yu"),
    ("欣", "xin"),
    ("怡", "yi"),
    ("梓", "zi"),
    ("涵", "han"),
    ("浩", "hao"),
    ("宇", "yu"),
    ("晨", "chen"),
    ("思", "si"),
    ("佳", "jia"),
    ("琪", "qi"),
    ("嘉", "jia"),
    ("诚", "cheng"),
    ("志", "zhi"),
    ("海", "hai"),
    ("春", "chun"),
];

/// Fund status codes of the daily exchange with their words: those that a running fund has.
pub(crate) const STATUSES: &[(i64, &str, &str)] = &[
    (0, "开放申购赎回", "open"),
    (4, "停止申购赎回", "purchase and redemption stopped"),
    (5, "停止申购", "purchase stopped"),
    (6, "停止赎回", "redemption stopped"),
    (9, "基金封闭", "closed period"),
];

/// Announcements: title and text in both languages.
pub(crate) const ANNOUNCEMENTS: &[(&str, &str, &str, &str)] = &[
    (
        "关于防范假冒客服电话的提示",
        "近期有不法分子冒充我公司客服人员。我公司工作人员不会向您索要查询密码，请您提高警惕，谨防诈骗。",
        "Beware of callers who pretend to be us",
        "Fraudsters have been posing as our staff. Our staff never ask for your password. Please stay alert.",
    ),
    (
        "关于云帆现金宝货币限制大额申购的公告",
        "为保护基金份额持有人利益，自下一工作日起，云帆现金宝货币单日每户累计申购金额不超过一百万元。",
        "Large purchases of the Yunfan Cash Treasure fund are limited",
        "To protect existing holders, purchases of Yunfan Cash Treasure Money Market are limited to one million yuan \
         a day for each account from the next working day.",
    ),
    (
        "关于云帆成长精选混合分红的公告",
        "云帆成长精选混合将进行本年度第一次分红，具体方案请见公司网站。选择现金分红的投资者，红利款将于七个工作日内到账。",
        "Dividend of the Yunfan Growth Select fund",
        "Yunfan Growth Select Mixed will pay its first dividend of the year. Details are on our website. Cash dividends \
         arrive within seven working days.",
    ),
    (
        "关于系统维护的公告",
        "本周六凌晨一点至五点，网上交易系统将进行维护，届时电话查询服务不受影响。",
        "System maintenance",
        "Our online trading system will be under maintenance this Saturday from one to five in the morning. \
         Telephone enquiries are not affected.",
    ),
    (
        "市场周评",
        "本周市场震荡整理，成交温和放大，债券市场保持平稳。基金有风险，投资需谨慎。",
        "Weekly market comment",
        "The market moved sideways this week on slightly higher turnover, and bonds were stable. Funds carry risk; \
         please invest with care.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_sixty_funds_of_every_kind_and_no_two_names_alike() {
        let mut names: Vec<_> = FUNDS.iter().map(|(_, chinese, _)| chinese).collect();
        names.sort_unstable();
        names.dedup();
        assert!(names.len() >= 60 && names.len() == FUNDS.len());
        for code in ["equity", "mixed", "bond", "money", "index", "qdii", "fof"] {
            let kind = Kind::from_code(code).unwrap();
            assert!(FUNDS.iter().any(|(at, ..)| *at == kind), "{code}");
        }
    }
}
