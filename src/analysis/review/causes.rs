//! Why a risk rises: the witness in the head, the changes on it, and what would bring it back.

use crate::catalog::{BasisPoints, End, Interval, Layer, PartyKind, Published};
use crate::coverage::LayerCoverage;
use crate::engine::Trial;
use crate::estate::{Change, Claim, ConnectionIx, Estate, Owner, Party, PartyIx, Stated, System, SystemIx};
use crate::graph::{Arc, Edit, ExposureGraph, Semiring, State, Witness};
use std::collections::{BTreeMap, BTreeSet};

/// Why a system's risk rises.
#[derive(Clone, Debug)]
pub struct Cause {
    /// The gap that its witness in the head starts from.
    pub origin: State,
    /// What is new about it.
    pub kind: CauseKind,
    /// The number of arcs of the witness, which [`super::Review::path`] gives; 0 for a gap of its own.
    pub hops: u32,
    /// The arc of the witness that lets least through, the first of equal ones, with its position on it.
    pub weakest: Option<(usize, Arc)>,
    /// The changes on the witness, in order of changes, up to [`MOST_ON_PATH`]. No other change, left out alone, lowers
    /// the risk: the witness would be there without it.
    pub changes: Vec<LeftOut>,
    /// Whether there are more changes on the witness than that.
    pub has_more_changes: bool,
    /// The cheapest single change that brings the risk back, or the best one where none does; none where that was not
    /// looked for, see [`MOST_WAYS_BACK`].
    pub way_back: Option<WayBack>,
    /// The parties that answer for the gap; none among them is nobody.
    pub answerable: Vec<Option<PartyIx>>,
}

/// What is new about a cause.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum CauseKind {
    /// The gap was no gap in the base.
    NewGap,
    /// The gap was there, and is wider now.
    WiderGap,
    /// The gap was as wide before; the witness crosses a connection that is new.
    OldGapNewEdge,
    /// Gap and connections were there; something on the way holds less than before.
    OldGapWeakerHold,
}

impl CauseKind {
    /// The word for it, in kebab-case.
    pub const fn id(self) -> &'static str {
        match self {
            Self::NewGap => "new-gap",
            Self::WiderGap => "wider-gap",
            Self::OldGapNewEdge => "old-gap-new-edge",
            Self::OldGapWeakerHold => "old-gap-weaker-hold",
        }
    }
}

/// A change, and the risk without it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its position among the changes of the review.
    pub change_ix: usize,
    /// The risk of the system if this change alone is left out; none where it cannot be.
    pub risk: Option<BasisPoints>,
    /// Whether that was tried: no more than [`MOST_LEFT_OUT`] changes are.
    pub is_tried: bool,
}

/// A single change that lowers a risk that rose.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct WayBack {
    /// What to do.
    pub kind: WayBackKind,
    /// The risk of the system after it.
    pub risk: BasisPoints,
    /// Whether that is no more than in the base.
    pub is_enough: bool,
    /// How many of the review's rises it brings back, this one included.
    pub brings_back: usize,
}

/// What a single change does.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WayBackKind {
    /// Cover the layer wholly: an owner, and every control in place.
    Cover(State),
    /// Put a strong control of this class, by its position among the policy's, on the connection.
    Control(ConnectionIx, usize),
    /// Leave the change out.
    LeaveOut(usize),
}

/// Rises, worst first, for which ways back are looked for.
pub const MOST_WAYS_BACK: usize = 8;

/// Changes that are left out in turn.
pub const MOST_LEFT_OUT: usize = 1_000;

/// Changes on the witness of one rise that are told.
pub const MOST_ON_PATH: usize = 64;

/// Steps of a long witness on which ways back are looked for, half of them from either end.
const MOST_STEPS_TRIED: usize = 64;

/// A system that rises: the system, whether it is new, its worst state, and its risk in base and head.
pub(super) type Risen = (SystemIx, bool, State, Published<BasisPoints>, Published<BasisPoints>);

