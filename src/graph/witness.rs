//! Witnesses: for a solved exposure, the canonical path that explains each state's value.

use super::build::{Arc, ExposureGraph};
use super::semiring::Semiring;
use super::state::State;
use crate::catalog::End;
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The canonical path into every state of a solved exposure.
///
/// An arc is tight if extending its source's value by its factor gives its destination's value bit for bit. Hops
/// count all arcs of the shortest tight path; the parent is the smallest tight arc by (source state, connection,
/// rule). All paths together are a forest whose roots are seeds; it is made when much of it is asked for.
///
/// # Source
/// Specification, section 9.
#[derive(Clone, Debug)]
pub struct Witness<'g> {
    graph: &'g ExposureGraph<'g>,
    values: Vec<f64>,
    /// The states that witnesses start from, in ascending order.
    seeds: Vec<State>,
    /// The least value of a state that has a path.
    least: f64,
    forest: OnceLock<Forest>,
    /// Arcs looked at for single paths so far.
    looked_at: std::sync::Arc<AtomicUsize>,
    semiring: Semiring,
    end: End,
}

/// The canonical paths into all states at once.
#[derive(Clone, Debug)]
struct Forest {
    /// INVARIANT (nearest first): every reached state, after all that are nearer to a seed.
    order: Vec<State>,
    /// By state its place in that order.
    places: Vec<u32>,
    /// By place the number of arcs of a state's witness.
    hops: Vec<u32>,
    /// By place the last of them; none at a seed.
    parents: Vec<Option<Arc>>,
    /// By place the seed that it starts from.
    origins: Vec<State>,
}

const UNREACHED: u32 = u32::MAX;

impl<'g> Witness<'g> {
    /// The witnesses of values that were solved from these seeds. Nothing is looked for before it is asked for.
    pub fn new(graph: &'g ExposureGraph<'g>, values: Vec<f64>, seeds: &[(State, f64)], semiring: Semiring, end: End) -> Self {
        Self::above(graph, values, seeds, semiring, end, 0.0)
    }

    /// As [`Witness::new`], of states whose value is at least `least`; the others have a value, but no path. The path into a
    /// state goes through none that has less.
    pub fn above(graph: &'g ExposureGraph<'g>, values: Vec<f64>, seeds: &[(State, f64)], semiring: Semiring, end: End, least: f64) -> Self {
        let starts = |&&(state, severity): &&(State, f64)| {
            severity > 0.0 && severity >= least && severity.to_bits() == values[state.index()].to_bits()
        };
        let mut seeds: Vec<State> = seeds.iter().filter(starts).map(|&(state, _)| state).collect();
        seeds.sort_unstable();
        seeds.dedup();
        Self { graph, values, seeds, least, forest: OnceLock::new(), looked_at: std::sync::Arc::default(), semiring, end }
    }

    /// The end that was solved.
    pub const fn end(&self) -> End {
        self.end
    }

    /// The states that witnesses start from, in ascending order.
    pub fn seeds(&self) -> &[State] {
        &self.seeds
    }

    /// The exposure of a state at that end.
    pub fn value(&self, state: State) -> f64 {
        self.values[state.index()]
    }

    /// The most exposed of some states, the first of equal ones; none if nothing reaches any.
    pub fn worst(&self, states: impl IntoIterator<Item = State>) -> Option<State> {
        let worse = |worst: State, state: State| if self.value(state) > self.value(worst) { state } else { worst };
        states.into_iter().reduce(worse).filter(|&worst| self.value(worst) > 0.0)
    }

    /// The number of arcs of the witness; none if nothing reaches the state.
    pub fn hops(&self, state: State) -> Option<u32> {
        self.place(state).map(|place| self.forest().hops[place])
    }

    /// The place of a state in [`Witness::nearest_first`]; none if nothing reaches it.
    pub fn place(&self, state: State) -> Option<usize> {
        let place = self.forest().places[state.index()];
        (place != UNREACHED).then_some(place as usize)
    }

    /// The arcs of the witness into a state, from the seed on; empty for a seed and for a state that nothing reaches.
    ///
    /// # Complexity
    /// The arcs on tight paths into the state that are as short. Whoever asks for many paths waits for the forest once,
    /// *O*(V + E), and from then on for the length of each.
    pub fn path(&self, state: State) -> Vec<Arc> {
        let is_worth_all = self.forest.get().is_some() || self.looked_at.load(Ordering::Relaxed) > self.graph.state_bound();
        if let Some(arcs) = (!is_worth_all).then(|| self.nearby(state)).flatten() {
            return arcs;
        }
        let mut arcs: Vec<Arc> = std::iter::successors(self.parent(state), |arc| self.parent(arc.from)).collect();
        arcs.reverse();
        arcs
    }

    /// The seed that the witness into a state starts from; the state itself if nothing reaches it.
    pub fn origin(&self, state: State) -> State {
        match self.forest.get() {
            Some(forest) => self.place(state).map_or(state, |place| forest.origins[place]),
            None => self.path(state).first().map_or(state, |arc| arc.from),
        }
    }

