//! Percolation by sampling: in every world every coin is tossed once, and what is reached is counted.

use crate::graph::{Cascade, Toss, WORLDS_AT_ONCE};
use std::collections::VecDeque;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Words that are carried together, to go over the arcs less often.
const WORDS: usize = 4;

/// Worlds of one block.
pub(super) const BLOCK: u64 = WORDS as u64 * WORLDS_AT_ONCE;

/// A bit for every world of a block, low end and high end.
type Worlds = [[u64; WORDS]; 2];

const NONE: Worlds = [[0; WORDS]; 2];

/// In how many worlds something was reached, low end and high end.
pub(super) type Hits = [u64; 2];

/// Hits of every place and of every system of a cascade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) states: Vec<Hits>,
    pub(super) systems: Vec<Hits>,
}

/// Counts in how many of the worlds from 0 on each state and system is reached, on so many threads.
///
/// Both ends see the same coins, so that nothing is reached on the low end alone. Counts are sums of blocks of worlds: who
/// counts which block changes nothing. `progress` is told how many worlds are done.
///
/// # Complexity
/// *O*(worlds / 64 × arcs) words at worst, and about eight hashes per coin for every sixty-four worlds.
pub(super) fn count(cascade: &Cascade, seed: u64, worlds: u64, threads: usize, progress: &(dyn Fn(u64) + Sync)) -> Counts {
    let blocks = worlds.div_ceil(BLOCK);
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let total = Mutex::new(Counts { states: vec![[0; 2]; cascade.states.len()], systems: vec![[0; 2]; cascade.systems().count()] });
    std::thread::scope(|scope| {
        for _ in 0..threads.clamp(1, blocks.max(1) as usize) {
            scope.spawn(|| {
                let mut sampler = Sampler::new(cascade, seed);
                loop {
                    let block = next.fetch_add(1, Ordering::Relaxed);
                    if block >= blocks {
                        break;
                    }
                    sampler.run(block, worlds);
                    progress((done.fetch_add(1, Ordering::Relaxed) + 1) * BLOCK);
                }
                if let Ok(mut total) = total.lock() {
                    total.add(&sampler.counts);
                }
            });
        }
    });
    total.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Counts {
    fn add(&mut self, other: &Self) {
        let pairs = self.states.iter_mut().zip(&other.states).chain(self.systems.iter_mut().zip(&other.systems));
        for (own, more) in pairs {
            *own = [own[0] + more[0], own[1] + more[1]];
        }
    }
}

/// What one thread needs, again and again in the same memory.
struct Sampler<'c> {
    cascade: &'c Cascade,
    seed: u64,
    systems: Vec<std::ops::Range<usize>>,
    /// Per arc the worlds of this block in which it is live, where its place is among the tossed.
    live: Vec<Worlds>,
    is_tossed: Vec<bool>,
    reached: Vec<Worlds>,
    /// What is reached and not carried on yet.
    fresh: Vec<Worlds>,
    /// INVARIANT (queued): a place is in the queue if and only if something of it is fresh.
    queue: VecDeque<u32>,
    counts: Counts,
}

impl<'c> Sampler<'c> {
    fn new(cascade: &'c Cascade, seed: u64) -> Self {
        let (states, systems) = (cascade.states.len(), cascade.systems().collect::<Vec<_>>());
        Self {
            cascade,
            seed,
            live: vec![NONE; cascade.arcs().len()],
            is_tossed: vec![false; states],
            reached: vec![NONE; states],
            fresh: vec![NONE; states],
            queue: VecDeque::with_capacity(states),
            counts: Counts { states: vec![[0; 2]; states], systems: vec![[0; 2]; systems.len()] },
            systems,
        }
    }

