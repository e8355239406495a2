//! Coins: what is decided by chance when every arc is live or not, and the number that each coin shows in each world.
//!
//! All arcs that leave one state over one connection share a coin; every climb has its own, and so has the seed of every
//! state. A coin shows a number U in every world, evenly spread over [0, 1), and an arc of factor w is live where U < w.
//! U is a hash of what the coin is called and of the world, never of positions: a system more, another order of the file
//! or another factor changes no U, so that two models are compared in the same worlds.

use super::build::{Arc, ExposureGraph};
use super::state::State;
use super::transfer::TransferRule;
use crate::catalog::{ClimbRule, End};
use sha2::{Digest, Sha256};

/// Worlds that are drawn at once: one for each bit of a word.
pub const WORLDS_AT_ONCE: u64 = u64::BITS as u64;

/// What decides whether arcs are live, by a name that is the same in every model that has it.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Coin(u64);

/// A factor as what a coin is held against: the least number out of 2⁶⁴ at which an arc is no longer live.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Bar {
    /// Live in so many of 2⁶⁴ cases.
    Below(u64),
    /// Live in every world.
    Always,
}

/// A coin in the worlds of one word, its binary digits drawn as far as they are needed.
#[derive(Clone, Debug)]
pub struct Toss {
    base: u64,
    digits: [u64; u64::BITS as usize],
    drawn: usize,
}

impl Coin {
    /// The coin of the seed at a state.
    pub fn of_seed(graph: &ExposureGraph<'_>, state: State) -> Self {
        Self::named(["seed", &graph.estate.system(state.system()).id, state.layer().id(), ""])
    }

    /// The coin of an arc: that of its connection and the state that it leaves, or that of its climb.
    pub fn of_arc(graph: &ExposureGraph<'_>, arc: &Arc) -> Self {
        let (system, layer) = (&graph.estate.system(arc.from.system()).id, arc.from.layer().id());
        match (arc.connection, graph.rule(arc.rule)) {
            (Some(connection_ix), _) => Self::named(["connection", system, layer, &graph.estate.connection(connection_ix).id]),
            (None, TransferRule::Climb(rule)) => Self::named(["climb", system, layer, &climb_name(graph, rule)]),
            (None, TransferRule::Cross(_)) => Self::named(["climb", system, layer, ""]),
        }
    }