/// The cause of every rise, in the order given, and the head's witnesses; `exposure` is that of its states on the high
/// end. Without a rise there is none of either.
pub(super) fn causes<'g>(
    base: &'g ExposureGraph<'g>,
    head: &'g ExposureGraph<'g>,
    exposure: Vec<f64>,
    changes: &[Change],
    risen: &[Risen],
) -> (Vec<Cause>, Option<Witness<'g>>) {
    if risen.is_empty() {
        return (Vec::new(), None);
    }
    let witness = Witness::new(head, exposure, &head.gap_seeds(End::High), Semiring::Product, End::High);
    let mut bench = Bench::new(base, head, &witness, changes, risen);
    let mut causes: Vec<Cause> = (0..risen.len()).map(|rise_ix| bench.cause(rise_ix)).collect();
    let mut worst: Vec<usize> = (0..risen.len()).collect();
    let delta = |risen: &Risen| risen.4.high.0 - risen.3.high.0;
    worst.sort_by_key(|&rise_ix| (std::cmp::Reverse(delta(&risen[rise_ix])), rise_ix));
    for &rise_ix in worst.iter().take(MOST_WAYS_BACK) {
        causes[rise_ix].way_back = bench.way_back(rise_ix, &causes[rise_ix]);
    }
    (causes, Some(witness))
}

/// What is known of the witness into every state, from the gap on: gathered once along the forest, so that no path is
/// walked for every system behind it.
struct Along {
    /// The last state on the way, this one included, at which changes are met.
    marked: Vec<Option<State>>,
    /// The state that the weakest arc on the way enters, and the factor of that arc.
    weakest: Vec<(Option<State>, f64)>,
    /// Whether a connection that is new is crossed on the way.
    crosses_new: Vec<bool>,
    /// The changes met at a state, or on the arc into it.
    met: BTreeMap<State, Vec<usize>>,
}

/// Where single changes are tried.
struct Bench<'a> {
    base: &'a ExposureGraph<'a>,
    head: &'a ExposureGraph<'a>,
    witness: &'a Witness<'a>,
    changes: &'a [Change],
    risen: &'a [Risen],
    trial: Trial<'a>,
    /// The changes by the system of the head that they are about, those of parties by the systems that name them, and
    /// the changes of connections.
    of_system: BTreeMap<SystemIx, Vec<usize>>,
    of_party: BTreeMap<SystemIx, Vec<usize>>,
    of_connection: BTreeMap<ConnectionIx, usize>,
    along: Along,
    /// The systems whose cover is another without a change that is not about one layer.
    covered_otherwise: BTreeMap<usize, BTreeSet<SystemIx>>,
    /// The risk of every rise without a change; none where it cannot be left out.
    left_out: BTreeMap<usize, Option<Vec<BasisPoints>>>,
    tried: BTreeMap<WayBackKind, Vec<BasisPoints>>,
}

impl<'a> Bench<'a> {
    fn new(
        base: &'a ExposureGraph<'a>,
        head: &'a ExposureGraph<'a>,
        witness: &'a Witness<'a>,
        changes: &'a [Change],
        risen: &'a [Risen],
    ) -> Self {
        let mut of_system: BTreeMap<SystemIx, Vec<usize>> = BTreeMap::new();
        let mut of_connection = BTreeMap::new();
        let mut of_party: BTreeMap<SystemIx, Vec<usize>> = BTreeMap::new();
        for (change_ix, change) in changes.iter().enumerate() {
            match *change {
                Change::SystemAdded(system_ix)
                | Change::SystemChanged { head: system_ix, .. }
                | Change::LayerChanged { head: system_ix, .. } => {
                    of_system.entry(system_ix).or_default().push(change_ix);
                }
                Change::ConnectionAdded(connection_ix) | Change::ConnectionChanged { head: connection_ix, .. } => {
                    of_connection.insert(connection_ix, change_ix);
                }
                Change::PartyAdded(_) | Change::PartyRemoved(_) | Change::PartyChanged { .. } => {
                    for system_ix in head.estate.system_ixs().filter(|&system_ix| depends_on(base, head, system_ix, *change)) {
                        of_party.entry(system_ix).or_default().push(change_ix);
                    }
                }
                // What is gone is on no path; taking away raises nothing.
                Change::SystemRemoved(_) | Change::ConnectionRemoved(_) => {}
            }
        }
        let trial = Trial::new(head, witness);
        let (covered_otherwise, left_out, tried) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let bound = head.state_bound();
        let (marked, weakest) = (vec![None; bound], vec![(None, f64::INFINITY); bound]);
        let along = Along { marked, weakest, crosses_new: vec![false; bound], met: BTreeMap::new() };
        let mut bench = Self {
            base,
            head,
            witness,
            changes,
            risen,
            trial,
            of_system,
            of_party,
            of_connection,
            along,
            covered_otherwise,
            left_out,
            tried,
        };
        bench.look_along();
        bench
    }

