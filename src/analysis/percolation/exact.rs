//! Exact percolation: every outcome of every coin, equal situations merged.
//!
//! The coins of a state matter once it is reached, and only for what is not reached yet. So states are expanded one by one,
//! and what the future depends on is small: which states wait to be expanded, which seeds are not tossed yet, and which
//! states these may still reach. Cases that agree in that are one case, however they came about; a state's probability is
//! the mass of the cases in which it is reached, noted at that moment. Cycles need nothing special: a state is expanded once.

use crate::graph::{Cascade, CascadeArc};
use foldhash::fast::RandomState;
use indexmap::IndexMap;
use std::collections::BTreeMap;

/// Outcomes up to which the answer is exact: about a second.
pub(super) const MOST_OUTCOMES: usize = 1_500_000;

/// The probabilities of one end.
pub(super) struct Exact {
    /// Of every place.
    pub(super) states: Vec<f64>,
    /// Of every system: that any of its states is reached.
    pub(super) systems: Vec<f64>,
    /// How many outcomes were told apart.
    pub(super) outcomes: usize,
}

/// The exact probability of every state and system of a cascade at one end (0: low, 1: high); none if there are more than
/// `most` outcomes, or more than 128 states that are neither certain nor out of reach.
///
/// # Complexity
/// Exponential in what is uncertain at the same time, not in all that is: the problem is #P-hard.
///
/// # Source
/// The process is that of Kempe, Kleinberg, Tardos, *Maximizing the spread of influence through a social network* (2003),
/// section 2; hardness and the merging of equal subproblems: Maehara, Suzuki, Ishihata, *Exact computation of influence
/// spread by binary decision diagrams* (2017).
pub(super) fn exact(cascade: &Cascade, end: usize, most: usize) -> Option<Exact> {
    let certain = certain(cascade, end);
    let nodes = Nodes::of(cascade, end, &certain)?;
    let (reached, outcomes) = nodes.explore(most)?;
    let chance = |node: Option<usize>| node.map_or(0.0, |node| f64::min(reached[node], 1.0));
    let states: Vec<f64> =
        certain.iter().zip(&nodes.of_place).map(|(&is_certain, &node)| if is_certain { 1.0 } else { chance(node) }).collect();
    let systems = cascade
        .systems()
        .zip(&nodes.of_system)
        .map(|(places, node)| match node {
            Some(node) => f64::min(reached[*node], 1.0),
            None => states[places].iter().copied().fold(0.0, f64::max),
        })
        .collect();
    Some(Exact { states, systems, outcomes })
}

/// Which places are reached in every world.
fn certain(cascade: &Cascade, end: usize) -> Vec<bool> {
    let mut certain = vec![false; cascade.states.len()];
    let mut waiting: Vec<u32> = cascade.seeds.iter().filter(|seed| seed.severity[end] >= 1.0).map(|seed| seed.at).collect();
    while let Some(at) = waiting.pop() {
        if !std::mem::replace(&mut certain[at as usize], true) {
            waiting.extend(cascade.arcs_from(at as usize).iter().filter(|arc| arc.factor[end] >= 1.0).map(|arc| arc.to));
        }
    }
    certain
}

/// A set of up to 128 nodes.
type Set = u128;

/// The nodes of a set, in order.
fn members(mut set: Set) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let member = (set != 0).then(|| set.trailing_zeros() as usize)?;
        set &= set - 1;
        Some(member)
    })
}

/// What is left to be decided.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
struct Case {
    /// Nodes that are reached and whose coins are not tossed yet.
    waiting: Set,
    /// Nodes whose seeds are not tossed yet.
    seeds: Set,
    /// Nodes that are not reached yet, and that one of these may reach.
    open: Set,
}

impl Case {
    /// Falls with every step, so that cases are taken up when all that lead to them are done.
    fn size(&self) -> usize {
        (self.waiting.count_ones() + self.seeds.count_ones() + self.open.count_ones()) as usize
    }
}

/// States with something uncertain about them, and a node for every system of which several may be reached: it is reached
/// with any of them.
#[derive(Debug)]
struct Nodes {
    of_place: Vec<Option<usize>>,
    of_system: Vec<Option<usize>>,
    /// Per node its coins; per coin, by falling chance, what is reached with no less than that chance.
    coins: Vec<Vec<Vec<(f64, Set)>>>,
    /// Per node all that its coins may reach.
    next: Vec<Set>,
    /// Per node what is reached with it in every world, itself included.
    closure: Vec<Set>,
    /// Per node the severity of its seed.
    severity: Vec<f64>,
    start: Case,
}