    /// Ids hold no control characters, so that no two lists of words make the same text.
    fn named(words: [&str; 4]) -> Self {
        let hash = Sha256::digest(words.join("\n"));
        Self(hash.iter().take(8).fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    /// The number that the coin shows in a world, out of 2⁶⁴.
    pub fn shows(self, seed: u64, world: u64) -> u64 {
        let base = self.base(seed, world / WORLDS_AT_ONCE);
        (0..u64::BITS as usize).fold(0, |number, digit| number << 1 | (digit_word(base, digit) >> (world % WORLDS_AT_ONCE) & 1))
    }

    /// The coin in the worlds from `word` × 64 on.
    pub fn toss(self, seed: u64, word: u64) -> Toss {
        Toss { base: self.base(seed, word), digits: [0; u64::BITS as usize], drawn: 0 }
    }

    fn base(self, seed: u64, word: u64) -> u64 {
        mixed(mixed(self.0 ^ mixed(seed.wrapping_add(STEP))).wrapping_add(word.wrapping_mul(STEP)))
    }
}

impl Toss {
    /// The worlds in which an arc of this factor is live, a bit for each.
    ///
    /// # Complexity
    /// About eight words for sixty-four worlds: digits are compared from the first on, and each settles half of the rest.
    pub fn live(&mut self, factor: f64) -> u64 {
        let bar = match Bar::of(factor) {
            Bar::Always => return u64::MAX,
            Bar::Below(bar) => bar,
        };
        let (mut live, mut even) = (0, u64::MAX);
        for digit in 0..u64::BITS as usize {
            let left = bar << digit;
            if left == 0 || even == 0 {
                break;
            }
            if digit == self.drawn {
                self.digits[digit] = digit_word(self.base, digit);
                self.drawn += 1;
            }
            let shown = self.digits[digit];
            if left >> 63 == 1 {
                live |= even & !shown;
                even &= shown;
            } else {
                even &= !shown;
            }
        }
        live
    }
}

impl Bar {
    fn of(factor: f64) -> Self {
        if factor >= 1.0 { Self::Always } else { Self::Below((factor * 18_446_744_073_709_551_616.0) as u64) }
    }
}

/// Whether an arc of this factor is live where its coin shows this number.
pub fn is_live(shown: u64, factor: f64) -> bool {
    match Bar::of(factor) {
        Bar::Always => true,
        Bar::Below(bar) => shown < bar,
    }
}

/// A climb rule by what it says; rules that say the same are told apart by their number among themselves.
fn climb_name(graph: &ExposureGraph<'_>, rule: &ClimbRule) -> String {
    let is_same = |other: &&ClimbRule| (other.from, other.to, other.profile) == (rule.from, rule.to, rule.profile);
    let earlier = graph.policy.climb.iter().take_while(|other| !std::ptr::eq(*other, rule)).filter(is_same).count();
    format!("{} {} {earlier}", rule.to.id(), rule.profile.id())
}

/// The odd number nearest to 2⁶⁴ divided by the golden ratio.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// One binary digit of sixty-four worlds.
fn digit_word(base: u64, digit: usize) -> u64 {
    mixed(base.wrapping_add((digit as u64 + 1).wrapping_mul(STEP)))
}

/// A word of which every bit depends on every bit of the one given.
///
/// # Source
/// Steele, Lea, Flood, *Fast splittable pseudorandom number generators* (2014), the output function of `SplitMix64`.
const fn mixed(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// What seeds can reach, with every coin: a piece of the exposure graph written out, its states numbered in their order.
#[derive(Clone, Debug)]
pub struct Cascade {
    /// The states that a seed reaches on the high end, seeds among them, in order of (system id, layer).
    pub states: Vec<State>,
    /// The seeds, in order of their places.
    pub seeds: Vec<CascadeSeed>,
    /// INVARIANT (grouped): the arcs of a place stand together, and of these those that share a coin.
    arcs: Vec<CascadeArc>,
    start: Vec<u32>,
}

/// A seed of a cascade.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct CascadeSeed {
    /// The place of its state.
    pub at: u32,
    /// Its coin.
    pub coin: Coin,
    /// Its severity, low end and high end.
    pub severity: [f64; 2],
}

/// An arc of a cascade.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct CascadeArc {
    /// The place of the state that it enters.
    pub to: u32,
    /// Its coin.
    pub coin: Coin,
    /// Its factor, low end and high end.
    pub factor: [f64; 2],
}

impl Cascade {
    /// What the seeds reach, each a state with its severity at both ends.
    ///
    /// # Complexity
    /// *O*(arcs that leave what is reached), and a hash for each.
    pub fn of(graph: &ExposureGraph<'_>, seeds: &[(State, [f64; 2])]) -> Self {
        let mut place = vec![u32::MAX; graph.state_bound()];
        let mut states: Vec<State> = Vec::new();
        let mut reach = |state: State, states: &mut Vec<State>| {
            if std::mem::replace(&mut place[state.index()], 0) == u32::MAX {
                states.push(state);
            }
        };
        for &(state, _) in seeds.iter().filter(|(_, severity)| severity[1] > 0.0) {
            reach(state, &mut states);
        }
        let mut next = 0;
        while let Some(&state) = states.get(next) {
            next += 1;
            for (to, _) in graph.successors(state, End::High).filter(|&(_, factor)| factor > 0.0) {
                reach(to, &mut states);
            }
        }
        states.sort_unstable();
        for (at, state) in states.iter().enumerate() {
            place[state.index()] = at as u32;
        }
        let mut cascade = Self { states, seeds: Vec::new(), arcs: Vec::new(), start: vec![0] };
        for &state in &cascade.states {
            let low = graph.weighted_arcs_from(state, End::Low);
            let high = graph.weighted_arcs_from(state, End::High);
            let mut last = None;
            for ((_, low), (arc, high)) in low.zip(high).filter(|(_, (_, high))| *high > 0.0) {
                let shared = last.filter(|&(connection, _)| arc.connection.is_some() && connection == arc.connection);
                let coin = shared.map_or_else(|| Coin::of_arc(graph, &arc), |(_, coin)| coin);
                last = Some((arc.connection, coin));
                cascade.arcs.push(CascadeArc { to: place[arc.to.index()], coin, factor: [low, high] });
            }
            cascade.start.push(cascade.arcs.len() as u32);
        }
        let reached = seeds.iter().filter(|(_, severity)| severity[1] > 0.0);
        let seed =
            |&(state, severity): &(State, [f64; 2])| CascadeSeed { at: place[state.index()], coin: Coin::of_seed(graph, state), severity };
        cascade.seeds = reached.map(seed).collect();
        cascade.seeds.sort_by_key(|seed| seed.at);
        cascade
    }

    /// The arcs that leave a place; those that share a coin stand together.
    pub fn arcs_from(&self, place: usize) -> &[CascadeArc] {
        &self.arcs[self.arcs_of(place)]
    }

    /// The positions of the arcs that leave a place.
    pub fn arcs_of(&self, place: usize) -> std::ops::Range<usize> {
        self.start[place] as usize..self.start[place + 1] as usize
    }

    /// All arcs.
    pub fn arcs(&self) -> &[CascadeArc] {
        &self.arcs
    }

    /// The places of each system's states, in order of system ids.
    pub fn systems(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        let mut next = 0;
        self.states.chunk_by(|left, right| left.system() == right.system()).map(move |states| {
            let start = next;
            next += states.len();
            start..next
        })
    }
}
