//! Floor 5: for every layer of every system, who must secure it, who does, and what is missing.

mod control;
mod known;
mod standing;
mod verdict;

pub use control::{Assessor, Backing, Control};
pub use standing::Standing;
pub use verdict::{Accountable, Ownership};

use crate::catalog::{Cell, GapKind, Interval, Layer, Policy, Side, Verdict};
use crate::estate::{Alike, Estate, LayerInPlace, Owner, PartyIx, Stated, System, SystemIx, Weight};
use jiff::civil::Date;
use std::borrow::Cow;
use std::sync::Arc;

/// The coverage of every layer of an estate.
///
/// Total: a gap is a result, never an error.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// Layers with the same number have the same coverage.
    alike: Arc<Alike>,
    /// By number; layers that do not exist have number 0, and no coverage.
    records: Vec<Option<Record>>,
    /// By system how much it matters, and whose it is.
    weights: Arc<Vec<Weight>>,
    /// The analysis date.
    pub as_of: Date,
}

/// The coverage of layers that are alike, each with an owner of its own.
#[derive(Copy, Clone, Debug)]
struct Record {
    coverage: LayerCoverage,
    /// Whether the party that is accountable, or the customer's half of a split, is the system's owner.
    is_owners: bool,
}

impl Record {
    /// Who is accountable for such a layer of a system with an owner.
    fn accountable(&self, owner: Option<PartyIx>) -> Accountable {
        match (self.coverage.ownership.accountable, owner.filter(|_| self.is_owners)) {
            (Accountable::Party(_), Some(owner)) => Accountable::Party(owner),
            (Accountable::Split { provider, .. }, Some(customer)) => Accountable::Split { customer, provider },
            (accountable, _) => accountable,
        }
    }

    /// The coverage of such a layer of a system with an owner.
    fn owned_by(&self, owner: Option<PartyIx>) -> LayerCoverage {
        let mut coverage = self.coverage;
        coverage.ownership.accountable = self.accountable(owner);
        if coverage.cell == Cell::Customer {
            coverage.expected = owner;
        }
        coverage
    }
}

/// The parties that an accountability names.
fn parties(accountable: Accountable) -> impl Iterator<Item = PartyIx> + use<> {
    let (first, second) = match accountable {
        Accountable::Nobody | Accountable::UndeclaredProvider => (None, None),
        Accountable::Party(party_ix) => (Some(party_ix), None),
        Accountable::Split { customer, provider } => (Some(customer), provider),
    };
    first.into_iter().chain(second)
}

/// The coverage of one system's layers, bottom to top; layers that do not exist have none.
pub type CoverageRow = [Option<LayerCoverage>; Layer::COUNT];

/// The coverage of one layer.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct LayerCoverage {
    /// Who must secure it.
    pub cell: Cell,
    /// The verdict on its ownership, and who is accountable.
    pub ownership: Ownership,
    /// How far its controls are in place; for a split the minimum of the halves.
    pub control: Interval,
    /// `accountability × control`.
    pub coverage: Interval,
    /// `threat × (1 − coverage)`.
    pub severity: Interval,
    /// Why it is a gap; none if severity is 0 whatever the unknowns turn out to be.
    pub gap: Option<GapKind>,
    /// The declared party that the matrix expects: the system's owner or its provider, as the cell says.
    pub expected: Option<PartyIx>,
    /// For a split: the half that sets the minimum on the low end; none if both do.
    pub weaker_half: Option<Side>,
}

impl LayerCoverage {
    /// The layer wholly covered, as it would be with an owner and every control in place.
    #[must_use]
    pub fn covered(&self) -> Self {
        let ownership = Ownership { verdict: Verdict::Clear, ..self.ownership };
        let (control, severity) = (Interval::ONE, Interval::ZERO);
        Self { ownership, control, coverage: Interval::ONE, severity, gap: None, weaker_half: None, ..*self }
    }

    /// The parties accountable for the layer.
    pub fn parties(&self) -> impl Iterator<Item = PartyIx> + use<> {
        parties(self.ownership.accountable)
    }

    /// The layer as it would be if it were settled who owns it: its controls count for what they are.
    #[must_use]
    pub fn owned(self, threat: Interval) -> Self {
        let ownership = Ownership { verdict: Verdict::Clear, ..self.ownership };
        let coverage = self.control;
        let severity = severity(threat, coverage);
        let gap = self.gap.filter(|_| severity.high > 0.0);
        Self { ownership, coverage, severity, gap, ..self }
    }

    /// The parties that the layer's gap is attributed to: of a split, the half that sets the minimum.
    ///
    /// Where the claim disagrees with the matrix, the gap belongs to the party that the matrix expects: nobody's
    /// account improves by calling a layer somebody else's.
    pub fn answerable(&self) -> Vec<Option<PartyIx>> {
        if matches!(self.ownership.verdict, Verdict::Contradicted | Verdict::Double) {
            return vec![self.expected];
        }
        match (self.ownership.accountable, self.weaker_half) {
            (Accountable::Nobody | Accountable::UndeclaredProvider, _) => vec![None],
            (Accountable::Party(party_ix), _) => vec![Some(party_ix)],
            (Accountable::Split { customer, .. }, Some(Side::Customer)) => vec![Some(customer)],
            (Accountable::Split { provider, .. }, Some(Side::Provider)) => vec![provider],
            (Accountable::Split { customer, provider }, None) => vec![Some(customer), provider],
        }
    }
}

