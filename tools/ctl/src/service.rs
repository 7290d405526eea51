//! Channels by name, and what they do.

use crate::client::{Client, Failure};
use crate::words::{self, Language};
use ipc::web::{Channel, ChannelState, Service, Snapshot};

/// Takes these channels out of service or puts them back, and gives each with what it does then.
pub(crate) async fn set(
    client: &mut Client,
    names: &[String],
    service: Service,
) -> Result<Vec<(String, ChannelState)>, Failure> {
    let before = client.snapshot().await?;
    for name in names {
        if named(&before, name).is_empty() {
            let known = before.spans.iter().map(|span| span.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(Failure::NoSuchChannel { channel: name.clone(), known });
        }
    }
    client.set_service(names, service, |shown| done(shown, names, service)).await?;
    let after = client.snapshot().await?;
    Ok(names.iter().flat_map(|name| named(&after, name)).collect())
}

/// Nothing new can come to a channel that is out; one that is back is at least not kept out by us.
fn done(shown: &Snapshot, names: &[String], service: Service) -> bool {
    names.iter().flat_map(|name| named(shown, name)).all(|(_, state)| match service {
        Service::Out => state != ChannelState::Idle,
        Service::In => state != ChannelState::Blocked,
    })
}

/// "span1/5", or all channels of "span1".
fn named(shown: &Snapshot, name: &str) -> Vec<(String, ChannelState)> {
    let called = |span: &str, channel: &Channel| {
        let own = format!("{span}/{}", channel.timeslot);
        (name == span || name == own).then_some((own, channel.state))
    };
    let channels =
        shown.spans.iter().flat_map(|span| span.channels.iter().map(|channel| (span.name.as_str(), channel)));
    channels
        .filter(|(_, channel)| channel.state != ChannelState::Absent)
        .filter_map(|(span, channel)| called(span, channel))
        .collect()
}

pub(crate) fn text(channels: &[(String, ChannelState)], language: Language) -> String {
    let row = |(name, state): &(String, ChannelState)| format!("{name}  {}", words::channel(*state, language));
    channels.iter().map(row).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipc::web::Span;

    fn shown(states: [ChannelState; 3]) -> Snapshot {
        let channel = |(timeslot, state)| Channel { timeslot, state, name: None, call: None };
        let span = Span {
            name: "bank".into(),
            card: "lab".into(),
            alarm_loss: false,
            alarm_remote: false,
            alarm_indication: false,
            signaling: "loopstart".into(),
            link: None,
            slips: 0,
            channels: (1..).zip(states).map(channel).collect(),
        };
        Snapshot { version: "1".into(), spans: vec![span], ..Snapshot::default() }
    }

    #[test]
    fn a_name_is_a_channel_or_all_of_a_span() {
        let shown = shown([ChannelState::Blocked, ChannelState::Absent, ChannelState::Busy]);
        assert_eq!(named(&shown, "bank/1"), [("bank/1".to_owned(), ChannelState::Blocked)]);
        assert_eq!(named(&shown, "bank").len(), 2, "where no line is there is no channel");
        assert_eq!((named(&shown, "bank/2"), named(&shown, "bank/16"), named(&shown, "ban")), (vec![], vec![], vec![]));
        assert_eq!(text(&named(&shown, "bank"), Language::English), "bank/1  blocked\nbank/3  in use");
    }

    #[test]
    fn a_block_is_done_when_no_channel_is_free_any_more() {
        let names = ["bank".to_owned()];
        let [blocked, busy, idle] = [ChannelState::Blocked, ChannelState::Busy, ChannelState::Idle];
        assert!(done(&shown([blocked, busy, blocked]), &names, Service::Out));
        assert!(!done(&shown([blocked, busy, idle]), &names, Service::Out));
        assert!(!done(&shown([blocked, busy, idle]), &names, Service::In));
        assert!(done(&shown([idle, busy, idle]), &names, Service::In));
    }
}
