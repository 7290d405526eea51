//! What goes wrong with audio.

use super::{Echo, LineFaults, Order, Slip, count};
use crate::wire::is_bearer;
use base::Dbm0;
use dsp_g711::{alaw_decode, alaw_encode};
use ports::span::{BLOCK, BlockSource, SpanAudio, SpanBlock, TIMESLOTS};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A block's time.
const BLOCK_TIME: Duration = Duration::from_millis(10);
/// Blocks of the other direction that are kept for the echo: the longest delay and the block itself.
const KEPT: usize = 9;
/// The longest delay of an echo.
const LONGEST: usize = (KEPT - 1) * BLOCK;
/// RMS of a sine that fills A-law's range (G.711 §2), as 16-bit samples.
const FULL_SCALE_RMS: f32 = 32_256.0 * core::f32::consts::FRAC_1_SQRT_2;

/// A card's audio half, with faults.
#[derive(Debug)]
pub struct FaultyAudio<A> {
    inner: A,
    order: Order,
    receive: Direction,
    send: Direction,
}

impl<A> FaultyAudio<A> {
    pub(super) fn new(inner: A, order: Order) -> Self {
        Self { inner, order, receive: Direction::new(), send: Direction::new() }
    }
}

impl<A: SpanAudio> SpanAudio for FaultyAudio<A> {
    type Error = A::Error;

    fn read(&mut self, block: &mut SpanBlock) -> Result<BlockSource, A::Error> {
        self.order.shared.now_us.fetch_add(BLOCK_TIME.as_micros() as u64, Ordering::Relaxed);
        let faults = self.order.look();
        let source = self.inner.read(block)?;
        let came = self.receive.pass(block, &faults.receive, &self.send.past, &mut self.order);
        self.order.shared.slipped.store(self.receive.slipped, Ordering::Relaxed);
        if came && !faults.alarms.loss {
            return Ok(source);
        }
        *block = SpanBlock::silent();
        Ok(BlockSource::Missing)
    }

    fn write(&mut self, block: &SpanBlock) -> Result<(), A::Error> {
        let faults = self.order.look();
        let mut block = block.clone();
        if !self.send.pass(&mut block, &faults.send, &self.receive.past, &mut self.order) {
            block = SpanBlock::silent();
        }
        self.inner.write(&block)
    }
}

/// One direction: what went through it, and how far its clock is off.
#[derive(Debug)]
struct Direction {
    /// The last blocks as they came, before any fault, newest at `newest`.
    past: Past,
    /// The next block begins so many samples after the last one that came began.
    offset: usize,
    until_slip: Duration,
    slip: Slip,
    /// Samples put in (positive) or left out.
    slipped: i64,
}

#[derive(Debug)]
struct Past {
    blocks: Box<[SpanBlock; KEPT]>,
    newest: usize,
}

impl Past {
    fn push(&mut self, block: &SpanBlock) {
        self.newest = (self.newest + 1) % KEPT;
        self.blocks[self.newest].slot = block.slot;
    }

    /// The octet of a timeslot so many samples before the end of the newest block.
    fn octet(&self, timeslot: usize, back: usize) -> u8 {
        let block = &self.blocks[(self.newest + KEPT - back / BLOCK) % KEPT];
        block.slot[timeslot][BLOCK - 1 - back % BLOCK]
    }
}

impl Direction {
    fn new() -> Self {
        let past = Past { blocks: Box::new([const { SpanBlock::silent() }; KEPT]), newest: 0 };
        Self { past, offset: BLOCK, until_slip: Duration::ZERO, slip: Slip::None, slipped: 0 }
    }

