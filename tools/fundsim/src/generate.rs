//! Generated data: plausible, and every NAV and every balance unique, so that a listener knows whose figure was spoken.

use crate::decimal::market_value;
use crate::hash::{LENGTH, PinKey, random_octets, token};
use crate::names::{ANNOUNCEMENTS, COMPANY, FUNDS, GIVEN, Kind, STATUSES, SURNAMES};
use crate::random::Random;
use crate::{DEMO_ACCOUNT, DEMO_FUND};
use base::{Secret, WallTime};
use rusqlite::{Connection, Transaction, params};
use std::collections::HashSet;

/// Trading days of NAV history.
pub(crate) const HISTORY_DAYS: usize = 250;
const CUSTOMERS: usize = 520;
const DAY_MS: u64 = 86_400_000;
/// China Standard Time is UTC+8 all year.
const CHINA_OFFSET_MS: u64 = 8 * 3_600_000;

struct Fund {
    code: String,
    kind: Kind,
    nav_e4: i64,
}

/// Fills the empty tables; the answer is the demonstration account's PIN.
pub(crate) fn fill(
    connection: &mut Connection,
    key: &PinKey,
    seed: u64,
    now: WallTime,
) -> Result<Secret, rusqlite::Error> {
    let mut random = Random::new(seed);
    let days = trading_days(now, HISTORY_DAYS);
    let everything = connection.transaction()?;
    let funds = funds(&everything, &mut random, &days)?;
    let demo = customers(&everything, &mut random, key, &funds)?;
    announcements(&everything, &days)?;
    everything.commit()?;
    Ok(demo)
}

/// The last `count` weekdays before today in China, newest first, as `yyyy-mm-dd`. Holidays are not left out: the data are invented.
fn trading_days(now: WallTime, count: usize) -> Vec<String> {
    let today = (now.0 + CHINA_OFFSET_MS) / DAY_MS;
    // 1970-01-01 was a Thursday: day 2 and day 3 were the first weekend.
    let weekdays = (0..today).rev().filter(|day| !matches!(day % 7, 2 | 3));
    weekdays.take(count).map(|day| date(day * DAY_MS)).collect()
}

fn date(ms: u64) -> String {
    let (year, month, day, ..) = WallTime(ms).civil();
    format!("{year:04}-{month:02}-{day:02}")
}

fn funds(data: &Transaction<'_>, random: &mut Random, days: &[String]) -> Result<Vec<Fund>, rusqlite::Error> {
    let mut codes = HashSet::from([DEMO_FUND.to_owned()]);
    let mut drawn = HashSet::new();
    let mut funds = Vec::new();
    for (at, (kind, theme_zh, theme_en)) in FUNDS.iter().enumerate() {
        let code = if at == 0 { DEMO_FUND.to_owned() } else { unique(&mut codes, || fund_code(random)) };
        let (kind_zh, kind_en) = kind.words();
        let name_zh = format!("{}{theme_zh}{kind_zh}", COMPANY.0);
        // Some themes name their kind already: Pure Bond.
        let kind_en = if theme_en.ends_with(kind_en) { String::new() } else { format!(" {kind_en}") };
        let name_en = format!("{} {theme_en}{kind_en}", COMPANY.1);
        // Nine in ten are open; the demonstration fund always is.
        let status = if at == 0 || random.between(1, 10) > 1 { STATUSES[0].0 } else { random.pick(&STATUSES[1..]).0 };
        let risk = risk(*kind, random);
        let established =
            format!("20{:02}-{:02}-{:02}", random.between(5, 23), random.between(1, 12), random.between(1, 28));
        data.execute(
            "INSERT INTO fund VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![code, name_zh, name_en, kind.code(), status, risk, established],
        )?;
        let nav_e4 = match kind {
            Kind::Money => money_history(data, random, &mut drawn, &code, days)?,
            _ => nav_history(data, random, &mut drawn, &code, *kind, days)?,
        };
        funds.push(Fund { code, kind: *kind, nav_e4 });
    }
    Ok(funds)
}

fn fund_code(random: &mut Random) -> String {
    let prefix = random.pick(&["00", "01", "11", "16", "51"]);
    format!("{prefix}{:04}", random.between(2, 9999))
}

fn risk(kind: Kind, random: &mut Random) -> i64 {
    match kind {
        Kind::Money => 1,
        Kind::Bond => 2,
        Kind::FundOfFunds => random.between(2, 3),
        Kind::Mixed => random.between(3, 4),
        Kind::Index | Kind::Equity => 4,
        Kind::Qdii => random.between(4, 5),
    }
}

