//! The k best paths between two targets.

use super::Target;
use crate::catalog::End;
use crate::graph::{Arc, ExposureGraph, Semiring, State, solve_reverse};
use std::cmp::{Ordering, Reverse};
use std::collections::{BinaryHeap, HashSet};

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
/// One reverse search. Every path but the first costs the arcs that leave the states of the path before it, and one
/// goal-directed search for every deviation from a found path that the reverse search does not show to be worse.
///
/// # Source
/// Yen, *Finding the k shortest loopless paths in a network* (1971), with Lawler's partition (1972); the searches are
/// guided by the exact values of the reversed graph, which also say which of them can wait.
pub fn best_paths(graph: &ExposureGraph<'_>, from: Target, to: Target, semiring: Semiring, count: usize) -> Vec<AttackPath> {
    let mut search = Search::new(graph, from, to, semiring);
    let mut found: Vec<AttackPath> = Vec::new();
    let mut candidates: BinaryHeap<Candidate> = BinaryHeap::new();
    candidates.extend(search.best(&[], None, &HashSet::new(), &HashSet::new()).map(|path| Candidate::Path { path, deviation: 0 }));
    while found.len() < count
        && let Some(best) = candidates.pop()
    {
        match best {
            Candidate::Path { path, deviation } => {
                found.push(path);
                if found.len() < count {
                    candidates.extend(search.deviations(&found, deviation));
                }
            }
            Candidate::Deviation { of, position, .. } => {
                let path = search.deviate(&found, of, position);
                candidates.extend(path.map(|path| Candidate::Path { path, deviation: position }));
            }
        }
    }
    found
}

/// What the next best path may be, or may come of. The greatest is to be looked at first.
#[derive(Clone, Debug, PartialEq)]
enum Candidate {
    /// The best path of one part of what is left, and where it left the path that it deviates from; earlier positions
    /// are covered by others.
    Path { path: AttackPath, deviation: usize },
    /// A part of what is left that is not searched yet: the paths that leave found path number `of` at `position`. None
    /// is better than `bound`.
    Deviation { bound: f64, of: usize, position: usize },
}

impl Candidate {
    fn value(&self) -> f64 {
        match self {
            Self::Path { path, .. } => path.high,
            Self::Deviation { bound, .. } => *bound,
        }
    }
}

impl Ord for Candidate {
    /// By value; a deviation that may be as good as a path is searched first. Then fewer arcs, then the smaller states,
    /// connections and rules.
    fn cmp(&self, other: &Self) -> Ordering {
        let by_value = self.value().total_cmp(&other.value());
        by_value.then_with(|| match (self, other) {
            (Self::Deviation { of, position, .. }, Self::Deviation { of: other_of, position: other_position, .. }) => {
                (other_of, other_position).cmp(&(of, position))
            }
            (Self::Deviation { .. }, Self::Path { .. }) => Ordering::Greater,
            (Self::Path { .. }, Self::Deviation { .. }) => Ordering::Less,
            (Self::Path { path, .. }, Self::Path { path: other, .. }) => {
                let rank = |arc: &Arc| (arc.to, arc.connection, arc.rule);
                let fewer = (other.arcs.len(), other.start).cmp(&(path.arcs.len(), path.start));
                fewer.then_with(|| other.arcs.iter().map(rank).cmp(path.arcs.iter().map(rank)))
            }
        })
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Candidate {}

struct Search<'a> {
    graph: &'a ExposureGraph<'a>,
    semiring: Semiring,
    /// For every state the value of the best path into a goal.
    bound: Vec<f64>,
    starts: Vec<State>,
    is_start: Vec<bool>,
    is_goal: Vec<bool>,
    labels: Vec<Label>,
    /// The number of the search that runs; labels of others are void.
    run: u32,
}

/// What one search knows of a state.
#[derive(Copy, Clone, Debug)]
struct Label {
    run: u32,
    value: f64,
    hops: u32,
    parent: Option<Arc>,
    /// Visited by the root already.
    is_closed: bool,
}

const VOID: Label = Label { run: 0, value: 0.0, hops: 0, parent: None, is_closed: false };

impl<'a> Search<'a> {
    fn new(graph: &'a ExposureGraph<'a>, from: Target, to: Target, semiring: Semiring) -> Self {
        let mut is_goal = vec![false; graph.state_bound()];
        let goals = to.states(graph);
        for goal in &goals {
            is_goal[goal.index()] = true;
        }
        let mut is_start = vec![false; graph.state_bound()];
        let starts: Vec<State> = from.states(graph).into_iter().filter(|state| !is_goal[state.index()]).collect();
        for start in &starts {
            is_start[start.index()] = true;
        }
        let seeds: Vec<(State, f64)> = goals.into_iter().map(|state| (state, 1.0)).collect();
        let bound = solve_reverse(graph, &seeds, semiring, End::High);
        Self { graph, semiring, bound, starts, is_start, is_goal, labels: vec![VOID; graph.state_bound()], run: 0 }
    }