    /// Puts a block through; false where it is lost. `other` is what went the other way.
    fn pass(&mut self, block: &mut SpanBlock, faults: &LineFaults, other: &Past, order: &mut Order) -> bool {
        self.past.push(block);
        self.follow_clock(faults.slip, order);
        if self.offset != BLOCK {
            for (timeslot, octets) in block.slot.iter_mut().enumerate() {
                for (at, octet) in octets.iter_mut().enumerate() {
                    *octet = self.past.octet(timeslot, 2 * BLOCK - 1 - self.offset - at);
                }
            }
        }
        if let Some(echo) = faults.echo {
            add_echo(block, echo, other);
        }
        if let Some(level) = faults.noise_dbm0 {
            add_noise(block, level, order);
        }
        if faults.bits_turned > 0 {
            turn_bits(block, faults.bits_turned, order);
        }
        for (timeslot, octets) in block.slot.iter_mut().enumerate() {
            if faults.silent >> timeslot & 1 == 1 {
                *octets = [ports::span::SILENCE; BLOCK];
            }
        }
        let lost = order.hits(faults.blocks_lost);
        if lost {
            count(&order.shared.counters.blocks_lost);
        }
        !lost
    }

    /// One slip at most a block. The window over the last two blocks moves by a sample; at its end it goes back by a block, since
    /// the clocks of this machine do agree.
    fn follow_clock(&mut self, slip: Slip, order: &Order) {
        let (every, omits) = match slip {
            Slip::None => {
                (self.slip, self.offset) = (slip, BLOCK);
                return;
            }
            Slip::Omit(every) => (every, true),
            Slip::Repeat(every) => (every, false),
        };
        if self.slip != slip {
            (self.slip, self.until_slip) = (slip, every);
        }
        self.until_slip = self.until_slip.saturating_sub(BLOCK_TIME);
        if !self.until_slip.is_zero() {
            return;
        }
        self.until_slip = every;
        self.offset = match (omits, self.offset) {
            (true, BLOCK) => 1,
            (true, offset) => offset + 1,
            (false, 0) => BLOCK - 1,
            (false, offset) => offset - 1,
        };
        self.slipped += if omits { -1 } else { 1 };
        count(&order.shared.counters.slips);
    }
}

fn gain(db: f32) -> f32 {
    10_f32.powf(db / 20.0)
}

fn add(octet: &mut u8, sample: f32) {
    // A cast of a float stays within the integer's range.
    *octet = alaw_encode((f32::from(alaw_decode(*octet)) + sample) as i16);
}

fn add_echo(block: &mut SpanBlock, echo: Echo, other: &Past) {
    let (gain, delay) = (gain(-f32::from(echo.loss_db)), usize::from(echo.delay_samples).min(LONGEST));
    for (timeslot, octets) in block.slot.iter_mut().enumerate().filter(|(timeslot, _)| is_bearer(*timeslot)) {
        for (at, octet) in octets.iter_mut().enumerate() {
            add(octet, gain * f32::from(alaw_decode(other.octet(timeslot, delay + BLOCK - 1 - at))));
        }
    }
}

fn add_noise(block: &mut SpanBlock, level_dbm0: i8, order: &mut Order) {
    let rms = FULL_SCALE_RMS * gain(f32::from(level_dbm0) - Dbm0::ALAW_FULL_SCALE.0);
    for (_, octets) in block.slot.iter_mut().enumerate().filter(|(timeslot, _)| is_bearer(*timeslot)) {
        for octet in octets {
            add(octet, rms * order.random.normal());
        }
    }
}

fn turn_bits(block: &mut SpanBlock, per_million: u32, order: &mut Order) {
    const BITS: usize = BLOCK * 8;
    for (_, octets) in block.slot.iter_mut().enumerate().filter(|(timeslot, _)| is_bearer(*timeslot)) {
        let mut at = order.good_bits(per_million);
        while at < BITS {
            octets[at / 8] ^= 1 << (at % 8);
            count(&order.shared.counters.bits_turned);
            at += 1 + order.good_bits(per_million);
        }
    }
}

const _: () = assert!(TIMESLOTS <= u32::BITS as usize);