impl Nodes {
    fn of(cascade: &Cascade, end: usize, certain: &[bool]) -> Option<Self> {
        let order = nearest_first(cascade, end, certain);
        let mut nodes = Self {
            of_place: vec![None; cascade.states.len()],
            of_system: Vec::new(),
            coins: Vec::new(),
            next: Vec::new(),
            closure: Vec::new(),
            severity: Vec::new(),
            start: Case { waiting: 0, seeds: 0, open: 0 },
        };
        for (node, &place) in order.iter().enumerate() {
            nodes.of_place[place] = Some(node);
        }
        let mut count = order.len();
        for places in cascade.systems() {
            let open = places.clone().filter(|&place| !certain[place] && nodes.of_place[place].is_some()).count();
            let is_shared = open > 1 && !places.clone().any(|place| certain[place]);
            nodes.of_system.push(is_shared.then_some(count));
            count += usize::from(is_shared);
        }
        if count > Set::BITS as usize {
            return None;
        }
        let mut system = vec![0; cascade.states.len()];
        for (places, node) in cascade.systems().zip(&nodes.of_system) {
            system[places].fill(node.map_or(0, |node| 1 << node));
        }
        let bit = |place: usize| nodes.of_place[place].filter(|_| !certain[place]).map_or(0, |node| 1 << node | system[place]);
        nodes.closure = vec![0; count];
        for (node, &place) in order.iter().enumerate().filter(|&(_, &place)| !certain[place]) {
            let (mut closure, mut waiting) = (0, vec![place]);
            while let Some(place) = waiting.pop() {
                if bit(place) & !closure != 0 {
                    closure |= bit(place);
                    waiting.extend(cascade.arcs_from(place).iter().filter(|arc| arc.factor[end] >= 1.0).map(|arc| arc.to as usize));
                }
            }
            nodes.closure[node] = closure;
            nodes.start.open |= closure;
        }
        let closure_of = |place: u32| nodes.of_place[place as usize].map_or(0, |node| nodes.closure[node]);
        nodes.coins = order.iter().map(|&place| coins(cascade.arcs_from(place), end, closure_of)).collect();
        nodes.coins.resize(count, Vec::new());
        nodes.next = nodes.coins.iter().map(|coins| coins.iter().flatten().fold(0, |all, &(_, set)| all | set)).collect();
        nodes.severity = vec![0.0; count];
        for seed in cascade.seeds.iter().filter(|seed| seed.severity[end] > 0.0) {
            if let Some(node) = nodes.of_place[seed.at as usize].filter(|_| !certain[seed.at as usize]) {
                nodes.severity[node] = seed.severity[end];
                nodes.start.seeds |= 1 << node;
            }
        }
        let is_certain = |&(_, place): &(usize, &usize)| certain[*place];
        nodes.start.waiting = order.iter().enumerate().filter(is_certain).fold(0, |waiting, (node, _)| waiting | 1 << node);
        Some(nodes)
    }

    /// The case without what can no longer matter.
    fn settled(&self, case: Case) -> Case {
        let seeded = members(case.seeds).fold(0, |reachable, node| reachable | self.closure[node]);
        let mut reachable = members(case.waiting).fold(seeded, |reachable, node| reachable | self.next[node]) & case.open;
        let mut fresh = reachable;
        while fresh != 0 {
            let further = members(fresh).fold(0, |further, node| further | self.next[node] | self.closure[node]) & case.open;
            fresh = further & !reachable;
            reachable |= further;
        }
        let matters = |&node: &usize| self.next[node] & reachable != 0;
        let waiting = members(case.waiting).filter(matters).fold(0, |waiting, node| waiting | 1 << node);
        Case { waiting, seeds: case.seeds & reachable, open: reachable }
    }

