//! The Recommendation's own tables: echo paths of Annex D, the voiced sounds of Annex C, the tones of Test 6.
//!
//! They are not repeated here. Debian's libspandsp-dev, which the tests of the receivers need too, carries them in a header of C.

use std::sync::LazyLock;

const HEADER: &str = "/usr/include/spandsp/g168models.h";

static TABLES: LazyLock<String> = LazyLock::new(|| {
    std::fs::read_to_string(HEADER)
        .unwrap_or_else(|error| panic!("{HEADER}: {error}; run scripts/setup-debian.sh test"))
});

/// The numbers of a table.
fn table(name: &str) -> Vec<f64> {
    let named = format!(" {name}[]");
    let (_, rest) = TABLES.split_once(&named).unwrap_or_else(|| panic!("{HEADER} has no {name}"));
    let (_, rest) = rest.split_once("=\n{").expect("a table is filled");
    let (numbers, _) = rest.split_once("};").expect("a table ends");
    let of = |word: &str| word.trim_matches(|c: char| c.is_whitespace() || c == '{' || c == '}').parse().ok();
    numbers.split(',').filter_map(of).collect()
}

/// An echo path: which of Annex D's, and how much later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hybrid {
    /// From 2 to 9.
    pub(crate) model: u8,
    pub(crate) delay: usize,
}

/// All models, spread over a tail of 128 ms.
pub(crate) const HYBRIDS: [Hybrid; 8] = [
    Hybrid { model: 2, delay: 0 },
    Hybrid { model: 3, delay: 10 },
    Hybrid { model: 4, delay: 80 },
    Hybrid { model: 5, delay: 200 },
    Hybrid { model: 6, delay: 400 },
    Hybrid { model: 7, delay: 640 },
    Hybrid { model: 8, delay: 800 },
    Hybrid { model: 9, delay: 896 },
];

impl Hybrid {
    /// Its taps, at this echo return loss over the telephone band's noise.
    pub(crate) fn taps(&self, erl_db: f64) -> Vec<f64> {
        let model = table(&format!("line_model_d{}_coeffs", self.model));
        let power: f64 = model.iter().map(|tap| tap * tap).sum();
        let gain = 10f64.powf(-erl_db / 20.0) / power.sqrt();
        let taps = model.into_iter().map(|tap| tap * gain);
        std::iter::repeat_n(0.0, self.delay).chain(taps).collect()
    }

    /// As the Recommendation names it.
    pub(crate) fn name(&self) -> String {
        format!("D.{}", self.model)
    }
}

/// Samples of a voiced sound: of table C.1 for the far end, of C.3 for the near end.
///
/// The tables are one period at 44.1 kHz; what of it lies below 3600 Hz is made anew at 8 kHz.
pub(crate) fn voiced(far: bool, len: usize) -> Vec<f64> {
    let period = table(if far { "css_c1" } else { "css_c3" });
    let step = core::f64::consts::TAU / period.len() as f64;
    let mut sound = vec![0.0; len];
    for harmonic in 1..=3600 * period.len() / 44_100 {
        let step = step * harmonic as f64;
        let sum = |wave: fn(f64) -> f64| -> f64 {
            period.iter().enumerate().map(|(at, value)| value * wave(step * at as f64)).sum()
        };
        let (cos, sin) = (sum(f64::cos), sum(f64::sin));
        for (at, sample) in sound.iter_mut().enumerate() {
            let (s, c) = (step * at as f64 * 44_100.0 / 8000.0).sin_cos();
            *sample += cos * c + sin * s;
        }
    }
    sound
}

/// Tones and pairs of G.168 Test 6; the second of a single tone is 0.
pub(crate) fn narrow() -> Vec<[f64; 2]> {
    let mut found = Vec::new();
    let (_, rest) = TABLES.split_once("tones_6_4_2_7[][2]").unwrap_or_else(|| panic!("{HEADER} has no tones"));
    let (_, rest) = rest.split_once("=\n{").expect("a table is filled");
    let (rows, _) = rest.split_once("};").expect("a table ends");
    for row in rows.split('}') {
        let numbers: Vec<f64> = row.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect();
        if let &[one, two] = numbers.as_slice()
            && one > 0.0
        {
            found.push([one, two]);
        }
    }
    found
}