    /// Gathers what is known of every witness.
    fn look_along(&mut self) {
        for &state in self.witness.nearest_first() {
            let at = state.index();
            let arc = self.witness.parent(state);
            if let Some(arc) = arc {
                let from = arc.from.index();
                let factor = self.head.factor(&arc, End::High).value;
                let before = self.along.weakest[from];
                self.along.weakest[at] = if factor < before.1 { (Some(state), factor) } else { before };
                self.along.crosses_new[at] =
                    self.along.crosses_new[from] || arc.connection.is_some_and(|connection_ix| self.is_new(connection_ix));
                self.along.marked[at] = self.along.marked[from];
            }
            let met = self.met(state, arc);
            if !met.is_empty() {
                self.along.met.insert(state, met);
                self.along.marked[at] = Some(state);
            }
        }
    }

    fn is_new(&self, connection_ix: ConnectionIx) -> bool {
        let change = self.of_connection.get(&connection_ix).map(|&change_ix| self.changes[change_ix]);
        matches!(change, Some(Change::ConnectionAdded(_)))
    }

    /// The changes that a witness meets at a state, and on its arc into it.
    fn met(&self, state: State, arc: Option<Arc>) -> Vec<usize> {
        let system_ix = state.system();
        let left = arc.filter(|arc| arc.connection.is_some()).map(|arc| arc.from.system());
        let of_system = self.of_system.get(&system_ix).into_iter().flatten().copied();
        // Of the layers the state's own counts, and monitoring where the path leaves a system.
        let here = of_system.filter(|&change_ix| match self.changes[change_ix] {
            Change::LayerChanged { layer, .. } => layer == state.layer(),
            _ => true,
        });
        let watching = left.and_then(|left| self.of_system.get(&left)).into_iter().flatten().copied();
        let watching =
            watching.filter(|&change_ix| matches!(self.changes[change_ix], Change::LayerChanged { layer: Layer::Monitoring, .. }));
        let parties = self.of_party.get(&system_ix).into_iter().flatten().copied();
        let crossed = arc.and_then(|arc| arc.connection).and_then(|connection_ix| self.of_connection.get(&connection_ix)).copied();
        here.chain(watching).chain(parties).chain(crossed).collect()
    }

    /// The systems whose cover is another without a change, or of one that cannot be left out, that hold on to it.
    fn covered_otherwise(&self, change_ix: usize) -> BTreeSet<SystemIx> {
        match (self.without(change_ix), self.changes[change_ix]) {
            (Some(edits), _) => edits.iter().filter_map(|edit| self.changed_by(edit)).collect(),
            (None, Change::SystemChanged { head, .. }) => BTreeSet::from([head]),
            (None, change) => {
                let systems = self.head.estate.system_ixs();
                systems.filter(|&system_ix| depends_on(self.base, self.head, system_ix, change)).collect()
            }
        }
    }

    /// The system whose cover an edit makes another one.
    fn changed_by(&self, edit: &Edit<'_>) -> Option<SystemIx> {
        let Edit::System(system_ix, row) = edit else { return None };
        let figures = |layer: &Option<LayerCoverage>| layer.map(|coverage| (coverage.cell, coverage.coverage, coverage.severity));
        row.iter().map(figures).ne(self.head.coverage.row(*system_ix).iter().map(figures)).then_some(*system_ix)
    }

