//! Channels taken out of service and put back by order of an operator: until the operator says otherwise, over restarts too.

use super::Core;
use super::spans::SpanState;
use base::Instant;
use call::At;
use ipc::web::Service;
use ports::span::TIMESLOTS;
use records_io::Write;
use sig_span::ChannelState;

impl Core {
    /// Blocks these channels ("span1/5", or "span1" for all of its own), or gives them back. A call under way goes on. Names that no channel has are
    /// left out.
    pub(super) fn set_service(&mut self, at: At, names: &[String], service: Service) {
        for name in names {
            for (span, timeslot) in channels_named(&self.spans, name) {
                let protocol = self.spans[span].stir();
                match service {
                    Service::Out => protocol.block(at.now, timeslot),
                    Service::In => protocol.unblock(at.now, timeslot),
                }
                self.service_under_test(span, timeslot, service);
                let line = format!("{}/{timeslot}", self.spans[span].name);
                let text = match service {
                    Service::Out => "taken out of service by an operator",
                    Service::In => "put back into service by an operator",
                };
                tracing::info!(%line, "{text}");
                self.model.alarm(at, &line, text.into());
                self.writes.push(match service {
                    Service::Out => Write::ChannelBlocked { channel: line },
                    Service::In => Write::ChannelUnblocked { channel: line },
                });
                self.changed = true;
            }
        }
    }
}

/// Blocks the channels that were blocked when the box stopped. Those that are no more are left out.
pub(super) fn keep_out(spans: &mut [SpanState], kept: &[String]) {
    for name in kept {
        for (span, timeslot) in channels_named(spans, name) {
            spans[span].stir().block(Instant::ZERO, timeslot);
        }
    }
}

fn channels_named(spans: &[SpanState], name: &str) -> Vec<(usize, u8)> {
    let (span_name, wanted) = name.rsplit_once('/').map_or((name, None), |(span, slot)| (span, Some(slot)));
    let mut named = Vec::new();
    for (span, state) in spans.iter().enumerate().filter(|(_, state)| state.name == span_name) {
        let slots = (1..TIMESLOTS as u8).filter(|slot| usize::from(*slot) != ports::span::D_SLOT);
        let is_wanted = |slot: &u8| wanted.is_none_or(|wanted| wanted == slot.to_string());
        let is_there = |slot: &u8| state.protocol().channel_state(*slot) != ChannelState::Absent;
        named.extend(slots.filter(is_wanted).filter(is_there).map(|slot| (span, slot)));
    }
    named
}
