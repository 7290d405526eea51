//! What goes wrong with frames and signaling bits.

use super::{BOUNCE, Faults, LineFaults, Order, count};
use crate::wire::is_bearer;
use ports::span::{Abcd, Alarms, DataLink, Frame, SendError, SpanEvent, TIMESLOTS};
use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Events taken from the card at one go, and held at most; beyond that the card keeps its own.
const HELD: usize = 128;
/// Octets of a frame's check sequence.
const CHECK: usize = 2;

/// A card's signaling half, with faults.
#[derive(Debug)]
pub struct FaultyLink<L> {
    inner: L,
    order: Order,
    events: VecDeque<SpanEvent>,
    /// The card's alarms, and those that were told.
    alarms: Option<Alarms>,
    told: Option<Alarms>,
    receive: Changes,
    send: Changes,
    slips_told: i64,
}

impl<L> FaultyLink<L> {
    pub(super) fn new(inner: L, order: Order) -> Self {
        let events = VecDeque::with_capacity(2 * HELD);
        let (receive, send) = (Changes::new(), Changes::new());
        Self { inner, order, events, alarms: None, told: None, receive, send, slips_told: 0 }
    }
}

impl<L: DataLink> DataLink for FaultyLink<L> {
    /// A frame that vanishes is sent as far as the caller can tell.
    fn send(&mut self, frame: &[u8]) -> Result<(), SendError> {
        let mut frame = Frame::from_slice(frame).map_err(|_| SendError::TooLong)?;
        let faults = self.order.look();
        self.forward_bits(&faults);
        match fate(&mut frame, &faults.send, &mut self.order) {
            // What the far end's check finds is lost on it.
            Fate::Vanishes | Fate::IsSpoilt => Ok(()),
            Fate::Comes => self.inner.send(&frame),
            Fate::ComesTwice => {
                self.inner.send(&frame)?;
                // The second copy is the line's, not the caller's.
                let _no_room = self.inner.send(&frame);
                Ok(())
            }
        }
    }

    fn poll_event(&mut self) -> Option<SpanEvent> {
        let faults = self.order.look();
        self.forward_bits(&faults);
        while self.events.len() < HELD
            && let Some(event) = self.inner.poll_event()
        {
            self.take(event, &faults);
        }
        self.judge_alarms(&faults);
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        if faults.alarms.loss {
            return None;
        }
        if let Some((timeslot, bits)) = self.receive.due(self.order.shared.now()) {
            return Some(SpanEvent::Cas { timeslot, bits });
        }
        let slipped = self.order.shared.slipped.load(Ordering::Relaxed);
        let news = slipped - std::mem::replace(&mut self.slips_told, slipped);
        (news != 0).then(|| SpanEvent::Slip(i32::try_from(news).unwrap_or(i32::MAX)))
    }

    fn set_cas(&mut self, timeslot: u8, bits: Abcd) {
        let faults = self.order.look();
        self.send.change(timeslot, bits, &faults.send, &mut self.order);
        self.forward_bits(&faults);
    }
}

impl<L: DataLink> FaultyLink<L> {
    fn forward_bits(&mut self, faults: &Faults) {
        self.send.release(&faults.send);
        let now = self.order.shared.now();
        while let Some((timeslot, bits)) = self.send.due(now) {
            self.inner.set_cas(timeslot, bits);
        }
    }

    fn take(&mut self, event: SpanEvent, faults: &Faults) {
        match event {
            SpanEvent::Alarms(alarms) => {
                self.alarms = Some(alarms);
                self.judge_alarms(faults);
            }
            SpanEvent::Cas { timeslot, bits } => {
                self.receive.change(timeslot, bits, &faults.receive, &mut self.order);
            }
            SpanEvent::Frame(_) | SpanEvent::BadFrame | SpanEvent::Slip(_) if faults.alarms.loss => {}
            SpanEvent::Frame(mut frame) => match fate(&mut frame, &faults.receive, &mut self.order) {
                Fate::Vanishes => {}
                Fate::IsSpoilt => self.events.push_back(SpanEvent::BadFrame),
                Fate::Comes => self.events.push_back(SpanEvent::Frame(frame)),
                Fate::ComesTwice => self.events.extend([SpanEvent::Frame(frame.clone()), SpanEvent::Frame(frame)]),
            },
            SpanEvent::BadFrame | SpanEvent::Slip(_) => self.events.push_back(event),
        }
    }

    /// The card's alarms and those on order; nothing before the card has told its own.
    fn judge_alarms(&mut self, faults: &Faults) {
        let Some(own) = self.alarms else { return };
        let now = Alarms {
            loss: own.loss || faults.alarms.loss,
            remote: own.remote || faults.alarms.remote,
            indication: own.indication || faults.alarms.indication,
        };
        self.receive.release(&faults.receive);
        if self.told == Some(now) {
            return;
        }
        if self.told.is_some_and(|told| told.loss) && !now.loss {
            self.receive.tell_all();
        }
        self.told = Some(now);
        self.events.push_back(SpanEvent::Alarms(now));
    }
}