    /// The parts into which everything but the last found path itself is left to be searched, from its position
    /// `deviation` on; those that hold no path are left out.
    ///
    /// Position 0 deviates in the start itself, position i + 1 in what leaves the state after i arcs.
    fn deviations(&self, found: &[AttackPath], deviation: usize) -> Vec<Candidate> {
        let Some((path, others)) = found.split_last() else { return Vec::new() };
        let of = others.len();
        let mut deviations = Vec::new();
        if deviation == 0 {
            let used: HashSet<State> = found.iter().map(|other| other.start).collect();
            let unused = self.starts.iter().filter(|start| !used.contains(start));
            deviations.push((unused.map(|start| self.at_most(1.0, *start)).fold(0.0, f64::max), 0));
        }
        // How many first arcs the others share.
        let shared: Vec<(&AttackPath, usize)> = others
            .iter()
            .filter(|other| other.start == path.start)
            .map(|other| (other, other.arcs.iter().zip(&path.arcs).take_while(|(own, others)| own == others).count()))
            .collect();
        let mut visited = HashSet::from([path.start]);
        let mut value = 1.0;
        for (arcs, arc) in path.arcs.iter().enumerate() {
            if arcs + 1 >= deviation {
                let is_used = |leaving: &Arc| {
                    leaving == arc || shared.iter().any(|&(other, shared)| shared >= arcs && other.arcs.get(arcs) == Some(leaving))
                };
                let best = self
                    .graph
                    .weighted_arcs_from(arc.from, End::High)
                    .filter(|(leaving, _)| !self.is_start[leaving.to.index()] && !visited.contains(&leaving.to) && !is_used(leaving))
                    .map(|(leaving, factor)| self.at_most(self.semiring.extend(value, factor), leaving.to))
                    .fold(0.0, f64::max);
                deviations.push((best, arcs + 1));
            }
            visited.insert(arc.to);
            value = self.semiring.extend(value, self.graph.factor(arc, End::High).value);
        }
        deviations.retain(|&(bound, _)| bound > 0.0);
        deviations.into_iter().map(|(bound, position)| Candidate::Deviation { bound, of, position }).collect()
    }

    /// A bound on the value of every path that comes to a state with this value.
    fn at_most(&self, value: f64, state: State) -> f64 {
        let best = self.bound[state.index()];
        match self.semiring {
            // The rest of the path was multiplied from the other end; a millionth is more than its rounding.
            Semiring::Product if best < 1.0 => value * best * 1.000_001,
            semiring => semiring.extend(value, best),
        }
    }

    /// The best path that leaves found path number `of` at this position, by an arc that no found path takes there.
    fn deviate(&mut self, found: &[AttackPath], of: usize, position: usize) -> Option<AttackPath> {
        let path = &found[of];
        let Some(arcs) = position.checked_sub(1) else {
            let used: HashSet<State> = found.iter().map(|other| other.start).collect();
            return self.best(&[], None, &HashSet::new(), &used);
        };
        let root = &path.arcs[..arcs];
        let alike = found.iter().filter(|other| other.start == path.start && other.arcs.starts_with(root));
        let banned: HashSet<Arc> = alike.filter_map(|other| other.arcs.get(arcs)).copied().collect();
        self.best(root, Some(path.start), &banned, &HashSet::new())
    }

    /// The best path that begins with `root` and continues with an arc that is not `banned`; without a start, from
    /// any start that is not `used`.
    fn best(&mut self, root: &[Arc], start: Option<State>, banned: &HashSet<Arc>, used: &HashSet<State>) -> Option<AttackPath> {
        self.run += 1;
        let run = self.run;
        for state in start.into_iter().chain(root.iter().map(|arc| arc.to)) {
            self.labels[state.index()] = Label { run, is_closed: true, ..VOID };
        }
        let mut heap: BinaryHeap<(u64, Reverse<(u32, State)>)> = BinaryHeap::new();
        let spur = start.map(|start| root.last().map_or(start, |arc| arc.to));
        let root_value = root.iter().fold(1.0, |value, arc| self.semiring.extend(value, self.graph.factor(arc, End::High).value));
        let begins = spur.into_iter().chain(self.starts.iter().copied().filter(|state| start.is_none() && !used.contains(state)));
        for state in begins {
            let label = &mut self.labels[state.index()];
            let is_closed = label.run == run && label.is_closed;
            *label = Label { run, value: root_value, hops: 0, parent: None, is_closed };
            heap.push((promise(self.semiring, root_value, self.bound[state.index()]), Reverse((0, state))));
        }
        while let Some((promised, Reverse((hops, state)))) = heap.pop() {
            let Label { value, hops: best_hops, .. } = self.labels[state.index()];
            if promised != promise(self.semiring, value, self.bound[state.index()]) || hops != best_hops {
                continue;
            }
            if self.is_goal[state.index()] {
                return Some(self.path(root, start, state));
            }
            for (arc, factor) in self.graph.weighted_arcs_from(state, End::High) {
                let to = arc.to.index();
                let label = &mut self.labels[to];
                let is_known = label.run == run;
                if (is_known && label.is_closed) || self.is_start[to] || (Some(state) == spur && banned.contains(&arc)) {
                    continue;
                }
                let extended = self.semiring.extend(value, factor);
                let promised = promise(self.semiring, extended, self.bound[to]);
                let is_better = !is_known || extended > label.value || (extended == label.value && hops + 1 < label.hops);
                if promised > 0 && is_better {
                    *label = Label { run, value: extended, hops: hops + 1, parent: Some(arc), is_closed: false };
                    heap.push((promised, Reverse((hops + 1, arc.to))));
                }
            }
        }
        None
    }

    fn path(&self, root: &[Arc], start: Option<State>, end: State) -> AttackPath {
        let mut spur: Vec<Arc> =
            std::iter::successors(self.labels[end.index()].parent, |arc| self.labels[arc.from.index()].parent).collect();
        spur.reverse();
        let start = start.unwrap_or_else(|| spur.first().map_or(end, |arc| arc.from));
        let arcs: Vec<Arc> = root.iter().copied().chain(spur).collect();
        let value = |end: End| arcs.iter().fold(1.0, |value, arc| self.semiring.extend(value, self.graph.factor(arc, end).value));
        AttackPath { start, high: value(End::High), low: value(End::Low), arcs }
    }
}

/// The best value that a path through a state may still have, as an ordered key.
fn promise(semiring: Semiring, value: f64, bound: f64) -> u64 {
    semiring.extend(value, bound).to_bits()
}
