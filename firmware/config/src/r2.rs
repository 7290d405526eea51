//! MFC/R2 spans: their countries, and what one span does otherwise.

use crate::check::Check;
use crate::file::{self, Span as Table};
use sig_span::mfc::{COUNTRIES, Country, Settings};
use toml::Spanned;

/// The longest number that registers pass on (E.164: 15 digits, with a prefix).
const LONGEST: u8 = 20;

pub(crate) fn settings(check: &mut Check<'_>, table: &Table) -> Settings {
    let mut settings = Settings::new(country(check, table.country.as_ref()));
    let Some(r2) = table.r2.as_ref().map(Spanned::get_ref) else { return settings };
    if let Some(direction) = r2.direction {
        settings = settings.with_direction(direction.value());
    }
    if let Some(digits) = &r2.dnis_digits {
        if !(1..=LONGEST).contains(digits.get_ref()) {
            check
                .fault(digits.span(), "`dnis_digits` is the length of called numbers, 1 to 20; absent: as routes need");
        }
        settings.dnis_digits = Some(*digits.get_ref());
    }
    if let Some(digits) = &r2.calling_digits {
        if *digits.get_ref() > LONGEST {
            check.fault(digits.span(), "`calling_digits` is at most 20; 0 asks for the caller's category alone");
        }
        settings.calling_digits = *digits.get_ref();
    }
    settings.collect = r2.collect.map_or(settings.collect, file::Collect::value);
    settings.answer = r2.answer.map_or(settings.answer, file::R2Answer::value);
    settings.release = r2.release.map_or(settings.release, file::Release::value);
    settings.acceptance = r2.accept.map_or(settings.acceptance, file::Acceptance::value);
    settings.charge = r2.charge.map_or(settings.charge, file::Charge::value);
    settings
}

/// The country of this code, or China No. 1.
fn country(check: &mut Check<'_>, code: Option<&Spanned<String>>) -> &'static Country {
    let Some(code) = code else { return Country::CHINA };
    Country::named(code.get_ref()).unwrap_or_else(|| {
        let known: Vec<&str> = COUNTRIES.iter().map(|country| country.code).collect();
        let what = format!("no country of R2 is called \"{}\"; known: {}", code.get_ref(), known.join(", "));
        check.fault(code.span(), what);
        Country::CHINA
    })
}
