//! What the company's books say: questions to the database, with answers as the interface writes them.

use crate::decimal::{change_percent_e2, market_value, written};
use crate::names::{Kind, STATUSES};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;

/// A name or word in both languages.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Words {
    pub(crate) zh: String,
    pub(crate) en: String,
}

impl Words {
    fn new(zh: &str, en: &str) -> Self {
        Self { zh: zh.to_owned(), en: en.to_owned() }
    }
}

/// One fund with its latest figures. Decimals are strings, so that no reader turns them into floats.
#[derive(Debug, Serialize)]
pub(crate) struct Fund {
    code: String,
    name: Words,
    kind: &'static str,
    kind_words: Words,
    status: i64,
    status_words: Words,
    risk: String,
    established: String,
    #[serde(flatten)]
    latest: Nav,
    /// Against the trading day before, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_percent: Option<String>,
}

/// One day's figures.
#[derive(Debug, Serialize)]
pub(crate) struct Nav {
    #[serde(rename = "nav_date")]
    date: String,
    nav: String,
    accumulated: String,
    /// Money funds: yuan for every ten thousand shares.
    #[serde(skip_serializing_if = "Option::is_none")]
    income_per_10k: Option<String>,
    /// Money funds: percent a year over the last seven days.
    #[serde(skip_serializing_if = "Option::is_none")]
    yield_7d: Option<String>,
    #[serde(skip)]
    nav_e4: i64,
}

/// One line of the list of funds.
#[derive(Debug, Serialize)]
pub(crate) struct FundLine {
    code: String,
    name: Words,
    kind: String,
}

/// One announcement in one language.
#[derive(Debug, Serialize)]
pub(crate) struct Announcement {
    id: i64,
    date: String,
    title: String,
    body: String,
}

/// What an account holds.
#[derive(Debug, Serialize)]
pub(crate) struct Holdings {
    fund_count: usize,
    /// The sum of the holdings' values, so that a listener's own sum agrees.
    total_value: String,
    #[serde(skip)]
    pub(crate) total_e2: i64,
    holdings: Vec<Holding>,
}

#[derive(Debug, Serialize)]
struct Holding {
    code: String,
    name: Words,
    available: String,
    frozen: String,
    shares: String,
    nav: String,
    nav_date: String,
    value: String,
}

/// The fund `code`, if there is one.
pub(crate) fn fund(data: &Connection, code: &str) -> Result<Option<Fund>, rusqlite::Error> {
    let mut history = navs(data, code, 2)?.into_iter();
    let (latest, before) = (history.next(), history.next());
    let mut query =
        data.prepare_cached("SELECT name_zh, name_en, kind, status, risk, established FROM fund WHERE code = ?1")?;
    let row = query
        .query_row([code], |row| {
            let kind: String = row.get(2)?;
            Ok((Words { zh: row.get(0)?, en: row.get(1)? }, kind, row.get(3)?, row.get::<_, i64>(4)?, row.get(5)?))
        })
        .optional()?;
    let (Some((name, kind, status, risk, established)), Some(latest)) = (row, latest) else { return Ok(None) };
    let kind = Kind::from_code(&kind).unwrap_or(Kind::Mixed);
    let (kind_zh, kind_en) = kind.words();
    let (_, status_zh, status_en) = STATUSES.iter().find(|(code, ..)| *code == status).unwrap_or(&STATUSES[0]);
    let change = before.filter(|_| kind != Kind::Money).map(|day| change_percent_e2(latest.nav_e4, day.nav_e4));
    Ok(Some(Fund {
        code: code.to_owned(),
        name,
        kind: kind.code(),
        kind_words: Words::new(kind_zh, kind_en),
        status,
        status_words: Words::new(status_zh, status_en),
        risk: format!("R{risk}"),
        established,
        latest,
        change_percent: change.map(|percent| written(percent, 2)),
    }))
}

