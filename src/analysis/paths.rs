//! The k best paths between two targets.

use super::Target;
use crate::catalog::End;
use crate::graph::{Arc, ExposureGraph, Semiring, State, solve_reverse};
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap, HashSet};

/// A path along which exposure moves.
#[derive(Clone, Debug, PartialEq)]
pub struct AttackPath {
    /// Where it starts.
    pub start: State,
    /// Its arcs, in order.
    pub arcs: Vec<Arc>,
    /// Its value on the high end.
    pub high: f64,
    /// Its value on the low end.
    pub low: f64,
}

/// The `count` best paths from a total failure of `from` into `to`, best first, no state visited twice.
///
/// States of `from` are only starts and states of `to` only ends. Ties go to fewer arcs, then to the smaller states,
/// connections and rules.
///
/// # Complexity
/// One reverse search, then at most one goal-directed search per path and arc of it.
///
/// # Source
/// Yen, *Finding the k shortest loopless paths in a network* (1971), with Lawler's partition (1972); the searches are
/// guided by the exact values of the reversed graph.
pub fn best_paths(graph: &ExposureGraph<'_>, from: Target, to: Target, semiring: Semiring, count: usize) -> Vec<AttackPath> {
    let goals: HashSet<State> = to.states(graph).into_iter().collect();
    let starts: BTreeSet<State> = from.states(graph).into_iter().filter(|state| !goals.contains(state)).collect();
    let seeds: Vec<(State, f64)> = goals.iter().map(|&state| (state, 1.0)).collect();
    let search = Search { graph, semiring, bound: solve_reverse(graph, &seeds, semiring, End::High), starts: &starts, goals: &goals };
    let mut found: Vec<AttackPath> = Vec::new();
    let mut candidates: Vec<Candidate> = Vec::new();
    candidates.extend(search.best(&[], None, &HashSet::new(), &HashSet::new()).map(|path| Candidate { path, deviation: 0 }));
    while found.len() < count && !candidates.is_empty() {
        let best_ix = (0..candidates.len()).min_by_key(|&ix| candidates[ix].rank()).unwrap_or(0);
        let Candidate { path, deviation } = candidates.swap_remove(best_ix);
        // Position 0 deviates in the start itself, position i + 1 in what leaves the state after i arcs.
        for position in deviation..=path.arcs.len() {
            let root = &path.arcs[..position.saturating_sub(1)];
            let alike =
                || found.iter().chain([&path]).filter(|other| position == 0 || (other.start == path.start && other.arcs.starts_with(root)));
            let candidate = if position == 0 {
                let used: HashSet<State> = alike().map(|other| other.start).collect();
                search.best(&[], None, &HashSet::new(), &used)
            } else {
                let used: HashSet<Arc> = alike().filter_map(|other| other.arcs.get(root.len())).copied().collect();
                search.best(root, Some(path.start), &used, &HashSet::new())
            };
            if let Some(path) = candidate
                && !candidates.iter().any(|known| known.path.start == path.start && known.path.arcs == path.arcs)
            {
                candidates.push(Candidate { path, deviation: position });
            }
        }
        found.push(path);
    }
    found
}

struct Candidate {
    path: AttackPath,
    /// Where it left its parent; earlier positions are covered by others.
    deviation: usize,
}

impl Candidate {
    /// Best first: the higher value, then fewer arcs, then the smaller states, connections and rules.
    fn rank(&self) -> impl Ord + use<> {
        let arcs: Vec<_> = self.path.arcs.iter().map(|arc| (arc.to, arc.connection, arc.rule)).collect();
        (Reverse(self.path.high.to_bits()), self.path.arcs.len(), self.path.start, arcs)
    }
}

struct Search<'a> {
    graph: &'a ExposureGraph<'a>,
    semiring: Semiring,
    /// For every state the value of the best path into a goal.
    bound: Vec<f64>,
    starts: &'a BTreeSet<State>,
    goals: &'a HashSet<State>,
}

impl Search<'_> {
    /// The best path that begins with `root` and continues with an arc that is not `banned`; without a start, from
    /// any start that is not `used`.
    fn best(&self, root: &[Arc], start: Option<State>, banned: &HashSet<Arc>, used: &HashSet<State>) -> Option<AttackPath> {
        let mut best: HashMap<State, (f64, u32)> = HashMap::new();
        let mut parent: HashMap<State, Arc> = HashMap::new();
        let mut heap: BinaryHeap<(u64, Reverse<(u32, State)>)> = BinaryHeap::new();
        let closed: HashSet<State> = start.into_iter().chain(root.iter().map(|arc| arc.to)).collect();
        let spur = start.map(|start| root.last().map_or(start, |arc| arc.to));
        let root_value = root.iter().fold(1.0, |value, arc| self.semiring.extend(value, self.graph.factor(arc, End::High).value));
        for state in spur.into_iter().chain(self.starts.iter().copied().filter(|state| start.is_none() && !used.contains(state))) {
            best.insert(state, (root_value, 0));
            heap.push((self.promise(root_value, state), Reverse((0, state))));
        }
        while let Some((promise, Reverse((hops, state)))) = heap.pop() {
            let (value, best_hops) = best[&state];
            if promise != self.promise(value, state) || hops != best_hops {
                continue;
            }
            if self.goals.contains(&state) {
                return Some(self.path(root, start, state, &parent));
            }
            for arc in self.graph.arcs_from(state) {
                let is_banned = Some(state) == spur && banned.contains(&arc);
                if is_banned || closed.contains(&arc.to) || self.starts.contains(&arc.to) {
                    continue;
                }
                let extended = self.semiring.extend(value, self.graph.factor(&arc, End::High).value);
                let label = (extended, hops + 1);
                let promise = self.promise(extended, arc.to);
                if promise > 0 && best.get(&arc.to).is_none_or(|known| label.0 > known.0 || (label.0 == known.0 && label.1 < known.1)) {
                    best.insert(arc.to, label);
                    parent.insert(arc.to, arc);
                    heap.push((promise, Reverse((hops + 1, arc.to))));
                }
            }
        }
        None
    }

    /// The best value that a path through this state may still have, as an ordered key.
    fn promise(&self, value: f64, state: State) -> u64 {
        self.semiring.extend(value, self.bound[state.index()]).to_bits()
    }

    fn path(&self, root: &[Arc], start: Option<State>, end: State, parent: &HashMap<State, Arc>) -> AttackPath {
        let mut spur = Vec::new();
        let mut at = end;
        while let Some(arc) = parent.get(&at) {
            spur.push(*arc);
            at = arc.from;
        }
        spur.reverse();
        let arcs: Vec<Arc> = root.iter().copied().chain(spur).collect();
        let value = |end: End| arcs.iter().fold(1.0, |value, arc| self.semiring.extend(value, self.graph.factor(arc, end).value));
        AttackPath { start: start.unwrap_or(at), high: value(End::High), low: value(End::Low), arcs }
    }
}
