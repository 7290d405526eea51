//! The engine's thread with all channels of a large box at work, and what recorded pairs cost.
//!
//! The thread is the box's own, at its priority; recordings are written to disk by the box's own writer. In place of cards there are lines that give what was
//! made beforehand: voices, and digits being dialled.

use crate::figure::{Figure, Goal, Taken};
use crate::signal;
use base::RecordingId;
use media::{
    BargeIn, Clip, Command, DtmfDetection, EchoSettings, EchoTail, Event, PlayId, RecordSlot, RecordedBlock, Repeat,
};
use media_io::{Audio, Control, Options, port, start};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use ports::span::{BEARERS, BlockSource, D_SLOT, SpanBlock};
use records_io::{RecordingItem, RecordingWriter};
use std::sync::Arc;
use std::time::{Duration, Instant};

const SPANS: usize = 8;
const CHANNELS: usize = SPANS * BEARERS;
/// How long everything is measured, and before that warms up.
const MEASURED: Duration = Duration::from_secs(60);
const WARM_UP: Duration = Duration::from_secs(3);
/// Blocks that the writer's ring holds: two seconds of all.
const RING: usize = 200 * CHANNELS;

/// A span whose callers say the same ten seconds again and again.
struct Callers {
    blocks: Arc<[SpanBlock]>,
    at: usize,
}

impl Audio for Callers {
    fn read(&mut self, block: &mut SpanBlock) -> BlockSource {
        block.clone_from(&self.blocks[self.at]);
        self.at = (self.at + 1) % self.blocks.len();
        BlockSource::Line
    }

    fn write(&mut self, block: &SpanBlock) {
        std::hint::black_box(block);
    }
}

/// A span's ten seconds: every fourth channel dials, the others speak.
fn ten_seconds() -> Arc<[SpanBlock]> {
    let lines: Vec<Vec<i16>> = (0..BEARERS as u64).map(signal::line).collect();
    let slots = (1..=31).filter(|&slot| slot != D_SLOT);
    let mut blocks = vec![SpanBlock::silent(); lines[0].len() / media::BLOCK];
    for (slot, line) in slots.zip(&lines) {
        for (block, samples) in blocks.iter_mut().zip(line.as_chunks::<{ media::BLOCK }>().0) {
            dsp_g711::alaw_encode_block(samples, &mut block.slot[slot]);
        }
    }
    blocks.into()
}

/// A running engine whose recordings go to a folder.
struct Running {
    control: Control,
    writer: RecordingWriter,
    _folder: tempfile::TempDir,
}

/// What it did while it was measured.
struct Measured {
    cpu_pct: f64,
    digits: usize,
    statistics: media_io::Statistics,
}

impl Running {
    fn new() -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("fundline-bench-").tempdir().map_err(|error| error.to_string())?;
        let (mut sink, writer) = RecordingWriter::start(folder.path().to_owned(), RING, |_| {})
            .map_err(|error| format!("writer of recordings: {error}"))?;
        let mut numbers = vec![0_u32; CHANNELS];
        let recorded = Box::new(move |block: &RecordedBlock| {
            let Some(number) = numbers.get_mut(usize::from(block.recording.0)) else { return };
            let (received, sent) = (block.received, block.sent);
            let id = RecordingId(u128::from(block.recording.0) + 1);
            sink.push(RecordingItem::Block { id, number: *number, received, sent });
            *number += 1;
        });
        let blocks = ten_seconds();
        // Spans do not say the same at the same time.
        let callers = |span: usize| Callers { blocks: Arc::clone(&blocks), at: span * 123 % blocks.len() };
        let spans = (0..SPANS).map(|span| Box::new(callers(span)) as Box<dyn Audio>).collect();
        let control = start(spans, Options { realtime: true, ..Options::default() }, recorded, Arc::new(|| {}))
            .map_err(|error| format!("engine: {error}"))?;
        Ok(Self { control, writer, _folder: folder })
    }

    fn obey(&mut self, command: Command) -> Result<(), String> {
        self.control.send(command).map_err(|_| "the engine's ring is full".to_owned())
    }

    /// Runs for a while, and tells what that cost this program: the engine, the writer of recordings, and the lines, which copy.
    fn measure(&mut self) -> Result<Measured, String> {
        std::thread::sleep(WARM_UP);
        self.events()?;
        let (began, cpu) = (Instant::now(), cpu_s()?);
        let mut digits = 0;
        while began.elapsed() < MEASURED {
            std::thread::sleep(Duration::from_millis(500));
            digits += self.events()?;
        }
        let cpu_pct = (cpu_s()? - cpu) / began.elapsed().as_secs_f64() * 100.0;
        let statistics = self.control.statistics();
        if self.writer.overruns() > 0 || statistics.skipped > 0 {
            return Err(format!("{} blocks were not recorded; {statistics:?}", self.writer.overruns()));
        }
        Ok(Measured { cpu_pct, digits, statistics })
    }

    /// Digits told of; nothing may be refused or given up.
    fn events(&mut self) -> Result<usize, String> {
        let mut digits = 0;
        while let Some(event) = self.control.poll_event() {
            match event {
                Event::Digit { .. } => digits += 1,
                wrong @ (Event::Overload { .. } | Event::Refused { .. }) => return Err(format!("{wrong:?}")),
                _ => {}
            }
        }
        Ok(digits)
    }
}

