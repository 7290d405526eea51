//! What the fund system answers. Decimals stay the strings that were sent: nothing here is a float, nothing is rounded.

use base::Secret;
use serde::{Deserialize, Serialize};

/// A name or word in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// One line of the list of funds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FundLine {
    /// Six digits.
    pub code: String,
    /// Its name.
    pub name: Words,
    /// Its kind's code.
    pub kind: String,
}

/// One day's figures of a fund.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nav {
    /// `yyyy-mm-dd`.
    #[serde(rename = "nav_date")]
    pub date: String,
    /// Net asset value of a share, as many decimals as the fund publishes.
    pub nav: String,
    /// With all dividends since the start.
    pub accumulated: String,
    /// Money funds: yuan for every ten thousand shares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub income_per_10k: Option<String>,
    /// Money funds: percent a year over the last seven days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yield_7d: Option<String>,
}

/// A fund with its latest figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fund {
    /// Six digits.
    pub code: String,
    /// Its name.
    pub name: Words,
    /// Its kind's code.
    pub kind: String,
    /// Its kind in words.
    pub kind_words: Words,
    /// Its status code of the daily exchange (GB/T 39595-2020).
    pub status: i64,
    /// Its status in words.
    pub status_words: Words,
    /// R1 to R5.
    pub risk: String,
    /// `yyyy-mm-dd`.
    pub established: String,
    /// The latest figures.
    #[serde(flatten)]
    pub latest: Nav,
    /// Against the trading day before, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_percent: Option<String>,
}

/// An announcement in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// Its number.
    pub id: i64,
    /// `yyyy-mm-dd`.
    pub date: String,
    /// One line.
    pub title: String,
    /// The text.
    pub body: String,
}

/// A customer who gave the right PIN.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Session {
    /// Names the session to the fund system: who has it has the account.
    #[serde(deserialize_with = "secret")]
    pub token: Secret,
    /// The customer's opaque key, fit for records.
    pub customer: String,
    /// The customer's name.
    pub name: Words,
}

fn secret<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Secret, D::Error> {
    String::deserialize(from).map(Secret::new)
}

/// What an account holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holdings {
    /// How many funds.
    pub fund_count: usize,
    /// The sum of the holdings' values in yuan.
    pub total_value: String,
    /// Fund by fund.
    pub holdings: Vec<Holding>,
}

/// One fund in an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holding {
    /// Six digits.
    pub code: String,
    /// The fund's name.
    pub name: Words,
    /// Shares that can be redeemed.
    pub available: String,
    /// Shares that cannot.
    pub frozen: String,
    /// All shares.
    pub shares: String,
    /// The value of a share.
    pub nav: String,
    /// The day of that value.
    pub nav_date: String,
    /// What the shares are worth, in yuan.
    pub value: String,
}
