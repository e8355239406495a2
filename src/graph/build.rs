//! The exposure graph: states, the arcs between them, and the factor of every arc.
//!
//! Arcs are not stored. The graph keeps one small record per state, connection and system, and derives an arc and its
//! factor from them and the transfer table when it is asked, so that memory grows with the estate and not with the
//! eleven-fold product of it.

use super::records::{LayerRecord, LinkRecord, Records, Standing, Standings, barrier, remaining};
use super::state::State;
use super::transfer::{RuleIx, Step, TransferRule, TransferTable, Travel, Way};
use crate::catalog::{ConnectionKind, End, Interval, Layer, Policy, Profile};
use crate::coverage::{Coverage, LayerCoverage};
use crate::estate::{Connection, ConnectionIx, Estate, SystemIx};
use sha2::{Digest, Sha256};

/// How exposure moves through an estate: states, arcs and factors.
#[derive(Clone, Debug)]
pub struct ExposureGraph<'e> {
    /// The estate.
    pub estate: &'e Estate,
    /// Its coverage.
    pub coverage: &'e Coverage,
    /// The policy that the arcs come from.
    pub policy: &'e Policy,
    table: TransferTable,
    pub(super) layer_records: Records<LayerRecord>,
    /// Per system and layer the number of its record.
    pub(super) layers: Vec<[u16; Layer::COUNT]>,
    pub(super) link_records: Records<LinkRecord>,
    /// Per connection the number of its record.
    pub(super) links: Vec<u32>,
    /// Whether any edit was made, undone ones included.
    pub(super) is_edited: bool,
}

/// An arc: exposure may move from one state to another.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Arc {
    /// Where exposure comes from.
    pub from: State,
    /// Where it goes.
    pub to: State,
    /// By which rule.
    pub rule: RuleIx,
    /// Over which connection; none inside a system.
    pub connection: Option<ConnectionIx>,
}

/// One end of a connection, as seen from a system.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Incidence {
    pub(crate) connection: ConnectionIx,
    pub(crate) other: SystemIx,
    /// How the connection is travelled when exposure leaves this system.
    pub(crate) outward: Travel,
}

/// The parts of an arc's factor at one end: `factor = level × max(floor, (resistance × barrier) × detection)`.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Factor {
    /// The rule's level.
    pub level: f64,
    /// What the destination lets through.
    pub resistance: f64,
    /// What the connection's controls let through; 1 inside a system.
    pub barrier: f64,
    /// What the source's monitoring lets through; 1 inside a system.
    pub detection: f64,
    /// The product, with the floor.
    pub value: f64,
}

impl<'e> ExposureGraph<'e> {
    /// The exposure graph of an estate.
    ///
    /// # Complexity
    /// *O*(systems × layers + connections) in time and memory.
    ///
    /// # Source
    /// Specification, section 4.
    pub fn build(estate: &'e Estate, coverage: &'e Coverage, policy: &'e Policy) -> Self {
        let alike = estate.alike();
        let mut link_records = Records::default();
        let of = |&connection_ix: &ConnectionIx| link_records.number(LinkRecord::of(estate.connection(connection_ix), policy));
        let numbers: Vec<u32> = alike.connection_samples().iter().map(of).collect();
        let links = alike.connections().iter().map(|&number| numbers[number as usize]).collect();
        let table = TransferTable::new(policy);
        // Number 0, which engines count on.
        let mut layer_records = Records::default();
        layer_records.number(LayerRecord::ABSENT);
        let of = |record: Option<&LayerCoverage>| layer_number(&mut layer_records, LayerRecord::of(record, policy));
        let numbers: Vec<u16> = coverage.records().map(of).collect();
        let layers = coverage.numbers().iter().map(|row| row.map(|number| numbers[number as usize])).collect();
        Self { estate, coverage, policy, table, layer_records, layers, link_records, links, is_edited: false }
    }

    pub(super) fn layer(&self, state: State) -> &LayerRecord {
        self.layer_records.get(self.layers[state.system().index()][state.layer().index()].into())
    }