    fn cause(&mut self, rise_ix: usize) -> Cause {
        let worst = self.risen[rise_ix].2;
        let origin = self.witness.origin(worst);
        let hops = self.witness.hops(worst).unwrap_or(0);
        let weakest = self.along.weakest[worst.index()].0.and_then(|entered| {
            let position = self.witness.hops(entered)?.checked_sub(1)? as usize;
            Some((position, self.witness.parent(entered)?))
        });
        let kind = self.kind(origin, self.along.crosses_new[worst.index()]);
        let (on_path, has_more_changes) = self.changes_on(worst);
        let changes = on_path
            .into_iter()
            .map(|change_ix| {
                let risk = self.left_out(change_ix).map(|risks| risks[rise_ix]);
                LeftOut { change_ix, risk, is_tried: self.left_out.contains_key(&change_ix) }
            })
            .collect();
        let gap = self.head.coverage.layer(origin.system(), origin.layer());
        let answerable = gap.as_ref().map(LayerCoverage::answerable).unwrap_or_default();
        Cause { origin, kind, hops, weakest, changes, has_more_changes, way_back: None, answerable }
    }

    fn kind(&self, origin: State, crosses_new: bool) -> CauseKind {
        let before = self.base.estate.find_system(&self.head.estate.system(origin.system()).id);
        let before = before.map_or(0.0, |system_ix| self.base.severity(State::new(system_ix, origin.layer()), End::High));
        match before {
            0.0 => CauseKind::NewGap,
            before if before < self.head.severity(origin, End::High) => CauseKind::WiderGap,
            _ if crosses_new => CauseKind::OldGapNewEdge,
            _ => CauseKind::OldGapWeakerHold,
        }
    }

    /// The changes that the witness into a state depends on, in order, and whether there are more.
    fn changes_on(&mut self, worst: State) -> (Vec<usize>, bool) {
        let mut on_path = BTreeSet::new();
        let mut next = self.along.marked[worst.index()];
        while let Some(state) = next {
            for change_ix in self.along.met[&state].clone() {
                if self.is_felt(change_ix, state.system()) {
                    on_path.insert(change_ix);
                }
            }
            if on_path.len() > MOST_ON_PATH {
                break;
            }
            next = self.witness.parent(state).and_then(|arc| self.along.marked[arc.from.index()]);
        }
        let has_more = on_path.len() > MOST_ON_PATH;
        (on_path.into_iter().take(MOST_ON_PATH).collect(), has_more)
    }

    /// Whether a change of a whole system or of a party makes the cover of a system another one.
    fn is_felt(&mut self, change_ix: usize, system_ix: SystemIx) -> bool {
        match self.changes[change_ix] {
            Change::SystemChanged { .. } | Change::PartyAdded(_) | Change::PartyRemoved(_) | Change::PartyChanged { .. } => {
                if !self.covered_otherwise.contains_key(&change_ix) {
                    self.covered_otherwise.insert(change_ix, self.covered_otherwise(change_ix));
                }
                self.covered_otherwise[&change_ix].contains(&system_ix)
            }
            _ => true,
        }
    }

    /// The risk of every rise if a change alone is left out.
    fn left_out(&mut self, change_ix: usize) -> Option<&Vec<BasisPoints>> {
        if !self.left_out.contains_key(&change_ix) && self.left_out.len() < MOST_LEFT_OUT {
            let risks = self.without(change_ix).map(|edits| self.risks(&edits));
            self.left_out.insert(change_ix, risks);
        }
        self.left_out.get(&change_ix)?.as_ref()
    }

