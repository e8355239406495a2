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
    distances: OnceLock<Distances>,
    forest: OnceLock<Forest>,
    /// Arcs looked at for single paths so far.
    looked_at: std::sync::Arc<AtomicUsize>,
    semiring: Semiring,
    end: End,
}

/// How far every state is from the nearest seed, over tight arcs.
#[derive(Clone, Debug)]
struct Distances {
    /// INVARIANT (nearest first): every reached state, after all that are nearer to a seed.
    order: Vec<State>,
    /// By state its place in that order.
    places: Vec<u32>,
    /// By place.
    hops: Vec<u32>,
}

/// By place the last arc of a state's witness, and the seed that it starts from.
#[derive(Clone, Debug)]
struct Forest {
    parents: Vec<Option<Arc>>,
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
        let (distances, forest, looked_at) = (OnceLock::new(), OnceLock::new(), std::sync::Arc::default());
        Self { graph, values, seeds, least, distances, forest, looked_at, semiring, end }
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
        self.place(state).map(|place| self.distances().hops[place])
    }

    /// The place of a state in [`Witness::nearest_first`]; none if nothing reaches it.
    pub fn place(&self, state: State) -> Option<usize> {
        let place = self.distances().places[state.index()];
        (place != UNREACHED).then_some(place as usize)
    }

    /// The arcs of the witness into a state, from the seed on; empty for a seed and for a state that nothing reaches.
    ///
    /// # Complexity
    /// The arcs on tight paths into the state that are as short. Whoever asks for many paths waits for all distances and the
    /// forest once, *O*(V + E), and from then on for the length of each.
    pub fn path(&self, state: State) -> Vec<Arc> {
        let is_worth_all = self.distances.get().is_some() || self.looked_at.load(Ordering::Relaxed) > self.graph.state_bound();
        if let Some(arcs) = (!is_worth_all).then(|| self.nearby(state)).flatten() {
            return arcs;
        }
        let mut arcs: Vec<Arc> = std::iter::successors(self.last_arc(state), |arc| self.last_arc(arc.from)).collect();
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

    /// The same path as by all distances, from the state backwards; none if that takes too long.
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

    /// The last arc of a witness, without the forest as long as it is not worth it.
    fn last_arc(&self, state: State) -> Option<Arc> {
        if self.forest.get().is_some() || self.looked_at.load(Ordering::Relaxed) > self.graph.state_bound() {
            return self.parent(state);
        }
        let before = self.hops(state)?.checked_sub(1)?;
        let mut looked_at = self.graph.incident(state.system()).len();
        let tight = self.graph.weighted_arcs_to(state, self.end).inspect(|_| looked_at += 1).filter(|&(arc, factor)| {
            self.hops(arc.from) == Some(before) && is_tight(self.semiring, self.value(arc.from), factor, self.value(state))
        });
        let last = tight.map(|(arc, _)| arc).min_by(|left, right| rank(left).cmp(&rank(right)));
        self.looked_at.fetch_add(looked_at, Ordering::Relaxed);
        last
    }

    /// The last arc of the witness into a state; none for a seed and for a state that nothing reaches.
    pub fn parent(&self, state: State) -> Option<Arc> {
        self.place(state).and_then(|place| self.forest().parents[place])
    }

    /// Every state that is reached, each after all that have fewer hops.
    pub fn nearest_first(&self) -> &[State] {
        &self.distances().order
    }

    fn distances(&self) -> &Distances {
        self.distances.get_or_init(|| {
            let mut places = vec![UNREACHED; self.graph.state_bound()];
            let mut order = self.seeds.clone();
            let mut hops = vec![0; order.len()];
            for (&seed, place) in order.iter().zip(0..) {
                places[seed.index()] = place;
            }
            let mut next = 0;
            while let Some(&from) = order.get(next) {
                let (value, hop) = (self.value(from), hops[next] + 1);
                next += 1;
                for (to, factor) in self.graph.successors(from, self.end) {
                    let (slot, reached) = (&mut places[to.index()], self.values[to.index()]);
                    if *slot == UNREACHED && reached >= self.least && is_tight(self.semiring, value, factor, reached) {
                        *slot = order.len() as u32;
                        order.push(to);
                        hops.push(hop);
                    }
                }
            }
            Distances { order, places, hops }
        })
    }

    fn forest(&self) -> &Forest {
        self.forest.get_or_init(|| {
            let Distances { order, hops, .. } = self.distances();
            let mut forest = Forest { parents: vec![None; order.len()], origins: order.clone() };
            for (place, &from) in order.iter().enumerate() {
                // Every arc into this state comes from a nearer one and has been seen, so its parent is decided.
                if let Some(origin) = forest.parents[place].and_then(|parent| self.place(parent.from)).map(|place| forest.origins[place]) {
                    forest.origins[place] = origin;
                }
                let (value, hop) = (self.value(from), hops[place] + 1);
                for (arc, factor) in self.graph.weighted_arcs_from(from, self.end) {
                    let Some(to) = self.place(arc.to).filter(|&to| hops[to] == hop) else { continue };
                    if is_tight(self.semiring, value, factor, self.value(arc.to))
                        && forest.parents[to].is_none_or(|parent| rank(&arc) < rank(&parent))
                    {
                        forest.parents[to] = Some(arc);
                    }
                }
            }
            forest
        })
    }
}

/// Of the tight arcs into a state the one of the smallest rank is its parent.
fn rank(arc: &Arc) -> impl Ord + use<> {
    (arc.from, arc.connection, arc.rule)
}

fn is_tight(semiring: Semiring, value: f64, factor: f64, reached: f64) -> bool {
    reached > 0.0 && semiring.extend(value, factor).to_bits() == reached.to_bits()
}
