//! Risk under edits: what one change does to every system, solved again and not estimated.

use super::attribution::criticality;
use crate::catalog::{End, Layer};
use crate::coverage::CoverageRow;
use crate::engine::{Engine, Trial};
use crate::estate::SystemIx;
use crate::graph::{Edit, ExposureGraph, Semiring, State, Witness};

/// One end of a solved estate, on which edits are tried one after the other.
pub(super) struct Retrial<'w> {
    graph: &'w ExposureGraph<'w>,
    witness: &'w Witness<'w>,
    trial: Trial<'w>,
    criticality: Vec<f64>,
    /// Per system `criticality × exposure`.
    risk: Vec<f64>,
}

/// An estate under edits, on that end.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Retried {
    /// Every state whose exposure is another, with that exposure, in order of states.
    pub(super) states: Vec<(State, f64)>,
    /// The sum of all risks, in order of system ids.
    pub(super) risk: f64,
    /// The largest risk.
    pub(super) largest: f64,
}

/// The witnesses of an estate's exposure at one end.
pub(super) fn witness<'g>(graph: &'g ExposureGraph<'g>, end: End) -> Witness<'g> {
    let seeds = graph.gap_seeds(end);
    let values = Engine::new(graph).solve(&seeds, Semiring::Product, end);
    Witness::new(graph, values, &seeds, Semiring::Product, end)
}

impl<'w> Retrial<'w> {
    /// Trials on a graph at the end that `witness` explains.
    pub(super) fn new(graph: &'w ExposureGraph<'w>, witness: &'w Witness<'w>) -> Self {
        let end = witness.end();
        let criticality: Vec<f64> = graph.estate.system_ixs().map(|system_ix| criticality(graph, system_ix, end)).collect();
        let exposure = |system_ix| graph.states_of(system_ix).map(|state| witness.value(state)).fold(0.0, f64::max);
        let risk = graph.estate.system_ixs().zip(&criticality).map(|(system_ix, weight)| weight * exposure(system_ix)).collect();
        Self { graph, witness, trial: Trial::new(graph, witness), criticality, risk }
    }

    /// The estate as it is.
    pub(super) fn unedited(&self) -> Retried {
        self.retried(Vec::new(), &[])
    }

    /// The estate under edits.
    ///
    /// # Complexity
    /// That of the trial, and one sum over all systems.
    pub(super) fn with(&mut self, edits: &[Edit<'_>]) -> Retried {
        let states = self.trial.with(edits);
        let of_systems = states.chunk_by(|(left, _), (right, _)| left.system() == right.system());
        let risks: Vec<(SystemIx, f64)> = of_systems
            .map(|changed| {
                let system_ix = changed[0].0.system();
                let mut values: [f64; Layer::COUNT] =
                    std::array::from_fn(|layer_ix| self.witness.value(State::new(system_ix, Layer::ALL[layer_ix])));
                for &(state, value) in changed {
                    values[state.layer().index()] = value;
                }
                (system_ix, self.criticality[system_ix.index()] * values.into_iter().fold(0.0, f64::max))
            })
            .collect();
        self.retried(states, &risks)
    }

    /// The estate if a system had another criticality.
    pub(super) fn with_criticality(&self, system_ix: SystemIx, criticality: f64) -> Retried {
        let exposure = self.graph.states_of(system_ix).map(|state| self.witness.value(state)).fold(0.0, f64::max);
        self.retried(Vec::new(), &[(system_ix, criticality * exposure)])
    }

    /// The edits that give systems new rows of coverage.
    pub(super) fn rows(rows: Vec<(SystemIx, CoverageRow)>) -> Vec<Edit<'static>> {
        rows.into_iter().map(|(system_ix, row)| Edit::System(system_ix, Box::new(row))).collect()
    }

    fn retried(&self, states: Vec<(State, f64)>, risks: &[(SystemIx, f64)]) -> Retried {
        let (mut sum, mut largest, mut next) = (0.0, 0.0_f64, risks.iter().peekable());
        for (system_ix, &known) in self.risk.iter().enumerate() {
            let edited = next.next_if(|(edited_ix, _)| edited_ix.index() == system_ix);
            let risk = edited.map_or(known, |&(_, risk)| risk);
            sum += risk;
            largest = largest.max(risk);
        }
        Retried { states, risk: sum, largest }
    }
}

impl Retried {
    /// The exposure of a state under the edits.
    pub(super) fn exposure(&self, witness: &Witness<'_>, state: State) -> f64 {
        match self.states.binary_search_by_key(&state, |&(changed, _)| changed) {
            Ok(at) => self.states[at].1,
            Err(_) => witness.value(state),
        }
    }
}