    /// The edits of the head that leave a change out; none where the rest needs it.
    fn without(&self, change_ix: usize) -> Option<Vec<Edit<'a>>> {
        let (base, head): (&'a Estate, &'a Estate) = (self.base.estate, self.head.estate);
        let row = |system: &System, estate: &Estate| Box::new(self.head.coverage.row_of(estate, self.head.policy, system));
        match self.changes[change_ix] {
            Change::SystemAdded(system_ix) => Some(vec![Edit::System(system_ix, Box::new([None; Layer::COUNT]))]),
            Change::SystemChanged { base: before, head: after } => {
                let mut system = Transplant { from: base, to: head }.fields(base.system(before))?;
                for (facts, kept) in system.layers.iter_mut().zip(&head.system(after).layers) {
                    facts.claim.clone_from(&kept.claim);
                }
                Some(vec![Edit::System(after, row(&system, head))])
            }
            Change::LayerChanged { base: before, head: after, layer } => {
                let mut system = head.system(after).clone();
                system.layers[layer.index()].claim = match &base.system(before).layer(layer).claim {
                    Some(claim) => Some(Transplant { from: base, to: head }.claim(claim)?),
                    None => None,
                };
                Some(vec![Edit::System(after, row(&system, head))])
            }
            Change::ConnectionAdded(connection_ix) => Some(vec![Edit::Removal(connection_ix)]),
            Change::ConnectionChanged { base: before, head: after } => Some(vec![Edit::Connection(after, base.connection(before))]),
            change @ (Change::PartyAdded(_) | Change::PartyRemoved(_) | Change::PartyChanged { .. }) => {
                let estate = match change {
                    // What somebody owns needs an owner.
                    Change::PartyAdded(party_ix) if head.systems().iter().any(|system| owns(party_ix, system)) => return None,
                    // A provider that is not declared is one without attestation.
                    Change::PartyAdded(party_ix) => {
                        head.with_party(party_ix, Party { kind: PartyKind::Provider, attested: None, ..head.party(party_ix).clone() })
                    }
                    Change::PartyRemoved(before) => head.with_another_party(base.party(before).clone()),
                    Change::PartyChanged { base: before, head: after } => {
                        head.with_party(after, Party { of: head.party(after).of, ..base.party(before).clone() })
                    }
                    _ => return None,
                };
                let systems = head.system_ixs().filter(|&system_ix| depends_on(self.base, self.head, system_ix, change));
                Some(systems.map(|system_ix| Edit::System(system_ix, row(estate.system(system_ix), &estate))).collect())
            }
            Change::SystemRemoved(_) | Change::ConnectionRemoved(_) => None,
        }
    }

    /// The risk of every rise under edits of the head.
    fn risks(&mut self, edits: &[Edit<'_>]) -> Vec<BasisPoints> {
        let tried = self.trial.with(edits);
        let mut risks: Vec<BasisPoints> = self.risen.iter().map(|risen| risen.4.high).collect();
        // Both lists are in order of systems.
        for of_system in tried.chunk_by(|(left, _), (right, _)| left.system() == right.system()) {
            let system_ix = of_system[0].0.system();
            let Ok(rise_ix) = self.risen.binary_search_by_key(&system_ix, |risen| risen.0) else { continue };
            let mut values: [f64; Layer::COUNT] =
                std::array::from_fn(|layer_ix| self.witness.value(State::new(system_ix, Layer::ALL[layer_ix])));
            for &(state, value) in of_system {
                values[state.layer().index()] = value;
            }
            let exposure = values.into_iter().fold(0.0, f64::max);
            let criticality = super::criticality(self.base, self.head, system_ix);
            risks[rise_ix] = Published::of(criticality.times(Interval::new(exposure, exposure))).high;
        }
        risks
    }

    /// The best of the single changes on a witness: one that is enough before one that is not, then one that brings more
    /// rises back, then the lower risk, then what keeps the change before what drops it.
    fn way_back(&mut self, rise_ix: usize, cause: &Cause) -> Option<WayBack> {
        let mut kinds: Vec<WayBackKind> = Vec::new();
        let path = self.witness.path(self.risen[rise_ix].2);
        let path: Vec<Arc> = if path.len() <= MOST_STEPS_TRIED {
            path
        } else {
            let half = MOST_STEPS_TRIED / 2;
            [&path[..half], &path[path.len() - half..]].concat()
        };
        for state in std::iter::once(cause.origin).chain(path.iter().map(|arc| arc.to)) {
            let is_covered = |coverage: LayerCoverage| coverage.coverage == Interval::ONE;
            if !self.head.coverage.layer(state.system(), state.layer()).is_none_or(is_covered) {
                kinds.push(WayBackKind::Cover(state));
            }
        }
        for connection_ix in path.iter().filter_map(|arc| arc.connection) {
            let controls = &self.head.estate.connection(connection_ix).controls;
            let is_free = |class: &String| controls.iter().all(|control| control.class != *class);
            kinds.extend(self.head.policy.classes.iter().position(is_free).map(|class_ix| WayBackKind::Control(connection_ix, class_ix)));
        }
        kinds.extend(
            cause.changes.iter().filter(|left_out| left_out.risk.is_some()).map(|left_out| WayBackKind::LeaveOut(left_out.change_ix)),
        );
        let mut ways: Vec<WayBack> = Vec::new();
        for kind in kinds {
            let Some(risks) = self.try_out(kind) else { continue };
            let is_back = |(risk, risen): &(&BasisPoints, &Risen)| **risk <= risen.3.high;
            let brings_back = risks.iter().zip(self.risen).filter(is_back).count();
            let risk = risks[rise_ix];
            ways.push(WayBack { kind, risk, is_enough: risk <= self.risen[rise_ix].3.high, brings_back });
        }
        ways.retain(|way| way.risk < self.risen[rise_ix].4.high);
        ways.into_iter().min_by_key(|way| (!way.is_enough, std::cmp::Reverse(way.brings_back), way.risk, way.kind))
    }

    fn try_out(&mut self, kind: WayBackKind) -> Option<Vec<BasisPoints>> {
        if let WayBackKind::LeaveOut(change_ix) = kind {
            return self.left_out(change_ix).cloned();
        }
        if let Some(risks) = self.tried.get(&kind) {
            return Some(risks.clone());
        }
        let risks = match kind {
            WayBackKind::Cover(state) => {
                let row = self.head.coverage.row_covering(state.system(), [state.layer()]);
                self.risks(&[Edit::System(state.system(), Box::new(row))])
            }
            WayBackKind::Control(connection_ix, class_ix) => {
                let connection = self.head.estate.connection(connection_ix).with_strong_control(&self.head.policy.classes[class_ix]);
                self.risks(&[Edit::Connection(connection_ix, &connection)])
            }
            WayBackKind::LeaveOut(_) => return None,
        };
        self.tried.insert(kind, risks.clone());
        Some(risks)
    }
}