    /// What traversal needs to know of a connection.
    pub(crate) fn link(&self, connection_ix: ConnectionIx) -> &LinkRecord {
        self.link_records.get(self.links[connection_ix.index()])
    }

    /// What the monitoring of a system lets through on the way out.
    fn detection(&self, system_ix: SystemIx) -> Interval {
        self.layer(State::new(system_ix, Layer::Monitoring)).detection
    }

    /// The number of slots for states, those of layers that do not exist included.
    pub fn state_bound(&self) -> usize {
        self.layers.len() * Layer::COUNT
    }

    /// Every state, in order of (system id, layer).
    pub fn states(&self) -> impl DoubleEndedIterator<Item = State> + '_ {
        (0..self.state_bound()).map(State::from_index).filter(|&state| self.contains(state))
    }

    /// Whether the state's layer exists.
    pub fn contains(&self, state: State) -> bool {
        self.layer(state).standing != Standing::Absent
    }

    /// The states of one system, bottom to top.
    pub fn states_of(&self, system_ix: SystemIx) -> impl Iterator<Item = State> + '_ {
        Layer::ALL.iter().map(move |&layer| State::new(system_ix, layer)).filter(|&state| self.contains(state))
    }

    /// The ways inside a system whose layers stand like this, by the layer that they leave.
    pub(crate) fn ways_inside(&self, standings: &Standings) -> Vec<Way> {
        let stands = |layer: Layer| standings[layer.index()];
        let of_layer = |&from: &Layer| self.table.climb_from[from.index()].iter().map(move |step| (from, step));
        let steps = Layer::ALL.iter().flat_map(of_layer);
        steps.filter(|(from, step)| allows_climb(stands(*from), stands(step.layer), step.profile)).map(Way::of).collect()
    }

    /// The ways over a connection between systems whose layers stand like this, by the layer that they leave.
    pub(crate) fn ways_across(&self, link: &LinkRecord, travel: Travel, from: &Standings, to: &Standings) -> Vec<Way> {
        let steps_from = |layer: Layer| self.table.cross_from(link.kind, travel, layer).iter().map(move |step| (layer, step));
        let steps = Layer::ALL.iter().flat_map(|&layer| steps_from(layer));
        let is_allowed = |&(layer, step): &(Layer, &Step)| allows_cross(from[layer.index()], to[step.layer.index()], step, link, travel);
        steps.filter(is_allowed).map(Way::of).collect()
    }

    /// How the layers of a system stand.
    pub(crate) fn standings(&self, system_ix: SystemIx) -> Standings {
        self.layers[system_ix.index()].map(|number| self.layer_records.get(number.into()).standing)
    }

    /// What a packing of the graph without its estate depends on, in short: which layers stand how, what crosses which
    /// connection, and the rules. None where the graph is not the estate's any more.
    ///
    /// Two graphs of one estate with the same key move exposure over the same arcs, but for what depends on coverage.
    pub(crate) fn packing_key(&self) -> Option<[u8; 32]> {
        let mut digest = Sha256::new();
        for record in self.coverage.records() {
            digest.update([LayerRecord::of(record, self.policy).standing as u8]);
        }
        digest.update([u8::MAX]);
        for &connection_ix in self.estate.alike().connection_samples() {
            let LinkRecord { kind, barrier, is_possible, copy, is_gone } = *self.link(connection_ix);
            digest.update([kind as u8, u8::from(is_possible), u8::from(copy), u8::from(is_gone)]);
            digest.update(barrier.low.to_bits().to_le_bytes());
            digest.update(barrier.high.to_bits().to_le_bytes());
        }
        self.table.digest(&mut digest);
        (!self.is_edited).then(|| digest.finalize().into())
    }

    /// The numbers of the records of a system's layers.
    pub(crate) fn layer_numbers(&self, system_ix: SystemIx) -> &[u16; Layer::COUNT] {
        &self.layers[system_ix.index()]
    }

    /// The record of every kind of layer, in order of numbers: first that of layers that do not exist.
    pub(crate) fn layer_records(&self) -> impl Iterator<Item = &LayerRecord> {
        self.layer_records.iter()
    }

    /// The number of a connection's record.
    pub(crate) fn link_number(&self, connection_ix: ConnectionIx) -> u32 {
        self.links[connection_ix.index()]
    }

    /// The severity of a state's gap at one end.
    pub fn severity(&self, state: State, end: End) -> f64 {
        self.layer(state).severity.end(end)
    }

    /// The gaps as seeds at one end: every state with its severity, where that is above 0.
    pub fn gap_seeds(&self, end: End) -> Vec<(State, f64)> {
        let severities = (0..self.state_bound()).map(State::from_index).map(|state| (state, self.severity(state, end)));
        severities.filter(|&(_, severity)| severity > 0.0).collect()
    }

    /// The rule with this number.
    pub fn rule(&self, rule: RuleIx) -> TransferRule<'e> {
        let rule_ix = rule.0 as usize;
        match rule_ix.checked_sub(self.policy.climb.len()) {
            None => TransferRule::Climb(&self.policy.climb[rule_ix]),
            Some(cross_ix) => TransferRule::Cross(&self.policy.cross[cross_ix]),
        }
    }

    /// The arcs that leave a state: climbs in rule order, then connections in order of their ids.
    pub fn arcs_from(&self, from: State) -> impl Iterator<Item = Arc> + '_ {
        self.steps_from(from).map(move |(to, step, connection)| Arc { from, to, rule: step.rule, connection })
    }

    /// The arcs that enter a state: climbs in rule order, then connections in order of their ids.
    pub fn arcs_to(&self, to: State) -> impl Iterator<Item = Arc> + '_ {
        self.steps_to(to).map(move |(from, step, connection)| Arc { from, to, rule: step.rule, connection })
    }

    /// The successors of a state with the factor of each arc, for solvers.
    pub(crate) fn successors(&self, from: State, end: End) -> impl Iterator<Item = (State, f64)> + '_ {
        let detection = self.detection(from.system()).end(end);
        self.steps_from(from).map(move |(to, step, connection)| (to, self.value(&step, to, connection, detection, end)))
    }

    /// The arcs that leave a state with the factor of each, for what must name the arc as well.
    pub(crate) fn weighted_arcs_from(&self, from: State, end: End) -> impl Iterator<Item = (Arc, f64)> + '_ {
        let detection = self.detection(from.system()).end(end);
        self.steps_from(from).map(move |(to, step, connection)| {
            (Arc { from, to, rule: step.rule, connection }, self.value(&step, to, connection, detection, end))
        })
    }

    /// The arcs that enter a state with the factor of each.
    pub(crate) fn weighted_arcs_to(&self, to: State, end: End) -> impl Iterator<Item = (Arc, f64)> + '_ {
        self.steps_to(to).map(move |(from, step, connection)| {
            let detection = self.detection(from.system()).end(end);
            (Arc { from, to, rule: step.rule, connection }, self.value(&step, to, connection, detection, end))
        })
    }

    /// The predecessors of a state with the factor of each arc, for solvers.
    pub(crate) fn predecessors(&self, to: State, end: End) -> impl Iterator<Item = (State, f64)> + '_ {
        self.steps_to(to).map(move |(from, step, connection)| {
            let detection = self.detection(from.system()).end(end);
            (from, self.value(&step, to, connection, detection, end))
        })
    }

    /// The factor of an arc at one end.
    pub fn factor(&self, arc: &Arc, end: End) -> Factor {
        let level = self.rule(arc.rule).level();
        let resistance = if level.is_certain() { 1.0 } else { self.layer(arc.to).resistance.end(end) };
        let (barrier, detection) = match arc.connection {
            None => (1.0, 1.0),
            Some(connection_ix) => (self.link(connection_ix).barrier.end(end), self.detection(arc.from.system()).end(end)),
        };
        let absent = end == End::Low && arc.connection.is_some_and(|connection_ix| self.link(connection_ix).is_possible);
        let value = if absent { 0.0 } else { self.weigh(level.value, resistance, barrier, detection) };
        Factor { level: level.value, resistance, barrier, detection, value }
    }

    /// The factor that an arc would have if what it enters, the monitoring of what it leaves, or its connection were another;
    /// each where given.
    pub fn factor_with(
        &self,
        arc: &Arc,
        end: End,
        entered: Option<Interval>,
        monitoring: Option<Interval>,
        connection: Option<&Connection>,
    ) -> f64 {
        let now = self.factor(arc, end);
        let is_certain = self.rule(arc.rule).level().is_certain();
        let through = |share: f64, coverage: Interval| remaining(share, coverage).end(end);
        let resistance = entered.filter(|_| !is_certain).map_or(now.resistance, |coverage| through(self.policy.resist, coverage));
        let crosses = arc.connection.is_some();
        let detection = monitoring.filter(|_| crosses).map_or(now.detection, |coverage| through(self.policy.detect, coverage));
        let barrier = connection.filter(|_| crosses).map_or(now.barrier, |connection| barrier(connection, self.policy).end(end));
        if now.value == 0.0 { 0.0 } else { self.weigh(now.level, resistance, barrier, detection) }
    }

    /// The states that a connection's rules lead into when it is travelled along (for `peers`: both ways).
    pub fn entered_by(&self, connection_ix: ConnectionIx) -> Vec<State> {
        let connection = self.estate.connection(connection_ix);
        let mut entered: Vec<State> = [(connection.from, connection.to), (connection.to, connection.from)]
            .into_iter()
            .take(if connection.kind == ConnectionKind::Peers { 2 } else { 1 })
            .flat_map(|(from, to)| {
                self.states_of(from)
                    .flat_map(|state| self.arcs_from(state))
                    .filter(move |arc| arc.connection == Some(connection_ix) && arc.to.system() == to)
                    .map(|arc| arc.to)
            })
            .collect();
        entered.sort_unstable();
        entered.dedup();
        entered
    }

    /// The arc that says most about a connection when it is travelled along: that of the highest level, of equal ones
    /// that of the first rule. None where no rule of its kind has both layers.
    pub fn principal_arc(&self, connection_ix: ConnectionIx) -> Option<Arc> {
        let connection = self.estate.connection(connection_ix);
        let link = self.link(connection_ix);
        let mut best: Option<(f64, Arc)> = None;
        for from in self.states_of(connection.from) {
            for step in self.table.cross_from(link.kind, Travel::Along, from.layer()) {
                let to = State::new(connection.to, step.layer);
                let is_better = best.is_none_or(|(level, arc)| step.level > level || (step.level == level && step.rule < arc.rule));
                if is_better && self.allows_cross(from, to, step, link, Travel::Along) {
                    best = Some((step.level, Arc { from, to, rule: step.rule, connection: Some(connection_ix) }));
                }
            }
        }
        best.map(|(_, arc)| arc)
    }

    fn weigh(&self, level: f64, resistance: f64, barrier: f64, detection: f64) -> f64 {
        level * passes(self.policy.floor, resistance, barrier, detection)
    }

    fn value(&self, step: &Step, to: State, connection: Option<ConnectionIx>, detection: f64, end: End) -> f64 {
        let resistance = if step.is_certain { 1.0 } else { self.layer(to).resistance.end(end) };
        let Some(connection_ix) = connection else { return self.weigh(step.level, resistance, 1.0, 1.0) };
        let link = self.link(connection_ix);
        if link.is_possible && end == End::Low {
            return 0.0;
        }
        self.weigh(step.level, resistance, link.barrier.end(end), detection)
    }

    fn steps_from(&self, from: State) -> impl Iterator<Item = (State, Step, Option<ConnectionIx>)> + '_ {
        let (system_ix, layer) = (from.system(), from.layer());
        let climbs = self.table.climb_from[layer.index()]
            .iter()
            .map(move |step| (State::new(system_ix, step.layer), *step, None))
            .filter(move |(to, step, _)| self.allows_climb(from, *to, step.profile));
        let crossings = self.incident(system_ix).flat_map(move |incidence| {
            let link = self.link(incidence.connection);
            self.table
                .cross_from(link.kind, incidence.outward, layer)
                .iter()
                .map(move |step| (State::new(incidence.other, step.layer), *step, Some(incidence.connection)))
                .filter(move |(to, step, _)| self.allows_cross(from, *to, step, link, incidence.outward))
        });
        climbs.chain(crossings)
    }

    fn steps_to(&self, to: State) -> impl Iterator<Item = (State, Step, Option<ConnectionIx>)> + '_ {
        let (system_ix, layer) = (to.system(), to.layer());
        let climbs = self.table.climb_to[layer.index()]
            .iter()
            .map(move |step| (State::new(system_ix, step.layer), *step, None))
            .filter(move |(from, step, _)| self.allows_climb(*from, to, step.profile));
        let crossings = self.incident(system_ix).flat_map(move |incidence| {
            let link = self.link(incidence.connection);
            let inward = incidence.outward.opposite();
            self.table
                .cross_to(link.kind, inward, layer)
                .iter()
                .map(move |step| (State::new(incidence.other, step.layer), *step, Some(incidence.connection)))
                .filter(move |(from, step, _)| self.allows_cross(*from, to, step, link, inward))
        });
        climbs.chain(crossings)
    }

    pub(super) fn allows_climb(&self, from: State, to: State, profile: Profile) -> bool {
        allows_climb(self.layer(from).standing, self.layer(to).standing, profile)
    }

    /// Whether a layer is the customer's own.
    pub(super) fn is_customers(&self, state: State) -> bool {
        self.layer(state).standing == Standing::Customer
    }

    fn allows_cross(&self, from: State, to: State, step: &Step, link: &LinkRecord, travel: Travel) -> bool {
        allows_cross(self.layer(from).standing, self.layer(to).standing, step, link, travel)
    }

    pub(crate) fn incident(&self, system_ix: SystemIx) -> impl ExactSizeIterator<Item = Incidence> + '_ {
        self.estate.ends_at(system_ix).map(|end| Incidence {
            connection: end.connection,
            other: end.other,
            outward: if end.leaves { Travel::Along } else { Travel::Against },
        })
    }
}

