//! A picture of panels side by side, as SVG.

use std::fmt::Write as _;

const WIDE: f64 = 240.0;
const HIGH: f64 = 170.0;
/// Round a panel: left, right, top and bottom.
const MARGINS: [f64; 4] = [52.0, 14.0, 30.0, 40.0];

/// One direction of a panel.
pub(crate) struct Axis {
    pub(crate) label: &'static str,
    pub(crate) least: f64,
    pub(crate) most: f64,
    /// Where a number stands.
    pub(crate) marks: Vec<f64>,
    /// What must be accepted is marked green, what must be refused red.
    pub(crate) accepted: Vec<f64>,
    pub(crate) refused: Vec<f64>,
}

impl Axis {
    pub(crate) fn new(label: &'static str, least: f64, most: f64, marks: &[f64]) -> Self {
        Self { label, least, most, marks: marks.to_vec(), accepted: Vec::new(), refused: Vec::new() }
    }

    pub(crate) fn limits(self, accepted: &[f64], refused: &[f64]) -> Self {
        Self { accepted: accepted.to_vec(), refused: refused.to_vec(), ..self }
    }

    /// From 0 to 1.
    fn place(&self, value: f64) -> f64 {
        (value - self.least) / (self.most - self.least)
    }

    /// The middles of so many equal parts.
    pub(crate) fn middles(&self, count: usize) -> impl Iterator<Item = f64> {
        let part = (self.most - self.least) / count as f64;
        let least = self.least;
        (0..count).map(move |at| least + part * (at as f64 + 0.5))
    }
}

/// What a panel shows.
pub(crate) enum Shown {
    /// Shares from 0 to 1 by equal parts of both axes: rows from the least `y` on, in each from the least `x` on.
    Map { columns: usize, shares: Vec<f64> },
    /// Lines with their names.
    Lines(Vec<(&'static str, Vec<(f64, f64)>)>),
}

pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) shown: Shown,
}

/// All panels, so many in a row.
pub(crate) fn svg(title: &str, panels: &[Panel], in_a_row: usize) -> String {
    let [left, right, top, bottom] = MARGINS;
    let (step_x, step_y) = (left + WIDE + right, top + HIGH + bottom);
    let (wide, high) = (step_x * in_a_row as f64, step_y * panels.len().div_ceil(in_a_row) as f64 + 30.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {wide} {high}\" font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"{wide}\" height=\"{high}\" fill=\"white\"/>\n<text x=\"10\" y=\"20\" font-size=\"14\">{title}</text>\n"
    );
    for (number, panel) in panels.iter().enumerate() {
        let (x, y) = ((number % in_a_row) as f64 * step_x + left, (number / in_a_row) as f64 * step_y + 30.0 + top);
        write(&mut out, &format!("<g transform=\"translate({x} {y})\">\n"));
        panel.draw(&mut out);
        write(&mut out, "</g>\n");
    }
    out + "</svg>\n"
}

fn write(out: &mut String, text: &str) {
    out.write_str(text).expect("a String takes all");
}

impl Panel {
    fn draw(&self, out: &mut String) {
        write(out, &format!("<text x=\"0\" y=\"-8\" font-size=\"12\">{}</text>\n", self.title));
        match &self.shown {
            Shown::Map { columns, shares } => self.draw_map(out, *columns, shares),
            Shown::Lines(lines) => self.draw_lines(out, lines),
        }
        self.draw_limits(out);
        write(out, &format!("<rect width=\"{WIDE}\" height=\"{HIGH}\" fill=\"none\" stroke=\"black\"/>\n"));
        for mark in &self.x.marks {
            let x = self.x.place(*mark) * WIDE;
            write(out, &format!("<text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{mark}</text>\n", HIGH + 14.0));
        }
        for mark in &self.y.marks {
            let y = HIGH * (1.0 - self.y.place(*mark));
            write(out, &format!("<text x=\"-5\" y=\"{:.1}\" text-anchor=\"end\">{mark}</text>\n", y + 4.0));
        }
        let (x, y) = (WIDE / 2.0, HIGH + 30.0);
        write(out, &format!("<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{}</text>\n", self.x.label));
        let turned = format!("transform=\"translate(-36 {}) rotate(-90)\"", HIGH / 2.0);
        write(out, &format!("<text {turned} text-anchor=\"middle\">{}</text>\n", self.y.label));
    }

    /// The darker, the more is read.
    fn draw_map(&self, out: &mut String, columns: usize, shares: &[f64]) {
        let rows = shares.len() / columns;
        let (wide, high) = (WIDE / columns as f64, HIGH / rows as f64);
        for (at, share) in shares.iter().enumerate().filter(|(_, share)| **share > 0.0) {
            let (x, y) = ((at % columns) as f64 * wide, HIGH - (at / columns + 1) as f64 * high);
            let cell = format!("x=\"{x:.2}\" y=\"{y:.2}\" width=\"{:.2}\" height=\"{:.2}\"", wide + 0.2, high + 0.2);
            write(out, &format!("<rect {cell} fill=\"#2a5db0\" fill-opacity=\"{share:.2}\"/>\n"));
        }
    }

    fn draw_lines(&self, out: &mut String, lines: &[(&'static str, Vec<(f64, f64)>)]) {
        const COLOURS: [&str; 4] = ["#2a5db0", "#b05d2a", "#3a8a3a", "#7a3a8a"];
        for (number, (name, points)) in lines.iter().enumerate() {
            let colour = COLOURS[number % COLOURS.len()];
            let place =
                |(x, y): &(f64, f64)| format!("{:.1},{:.1}", self.x.place(*x) * WIDE, HIGH * (1.0 - self.y.place(*y)));
            let points: Vec<String> = points.iter().map(place).collect();
            let line = points.join(" ");
            write(
                out,
                &format!("<polyline points=\"{line}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>\n"),
            );
            let y = HIGH - 8.0 - 14.0 * (lines.len() - 1 - number) as f64;
            let end = WIDE - 6.0;
            write(out, &format!("<text x=\"{end}\" y=\"{y}\" text-anchor=\"end\" fill=\"{colour}\">{name}</text>\n"));
        }
    }

    fn draw_limits(&self, out: &mut String) {
        let mut line = |[x1, y1, x2, y2]: [f64; 4], stroke: &str| {
            let ends = format!("x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"");
            write(out, &format!("<line {ends} stroke=\"{stroke}\" stroke-dasharray=\"4 2\"/>\n"));
        };
        for (stroke, x_limits, y_limits) in
            [("#080", &self.x.accepted, &self.y.accepted), ("#c00", &self.x.refused, &self.y.refused)]
        {
            for limit in x_limits {
                let x = self.x.place(*limit) * WIDE;
                line([x, 0.0, x, HIGH], stroke);
            }
            for limit in y_limits {
                let y = HIGH * (1.0 - self.y.place(*limit));
                line([0.0, y, WIDE, y], stroke);
            }
        }
    }
}