/// Whether a system of the head names the party that a change is about.
fn depends_on(base: &ExposureGraph<'_>, head: &ExposureGraph<'_>, system_ix: SystemIx, change: Change) -> bool {
    let (party_ix, id) = match change {
        Change::PartyAdded(party_ix) | Change::PartyChanged { head: party_ix, .. } => (Some(party_ix), &head.estate.party(party_ix).id),
        Change::PartyRemoved(party_ix) => (None, &base.estate.party(party_ix).id),
        _ => return false,
    };
    let system = head.estate.system(system_ix);
    system.provider.as_ref() == Some(id) || party_ix.is_some_and(|party_ix| owns(party_ix, system))
}

/// Whether a party is named as an owner of the system, or of any layer or half of it.
fn owns(party_ix: PartyIx, system: &System) -> bool {
    let mut statements = system.layers.iter().filter_map(|facts| facts.claim.as_deref()).flat_map(Claim::statements);
    system.owner == Some(party_ix) || statements.any(|stated| stated.owner == Some(Owner::Party(party_ix)))
}

/// Statements of one estate in the words of another one: parties by their ids.
struct Transplant<'a> {
    from: &'a Estate,
    to: &'a Estate,
}

impl Transplant<'_> {
    /// None where the other estate has no such party.
    fn party(&self, party_ix: PartyIx) -> Option<PartyIx> {
        self.to.find_party(&self.from.party(party_ix).id)
    }

    fn fields(&self, system: &System) -> Option<System> {
        let owner = match system.owner {
            Some(owner) => Some(self.party(owner)?),
            None => None,
        };
        Some(System { owner, ..system.clone() })
    }

    fn claim(&self, claim: &Claim) -> Option<Box<Claim>> {
        let mut claim = claim.clone();
        for stated in claim.statements_mut() {
            self.statement(stated)?;
        }
        Some(Box::new(claim))
    }

    fn statement(&self, stated: &mut Stated) -> Option<()> {
        if let Some(Owner::Party(party_ix)) = stated.owner {
            stated.owner = Some(Owner::Party(self.party(party_ix)?));
        }
        Some(())
    }
}
