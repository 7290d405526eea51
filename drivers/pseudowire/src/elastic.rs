//! The elastic buffer between two clocks.
//!
//! Rows (one sample of every channel) go in at one clock's pace and come out at another's. The buffer starts once it is filled to
//! its start depth. From then on it watches how many rows are left after each taking: the least of that over half a second is the
//! margin, free of the unevenness of packets. A margin that leaves its window costs one row, left out or given twice, for all
//! channels alike; so a drift of 100 ppm makes a slip each 1.25 s. Only a buffer that ran empty or over is filled or emptied at one go.

use crate::packet::{Row, SILENT_ROW};
use std::collections::VecDeque;

/// How deep a buffer is kept, in rows of 125 µs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    /// Rows before the first is given out.
    pub start: usize,
    /// Least margin; below it a row is given twice. More than goes in at one go, since that much may come a moment too late.
    pub low: usize,
    /// Greatest margin; above it a row is left out.
    pub high: usize,
    /// Most rows held; beyond them it is emptied down to `start`.
    pub limit: usize,
}

/// Rows given out between two looks at the margin: half a second.
const SPAN_OF_LOOK: usize = 4000;
/// Added to the start depth, and to the window, each time the buffer runs empty: 5 ms.
const DEEPER: usize = 40;
/// The start depth never grows by more than this: 60 ms.
const DEEPEST: usize = 480;
/// Looks without an empty buffer until it is made less deep again: half a minute.
const CALM: u32 = 60;

/// What a taking gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Rows from the other side.
    Rows,
    /// Silence: the buffer is being filled.
    Silence,
}

/// Counts since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slips {
    /// Rows given twice, or silence put in because nothing came.
    pub inserted: u64,
    /// Rows left out.
    pub deleted: u64,
    /// Times the buffer ran empty.
    pub empty: u64,
    /// Times the buffer ran over.
    pub full: u64,
}

/// The buffer of one direction of one span.
#[derive(Debug)]
pub struct Elastic {
    rows: VecDeque<Row>,
    depth: Depth,
    extra: usize,
    playing: bool,
    margin: usize,
    looked: usize,
    calm: u32,
    slips: Slips,
}

impl Elastic {
    /// An empty buffer. `limit` is what it allocates, once.
    pub fn new(depth: Depth) -> Self {
        let rows = VecDeque::with_capacity(depth.limit + 2 * DEEPEST);
        Self { rows, depth, extra: 0, playing: false, margin: usize::MAX, looked: 0, calm: 0, slips: Slips::default() }
    }

    /// What it had to do since the start.
    pub const fn slips(&self) -> Slips {
        self.slips
    }

    /// Rows that wait.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Puts rows in. What is beyond the limit pushes the oldest out.
    pub fn put(&mut self, rows: impl IntoIterator<Item = Row>) {
        for row in rows {
            if self.rows.len() == self.depth.limit + self.extra {
                let over = self.rows.len() - self.depth.start - self.extra;
                self.rows.drain(..over);
                self.slips.full += 1;
                self.slips.deleted += over as u64;
                self.look_anew();
            }
            self.rows.push_back(row);
        }
    }

    /// Takes `into.len()` rows; silence while the buffer fills.
    pub fn take(&mut self, into: &mut [Row]) -> Taken {
        if !self.playing && self.rows.len() >= self.depth.start + self.extra {
            self.playing = true;
            self.look_anew();
        }
        if self.playing && self.rows.len() < into.len() {
            self.run_empty(into.len());
        }
        if !self.playing {
            into.fill(SILENT_ROW);
            return Taken::Silence;
        }
        let wanted = into.len();
        for (row, next) in into.iter_mut().zip(self.rows.drain(..wanted)) {
            *row = next;
        }
        self.margin = self.margin.min(self.rows.len());
        self.looked += into.len();
        if self.looked >= SPAN_OF_LOOK {
            self.look(into);
        }
        Taken::Rows
    }

    fn run_empty(&mut self, wanted: usize) {
        self.playing = false;
        self.slips.empty += 1;
        self.slips.inserted += (wanted - self.rows.len()) as u64;
        self.extra = (self.extra + DEEPER).min(DEEPEST);
        self.calm = 0;
    }

    /// One slip at most, where the margin has left its window.
    fn look(&mut self, given: &[Row]) {
        if self.margin > self.depth.high + self.extra {
            self.rows.pop_front();
            self.slips.deleted += 1;
        } else if self.margin < self.depth.low
            && let Some(&last) = given.last()
        {
            self.rows.push_front(last);
            self.slips.inserted += 1;
        }
        self.calm += 1;
        if self.calm == CALM {
            self.calm = 0;
            self.extra = self.extra.saturating_sub(DEEPER);
        }
        self.look_anew();
    }

