//! What the line side must be in each country.

/// Bits of the line side. Fields are named as in the data sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineSettings {
    /// OHS: the loop is closed slowly.
    pub ohs: bool,
    /// OHS2: and in which way.
    pub ohs2: bool,
    /// RZ: the ringer impedance is made up.
    pub rz: bool,
    /// RT: rings below 19 V do not count.
    pub rt: bool,
    /// ILIM: the loop current is limited to 60 mA.
    pub ilim: bool,
    /// DCV, 0 to 3: voltage over the closed loop.
    pub dcv: u8,
    /// MINI, 0 to 3: least loop current.
    pub mini: u8,
    /// ACIM, 0 to 15: impedance at voice frequencies.
    pub acim: u8,
}

/// 600 ohms, the loop as low as the exchanges of most of Asia need it.
const LOW: LineSettings =
    LineSettings { ohs: false, ohs2: false, rz: false, rt: false, ilim: false, dcv: 0, mini: 3, acim: 0x0 };
/// 600 ohms, North America.
const FCC: LineSettings = LineSettings { dcv: 3, mini: 0, ..LOW };
/// TBR 21: limited current, complex impedance.
const TBR21: LineSettings = LineSettings { ilim: true, acim: 0x2, ..FCC };
/// The same, closed as most of Europe wants it.
const EUROPE: LineSettings = LineSettings { ohs2: true, ..TBR21 };

/// Two letters (ISO 3166-1) in lower case, and the settings that the wctdm driver of dahdi-linux has for the country.
pub const COUNTRIES: &[([u8; 2], LineSettings)] = &[
    (*b"at", LineSettings { acim: 0x3, ..EUROPE }),
    (*b"au", LineSettings { ohs: true, acim: 0x3, ..LOW }),
    (*b"be", EUROPE),
    (*b"br", LOW),
    (*b"ca", FCC),
    (*b"ch", EUROPE),
    (*b"cn", LineSettings { acim: 0xF, ..LOW }),
    (*b"de", LineSettings { acim: 0x3, ..EUROPE }),
    (*b"dk", EUROPE),
    (*b"es", EUROPE),
    (*b"fi", EUROPE),
    (*b"fr", EUROPE),
    (*b"gb", LineSettings { acim: 0x5, ..EUROPE }),
    (*b"gr", EUROPE),
    (*b"hk", FCC),
    (*b"ie", EUROPE),
    (*b"in", LineSettings { acim: 0x4, ..FCC }),
    (*b"it", EUROPE),
    (*b"jp", LOW),
    (*b"kr", FCC),
    (*b"mo", FCC),
    (*b"mx", FCC),
    (*b"my", LOW),
    (*b"nl", EUROPE),
    (*b"no", EUROPE),
    (*b"nz", LineSettings { acim: 0x4, ..FCC }),
    (*b"ph", LOW),
    (*b"pl", LineSettings { rz: true, rt: true, ..FCC }),
    (*b"pt", EUROPE),
    (*b"ru", LOW),
    (*b"se", EUROPE),
    (*b"sg", FCC),
    (*b"th", LOW),
    (*b"tw", LOW),
    (*b"us", FCC),
    (*b"za", LineSettings { ohs: true, rz: true, acim: 0x3, ..FCC }),
];

impl LineSettings {
    /// Of a country by its two letters.
    pub fn of(country: [u8; 2]) -> Option<Self> {
        let at = COUNTRIES.binary_search_by_key(&country, |&(name, _)| name).ok()?;
        Some(COUNTRIES[at].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_every_country_is_found() {
        assert!(COUNTRIES.is_sorted_by(|one, next| one.0 < next.0));
        for &(country, settings) in COUNTRIES {
            assert_eq!(LineSettings::of(country), Some(settings));
            assert!(settings.dcv < 4 && settings.mini < 4 && settings.acim < 16);
        }
        assert_eq!(LineSettings::of(*b"CN"), None);
        assert_eq!(LineSettings::of(*b"zz"), None);
    }
}