enum Fate {
    Comes,
    ComesTwice,
    IsSpoilt,
    Vanishes,
}

/// Draws what becomes of a frame, and turns a bit of it where that is its fate.
fn fate(frame: &mut Frame, faults: &LineFaults, order: &mut Order) -> Fate {
    if faults.d_channel.is_down(order.shared.now()) || order.hits(faults.frames_lost) {
        count(&order.shared.counters.frames_lost);
        return Fate::Vanishes;
    }
    if order.hits(faults.frames_spoilt) || order.hits_any(8 * (frame.len() + CHECK), faults.bits_turned) {
        count(&order.shared.counters.frames_spoilt);
        return Fate::IsSpoilt;
    }
    if order.hits(faults.frames_altered) && !frame.is_empty() {
        let bit = order.random.below(frame.len() as u64 * 8) as usize;
        frame[bit / 8] ^= 1 << (bit % 8);
        count(&order.shared.counters.frames_altered);
    }
    if order.hits(faults.frames_doubled) {
        count(&order.shared.counters.frames_doubled);
        return Fate::ComesTwice;
    }
    Fate::Comes
}

/// One direction's signaling bits: what they are, what was passed on, and what is on its way.
#[derive(Debug)]
struct Changes {
    set: [Option<Abcd>; TIMESLOTS],
    passed: [Option<Abcd>; TIMESLOTS],
    on_the_way: VecDeque<(Duration, u8, Abcd)>,
    /// Timeslots whose last change was kept back.
    kept: u32,
}

impl Changes {
    fn new() -> Self {
        let none = [None; TIMESLOTS];
        Self { set: none, passed: none, on_the_way: VecDeque::with_capacity(2 * HELD), kept: 0 }
    }

    fn change(&mut self, timeslot: u8, bits: Abcd, faults: &LineFaults, order: &mut Order) {
        let at = usize::from(timeslot);
        if !is_bearer(at) {
            return;
        }
        let before = self.set[at].replace(bits);
        if faults.cas_stuck >> at & 1 == 1 {
            self.kept |= 1 << at;
            count(&order.shared.counters.cas_stuck);
            return;
        }
        let due = order.shared.now() + faults.cas_delay;
        self.put(due, timeslot, bits);
        if let Some(before) = before
            && before != bits
            && order.hits(faults.cas_bounced)
        {
            count(&order.shared.counters.cas_bounced);
            self.put(due + BOUNCE, timeslot, before);
            self.put(due + 2 * BOUNCE, timeslot, bits);
        }
    }

    /// In order of time, and behind what is on its way of the same channel.
    fn put(&mut self, due: Duration, timeslot: u8, bits: Abcd) {
        if self.on_the_way.len() >= 2 * HELD {
            self.forget_one();
        }
        let last = self.on_the_way.iter().rfind(|(_, other, _)| *other == timeslot);
        let due = last.map_or(due, |(last, ..)| due.max(*last));
        let at = self.on_the_way.partition_point(|(other, ..)| *other <= due);
        self.on_the_way.insert(at, (due, timeslot, bits));
    }

    /// The oldest change that another of its channel follows: there are fewer channels than places.
    fn forget_one(&mut self) {
        let followed =
            |at: usize, timeslot: u8| self.on_the_way.iter().skip(at + 1).any(|(_, other, _)| *other == timeslot);
        let old = self.on_the_way.iter().enumerate().find(|&(at, &(_, timeslot, _))| followed(at, timeslot));
        if let Some(at) = old.map(|(at, _)| at) {
            self.on_the_way.remove(at);
        }
    }

    /// Lets go what is stuck no more.
    fn release(&mut self, faults: &LineFaults) {
        let mut free = self.kept & !faults.cas_stuck;
        self.kept &= faults.cas_stuck;
        while free != 0 {
            let at = free.trailing_zeros() as usize;
            free &= free - 1;
            if let Some(bits) = self.set[at] {
                self.put(Duration::ZERO, at as u8, bits);
            }
        }
    }

    /// All that is set is news again, except what is stuck: that is told as it was.
    fn tell_all(&mut self) {
        self.on_the_way.clear();
        for at in (1..TIMESLOTS).filter(|&at| is_bearer(at)) {
            let last = self.passed[at].take();
            let bits = if self.kept >> at & 1 == 1 { last } else { self.set[at] };
            if let Some(bits) = bits {
                self.put(Duration::ZERO, at as u8, bits);
            }
        }
    }

    fn due(&mut self, now: Duration) -> Option<(u8, Abcd)> {
        while let Some(&(due, timeslot, bits)) = self.on_the_way.front()
            && due <= now
        {
            self.on_the_way.pop_front();
            if self.passed[usize::from(timeslot)].replace(bits) != Some(bits) {
                return Some((timeslot, bits));
            }
        }
        None
    }
}
