//! Posture: exposure and risk of every system, and the estate's score. The weakest link is the score.

use crate::catalog::{BasisPoints, End, Interval, Layer, Published};
use crate::engine::Engine;
use crate::estate::SystemIx;
use crate::graph::{ExposureGraph, Semiring, State, Witness};

/// Exposure and risk of an estate.
#[derive(Clone, Debug)]
pub struct Posture<'g> {
    /// `100 × (1 − largest risk)`, rounded down, at both ends.
    pub posture: Published<u8>,
    /// The sum of all risks; never averaged.
    pub risk_points: Interval,
    /// Every system, in order of ids.
    pub systems: Vec<SystemPosture>,
    exposure_low: Vec<f64>,
    witness: Witness<'g>,
}

/// Exposure and risk of a system.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct SystemPosture {
    /// The system.
    pub system: SystemIx,
    /// Its weight.
    pub criticality: Interval,
    /// The largest exposure of its layers: `max(own, inherited)`.
    pub exposure: Interval,
    /// Its own largest severity.
    pub own: Interval,
    /// What it would be exposed to without gaps of its own, every factor as it is.
    pub inherited: Interval,
    /// `criticality × exposure`.
    pub risk: Interval,
    /// Its most exposed layer on the high end; of equal ones that with the highest low end, then the lowest layer.
    pub worst: State,
}

impl SystemPosture {
    /// The order in which systems are told: by published risk, then the smaller id.
    pub fn worse_first(&self, other: &Self) -> std::cmp::Ordering {
        let (own, others) = (Published::<BasisPoints>::of(self.risk), Published::<BasisPoints>::of(other.risk));
        others.high.cmp(&own.high).then(others.low.cmp(&own.low)).then(self.system.cmp(&other.system))
    }
}

/// Returns exposure and risk of every system, and the estate's posture.
///
/// # Complexity
/// *O*((V + E) log V), two passes that leave every state at most twice.
///
/// # Source
/// Specification, section 6.
pub fn posture<'g>(graph: &'g ExposureGraph<'g>) -> Posture<'g> {
    posture_by(graph, &Engine::new(graph))
}

/// As [`posture`], with the graph packed already.
pub(super) fn posture_by<'g>(graph: &'g ExposureGraph<'g>, engine: &Engine) -> Posture<'g> {
    // The two ends are independent; two threads halve the wait and change no bit.
    let ((low, others_low), (high, others_high)) =
        engine.search_twice(|| exposures(graph, engine, End::Low), || exposures(graph, engine, End::High));
    let systems: Vec<SystemPosture> =
        graph.estate.system_ixs().map(|system_ix| system_posture(graph, system_ix, (&low, &high), (&others_low, &others_high))).collect();
    let largest = systems.iter().fold(Interval::ZERO, |largest, system| largest.max(system.risk));
    let risk_points =
        systems.iter().fold(Interval::ZERO, |sum, system| Interval::new(sum.low + system.risk.low, sum.high + system.risk.high));
    let witness = Witness::new(graph, high, &graph.gap_seeds(End::High), Semiring::Product, End::High);
    Posture { posture: score(Published::of(largest)), risk_points, systems, exposure_low: low, witness }
}

impl Posture<'_> {
    /// The exposure of a state.
    pub fn exposure(&self, state: State) -> Interval {
        Interval::new(self.exposure_low[state.index()], self.witness.value(state))
    }

    /// The witnesses of the high end.
    pub fn witness(&self) -> &Witness<'_> {
        &self.witness
    }
}

/// The posture of an estate by its largest risk.
pub(super) fn score(largest_risk: Published<BasisPoints>) -> Published<u8> {
    Published { low: score_of(largest_risk.high), high: score_of(largest_risk.low) }
}

/// `floor((10000 − bp(risk)) / 100)`, in integers.
pub(super) fn score_of(risk: BasisPoints) -> u8 {
    ((10_000 - risk.0) / 100) as u8
}

/// The exposure of every state, and for every system that which comes from gaps of other systems.
///
/// The best label of a state is what a search for the exposure alone would find.
fn exposures(graph: &ExposureGraph<'_>, engine: &Engine, end: End) -> (Vec<f64>, Vec<f64>) {
    let seeds: Vec<(State, f64, u32)> =
        graph.gap_seeds(end).into_iter().map(|(state, severity)| (state, severity, state.system().0)).collect();
    let mut exposures = vec![0.0; graph.state_bound()];
    let mut others = vec![0.0; graph.estate.systems().len()];
    engine.solve_two_best(&seeds, end, |system_ix, labels| {
        let first = State::new(system_ix, Layer::Physical).index();
        for (exposure, labels) in exposures[first..].iter_mut().zip(labels) {
            *exposure = labels.values[0];
        }
        others[system_ix.index()] = labels.iter().map(|labels| labels.without(system_ix.0)).fold(0.0, f64::max);
    });
    (exposures, others)
}

/// The exposure of a system over all its layers, and its most exposed layer on the high end; of equal ones that with the
/// highest low end, then the lowest layer.
pub(super) fn most_exposed(graph: &ExposureGraph<'_>, system_ix: SystemIx, low: &[f64], high: &[f64]) -> (Interval, State) {
    let mut exposure = Interval::ZERO;
    let mut worst = State::new(system_ix, Layer::Physical);
    let rank = |state: State| (high[state.index()], low[state.index()]);
    for state in graph.states_of(system_ix) {
        if rank(state) > rank(worst) {
            worst = state;
        }
        exposure = Interval::new(exposure.low.max(low[state.index()]), exposure.high.max(high[state.index()]));
    }
    (exposure, worst)
}

fn system_posture(
    graph: &ExposureGraph<'_>,
    system_ix: SystemIx,
    (low, high): (&[f64], &[f64]),
    others: (&[f64], &[f64]),
) -> SystemPosture {
    let (exposure, worst) = most_exposed(graph, system_ix, low, high);
    let own = graph.states_of(system_ix).fold(Interval::ZERO, |own, state| {
        Interval::new(own.low.max(graph.severity(state, End::Low)), own.high.max(graph.severity(state, End::High)))
    });
    let criticality = graph.policy.criticality(graph.estate.criticality(system_ix));
    SystemPosture {
        system: system_ix,
        criticality,
        exposure,
        own,
        inherited: Interval::new(others.0[system_ix.index()], others.1[system_ix.index()]),
        risk: criticality.times(exposure),
        worst,
    }
}