    /// What the coins of a node reach among the open ones, with the probability of each set.
    fn outcomes(&self, node: usize, open: Set, most: usize) -> Option<Vec<(Set, f64)>> {
        let mut outcomes = vec![(0, 1.0)];
        for coin in &self.coins[node] {
            let mut faces: Vec<(Set, f64)> = Vec::with_capacity(2);
            let (mut reached, mut chance) = (0, 1.0);
            for &(least, set) in coin.iter().filter(|(_, set)| set & open != 0) {
                if set & open & !reached != 0 {
                    faces.push((reached, chance - least));
                    reached |= set & open;
                    chance = least;
                }
            }
            if reached == 0 {
                continue;
            }
            faces.push((reached, chance));
            if outcomes.len() * faces.len() > most {
                return None;
            }
            outcomes = outcomes.iter().flat_map(|&(set, one)| faces.iter().map(move |&(more, other)| (set | more, one * other))).collect();
            outcomes.sort_by_key(|&(set, _)| set);
            outcomes.dedup_by(|later, earlier| {
                let is_same = later.0 == earlier.0;
                earlier.1 += if is_same { later.1 } else { 0.0 };
                is_same
            });
        }
        Some(outcomes)
    }

    /// The probability of every node, and how many outcomes were told apart.
    fn explore(&self, most: usize) -> Option<(Vec<f64>, usize)> {
        let mut reached = vec![0.0; self.next.len()];
        let start = self.settled(self.start);
        // By size; in the order in which they were met, so that sums are rounded alike in every run.
        let mut left: Vec<IndexMap<Case, f64, RandomState>> = (0..=start.size()).map(|_| IndexMap::default()).collect();
        left[start.size()].insert(start, 1.0);
        let mut told = 0;
        while let Some(cases) = left.pop().filter(|_| !left.is_empty()) {
            for (case, mass) in cases {
                let (outcomes, done) = self.step(&case, most)?;
                told += outcomes.len();
                if told > most {
                    return None;
                }
                for (set, chance) in outcomes {
                    let mass = mass * chance;
                    members(set).for_each(|node| reached[node] += mass);
                    let next = Case { waiting: done.waiting | set, seeds: done.seeds & !set, open: done.open & !set };
                    let next = self.settled(next);
                    *left[next.size()].entry(next).or_insert(0.0) += mass;
                }
            }
        }
        Some((reached, told))
    }

    /// Tosses all coins of one node, or one seed: what they reach, and the case without them.
    ///
    /// Any order is right. That with the fewest open neighbours keeps what is undecided small.
    fn step(&self, case: &Case, most: usize) -> Option<(Vec<(Set, f64)>, Case)> {
        let narrowest = members(case.waiting).min_by_key(|&node| (self.next[node] & case.open).count_ones());
        match narrowest {
            Some(node) => {
                let done = Case { waiting: case.waiting & !(1 << node), ..*case };
                Some((self.outcomes(node, case.open, most)?, done))
            }
            None => {
                let node = case.seeds.trailing_zeros() as usize;
                let done = Case { seeds: case.seeds & !(1 << node), ..*case };
                Some((vec![(0, 1.0 - self.severity[node]), (self.closure[node] & case.open, self.severity[node])], done))
            }
        }
    }
}

/// The places that are nodes, nearest first: those that may be reached but are not certain, and certain ones with coins
/// that may reach them.
fn nearest_first(cascade: &Cascade, end: usize, certain: &[bool]) -> Vec<usize> {
    let mut is_met = vec![false; cascade.states.len()];
    let mut order: Vec<usize> = Vec::new();
    for seed in cascade.seeds.iter().filter(|seed| seed.severity[end] > 0.0) {
        if !std::mem::replace(&mut is_met[seed.at as usize], true) {
            order.push(seed.at as usize);
        }
    }
    let mut next = 0;
    while let Some(&place) = order.get(next) {
        next += 1;
        for arc in cascade.arcs_from(place).iter().filter(|arc| arc.factor[end] > 0.0) {
            if !std::mem::replace(&mut is_met[arc.to as usize], true) {
                order.push(arc.to as usize);
            }
        }
    }
    let opens = |arc: &CascadeArc| arc.factor[end] > 0.0 && !certain[arc.to as usize];
    order.retain(|&place| !certain[place] || cascade.arcs_from(place).iter().any(opens));
    order
}

/// The coins of a place with what each reaches: by falling chance, sets that grow.
fn coins(arcs: &[CascadeArc], end: usize, closure: impl Fn(u32) -> Set) -> Vec<Vec<(f64, Set)>> {
    let mut coins: BTreeMap<_, Vec<(f64, Set)>> = BTreeMap::new();
    for arc in arcs.iter().filter(|arc| arc.factor[end] > 0.0 && closure(arc.to) != 0) {
        coins.entry(arc.coin).or_default().push((arc.factor[end], closure(arc.to)));
    }
    for coin in coins.values_mut() {
        coin.sort_by(|left, right| right.0.total_cmp(&left.0));
    }
    coins.into_values().collect()
}