impl Coverage {
    /// The coverage of every layer, on an analysis date.
    ///
    /// # Source
    /// Specification, section 3.
    pub fn of(estate: &Estate, policy: &Policy, as_of: Date) -> Self {
        let assessor = Assessor::new(policy, as_of);
        let alike = Arc::clone(estate.alike());
        let of = |number: u32| Some(assess(estate, policy, &assessor, &estate.sample(number)));
        let records = std::iter::once(None).chain((1..=alike.layer_samples().len() as u32).map(of)).collect();
        Self { alike, records, weights: Arc::clone(estate.weights()), as_of }
    }

    /// The coverage that a system would have among an estate's parties, on the same date.
    pub fn row_of(&self, estate: &Estate, policy: &Policy, system: &System) -> CoverageRow {
        row(estate, policy, &Assessor::new(policy, self.as_of), system)
    }

    /// The coverage of a system's layers.
    pub fn row(&self, system_ix: SystemIx) -> CoverageRow {
        let owner = self.weights[system_ix.index()].1;
        self.alike.layers(system_ix).map(|number| self.records[number as usize].map(|record| record.owned_by(owner)))
    }

    /// The coverage of a system's layers if some of them were wholly covered.
    pub fn row_covering(&self, system_ix: SystemIx, layers: impl IntoIterator<Item = Layer>) -> CoverageRow {
        let mut row = self.row(system_ix);
        for layer in layers {
            row[layer.index()] = row[layer.index()].map(|coverage| coverage.covered());
        }
        row
    }

    /// The coverage of a layer; none if it does not exist.
    pub fn layer(&self, system_ix: SystemIx, layer: Layer) -> Option<LayerCoverage> {
        let number = self.alike.layers(system_ix)[layer.index()];
        self.records[number as usize].map(|record| record.owned_by(self.weights[system_ix.index()].1))
    }

    /// The parties accountable for a layer, as [`LayerCoverage::parties`] gives them.
    pub fn parties(&self, system_ix: SystemIx, layer: Layer) -> impl Iterator<Item = PartyIx> + use<> {
        let record = self.records[self.alike.layers(system_ix)[layer.index()] as usize].as_ref();
        let owner = self.weights[system_ix.index()].1;
        record.map(|record| parties(record.accountable(owner))).into_iter().flatten()
    }

    /// By number of layers that are alike their coverage, whoever owns them; the first is that of layers that do not exist.
    pub(crate) fn records(&self) -> impl ExactSizeIterator<Item = Option<&LayerCoverage>> {
        self.records.iter().map(|record| record.as_ref().map(|record| &record.coverage))
    }

    /// The numbers of every system's layers, in order of ids.
    pub(crate) fn numbers(&self) -> &[[u32; Layer::COUNT]] {
        self.alike.all_layers()
    }

    /// Every layer that exists, in order of (system id, layer).
    pub fn layers(&self) -> impl Iterator<Item = (SystemIx, Layer, LayerCoverage)> {
        self.layers_of(|_| true)
    }

    /// Every gap, in order of (system id, layer).
    pub fn gaps(&self) -> impl Iterator<Item = (SystemIx, Layer, GapKind, LayerCoverage)> {
        self.layers_of(|coverage| coverage.gap.is_some())
            .filter_map(|(system_ix, layer, coverage)| coverage.gap.map(|kind| (system_ix, layer, kind, coverage)))
    }

    /// Every layer whose coverage is asked for.
    fn layers_of(&self, is_asked: fn(&LayerCoverage) -> bool) -> impl Iterator<Item = (SystemIx, Layer, LayerCoverage)> {
        self.numbers().iter().zip(self.weights.iter()).zip(0..).flat_map(move |((row, &(_, owner)), system_ix)| {
            let records = row.iter().map(move |&number| self.records[number as usize].as_ref().filter(|record| is_asked(&record.coverage)));
            let owned = move |(&layer, record): (&Layer, Option<&Record>)| Some((SystemIx(system_ix), layer, record?.owned_by(owner)));
            Layer::ALL.iter().zip(records).filter_map(owned)
        })
    }
}

fn row(estate: &Estate, policy: &Policy, assessor: &Assessor<'_>, system: &System) -> CoverageRow {
    std::array::from_fn(|layer_ix| {
        let layer = Layer::ALL[layer_ix];
        system.layer(layer).exists().then(|| assess(estate, policy, assessor, &system.layer_in_place(layer)).coverage)
    })
}

