//! Witnesses: for a solved exposure, the canonical path that explains each state's value.

use super::build::{Arc, ExposureGraph};
use super::semiring::Semiring;
use super::state::State;
use crate::catalog::End;
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
    /// INVARIANT (nearest first): every reached state, after all that are nearer to a seed.
    order: Vec<State>,
    /// By state its place in that order.
    places: Vec<u32>,
    /// By place.
    hops: Vec<u32>,
    forest: OnceLock<Forest>,
    /// Arcs looked at for single paths so far.
    looked_at: std::sync::Arc<AtomicUsize>,
    semiring: Semiring,
    end: End,
}

/// By place the last arc of a state's witness, and the seed that it starts from.
#[derive(Clone, Debug)]
struct Forest {
    parents: Vec<Option<Arc>>,
    origins: Vec<State>,
}

const UNREACHED: u32 = u32::MAX;

impl<'g> Witness<'g> {
    /// Prepares the witnesses of values that were solved from these seeds.
    ///
    /// # Complexity
    /// *O*(V + E).
    pub fn new(graph: &'g ExposureGraph<'g>, values: Vec<f64>, seeds: &[(State, f64)], semiring: Semiring, end: End) -> Self {
        Self::above(graph, values, seeds, semiring, end, 0.0)
    }

    /// As [`Witness::new`], of states whose value is at least `least`; the others have a value, but no path. The path into a
    /// state goes through none that has less.
    ///
    /// # Complexity
    /// *O*(V + E) of the states above.
    pub fn above(graph: &'g ExposureGraph<'g>, values: Vec<f64>, seeds: &[(State, f64)], semiring: Semiring, end: End, least: f64) -> Self {
        let mut places = vec![UNREACHED; graph.state_bound()];
        let (mut order, mut hops): (Vec<State>, Vec<u32>) = (Vec::new(), Vec::new());
        for &(state, severity) in seeds {
            if severity > 0.0
                && severity >= least
                && severity.to_bits() == values[state.index()].to_bits()
                && places[state.index()] == UNREACHED
            {
                places[state.index()] = order.len() as u32;
                order.push(state);
                hops.push(0);
            }
        }
        let mut next = 0;
        while let Some(&from) = order.get(next) {
            let (value, hop) = (values[from.index()], hops[next] + 1);
            next += 1;
            for (to, factor) in graph.successors(from, end) {
                let slot = &mut places[to.index()];
                let reached = values[to.index()];
                if *slot == UNREACHED && reached >= least && is_tight(semiring, value, factor, reached) {
                    *slot = order.len() as u32;
                    order.push(to);
                    hops.push(hop);
                }
            }
        }
        Self { graph, values, order, places, hops, forest: OnceLock::new(), looked_at: std::sync::Arc::default(), semiring, end }
    }

    /// The end that was solved.
    pub const fn end(&self) -> End {
        self.end
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
        self.place(state).map(|place| self.hops[place])
    }

    /// The place of a state in [`Witness::nearest_first`]; none if nothing reaches it.
    pub fn place(&self, state: State) -> Option<usize> {
        let place = self.places[state.index()];
        (place != UNREACHED).then_some(place as usize)
    }

    /// The arcs of the witness into a state, from the seed on; empty for a seed and for a state that nothing reaches.
    ///
    /// # Complexity
    /// The arcs into the states of the path. Whoever asks for many paths waits for the forest once, *O*(V + E), and from then
    /// on for the length of each.
    pub fn path(&self, state: State) -> Vec<Arc> {
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
        &self.order
    }

    fn forest(&self) -> &Forest {
        self.forest.get_or_init(|| {
            let mut forest = Forest { parents: vec![None; self.order.len()], origins: self.order.clone() };
            for (place, &from) in self.order.iter().enumerate() {
                // Every arc into this state comes from a nearer one and has been seen, so its parent is decided.
                if let Some(origin) = forest.parents[place].and_then(|parent| self.place(parent.from)).map(|place| forest.origins[place]) {
                    forest.origins[place] = origin;
                }
                let (value, hop) = (self.value(from), self.hops[place] + 1);
                for (arc, factor) in self.graph.weighted_arcs_from(from, self.end) {
                    let Some(to) = self.place(arc.to).filter(|&to| self.hops[to] == hop) else { continue };
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
