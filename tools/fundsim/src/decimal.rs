//! Money and shares as integers with a fixed number of decimals: nothing here is a float.

/// `value` in units of 10^-`decimals`, written with exactly that many decimals.
pub(crate) fn written(value: i64, decimals: u32) -> String {
    let unit = 10_u64.pow(decimals);
    let sign = if value < 0 { "-" } else { "" };
    let amount = value.unsigned_abs();
    if decimals == 0 {
        return format!("{sign}{amount}");
    }
    format!("{sign}{}.{:0width$}", amount / unit, amount % unit, width = decimals as usize)
}

/// Shares (2 decimals) times NAV (4 decimals) in money of 2 decimals; the half fen is rounded up.
pub(crate) fn market_value(shares_e2: i64, nav_e4: i64) -> i64 {
    let exact = i128::from(shares_e2) * i128::from(nav_e4);
    i64::try_from((exact + 5_000).div_euclid(10_000)).unwrap_or(i64::MAX)
}

/// The change from `before` to `now` in percent with 2 decimals, rounded half up.
pub(crate) fn change_percent_e2(now: i64, before: i64) -> i64 {
    if before == 0 {
        return 0;
    }
    let scaled = i128::from(now - before) * 20_000 + i128::from(before);
    i64::try_from(scaled.div_euclid(i128::from(before) * 2)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_kept_with_their_zeros() {
        assert_eq!(written(12_300, 4), "1.2300");
        assert_eq!(written(5, 4), "0.0005");
        assert_eq!(written(-53, 2), "-0.53");
        assert_eq!(written(7, 0), "7");
    }

    #[test]
    fn a_market_value_is_rounded_once_at_half_a_fen() {
        assert_eq!(market_value(100, 12_349), 123);
        assert_eq!(market_value(100, 12_350), 124);
        // 123 456 789.01 shares at 4.9876.
        assert_eq!(market_value(12_345_678_901, 49_876), 61_575_308_087);
    }

    #[test]
    fn a_change_is_a_percentage_of_the_day_before() {
        assert_eq!(change_percent_e2(10_100, 10_000), 100);
        assert_eq!(change_percent_e2(9_947, 10_000), -53);
        assert_eq!(change_percent_e2(10_000, 0), 0);
    }
}