fn assess(estate: &Estate, policy: &Policy, assessor: &Assessor<'_>, of: &LayerInPlace<'_>) -> Record {
    let cell = of.facts.cell;
    let (ownership, is_owners) = verdict::ownership(estate, of);
    let (control, weaker_half) = control_of(estate, assessor, of, ownership);
    let coverage = policy.accountability(ownership.verdict).times(control.value);
    let severity = severity(policy.threat(of.facing), coverage);
    let gap = (severity.high > 0.0).then(|| gap_kind(cell, ownership.verdict, control));
    let expected = match cell {
        Cell::Customer => of.owner,
        Cell::Provider => of.provider.and_then(|provider| estate.find_party(provider)),
        Cell::Shared | Cell::Unknown | Cell::Undetermined | Cell::NotApplicable => None,
    };
    let coverage = LayerCoverage { cell, ownership, control: control.value, coverage, severity, gap, expected, weaker_half };
    Record { coverage, is_owners }
}

/// `threat × (1 − coverage)`; more coverage leaves less, so the ends swap.
fn severity(threat: Interval, coverage: Interval) -> Interval {
    Interval::new(threat.low * (1.0 - coverage.high), threat.high * (1.0 - coverage.low))
}

fn control_of(estate: &Estate, assessor: &Assessor<'_>, of: &LayerInPlace<'_>, ownership: Ownership) -> (Control, Option<Side>) {
    match statements(estate, of, ownership) {
        Statements::Whole(stated, backing) => (assessor.control(of.layer, &stated, backing), None),
        Statements::Split { customer, provider } => {
            let [customer, provider] = [customer, provider].map(|(stated, backing)| assessor.control(of.layer, &stated, backing));
            let weaker = match customer.value.low.total_cmp(&provider.value.low) {
                std::cmp::Ordering::Less => Some(Side::Customer),
                std::cmp::Ordering::Greater => Some(Side::Provider),
                std::cmp::Ordering::Equal => None,
            };
            (customer.weaker(provider), weaker)
        }
    }
}

/// What counts as said about a layer, with whose attestation stands behind silence.
enum Statements<'a> {
    /// One statement for the whole layer.
    Whole(Cow<'a, Stated>, Backing<'a>),
    /// A split that counts: a statement for each half.
    Split {
        /// The customer's.
        customer: (Cow<'a, Stated>, Backing<'a>),
        /// The provider's.
        provider: (Cow<'a, Stated>, Backing<'a>),
    },
}

fn statements<'a>(estate: &'a Estate, of: &LayerInPlace<'a>, ownership: Ownership) -> Statements<'a> {
    static SILENT: Stated = Stated { owner: None, status: None, controls: Vec::new(), evidence: None };
    let facts = of.facts;
    let claim = facts.claim.as_deref();
    let stated = claim.map_or(&SILENT, |claim| &claim.stated);
    let provider = |party: Option<PartyIx>| party.map_or(Backing::Undeclared, |party_ix| Backing::Provider(estate.party(party_ix)));
    if let (Accountable::Split { provider: party, .. }, Some(claim)) = (ownership.accountable, claim) {
        let half = |half: Option<&Stated>| half.map_or(Cow::Borrowed(stated), |half| Cow::Owned(filled(half, stated)));
        return Statements::Split {
            customer: (half(claim.customer.as_deref()), Backing::None),
            provider: (half(claim.provider.as_deref()), provider(party)),
        };
    }
    let backing = match facts.cell {
        Cell::Provider => provider(of.provider.and_then(|provider| estate.find_party(provider))),
        // The declared owner counts even where a half that nobody owns leaves the layer unowned.
        Cell::Unknown | Cell::Undetermined => match stated.owner {
            Some(Owner::Party(party_ix)) if estate.party(party_ix).kind.side() == Side::Provider => provider(Some(party_ix)),
            _ => Backing::None,
        },
        Cell::Customer | Cell::Shared | Cell::NotApplicable => Backing::None,
    };
    Statements::Whole(Cow::Borrowed(stated), backing)
}

/// A half of a split: what it does not state is filled from the layer.
fn filled(half: &Stated, layer: &Stated) -> Stated {
    Stated {
        owner: half.owner,
        status: half.status.or(layer.status),
        controls: if half.controls.is_empty() { layer.controls.clone() } else { half.controls.clone() },
        evidence: half.evidence.clone().or_else(|| layer.evidence.clone()),
    }
}

/// The first kind that applies, in the order of the specification.
fn gap_kind(cell: Cell, verdict: Verdict, control: Control) -> GapKind {
    match verdict {
        Verdict::Unowned => GapKind::Unowned,
        Verdict::Contradicted => GapKind::Contradicted,
        Verdict::Unsplit => GapKind::Unsplit,
        Verdict::Double => GapKind::Double,
        _ if cell == Cell::Undetermined => GapKind::Undetermined,
        Verdict::Unclaimed => GapKind::Unclaimed,
        Verdict::Clear if control.value.high == 0.0 => GapKind::Missing,
        Verdict::Clear if control.stale => GapKind::Stale,
        Verdict::Clear if control.value.high < 1.0 => GapKind::Partial,
        Verdict::Clear if control.unattested => GapKind::Unattested,
        Verdict::Clear => GapKind::Unknown,
    }
}