fn channels() -> impl Iterator<Item = (u16, media::PortId)> {
    let slots = (0..SPANS)
        .flat_map(|span| (1..=31).filter(|&slot| usize::from(slot) != D_SLOT).map(move |slot| port(span, slot)));
    (0..).zip(slots)
}

/// Seconds of CPU that this program has used.
fn cpu_s() -> Result<f64, String> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).map_err(|error| error.to_string())?;
    Ok((usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1e6)
}

/// All channels: prompt, DTMF, echo canceller, recording. Beside it, in the same run, an engine without a span: a bare timer loop of the same priority.
pub(crate) fn full() -> Taken {
    let mut running = Running::new()?;
    let bare = start(Vec::new(), Options { realtime: true, ..Options::default() }, Box::new(|_| {}), Arc::new(|| {}))
        .map_err(|error| format!("bare loop: {error}"))?;
    let prompt = Arc::new(Clip::from_pcm(&signal::speaking(99)));
    for (number, port) in channels() {
        let clip = Arc::clone(&prompt);
        let (play, barge_in) = (PlayId(u32::from(number)), BargeIn::Refused);
        let settings = EchoSettings::default();
        for command in [
            Command::Open(port),
            Command::Detect { port, dtmf: DtmfDetection::On },
            Command::CancelEcho { port, tail: Some(EchoTail::Ms32), settings },
            Command::StartRecord { port, recording: RecordSlot(number) },
            Command::PlayRepeated { port, play, clip, barge_in, repeat: Repeat::Endless },
        ] {
            running.obey(command)?;
        }
    }
    let Measured { cpu_pct, digits, statistics } = running.measure()?;
    if digits < CHANNELS {
        return Err(format!("only {digits} digits were read of {} channels that dial", CHANNELS / 4));
    }
    let bare = bare.statistics();
    let ms = |us: u64| us as f64 / 1000.0;
    let seconds = MEASURED.as_secs();
    let priority = if statistics.is_realtime { "SCHED_FIFO" } else { "ordinary priority" };
    Ok(vec![
        Figure {
            name: "engine.full240.cpu_pct",
            value: cpu_pct,
            unit: "%",
            goal: Goal::AtMost(15.0),
            peer: None,
            how: format!(
                "{seconds} s of {CHANNELS} channels: prompt, DTMF ({digits} digits read), echo canceller of 32 ms, recording to disk; \
                 999 of 1000 ticks took {} us at most",
                statistics.took_p999_us
            ),
        },
        Figure {
            name: "engine.tick_late_p999_ms",
            value: ms(statistics.late_p999_us.saturating_sub(bare.late_p999_us)),
            unit: "ms",
            goal: Goal::AtMost(0.5),
            peer: Some(("bare timer loop", ms(bare.late_p999_us))),
            how: format!(
                "{seconds} s at that load, {priority}: p99.9 of {} us less that of a timerfd loop of the same priority beside it",
                statistics.late_p999_us
            ),
        },
    ])
}

/// All channels bridged in pairs, each pair recorded.
pub(crate) fn recorded_pairs() -> Taken {
    let mut running = Running::new()?;
    let all: Vec<_> = channels().collect();
    let (pairs, _) = all.as_chunks::<2>();
    for &[(number, one), (_, other)] in pairs {
        for command in [
            Command::Open(one),
            Command::Open(other),
            Command::Bridge(one, other),
            Command::StartRecord { port: one, recording: RecordSlot(number) },
        ] {
            running.obey(command)?;
        }
    }
    let Measured { cpu_pct, .. } = running.measure()?;
    Ok(vec![Figure {
        name: "engine.recorded_pair.cpu_pct",
        value: cpu_pct / pairs.len() as f64,
        unit: "%",
        goal: Goal::AtMost(0.09),
        // Measured on a machine like this, not in this run.
        peer: Some(("Asterisk 22.10, another run", 0.88)),
        how: format!(
            "{} s, a {}th of {} bridged pairs, recorded to disk",
            MEASURED.as_secs(),
            pairs.len(),
            pairs.len()
        ),
    }])
}
