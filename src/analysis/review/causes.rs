//! Why a risk rises: the witness in the head, the changes on it, and what would bring it back.

use crate::catalog::{BasisPoints, End, Interval, Layer, Published, Strength, Verdict};
use crate::coverage::{CoverageRow, LayerCoverage, Ownership};
use crate::estate::{Change, Claim, Connection, ConnectionControl, ConnectionIx, Estate, Owner, PartyIx, Stated, System, SystemIx};
use crate::graph::{Arc, Edit, ExposureGraph, Semiring, State, Trial, Witness};
use std::collections::{BTreeMap, BTreeSet};

/// Why a system's risk rises.
#[derive(Clone, Debug)]
pub struct Cause {
    /// The gap that its witness in the head starts from.
    pub origin: State,
    /// What is new about it.
    pub kind: CauseKind,
    /// The arcs of the witness, from the gap on.
    pub path: Vec<Arc>,
    /// The position in `path` of the arc that lets least through, the first of equal ones; none for a gap of its own.
    pub weakest: Option<usize>,
    /// The changes on the witness, in order of changes. No other change, left out alone, lowers the risk: the witness
    /// would be there without it.
    pub changes: Vec<LeftOut>,
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
pub const MOST_WAYS_BACK: usize = 20;

/// Changes that are left out in turn.
pub const MOST_LEFT_OUT: usize = 1_000;

/// A system that rises: the system, whether it is new, its worst state, and its risk in base and head.
pub(super) type Risen = (SystemIx, bool, State, Published<BasisPoints>, Published<BasisPoints>);

/// The cause of every rise, in the order given; `exposure` is that of the head's states on the high end.
pub(super) fn causes(
    base: &ExposureGraph<'_>,
    head: &ExposureGraph<'_>,
    exposure: Vec<f64>,
    changes: &[Change],
    risen: &[Risen],
) -> Vec<Cause> {
    if risen.is_empty() {
        return Vec::new();
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
    causes
}

/// Where single changes are tried.
struct Bench<'a> {
    base: &'a ExposureGraph<'a>,
    head: &'a ExposureGraph<'a>,
    witness: &'a Witness<'a>,
    changes: &'a [Change],
    risen: &'a [Risen],
    trial: Trial<'a>,
    /// The changes by the system of the head that they are about, by connection, and those of parties.
    of_system: BTreeMap<SystemIx, Vec<usize>>,
    of_connection: BTreeMap<ConnectionIx, usize>,
    of_parties: Vec<usize>,
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
        let mut of_parties = Vec::new();
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
                Change::PartyAdded(_) | Change::PartyChanged { .. } => of_parties.push(change_ix),
                // What is gone is on no path; taking away raises nothing.
                Change::PartyRemoved(_) | Change::SystemRemoved(_) | Change::ConnectionRemoved(_) => {}
            }
        }
        let trial = Trial::new(head, witness, End::High);
        let (left_out, tried) = (BTreeMap::new(), BTreeMap::new());
        Self { base, head, witness, changes, risen, trial, of_system, of_connection, of_parties, left_out, tried }
    }

    fn cause(&mut self, rise_ix: usize) -> Cause {
        let worst = self.risen[rise_ix].2;
        let origin = self.witness.origin(worst);
        let path = self.witness.path(worst);
        let factor = |arc: &Arc| self.head.factor(arc, End::High).value;
        let weakest = (0..path.len()).min_by(|&left, &right| factor(&path[left]).total_cmp(&factor(&path[right])));
        let kind = self.kind(origin, &path);
        let on_path = self.changes_on(origin, &path);
        let changes = on_path
            .into_iter()
            .map(|change_ix| {
                let risk = self.left_out(change_ix).map(|risks| risks[rise_ix]);
                LeftOut { change_ix, risk, is_tried: self.left_out.contains_key(&change_ix) }
            })
            .collect();
        let gap = self.head.coverage.layer(origin.system(), origin.layer());
        let answerable = gap.map(LayerCoverage::answerable).unwrap_or_default();
        Cause { origin, kind, path, weakest, changes, way_back: None, answerable }
    }

    fn kind(&self, origin: State, path: &[Arc]) -> CauseKind {
        let before = self.base.estate.find_system(&self.head.estate.system(origin.system()).id);
        let before = before.map_or(0.0, |system_ix| self.base.severity(State::new(system_ix, origin.layer()), End::High));
        let is_added = |connection_ix: &ConnectionIx| {
            let change = self.of_connection.get(connection_ix).map(|&change_ix| self.changes[change_ix]);
            matches!(change, Some(Change::ConnectionAdded(_)))
        };
        match before {
            0.0 => CauseKind::NewGap,
            before if before < self.head.severity(origin, End::High) => CauseKind::WiderGap,
            _ if path.iter().filter_map(|arc| arc.connection.as_ref()).any(is_added) => CauseKind::OldGapNewEdge,
            _ => CauseKind::OldGapWeakerHold,
        }
    }

    /// The changes that a path depends on, in order.
    fn changes_on(&self, origin: State, path: &[Arc]) -> Vec<usize> {
        let states: BTreeSet<State> = std::iter::once(origin).chain(path.iter().map(|arc| arc.to)).collect();
        let left: BTreeSet<SystemIx> = path.iter().filter(|arc| arc.connection.is_some()).map(|arc| arc.from.system()).collect();
        let systems: BTreeSet<SystemIx> = states.iter().map(|state| state.system()).collect();
        let mut on_path = BTreeSet::new();
        for change_ix in systems.iter().filter_map(|system_ix| self.of_system.get(system_ix)).flatten() {
            let is_on_path = match self.changes[*change_ix] {
                // Monitoring counts where the path leaves the system.
                Change::LayerChanged { head, layer, .. } => {
                    states.contains(&State::new(head, layer)) || (layer == Layer::Monitoring && left.contains(&head))
                }
                _ => true,
            };
            if is_on_path {
                on_path.insert(*change_ix);
            }
        }
        on_path.extend(path.iter().filter_map(|arc| arc.connection).filter_map(|connection_ix| self.of_connection.get(&connection_ix)));
        for &change_ix in &self.of_parties {
            let (Change::PartyAdded(party_ix) | Change::PartyChanged { head: party_ix, .. }) = self.changes[change_ix] else { continue };
            if systems.iter().any(|&system_ix| self.depends_on(system_ix, party_ix)) {
                on_path.insert(change_ix);
            }
        }
        // A change of a system that changes nothing of its cover is on no path.
        on_path.retain(|&change_ix| match self.changes[change_ix] {
            Change::SystemChanged { head, .. } => self.without(change_ix).is_none_or(|edits| {
                edits.iter().any(|edit| matches!(edit, Edit::System(_, row) if **row != *self.head.coverage.row(head)))
            }),
            _ => true,
        });
        on_path.into_iter().collect()
    }

    fn depends_on(&self, system_ix: SystemIx, party_ix: PartyIx) -> bool {
        let system = self.head.estate.system(system_ix);
        let is_accountable = |coverage: &LayerCoverage| coverage.parties().any(|party| party == party_ix);
        system.owner == Some(party_ix)
            || system.provider.as_ref() == Some(&self.head.estate.party(party_ix).id)
            || self.head.coverage.row(system_ix).iter().flatten().any(is_accountable)
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
                let claim = Transplant { from: base, to: head }.claim(base.system(before).layer(layer).claim.as_deref())?;
                let mut system = head.system(after).clone();
                system.layers[layer.index()].claim = claim;
                Some(vec![Edit::System(after, row(&system, head))])
            }
            Change::ConnectionAdded(connection_ix) => Some(vec![Edit::Removal(connection_ix)]),
            Change::ConnectionChanged { base: before, head: after } => Some(vec![Edit::Connection(after, base.connection(before))]),
            Change::PartyAdded(party_ix) | Change::PartyChanged { head: party_ix, .. } => {
                let mut party = head.party(party_ix).clone();
                party.attested = None;
                if let Change::PartyChanged { base: before, .. } = self.changes[change_ix] {
                    party.kind = base.party(before).kind;
                    party.attested.clone_from(&base.party(before).attested);
                }
                let estate = head.with_party(party_ix, party);
                let systems = head.system_ixs().filter(|&system_ix| self.depends_on(system_ix, party_ix));
                Some(systems.map(|system_ix| Edit::System(system_ix, row(head.system(system_ix), &estate))).collect())
            }
            Change::PartyRemoved(_) | Change::SystemRemoved(_) | Change::ConnectionRemoved(_) => None,
        }
    }

    /// The risk of every rise under edits of the head.
    fn risks(&mut self, edits: &[Edit<'_>]) -> Vec<BasisPoints> {
        let tried: BTreeMap<State, f64> = self.trial.with(edits).into_iter().collect();
        let systems: BTreeSet<SystemIx> = tried.keys().map(|state| state.system()).collect();
        let risk = |risen: &Risen| {
            if !systems.contains(&risen.0) {
                return risen.4.high;
            }
            let states = Layer::ALL.iter().map(|&layer| State::new(risen.0, layer));
            let value = |state: State| tried.get(&state).copied().unwrap_or_else(|| self.witness.value(state));
            let exposure = states.map(value).fold(0.0, f64::max);
            Published::of(super::criticality(self.base, self.head, risen.0).times(Interval::new(exposure, exposure))).high
        };
        self.risen.iter().map(risk).collect()
    }

    /// The best of the single changes on a witness: one that is enough before one that is not, then one that brings more
    /// rises back, then the lower risk, then what keeps the change before what drops it.
    fn way_back(&mut self, rise_ix: usize, cause: &Cause) -> Option<WayBack> {
        let mut kinds: Vec<WayBackKind> = Vec::new();
        for state in std::iter::once(cause.origin).chain(cause.path.iter().map(|arc| arc.to)) {
            let is_covered = |coverage: &LayerCoverage| coverage.coverage == Interval::ONE;
            if !self.head.coverage.layer(state.system(), state.layer()).is_none_or(is_covered) {
                kinds.push(WayBackKind::Cover(state));
            }
        }
        for connection_ix in cause.path.iter().filter_map(|arc| arc.connection) {
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
                let mut row: CoverageRow = *self.head.coverage.row(state.system());
                row[state.layer().index()] = row[state.layer().index()].map(|coverage| covered(&coverage));
                self.risks(&[Edit::System(state.system(), Box::new(row))])
            }
            WayBackKind::Control(connection_ix, class_ix) => {
                let mut connection: Connection = self.head.estate.connection(connection_ix).clone();
                let class = self.head.policy.classes[class_ix].clone();
                let status = crate::catalog::ControlStatus::Implemented;
                connection.controls.push(ConnectionControl { class, strength: Strength::Strong, status });
                self.risks(&[Edit::Connection(connection_ix, &connection)])
            }
            WayBackKind::LeaveOut(_) => return None,
        };
        self.tried.insert(kind, risks.clone());
        Some(risks)
    }
}

/// A layer wholly covered, as it would be with an owner and every control in place.
fn covered(coverage: &LayerCoverage) -> LayerCoverage {
    let ownership = Ownership { verdict: Verdict::Clear, ..coverage.ownership };
    let (control, severity) = (Interval::ONE, Interval::ZERO);
    LayerCoverage { ownership, control, coverage: Interval::ONE, severity, gap: None, weaker_half: None, ..*coverage }
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

    fn claim(&self, claim: Option<&Claim>) -> Option<Option<Box<Claim>>> {
        let Some(claim) = claim else { return Some(None) };
        let mut claim = claim.clone();
        for stated in std::iter::once(&mut claim.stated).chain(&mut claim.customer).chain(&mut claim.provider) {
            self.statement(stated)?;
        }
        Some(Some(Box::new(claim)))
    }

    fn statement(&self, stated: &mut Stated) -> Option<()> {
        if let Some(Owner::Party(party_ix)) = stated.owner {
            stated.owner = Some(Owner::Party(self.party(party_ix)?));
        }
        Some(())
    }
}
