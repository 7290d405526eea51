//! A measured figure, the table and the file.

use serde_json::json;
use std::fmt::Write as _;
use std::path::PathBuf;

/// What a part gives: its figures, or why there are none.
pub(crate) type Taken = Result<Vec<Figure>, String>;

/// Which side of the goal is good.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    AtMost(f64),
    AtLeast(f64),
}

/// One figure.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
    pub(crate) unit: &'static str,
    pub(crate) goal: Goal,
    /// Who did the same in the same run, and with what result.
    pub(crate) peer: Option<(&'static str, f64)>,
    pub(crate) how: String,
}

impl Figure {
    fn is_good(&self) -> bool {
        match self.goal {
            Goal::AtMost(most) => self.value <= most,
            Goal::AtLeast(least) => self.value >= least,
        }
    }
}

/// Figures under one another.
pub(crate) fn table(figures: &[Figure]) -> String {
    let mut table = format!("{:<36} {:>10} {:<22} {:>10}  {}\n", "figure", "value", "unit", "goal", "peer");
    for figure in figures {
        let goal = match figure.goal {
            Goal::AtMost(most) => format!("<= {most}"),
            Goal::AtLeast(least) => format!(">= {least}"),
        };
        let peer = figure.peer.map(|(peer, value)| format!("{peer} {}", shown(value))).unwrap_or_default();
        let missed = if figure.is_good() { "" } else { "  MISSED" };
        let value = shown(figure.value);
        let line = format!("{:<36} {value:>10} {:<22} {goal:>10}  {peer}{missed}", figure.name, figure.unit);
        writeln!(table, "{}", line.trim_end()).expect("a String takes all");
    }
    table
}

fn shown(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value}") } else { format!("{value:.3}") }
}

/// Writes `target/bench.json`.
pub(crate) fn write(figures: &[Figure]) -> Result<PathBuf, String> {
    let entries: Vec<_> = figures
        .iter()
        .map(|figure| {
            json!({ "name": figure.name, "value": figure.value, "unit": figure.unit,
                "peer": figure.peer.map(|(peer, _)| peer), "peer_value": figure.peer.map(|(_, value)| value),
                "how": figure.how })
        })
        .collect();
    let path = interop::target_folder().join("bench.json");
    let text = serde_json::to_string_pretty(&entries).map_err(|error| error.to_string())?;
    std::fs::write(&path, text + "\n").map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}