    /// The same path as by the forest, from the state backwards; none if that takes too long.
    ///
    /// A step back leads to all states that are one tight arc further away, until one of them is a seed. On a shortest path
    /// every state is as far from the seeds as is left, so that of the arcs that were found those count which such states
    /// leave.
    fn nearby(&self, state: State) -> Option<Vec<Arc>> {
        if self.value(state) <= 0.0 || self.value(state) < self.least {
            return Some(Vec::new());
        }
        let mut looked_at = 0;
        let mut seen: HashSet<State, foldhash::fast::FixedState> = std::iter::once(state).collect();
        // Per step the arcs into the states that were found in the one before.
        let mut steps: Vec<Vec<Arc>> = Vec::new();
        let mut front = vec![state];
        let mut on_path: HashSet<State, foldhash::fast::FixedState> = HashSet::default();
        loop {
            on_path.extend(front.iter().copied().filter(|state| self.seeds.binary_search(state).is_ok()));
            if !on_path.is_empty() || front.is_empty() {
                break;
            }
            let mut arcs = Vec::new();
            for &to in &front {
                looked_at += self.graph.incident(to.system()).len();
                for (arc, factor) in self.graph.weighted_arcs_to(to, self.end).inspect(|_| looked_at += 1) {
                    if !seen.contains(&arc.from) && is_tight(self.semiring, self.value(arc.from), factor, self.value(to)) {
                        arcs.push(arc);
                    }
                }
                if self.looked_at.load(Ordering::Relaxed) + looked_at > self.graph.state_bound() {
                    self.looked_at.fetch_add(looked_at, Ordering::Relaxed);
                    return None;
                }
            }
            front = arcs.iter().map(|arc| arc.from).filter(|&from| seen.insert(from)).collect();
            steps.push(arcs);
        }
        self.looked_at.fetch_add(looked_at, Ordering::Relaxed);
        let mut parents: HashMap<State, Arc, foldhash::fast::FixedState> = HashMap::default();
        for arcs in steps.iter().rev() {
            let from_path: Vec<&Arc> = arcs.iter().filter(|arc| on_path.contains(&arc.from)).collect();
            for arc in &from_path {
                let parent = parents.entry(arc.to).or_insert(**arc);
                if rank(arc) < rank(parent) {
                    *parent = **arc;
                }
            }
            on_path = from_path.into_iter().map(|arc| arc.to).collect();
        }
        let mut arcs: Vec<Arc> = std::iter::successors(parents.get(&state), |arc| parents.get(&arc.from)).copied().collect();
        arcs.reverse();
        Some(arcs)
    }

    /// The last arc of the witness into a state; none for a seed and for a state that nothing reaches.
    pub fn parent(&self, state: State) -> Option<Arc> {
        self.place(state).and_then(|place| self.parent_at(place))
    }

    /// The same of the state at a place in [`Witness::nearest_first`].
    pub fn parent_at(&self, place: usize) -> Option<Arc> {
        self.forest().parents[place]
    }

    /// Every state that is reached, each after all that have fewer hops.
    pub fn nearest_first(&self) -> &[State] {
        &self.forest().order
    }

    fn forest(&self) -> &Forest {
        self.forest.get_or_init(|| {
            let has_path = |value: &&f64| **value > 0.0 && **value >= self.least;
            let mut forest = Forest::with_room(self.graph.state_bound(), self.values.iter().filter(has_path).count());
            for &seed in &self.seeds {
                forest.push(seed, 0, None);
            }
            let mut next = 0;
            while let Some(&from) = forest.order.get(next) {
                // Every arc into this state comes from a nearer one and has been seen, so its parent is decided.
                if let Some(parent) = forest.parents[next] {
                    forest.origins[next] = forest.origins[forest.places[parent.from.index()] as usize];
                }
                let (value, hop) = (self.value(from), forest.hops[next] + 1);
                next += 1;
                for (arc, factor) in self.graph.weighted_arcs_from(from, self.end) {
                    let reached = self.value(arc.to);
                    if reached >= self.least && is_tight(self.semiring, value, factor, reached) {
                        forest.offer(arc, hop);
                    }
                }
            }
            forest
        })
    }
}

impl Forest {
    /// An empty forest of so many states, with room for those that have a path.
    fn with_room(states: usize, reached: usize) -> Self {
        Self {
            order: Vec::with_capacity(reached),
            places: vec![UNREACHED; states],
            hops: Vec::with_capacity(reached),
            parents: Vec::with_capacity(reached),
            origins: Vec::with_capacity(reached),
        }
    }

    fn push(&mut self, state: State, hops: u32, parent: Option<Arc>) {
        self.places[state.index()] = self.order.len() as u32;
        self.order.push(state);
        self.hops.push(hops);
        self.parents.push(parent);
        self.origins.push(state);
    }

    /// Takes in a tight arc into a state that is then so many hops away; the arcs of nearer states come first.
    fn offer(&mut self, arc: Arc, hop: u32) {
        let place = self.places[arc.to.index()];
        if place == UNREACHED {
            self.push(arc.to, hop, Some(arc));
        } else if self.hops[place as usize] == hop {
            let parent = &mut self.parents[place as usize];
            if parent.is_none_or(|parent| rank(&arc) < rank(&parent)) {
                *parent = Some(arc);
            }
        }
    }
}

/// Of the tight arcs into a state the one of the smallest rank is its parent.
fn rank(arc: &Arc) -> impl Ord + use<> {
    (arc.from, arc.connection, arc.rule)
}

fn is_tight(semiring: Semiring, value: f64, factor: f64, reached: f64) -> bool {
    reached > 0.0 && semiring.extend(value, factor).to_bits() == reached.to_bits()
}
