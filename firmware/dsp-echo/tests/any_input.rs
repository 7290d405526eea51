//! Any samples at all leave it sane, and a lane does not feel its neighbours.

mod signals;

use dsp_echo::{BLOCK, EchoBank, Pair, Settings, TAIL_32_MS, TAIL_128_MS};
use signals::{Css, HYBRIDS, Line, SECOND, level};
use test_signals::Random;

type Block = [i16; BLOCK];

/// Signals that no line should carry, and some that it does.
const KINDS: usize = 9;

fn block(kind: usize, at: usize, random: &mut Random) -> Block {
    let extreme = |high: bool| if high { i16::MAX } else { i16::MIN };
    core::array::from_fn(|sample| {
        let at = at * BLOCK + sample;
        match kind {
            0 => 0,
            1 => i16::MAX,
            2 => i16::MIN,
            3 => extreme(at.is_multiple_of(2)),
            4 => extreme((at / 40).is_multiple_of(2)),
            5 => extreme(random.uniform() > 0.0),
            6 => {
                if at.is_multiple_of(800) {
                    i16::MIN
                } else {
                    0
                }
            }
            7 => 5000,
            _ => (random.uniform() * 32_767.0) as i16,
        }
    })
}

/// Far and near signals of every pair of kinds, each for a while; after each the canceller must do its work again.
#[test]
fn after_any_two_signals_it_still_learns_an_echo() {
    let mut random = Random(6);
    let mut line = Line::new(HYBRIDS[1].taps(10.0));
    for far_kind in 0..KINDS {
        for near_kind in 0..KINDS {
            for at in 0..30 {
                let far = block(far_kind, at, &mut random);
                let mut near = block(near_kind, at, &mut random);
                line.bank.cancel(&mut [Some(Pair { far: &far, near: &mut near })]);
            }
        }
        let mut far = Css::far(-10.0);
        line.hear(4 * SECOND, || far.next_sample());
        let heard = line.hear(25, || far.next_sample());
        let loudest = heard.iter().map(|heard| level(&heard.left)).fold(-99.0, f64::max);
        assert!(loudest < -45.0, "after far signals of kind {far_kind}: {loudest:.1} dBm0 are left");
    }
}

#[test]
fn a_near_end_without_a_far_end_passes_but_for_direct_current() {
    let mut random = Random(7);
    let mut bank = Box::new(EchoBank::<1, TAIL_128_MS>::new());
    for at in 0..200 {
        let said: Block = core::array::from_fn(|_| random.noise(-20.0) as i16);
        let mut near = said;
        bank.cancel(&mut [Some(Pair { far: &[0; BLOCK], near: &mut near })]);
        assert!((level(&near) - level(&said)).abs() < 0.5, "block {at}");
    }
    let mut near = [3000; BLOCK];
    for _ in 0..30 {
        near = [3000; BLOCK];
        bank.cancel(&mut [Some(Pair { far: &[0; BLOCK], near: &mut near })]);
    }
    assert!(level(&near) < -60.0);
}

/// What a lane hears: a seeded walk through all kinds of signals, echoes of the far end among them.
struct Walk {
    random: Random,
    kinds: [usize; 2],
    far: Block,
    speech: Css,
}

impl Walk {
    fn new(seed: u64) -> Self {
        Self { random: Random(seed), kinds: [0; 2], far: [0; BLOCK], speech: Css::far(-12.0) }
    }

    fn next(&mut self, at: usize) -> Option<(Block, Block)> {
        if at.is_multiple_of(23) {
            self.kinds = [self.random.below(KINDS + 8), self.random.below(KINDS + 8)];
        }
        if self.random.below(40) == 0 {
            return None;
        }
        let before = self.far;
        self.far = match self.kinds[0] {
            kind if kind < KINDS => block(kind, at, &mut self.random),
            _ => core::array::from_fn(|_| self.speech.next_sample() as i16),
        };
        let near = match self.kinds[1] {
            kind if kind < KINDS => block(kind, at, &mut self.random),
            _ => before.map(|sample| sample / 3),
        };
        Some((self.far, near))
    }
}

/// The lanes of a bank and as many banks of one lane give the same samples to the last bit.
fn check_agreement<const LANES: usize, const PARTITIONS: usize>(blocks: usize) {
    let mut bank = Box::new(EchoBank::<LANES, PARTITIONS>::new());
    let mut singles: Vec<_> = (0..LANES).map(|_| Box::new(EchoBank::<1, PARTITIONS>::new())).collect();
    let mut walks: Vec<Walk> = (0..LANES as u64).map(|lane| Walk::new(lane + 1)).collect();
    for (lane, single) in singles.iter_mut().enumerate() {
        // Comfort noise differs from lane to lane, on purpose.
        let settings = Settings { suppresses: false, obeys_tone: lane.is_multiple_of(2) };
        single.set(0, settings);
        bank.set(lane, settings);
    }
    for at in 0..blocks {
        let given: Vec<Option<(Block, Block)>> = walks.iter_mut().map(|walk| walk.next(at)).collect();
        if at % 100 == 99 {
            let lane = at / 100 % LANES;
            bank.restart(lane);
            singles[lane].restart(0);
        }
        let mut banked = given.clone();
        let mut left = banked.iter_mut();
        let mut pairs = core::array::from_fn(|_| {
            let pair = left.next().and_then(Option::as_mut);
            pair.map(|(far, near)| Pair { far, near })
        });
        bank.cancel(&mut pairs);
        for (lane, single) in singles.iter_mut().enumerate() {
            let mut alone = given[lane];
            single.cancel(&mut [alone.as_mut().map(|(far, near)| Pair { far, near })]);
            assert_eq!(banked[lane], alone, "lane {lane}, block {at}");
            assert_eq!(bank.is_disabled(lane), single.is_disabled(0), "lane {lane}, block {at}");
        }
    }
}

#[test]
fn lanes_of_a_bank_are_as_good_as_alone() {
    check_agreement::<8, TAIL_32_MS>(600);
    check_agreement::<3, TAIL_128_MS>(300);
}

#[test]
fn a_lane_that_there_is_not_is_passed_over() {
    let mut bank = EchoBank::<2, TAIL_32_MS>::new();
    bank.restart(2);
    bank.set(2, Settings::default());
    assert!(!bank.is_disabled(2) && !bank.hears_double_talk(2));
}

#[test]
fn a_restarted_lane_knows_nothing_of_the_call_before() {
    let mut line = Line::new(HYBRIDS[0].taps(10.0));
    let mut far = Css::far(-10.0);
    // Partitions take turns to be cut to their length; after so many blocks it is the first one's again.
    line.hear(195, || far.next_sample());
    line.bank.restart(0);
    let (mut one, mut another) = (Css::far(-15.0), Css::far(-15.0));
    let mut fresh = Line::new(HYBRIDS[3].taps(12.0));
    line = line.on(HYBRIDS[3].taps(12.0));
    for at in 0..SECOND {
        let (used, new) = (line.block(|| one.next_sample(), || 0.0), fresh.block(|| another.next_sample(), || 0.0));
        assert_eq!(used.left, new.left, "block {at}");
    }
}