    /// Draws one block of worlds, of which those from `worlds` on do not count.
    fn run(&mut self, block: u64, worlds: u64) {
        let mut counted = [0; WORDS];
        for (word, counted) in counted.iter_mut().enumerate() {
            let left = worlds.saturating_sub(block * BLOCK + word as u64 * WORLDS_AT_ONCE);
            *counted = if left >= WORLDS_AT_ONCE { u64::MAX } else { (1 << left) - 1 };
        }
        for seed in &self.cascade.seeds {
            let mut worlds = NONE;
            for (word, &counted) in counted.iter().enumerate() {
                let mut toss = seed.coin.toss(self.seed, block * WORDS as u64 + word as u64);
                for (end, severity) in seed.severity.into_iter().enumerate() {
                    worlds[end][word] = toss.live(severity) & counted;
                }
            }
            reach(&mut self.reached, &mut self.fresh, &mut self.queue, seed.at, &worlds);
        }
        while let Some(place) = self.queue.pop_front() {
            let place = place as usize;
            if !std::mem::replace(&mut self.is_tossed[place], true) {
                self.toss(place, block);
            }
            let fresh = std::mem::replace(&mut self.fresh[place], NONE);
            let arcs = self.cascade.arcs_of(place);
            for (arc, live) in self.cascade.arcs()[arcs.clone()].iter().zip(&self.live[arcs]) {
                let mut carried = fresh;
                for (carried, live) in carried.as_flattened_mut().iter_mut().zip(live.as_flattened()) {
                    *carried &= live;
                }
                reach(&mut self.reached, &mut self.fresh, &mut self.queue, arc.to, &carried);
            }
        }
        self.take();
    }

    /// Finds in which worlds the arcs of a place are live.
    fn toss(&mut self, place: usize, block: u64) {
        let range = self.cascade.arcs_of(place);
        let arcs = &self.cascade.arcs()[range.clone()];
        let mut at = range.start;
        for of_coin in arcs.chunk_by(|left, right| left.coin == right.coin) {
            for word in 0..WORDS {
                let mut toss: Toss = of_coin[0].coin.toss(self.seed, block * WORDS as u64 + word as u64);
                for (live, arc) in self.live[at..].iter_mut().zip(of_coin) {
                    live[1][word] = toss.live(arc.factor[1]);
                    live[0][word] = if arc.factor[0] == arc.factor[1] { live[1][word] } else { toss.live(arc.factor[0]) };
                }
            }
            at += of_coin.len();
        }
    }

    /// Counts the block; nothing is reached afterwards.
    fn take(&mut self) {
        let count = |worlds: &Worlds| worlds.map(|end| end.iter().map(|word| u64::from(word.count_ones())).sum::<u64>());
        let add = |counts: &mut Hits, more: Hits| *counts = [counts[0] + more[0], counts[1] + more[1]];
        for (places, counts) in self.systems.iter().zip(&mut self.counts.systems) {
            let mut any = NONE;
            for place in places.clone().filter(|&place| self.is_tossed[place]) {
                let reached = std::mem::replace(&mut self.reached[place], NONE);
                for (any, reached) in any.as_flattened_mut().iter_mut().zip(reached.as_flattened()) {
                    *any |= reached;
                }
                add(&mut self.counts.states[place], count(&reached));
            }
            add(counts, count(&any));
        }
        self.is_tossed.fill(false);
    }
}

/// Marks a place as reached in some worlds, and queues what is new.
fn reach(reached: &mut [Worlds], fresh: &mut [Worlds], queue: &mut VecDeque<u32>, place: u32, worlds: &Worlds) {
    let (known, waiting) = (&mut reached[place as usize], &mut fresh[place as usize]);
    let (mut is_new, mut is_waiting) = (0, 0);
    let words = known.as_flattened_mut().iter_mut().zip(waiting.as_flattened_mut()).zip(worlds.as_flattened());
    for ((known, waiting), worlds) in words {
        let new = worlds & !*known;
        is_waiting |= *waiting;
        is_new |= new;
        *known |= new;
        *waiting |= new;
    }
    if is_new != 0 && is_waiting == 0 {
        queue.push_back(place);
    }
}
