//! Words that the Mandarin voice reads wrongly, spelt so that it reads them right.
//!
//! espeak-ng 1.51 knows one reading for most characters with several (行 háng or xíng, 长 cháng or zhǎng). The trade's own words
//! among them are respelt with characters of the same sound. Found by listening to the phonemes (`espeak-ng -x`) of the
//! hotline's phrases and of common names of funds; to add a word, do the same.

use speech::{Lang, Phrase};
use std::borrow::Cow;

/// As written, and a spelling of the same sound.
const RESPELT: [(&str, &str); 20] = [
    ("银行", "银航"),
    ("同行", "同航"),
    ("行业", "航业"),
    ("行情", "航情"),
    ("成长", "成掌"),
    ("增长", "增掌"),
    ("重新", "虫新"),
    ("重复", "虫复"),
    ("调整", "条整"),
    ("单只", "单支"),
    ("只基金", "支基金"),
    ("成为", "成围"),
    ("净值为", "净值围"),
    ("市值为", "市值围"),
    ("差额", "插额"),
    ("供应", "供映"),
    ("适应", "适映"),
    ("处理", "楚理"),
    ("更新", "耕新"),
    ("会计", "快计"),
];

/// The words as the voice must be given them.
pub(crate) fn as_pronounced(phrase: &Phrase) -> Cow<'_, str> {
    let mut words = Cow::Borrowed(phrase.words.as_str());
    if phrase.lang == Lang::Zh {
        for (written, spelt) in RESPELT {
            if words.contains(written) {
                words = words.replace(written, spelt).into();
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trades_words_are_respelt_and_others_left_alone() {
        let spelt = |words: &str, lang| as_pronounced(&Phrase { lang, words: words.into() }).into_owned();
        assert_eq!(spelt("云帆成长精选混合", Lang::Zh), "云帆成掌精选混合");
        assert_eq!(spelt("请重新输入银行卡号", Lang::Zh), "请虫新输入银航卡号");
        assert_eq!(spelt("长期进行", Lang::Zh), "长期进行");
        assert_eq!(spelt("银行", Lang::En), "银行");
    }
}