    fn look_anew(&mut self) {
        (self.margin, self.looked) = (usize::MAX, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEPTH: Depth = Depth { start: 200, low: 64, high: 240, limit: 640 };

    /// A row that carries a counter in four slots.
    fn row(count: u32) -> Row {
        let mut row = SILENT_ROW;
        row[1..5].copy_from_slice(&count.to_be_bytes());
        row
    }

    fn count(row: &Row) -> u32 {
        u32::from_be_bytes([row[1], row[2], row[3], row[4]])
    }

    /// Packets of 40 rows come at a clock `ppm` fast, late by up to `jitter` rows; blocks of 80 are taken for `seconds`.
    /// Gives the steps between successive samples that were not one, and the counts.
    fn run(ppm: i64, jitter: u64, seconds: u64) -> (Vec<i64>, Slips) {
        let mut elastic = Elastic::new(DEPTH);
        let (mut sent, mut seed) = (0_u32, 1_u64);
        let (mut steps, mut last) = (vec![], None);
        let mut due = 0;
        for block in 0..seconds * 100 {
            // Times in billionths of a row.
            let now = block as i64 * 80 * 1_000_000;
            while due <= now {
                elastic.put((sent..sent + 40).map(row));
                sent += 40;
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let late = (seed >> 33) % (jitter + 1);
                due = i64::from(sent) * (1_000_000 - ppm) + late as i64 * 1_000_000;
            }
            let mut taken = [SILENT_ROW; 80];
            if elastic.take(&mut taken) == Taken::Rows {
                for value in taken.iter().map(count) {
                    if let Some(last) = last.replace(value) {
                        steps.push(i64::from(value) - i64::from(last));
                    }
                }
            }
        }
        steps.retain(|&step| step != 1);
        (steps, elastic.slips())
    }

    #[test]
    fn equal_clocks_never_slip_even_with_uneven_packets() {
        for jitter in [0, 20, 80] {
            assert_eq!(run(0, jitter, 60), (vec![], Slips::default()), "{jitter} rows of jitter");
        }
    }

    #[test]
    fn a_fast_sender_costs_single_rows_at_the_rate_of_the_drift() {
        let (steps, slips) = run(100, 20, 600);
        assert!(steps.iter().all(|&step| step == 2), "{steps:?}");
        // 480 rows too many in ten minutes, of which the window takes in up to 240.
        assert!((240..=480).contains(&slips.deleted), "{slips:?}");
        assert_eq!((slips.inserted, slips.empty, slips.full), (0, 0, 0));
    }

    #[test]
    fn a_slow_sender_costs_rows_given_twice() {
        let (steps, slips) = run(-100, 20, 600);
        assert!(steps.iter().all(|&step| step == 0), "{steps:?}");
        assert!((240..=480).contains(&slips.inserted), "{slips:?}");
        assert_eq!((slips.deleted, slips.empty, slips.full), (0, 0, 0));
    }

    #[test]
    fn it_starts_at_its_depth_and_not_before() {
        let mut elastic = Elastic::new(DEPTH);
        let mut taken = [row(0); 80];
        elastic.put((0..199).map(row));
        assert_eq!((elastic.take(&mut taken), taken[79]), (Taken::Silence, SILENT_ROW));
        elastic.put([row(199)]);
        assert_eq!((elastic.take(&mut taken), count(&taken[79])), (Taken::Rows, 79));
    }

    #[test]
    fn an_empty_buffer_fills_again_deeper_than_before() {
        let mut elastic = Elastic::new(DEPTH);
        let mut taken = [SILENT_ROW; 80];
        elastic.put((0..200).map(row));
        assert_eq!(elastic.take(&mut taken), Taken::Rows);
        assert_eq!(elastic.take(&mut taken), Taken::Rows);
        assert_eq!(elastic.take(&mut taken), Taken::Silence);
        assert_eq!((elastic.slips().empty, elastic.slips().inserted, elastic.len()), (1, 40, 40));
        elastic.put((200..399).map(row));
        assert_eq!(elastic.take(&mut taken), Taken::Silence);
        elastic.put([row(399)]);
        assert_eq!((elastic.take(&mut taken), count(&taken[0])), (Taken::Rows, 160));
    }

    #[test]
    fn an_overfull_buffer_goes_back_to_its_start_depth() {
        let mut elastic = Elastic::new(DEPTH);
        elastic.put((0..640).map(row));
        assert_eq!((elastic.len(), elastic.slips().full), (640, 0));
        elastic.put([row(640)]);
        assert_eq!((elastic.len(), elastic.slips().full, elastic.slips().deleted), (201, 1, 440));
    }
}