/// Today's NAV, its usual daily move in 1/10 000, and the dividends paid so far.
fn nav_range(kind: Kind, random: &mut Random) -> (i64, i64, i64) {
    match kind {
        Kind::Bond => (random.between(10_011, 14_499), 15, random.between(0, 6_000)),
        Kind::FundOfFunds => (random.between(9_011, 14_999), 50, 0),
        Kind::Index => (random.between(7_011, 29_999), 130, random.between(0, 3_000)),
        Kind::Qdii => (random.between(8_011, 25_999), 150, 0),
        Kind::Equity => (random.between(6_011, 47_999), 170, random.between(0, 9_000)),
        Kind::Mixed | Kind::Money => (random.between(7_011, 51_999), 140, random.between(0, 12_000)),
    }
}

fn nav_history(
    data: &Transaction<'_>,
    random: &mut Random,
    drawn: &mut HashSet<i64>,
    code: &str,
    kind: Kind,
    days: &[String],
) -> Result<i64, rusqlite::Error> {
    let (today, daily_move, paid) = loop {
        let range = nav_range(kind, random);
        if drawn.insert(range.0) {
            break range;
        }
    };
    let mut insert = data.prepare_cached("INSERT INTO nav VALUES (?1, ?2, ?3, ?4, NULL, NULL)")?;
    let mut nav_e4 = today;
    for day in days {
        insert.execute(params![code, day, nav_e4, nav_e4 + paid])?;
        // The sum of two draws lies near the middle more often than at the ends, as daily moves do.
        let moved = random.between(-daily_move, daily_move) + random.between(-daily_move, daily_move);
        nav_e4 = (nav_e4 * 10_000 / (10_000 + moved)).clamp(1_000, 200_000);
    }
    Ok(today)
}

fn money_history(
    data: &Transaction<'_>,
    random: &mut Random,
    drawn: &mut HashSet<i64>,
    code: &str,
    days: &[String],
) -> Result<i64, rusqlite::Error> {
    let mut insert = data.prepare_cached("INSERT INTO nav VALUES (?1, ?2, 10000, 10000, ?3, ?4)")?;
    // Below every NAV, so that one set keeps both kinds of figures unique.
    let mut income_e4 = unique(drawn, || random.between(3_001, 5_999));
    for day in days {
        // 0.4 yuan a day on ten thousand is 1.46 per cent a year.
        let yield_e3 = income_e4 * 365 / 1_000 + random.between(-20, 20);
        insert.execute(params![code, day, income_e4, yield_e3])?;
        income_e4 = (income_e4 + random.between(-60, 60)).clamp(2_000, 5_999);
    }
    Ok(10_000)
}

fn unique<T: std::hash::Hash + Eq + Clone>(taken: &mut HashSet<T>, mut draw: impl FnMut() -> T) -> T {
    loop {
        let value = draw();
        if taken.insert(value.clone()) {
            return value;
        }
    }
}

fn customers(
    data: &Transaction<'_>,
    random: &mut Random,
    key: &PinKey,
    funds: &[Fund],
) -> Result<Secret, rusqlite::Error> {
    let mut accounts = HashSet::from([DEMO_ACCOUNT.to_owned()]);
    let mut totals = HashSet::new();
    let demo = draw_pin();
    for at in 0..CUSTOMERS {
        let (name_zh, name_en) = person(random);
        let customer = token();
        data.prepare_cached("INSERT INTO customer VALUES (?1, ?2, ?3, ?4)")?.execute(params![
            customer,
            name_zh,
            name_en,
            random.between(1, 5)
        ])?;
        let (account, pin) = match at {
            0 => (DEMO_ACCOUNT.to_owned(), demo.clone()),
            _ => (unique(&mut accounts, || format!("66{:010}", random.between(1, 9_999_999_999))), draw_pin()),
        };
        insert_account(data, key, &account, &customer, &pin)?;
        // The demonstration account always holds the demonstration fund.
        let held = holdings(random, funds, &mut totals, usize::from(at == 0));
        for (code, available_e2, frozen_e2) in held {
            data.prepare_cached("INSERT INTO holding VALUES (?1, ?2, ?3, ?4)")?.execute(params![
                account,
                code,
                available_e2,
                frozen_e2
            ])?;
        }
    }
    Ok(demo)
}

/// Adds an account with the hash of its PIN.
pub(crate) fn insert_account(
    data: &Connection,
    key: &PinKey,
    account: &str,
    customer: &str,
    pin: &Secret,
) -> Result<(), rusqlite::Error> {
    let salt = random_octets::<LENGTH>();
    data.prepare_cached("INSERT INTO account VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        account,
        customer,
        salt,
        key.hash(pin, &salt)
    ])?;
    Ok(())
}