/// All funds, in the order in which they were set up.
pub(crate) fn funds(data: &Connection) -> Result<Vec<FundLine>, rusqlite::Error> {
    let mut query = data.prepare_cached("SELECT code, name_zh, name_en, kind FROM fund ORDER BY rowid")?;
    let line = |row: &Row<'_>| {
        Ok(FundLine { code: row.get(0)?, name: Words { zh: row.get(1)?, en: row.get(2)? }, kind: row.get(3)? })
    };
    query.query_map([], line)?.collect()
}

/// The last `days` days of a fund, newest first; empty if there is no such fund.
pub(crate) fn navs(data: &Connection, code: &str, days: u32) -> Result<Vec<Nav>, rusqlite::Error> {
    let mut query = data.prepare_cached(
        "SELECT date, nav_e4, accumulated_e4, income_e4, yield_e3 FROM nav WHERE code = ?1 ORDER BY date DESC LIMIT ?2",
    )?;
    let nav = |row: &Row<'_>| {
        let nav_e4 = row.get(1)?;
        Ok(Nav {
            date: row.get(0)?,
            nav: written(nav_e4, 4),
            accumulated: written(row.get(2)?, 4),
            income_per_10k: row.get::<_, Option<i64>>(3)?.map(|income| written(income, 4)),
            yield_7d: row.get::<_, Option<i64>>(4)?.map(|percent| written(percent, 3)),
            nav_e4,
        })
    };
    query.query_map(params![code, days], nav)?.collect()
}

/// A fund's latest NAV in ten-thousandths.
pub(crate) fn latest_nav_e4(data: &Connection, code: &str) -> Result<i64, rusqlite::Error> {
    data.prepare_cached("SELECT nav_e4 FROM nav WHERE code = ?1 ORDER BY date DESC LIMIT 1")?
        .query_row([code], |row| row.get(0))
}

/// The announcements in one language, newest first.
pub(crate) fn announcements(data: &Connection, lang: Lang) -> Result<Vec<Announcement>, rusqlite::Error> {
    let mut query = data.prepare_cached(match lang {
        Lang::Zh => "SELECT id, date, title_zh, body_zh FROM announcement ORDER BY date DESC, id",
        Lang::En => "SELECT id, date, title_en, body_en FROM announcement ORDER BY date DESC, id",
    })?;
    let line =
        |row: &Row<'_>| Ok(Announcement { id: row.get(0)?, date: row.get(1)?, title: row.get(2)?, body: row.get(3)? });
    query.query_map([], line)?.collect()
}

/// A language of the announcements.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lang {
    Zh,
    En,
}

/// What `account` holds, valued at the latest NAVs.
pub(crate) fn holdings(data: &Connection, account: &str) -> Result<Holdings, rusqlite::Error> {
    let mut query = data.prepare_cached(
        "SELECT h.code, f.name_zh, f.name_en, h.available_e2, h.frozen_e2, n.nav_e4, n.date
         FROM holding h JOIN fund f ON f.code = h.code
         JOIN nav n ON n.code = h.code AND n.date = (SELECT max(date) FROM nav WHERE code = h.code)
         WHERE h.account = ?1 ORDER BY f.rowid",
    )?;
    let mut total_e2 = 0_i64;
    let holding = |row: &Row<'_>| {
        let (available_e2, frozen_e2, nav_e4): (i64, i64, i64) = (row.get(3)?, row.get(4)?, row.get(5)?);
        let value_e2 = market_value(available_e2 + frozen_e2, nav_e4);
        total_e2 = total_e2.saturating_add(value_e2);
        Ok(Holding {
            code: row.get(0)?,
            name: Words { zh: row.get(1)?, en: row.get(2)? },
            available: written(available_e2, 2),
            frozen: written(frozen_e2, 2),
            shares: written(available_e2 + frozen_e2, 2),
            nav: written(nav_e4, 4),
            nav_date: row.get(6)?,
            value: written(value_e2, 2),
        })
    };
    let holdings: Vec<Holding> = query.query_map([account], holding)?.collect::<Result<_, _>>()?;
    Ok(Holdings { fund_count: holdings.len(), total_value: written(total_e2, 2), total_e2, holdings })
}
