//! What the members of conferences hear, and what supervisors overhear.

use crate::floor::{ALL_HEARD, Contest, Floor, THRESHOLD};
use crate::port::Port;
use crate::rooms::Rooms;
use crate::{BLOCK, Block, ConferenceId, Muting, SILENT, meter};

/// One conference in one tick.
#[derive(Clone)]
struct Mix {
    sum: [i32; BLOCK],
    contest: Contest,
    /// Members whose keys must not be recorded, and are down.
    clamping: u16,
    masked: bool,
    /// It had members in this tick.
    in_use: bool,
}

impl Mix {
    const EMPTY: Self = Self { sum: [0; BLOCK], contest: Contest::NONE, clamping: 0, masked: false, in_use: false };
}

/// The mixes of all conferences.
pub(crate) struct Mixer {
    mixes: Box<[Mix]>,
    floors: Box<[Floor]>,
    /// What each supervised port hears, supervisors left out.
    overheard: Box<[Block]>,
    /// Power of what counts as speech.
    threshold: f32,
}

impl Mixer {
    pub(crate) fn new(ports: usize, conferences: usize) -> Self {
        Self {
            mixes: vec![Mix::EMPTY; conferences].into_boxed_slice(),
            floors: vec![Floor::new(0); ports].into_boxed_slice(),
            overheard: vec![SILENT; ports].into_boxed_slice(),
            threshold: meter::power_at(THRESHOLD),
        }
    }

    /// A port has become one of so many members.
    pub(crate) fn joined(&mut self, at: usize, members: usize) {
        self.floors[at] = Floor::new(members);
    }

    /// What the port overheard last, for its supervisors.
    pub(crate) fn overheard(&mut self, at: usize) -> &mut Block {
        &mut self.overheard[at]
    }

    /// Adds up what the members of all conferences say in this tick.
    pub(crate) fn mix(&mut self, ports: &[Port], rooms: &Rooms, rx: &[Block]) {
        self.begin(rooms);
        self.give_the_floor(ports, rooms, rx);
        for (at, port) in ports.iter().enumerate() {
            let Some(conference) = rooms.conference(at) else { continue };
            let mix = &mut self.mixes[usize::from(conference.0)];
            mix.masked |= port.is_masked();
            mix.clamping += u16::from(port.clamps_now());
            let floor = self.floors[at];
            if !floor.is_heard() || !port.passes() {
                continue;
            }
            let said = said(port, rx);
            mix.sum.iter_mut().enumerate().for_each(|(at, sum)| *sum += floor.share(said[at], at));
        }
    }

    fn begin(&mut self, rooms: &Rooms) {
        for (number, mix) in (0..=u16::MAX).zip(&mut self.mixes) {
            let in_use = rooms.members(ConferenceId(number)) > 0;
            if in_use || mix.in_use {
                *mix = Mix { in_use, ..Mix::EMPTY };
            }
        }
    }

    fn give_the_floor(&mut self, ports: &[Port], rooms: &Rooms, rx: &[Block]) {
        for (at, port) in ports.iter().enumerate() {
            let Some(conference) = rooms.conference(at) else { continue };
            let floor = &mut self.floors[at];
            floor.go_on();
            if rooms.members(conference) <= ALL_HEARD {
                floor.decided(true);
            } else {
                let power = if port.passes() { meter::power(said(port, rx)) } else { 0.0 };
                self.mixes[usize::from(conference.0)].contest.enter(at, floor, power, self.threshold);
            }
        }
        for mix in &self.mixes {
            for (at, has) in mix.contest.decide().into_iter().flatten() {
                self.floors[at].decided(has);
            }
        }
    }

    /// What a member hears: all others who are heard.
    pub(crate) fn others(&self, conference: ConferenceId, at: usize, port: &Port, rx: &[Block]) -> Block {
        let sum = &self.mixes[usize::from(conference.0)].sum;
        let floor = self.floors[at];
        if !floor.is_heard() || !port.passes() {
            return sum.map(saturated);
        }
        let said = said(port, rx);
        core::array::from_fn(|at| saturated(sum[at] - floor.share(said[at], at)))
    }

    /// What all members say.
    pub(crate) fn all(&self, conference: ConferenceId) -> Block {
        self.mixes.get(usize::from(conference.0)).map_or(SILENT, |mix| mix.sum.map(saturated))
    }

    /// Whether keys that must not be recorded are in what is heard, `own` left out.
    pub(crate) fn clamps(&self, conference: ConferenceId, own: bool) -> bool {
        self.mixes.get(usize::from(conference.0)).is_some_and(|mix| mix.clamping > u16::from(own))
    }

    /// Whether a member's recordings are silent.
    pub(crate) fn is_masked(&self, conference: ConferenceId) -> bool {
        self.mixes.get(usize::from(conference.0)).is_some_and(|mix| mix.masked)
    }
}

/// What a port says, as others hear it.
pub(crate) fn said<'a>(port: &Port, rx: &'a [Block]) -> &'a Block {
    let silent = port.received_muted == Muting::On || port.keeps_keys_now();
    if silent { &SILENT } else { rx.get(usize::from(port.id.0)).unwrap_or(&SILENT) }
}

/// Adds one block to another.
pub(crate) fn add(out: &mut Block, block: &Block) {
    out.iter_mut().zip(block).for_each(|(out, sample)| *out = out.saturating_add(*sample));
}

fn saturated(sum: i32) -> i16 {
    sum.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
}