/// Six random digits, from the operating system: nobody who knows the seed knows a PIN.
fn draw_pin() -> Secret {
    Secret::new(format!("{:06}", u64::from_be_bytes(random_octets()) % 1_000_000))
}

/// A customer's name in Chinese and in Latin letters.
pub(crate) fn person(random: &mut Random) -> (String, String) {
    let (surname, surname_latin) = random.pick(SURNAMES);
    let (first, first_latin) = random.pick(GIVEN);
    let (second, second_latin) = if random.between(1, 4) == 1 { ("", "") } else { *random.pick(GIVEN) };
    let mut given = format!("{first_latin}{second_latin}");
    given[..1].make_ascii_uppercase();
    (format!("{surname}{first}{second}"), format!("{given} {surname_latin}"))
}

/// One to six holdings (fund, available, frozen) whose market value no other account has; `first` of them are the first funds.
fn holdings(random: &mut Random, funds: &[Fund], totals: &mut HashSet<i64>, first: usize) -> Vec<(String, i64, i64)> {
    loop {
        let count = random.between(1, 6).max(3 * first as i64) as usize;
        let mut chosen: HashSet<usize> = (0..first).collect();
        while chosen.len() < count {
            chosen.insert(random.between(0, funds.len() as i64 - 1) as usize);
        }
        let mut chosen: Vec<usize> = chosen.into_iter().collect();
        chosen.sort_unstable();
        let mut total = 0;
        let mut held = Vec::new();
        for fund in chosen.into_iter().map(|at| &funds[at]) {
            let available_e2 = random.between(10_000, if fund.kind == Kind::Money { 20_000_000 } else { 8_000_000 });
            let frozen_e2 = if random.between(1, 8) == 1 { random.between(1_000, 500_000) } else { 0 };
            total += market_value(available_e2 + frozen_e2, fund.nav_e4);
            held.push((fund.code.clone(), available_e2, frozen_e2));
        }
        if totals.insert(total) {
            return held;
        }
    }
}

/// Holdings of a new lab account, whose market value no other account has.
pub(crate) fn draw_holdings(
    data: &Connection,
    random: &mut Random,
) -> Result<Vec<(String, i64, i64)>, rusqlite::Error> {
    let mut totals: HashSet<i64> = HashSet::new();
    let mut values = data.prepare_cached("SELECT account FROM account")?;
    for account in values.query_map([], |row| row.get::<_, String>(0))? {
        totals.insert(crate::books::holdings(data, &account?)?.total_e2);
    }
    let mut funds = data.prepare_cached("SELECT code, kind FROM fund ORDER BY rowid")?;
    let mut known = Vec::new();
    for fund in funds.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))? {
        let (code, kind) = fund?;
        let nav_e4 = crate::books::latest_nav_e4(data, &code)?;
        known.push(Fund { code, kind: Kind::from_code(&kind).unwrap_or(Kind::Mixed), nav_e4 });
    }
    Ok(holdings(random, &known, &mut totals, 0))
}

fn announcements(data: &Transaction<'_>, days: &[String]) -> Result<(), rusqlite::Error> {
    for (at, (title_zh, body_zh, title_en, body_en)) in ANNOUNCEMENTS.iter().enumerate() {
        data.execute(
            "INSERT INTO announcement(date, title_zh, body_zh, title_en, body_en) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![days[at * 2], title_zh, body_zh, title_en, body_en],
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trading_days_skip_the_weekend_and_today() {
        // 2026-11-23 02:00 in China, a Monday; in UTC it is still Sunday.
        let monday = WallTime(1_795_370_400_000);
        assert_eq!(monday.to_string(), "2026-11-22T18:00:00.000Z");
        assert_eq!(
            trading_days(monday, 6),
            ["2026-11-20", "2026-11-19", "2026-11-18", "2026-11-17", "2026-11-16", "2026-11-13"]
        );
        assert_eq!(trading_days(WallTime(monday.0 + DAY_MS), 1), ["2026-11-23"]);
    }

    #[test]
    fn the_same_seed_gives_the_same_names_and_another_seed_others() {
        let names =
            |seed| (0..5).map(|_| seed).scan(Random::new(seed), |random, _| Some(person(random))).collect::<Vec<_>>();
        assert_eq!(names(1), names(1));
        assert_ne!(names(1), names(2));
    }
}
