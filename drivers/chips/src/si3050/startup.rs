//! How a chip comes up, step by step, none of which waits.

use super::{BusError, Hook, LINE_SIDE_KIND, Law, LineSettings, POWER_UP, Register, SOFT_RESET, Si3050};
use base::Instant;
use core::time::Duration;
use embedded_hal::spi::SpiDevice;

/// After the reset the registers need so long.
const RESET: Duration = Duration::from_millis(10);
/// The line side answers within so long, or is not there.
const LINK: Duration = Duration::from_secs(2);
/// How often it is asked.
const ASK: Duration = Duration::from_millis(10);

/// Where a start-up stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartupState {
    /// [`Startup::advance`] again at this instant.
    Waits(Instant),
    /// On hook, listening.
    Up,
    /// Reset does not end: no chip on this chip select, or no clock on the PCM highway.
    ChipSilent,
    /// The line side does not answer within 2 s.
    LineSideSilent,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Reset,
    Configure(Instant),
    Link { until: Instant, ask: Instant },
    Over(StartupState),
}

/// One start of one chip.
#[derive(Clone, Debug)]
pub struct Startup {
    law: Law,
    slot: u8,
    line: LineSettings,
    step: Step,
}

impl Startup {
    /// A chip that speaks `law` in timeslot `slot` of the highway, on a line of this kind.
    pub const fn new(law: Law, slot: u8, line: LineSettings) -> Self {
        Self { law, slot, line, step: Step::Reset }
    }

    /// Does what is due, and nothing before its time.
    pub fn advance<SPI: SpiDevice>(
        &mut self,
        now: Instant,
        chip: &mut Si3050<SPI>,
    ) -> Result<StartupState, BusError<SPI::Error>> {
        self.step = match self.step {
            Step::Reset => {
                chip.write(Register::Control1, SOFT_RESET)?;
                Step::Configure(now + RESET)
            }
            Step::Configure(at) if at <= now => self.configure(now, chip)?,
            Step::Link { until, ask } if ask <= now => Self::link(now, until, chip)?,
            Step::Configure(_) | Step::Link { .. } | Step::Over(_) => self.step,
        };
        Ok(match self.step {
            Step::Reset => StartupState::Waits(now),
            Step::Configure(at) | Step::Link { ask: at, .. } => StartupState::Waits(at),
            Step::Over(state) => state,
        })
    }

    fn configure<SPI: SpiDevice>(&self, now: Instant, chip: &mut Si3050<SPI>) -> Result<Step, BusError<SPI::Error>> {
        chip.configure(self.law, self.slot, self.line)?;
        // A bus without a chip reads all ones or all zeros.
        if chip.read_register(Register::AcTermination)? != self.line.acim
            || chip.read_register(Register::RingValidation3)? != super::RING_VALIDATION_ON
        {
            return Ok(Step::Over(StartupState::ChipSilent));
        }
        chip.write(Register::DaaControl2, POWER_UP)?;
        Ok(Step::Link { until: now + LINK, ask: now + ASK })
    }

    fn link<SPI: SpiDevice>(
        now: Instant,
        until: Instant,
        chip: &mut Si3050<SPI>,
    ) -> Result<Step, BusError<SPI::Error>> {
        if chip.read_register(Register::LineSide)? & LINE_SIDE_KIND != 0 {
            chip.set_hook(Hook::On)?;
            return Ok(Step::Over(StartupState::Up));
        }
        Ok(if until <= now { Step::Over(StartupState::LineSideSilent) } else { Step::Link { until, ask: now + ASK } })
    }
}
