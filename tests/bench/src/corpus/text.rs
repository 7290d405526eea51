//! Sentences about money, weather and people, no two alike.

use std::collections::BTreeSet;
use test_signals::Random;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Chinese,
    English,
}

/// What has been said already.
#[derive(Default)]
pub(crate) struct Sentences(BTreeSet<String>);

impl Sentences {
    /// At least so many characters of new sentences.
    pub(crate) fn write(&mut self, language: Language, characters: usize, random: &mut Random) -> String {
        let mut text = String::new();
        let mut written = 0;
        while written < characters {
            let sentence = match language {
                Language::English => english(random),
                Language::Chinese => chinese(random),
            };
            if self.0.insert(sentence.clone()) {
                written += sentence.chars().count();
                text += &sentence;
                text.push('\n');
            }
        }
        text
    }
}

fn any<'a>(words: &'a str, random: &mut Random) -> &'a str {
    let count = words.split(',').count();
    words.split(',').nth(random.below(count)).unwrap_or_default()
}

const WHO: &str = "my mother,the manager of the branch,an old friend from Shanghai,nobody in the office,the whole family,a young engineer,our \
                   neighbour's daughter,the fund's auditor,every third customer,the woman at the counter,a retired teacher,the postman,your \
                   broker,the night watchman,some farmer from the north,the new minister,a violin player,her younger brother,the pilot,Mister \
                   Johnson,Doctor Wang,the committee,that strange man,the taxi driver,an honest lawyer,the board of directors";
const DOES: &str = "bought,sold,quietly forgot,explained,wanted to see,was asking about,could not find,will redeem,transferred,has never \
                    trusted,counted,would rather keep,complained about,paid for,carried home,photographed,wrote down,lost,is looking for,dreams \
                    of,argued over,finally repaired,misunderstood,ordered,returned,admires";
const WHAT: &str = "the quarterly report,a bond fund,two loaves of bread,the old piano,some shares in a shipping company,the money market \
                    account,a small red bicycle,the password,the dividend,a house near the river,the wrong envelope,our savings plan,a box of \
                    oranges,the telephone bill,those beautiful paintings,the interest rate,a ticket to the opera,the garden,the currency \
                    exchange,an umbrella,the signature page,seven chickens,the insurance policy,a kilo of rice,the mortgage,the evening paper";
const HOW: &str = "before the market opened,in the pouring rain,without telling anybody,after a long discussion,for the third time this \
                   year,because it was cheap,while the children were asleep,on the way to the station,as usual,with great care,in spite of \
                   everything,during the spring festival,under a blue sky,at the very last minute,by telephone,if I remember rightly,although \
                   prices had fallen,just as you said,over a cup of tea,rather slowly";

fn english(random: &mut Random) -> String {
    let (who, does, what, how) = (any(WHO, random), any(DOES, random), any(WHAT, random), any(HOW, random));
    let (whole, part, day) = (random.below(99_999), random.below(10_000), 1 + random.below(28));
    let month = any("January,February,March,April,May,June,July,August,September,October,November,December", random);
    match random.below(6) {
        0 => format!("{who} {does} {what} {how}."),
        1 => format!("On {month} {day}, {who} {does} {what}, {how}."),
        2 => format!("The value was {}.{part:04} on {month} {day}, and {who} {does} {what}.", whole % 100),
        3 => format!("Did you know that {who} {does} {what} {how}?"),
        4 => format!("Your balance is {whole} dollars and {} cents; {who} {does} {what}.", part % 100),
        _ => format!("{who} {does} {what}, but {} {} {how}.", any(WHO, random), any(DOES, random)),
    }
}

const ZH_WHO: &str = "我妈妈,营业部经理,一位上海来的老朋友,办公室里没有人,全家人,年轻的工程师,邻居的女儿,基金审计员,每三个客户中的一个,柜台的女士,退休教师,邮递员,\
                      您的经纪人,夜班保安,北方的农民,新任部长,小提琴手,他的弟弟,飞行员,王医生,委员会,那个奇怪的人,出租车司机,诚实的律师,董事会,李小姐";
const ZH_DOES: &str = "买了,卖掉了,悄悄忘记了,解释了,想看看,正在打听,找不到,准备赎回,转换了,从来不相信,数过,宁愿保留,抱怨,支付了,带回家了,拍下了,写下了,丢了,\
                       正在寻找,梦见了,为此争论的是,终于修好了,误解了,订购了,退回了,非常喜欢";
const ZH_WHAT: &str = "季度报告,一只债券基金,两个面包,旧钢琴,航运公司的股票,货币市场账户,红色的自行车,交易密码,现金红利,河边的房子,寄错的信封,储蓄计划,一箱橘子,\
                       电话账单,漂亮的国画,存款利率,歌剧院的门票,花园,外汇业务,一把雨伞,签字页,七只鸡,保险合同,一公斤大米,住房贷款,晚报";
const ZH_HOW: &str = "在开市以前,在大雨中,没有告诉任何人,经过长时间讨论,今年第三次了,因为价格便宜,孩子们睡觉的时候,在去车站的路上,和往常一样,非常小心,不管怎么说,\
                      春节期间,在蓝天下,在最后一分钟,通过电话,如果我没记错,虽然价格下跌了,正如您所说,一边喝茶,慢慢地";

fn chinese(random: &mut Random) -> String {
    let (who, does, what) = (any(ZH_WHO, random), any(ZH_DOES, random), any(ZH_WHAT, random));
    let (how, whole, part) = (any(ZH_HOW, random), random.below(99_999), random.below(10_000));
    let (month, day) = (1 + random.below(12), 1 + random.below(28));
    match random.below(6) {
        0 => format!("{who}{how}{does}{what}。"),
        1 => format!("{month}月{day}日，{who}{does}{what}，{how}。"),
        2 => format!("{month}月{day}日的单位净值是{}.{part:04}元，{who}{does}{what}。", whole % 10),
        3 => format!("您知道{who}{how}{does}{what}吗？"),
        4 => format!("您的账户余额是{whole}元{}分，{who}{does}{what}。", part % 100),
        _ => format!("{who}{does}{what}，但是{}{how}{}。", any(ZH_WHO, random), any(ZH_DOES, random)),
    }
}
