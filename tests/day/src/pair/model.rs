//! The call models of both ends: what lines tell them, and what the parties do.

use super::{Pair, Waiting, mixed};
use crate::audio::Audio;
use crate::party::{Live, Word};
use crate::plan::{self, Call, End, Party};
use crate::record::{Ended, Record};
use base::{Digits, Instant};
use media::{BargeIn, Command, PlayId, PortId};
use ports::call::{Address, Primitive};
use sig_span::CallHandle;
use std::sync::Arc;

/// Length of keys and of the pauses between them.
const KEY_MS: u16 = 80;

impl<A: Audio> Pair<A> {
    /// The call model of one end is told.
    pub(super) fn on_line(
        &mut self,
        now: Instant,
        end: End,
        (call, channel): (CallHandle, Option<u8>),
        primitive: Primitive,
        plan: &[Call],
    ) {
        self.note(now, end, &[5, u64::from(channel.unwrap_or(0)), code(&primitive)]);
        if let Primitive::Setup(setup) = primitive {
            self.counts.offered += 1;
            let mut record = Record::new(self.span, end, Party::Called, now);
            (record.channel, record.from) = (channel, setup.from.digits);
            self.half(end).lives.push(Live::new(call, record, None));
            self.gather(end, call, (&setup.to.digits, setup.address), plan);
            return self.remember(now, end, call);
        }
        if let Primitive::Digits { digits, address } = primitive {
            self.gather(end, call, (&digits, address), plan);
            return self.remember(now, end, call);
        }
        self.counts.refused += u64::from(matches!(primitive, Primitive::Refused(_)));
        let mut said = core::mem::take(&mut self.said);
        let lives = &mut self.half(end).lives;
        let Some(at) = lives.iter().position(|live| live.call == call) else { return };
        let live = &mut lives[at];
        live.record.channel = channel.or(live.record.channel);
        live.record.told = mixed(live.record.told, code(&primitive));
        live.told(now, primitive, live.plan.map(|place| &plan[place]), &mut said);
        let record = live.record;
        if record.released.is_some() {
            let half = self.half(end);
            half.lives.swap_remove(at);
            half.records.push(record);
            if let Some(timeslot) = record.channel {
                self.silence(end, timeslot);
            }
        } else if let Some(timeslot) = record.channel {
            self.listen(end, timeslot, |ears| ears.keys = record.answered.is_some());
        }
        self.said = said;
        self.remember(now, end, call);
    }

    /// A called number grows, and once it is whole the called party does as the plan says.
    fn gather(&mut self, end: End, call: CallHandle, (digits, address): (&Digits, Address), plan: &[Call]) {
        let [near, far] = &mut self.halves;
        let (half, other) = if end == End::Box { (near, far) } else { (far, near) };
        let Some(live) = half.lives.iter_mut().find(|live| live.call == call) else { return };
        if live.plan.is_some() || !live.gather(digits, address) {
            return;
        }
        // An analog line rings without a number: its subscriber does what the plan says of the call that rings it.
        let rings =
            |caller: &&Live| caller.record.party == Party::Caller && caller.record.channel == live.record.channel;
        let place = plan::place(&live.record.to).or_else(|| other.lives.iter().find(rings)?.plan);
        live.plan = place.filter(|&place| place < plan.len());
        live.decide(live.plan.map(|place| &plan[place]), &mut self.said);
    }

    /// A party does what its time has come for.
    pub(super) fn speak(&mut self, now: Instant, waiting: Waiting, plan: &[Call]) {
        let Waiting { end, era, call, word, .. } = waiting;
        let mut said = core::mem::take(&mut self.said);
        let half = &mut self.halves[end.at()];
        let Some(live) = half.lives.iter_mut().find(|live| live.call == call && era == half.era) else {
            self.said = said;
            return;
        };
        let planned = live.plan.map(|place| &plan[place]);
        let port = live.record.channel.map(|timeslot| PortId(u16::from(timeslot)));
        let mut command = None;
        let primitive = match word {
            Word::Say(primitive) => {
                if let Primitive::Clearing { cause, .. } = primitive {
                    live.end(now, Ended::Here, cause);
                }
                // What comes after the end is not said.
                let is_late = live.record.ended.is_some() && !matches!(primitive, Primitive::Clearing { .. });
                (!is_late).then_some(primitive)
            }
            Word::Answer => {
                let answers = live.record.ended.is_none();
                if answers {
                    live.answered(now, planned, &mut said);
                }
                answers.then_some(Primitive::Connected)
            }
            Word::Greet => {
                let clip = Arc::clone(&self.hello);
                let speaks = self.kind.is_analog() && live.record.party == Party::Called && live.record.ended.is_none();
                command = port.filter(|_| speaks).map(|port| Command::Play {
                    port,
                    play: PlayId(0),
                    clip,
                    barge_in: BargeIn::Refused,
                });
                None
            }
            Word::Press => {
                let digits = planned.filter(|_| live.record.ended.is_none()).map(|call| live.keys(call));
                command = digits.filter(|digits| !digits.is_empty()).zip(port).map(|(digits, port)| {
                    (live.record.keyed, live.record.pressed) = (digits, Some(now));
                    Command::SendDigits { port, digits, on_ms: KEY_MS, off_ms: KEY_MS }
                });
                None
            }
            Word::GiveUp if live.record.answered.is_some() => None,
            Word::GiveUp | Word::HangUp => live.hang_up(now),
        };
        let channel = live.record.channel;
        let hears = live.record.answered.is_some() && live.record.released.is_none();
        self.said = said;
        self.remember(now, end, call);
        if let Some(command) = command {
            self.command(end, command);
        }
        if let Some(primitive) = primitive {
            self.note(now, end, &[6, code(&primitive)]);
            if let Some(timeslot) = channel {
                self.listen(end, timeslot, |ears| ears.keys = hears);
            }
            self.half(end).protocol.line(now, call, primitive);
            self.drain(now, end, plan);
        }
    }
}

/// A primitive in one number.
fn code(primitive: &Primitive) -> u64 {
    let with = |kind: u64, more: u8| kind << 8 | u64::from(more);
    match primitive {
        Primitive::Setup(setup) => with(1, setup.to.digits.len() as u8),
        Primitive::Digits { digits, .. } => with(2, digits.len() as u8),
        Primitive::Proceeding => with(3, 0),
        Primitive::Progress(inband) => with(4, *inband as u8),
        Primitive::Detail(_) => with(5, 0),
        Primitive::Alerting(inband) => with(6, *inband as u8),
        Primitive::Connected => with(7, 0),
        Primitive::Held => with(8, 0),
        Primitive::Retrieved => with(9, 0),
        Primitive::Flash => with(10, 0),
        Primitive::Charge(pulses) => with(11, *pulses as u8),
        Primitive::Info(digits) => with(12, digits.len() as u8),
        Primitive::MediaOffer(_) => with(13, 0),
        Primitive::MediaAnswer(_) => with(14, 0),
        Primitive::TransferRequested(_) => with(15, 0),
        Primitive::Clearing { cause, .. } => with(16, cause.0),
        Primitive::Reanswered => with(17, 0),
        Primitive::Released { cause } => with(18, cause.0),
        Primitive::Refused(why) => with(19, *why as u8),
    }
}