/// What resistance, barrier and detection let through, at least the floor. An arc's factor is its level times this: the formula
/// of the specification, rounded as written, with no fused operation and no other order.
#[inline]
pub(crate) fn passes(floor: f64, resistance: f64, barrier: f64, detection: f64) -> f64 {
    let passes = (resistance * barrier) * detection;
    // One operation, where `f64::max` asks for NaN as well.
    if passes > floor { passes } else { floor }
}

/// The ownership boundary bounds the spread: no climb goes from the customer's layer into the provider's, and only the
/// profile `up` enters a provider's layer at all.
fn allows_climb(from: Standing, to: Standing, profile: Profile) -> bool {
    match (from, to) {
        (Standing::Absent, _) | (_, Standing::Absent) | (Standing::Customer, Standing::Provider) => false,
        (_, Standing::Provider) => profile == Profile::Up,
        _ => true,
    }
}

/// The number of a record. There are few: a layer's coverage, severity and standing are made of the policy's numbers for
/// statuses, verdicts and facings, whatever the estate.
pub(super) fn layer_number(records: &mut Records<LayerRecord>, record: LayerRecord) -> u16 {
    u16::try_from(records.number(record)).unwrap_or_else(|_| unreachable!("more kinds of layers than a policy has numbers"))
}

fn allows_cross(from: Standing, to: Standing, step: &Step, link: &LinkRecord, travel: Travel) -> bool {
    let keeps_no_copy = travel == Travel::Against && link.kind == ConnectionKind::Feeds && !link.copy;
    let is_customers_own = step.delegated_only && to == Standing::Customer;
    from != Standing::Absent && to != Standing::Absent && !keeps_no_copy && !is_customers_own && !link.is_gone
}
