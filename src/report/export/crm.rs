//! A customer responsibility matrix as CSV: a row for each system, layer and control, in the words of reviewers and of OSCAL.
//!
//! The matrix is read as that of a provider: **who** does it of the two sides of the service that the row is about.
//! OSCAL's `control-origination` has no word for shared: it is given one value for each side, `sp-system` for the
//! provider's and for the customer's `customer-provided` (software and hardware: the layers of hosts, programs and code)
//! or `customer-configured` (all others). Its `implementation-status` has no word for what is not implemented or not
//! known: there the cell is empty, and the status beside it says what is claimed.
//!
//! Controls of connections stand in no row: a matrix of responsibilities has no place for them.

use crate::catalog::{Cell, Control, ControlCatalog, ControlStatus, Layer, Verdict};
use crate::coverage::{Accountable, LayerCoverage, Standing};
use crate::estate::{Claim, Estate, Owner, Stated, System, SystemIx};
use crate::graph::ExposureGraph;
use crate::report::csv::{guarded, into_io};
use crate::report::owners;
use crate::source::visible;
use std::io;

/// The headings of the columns.
pub const COLUMNS: [&str; 28] = [
    "System ID",
    "System name",
    "Provider",
    "Service",
    "Service model",
    "Layer",
    "Control ID",
    "Control title",
    "Responsibility",
    "Can be inherited",
    "Owner",
    "Owner of the customer's half",
    "Owner of the provider's half",
    "Accountability",
    "Status",
    "Status of the customer's half",
    "Status of the provider's half",
    "Implementation status",
    "Control origination",
    "Gap",
    "Evidence date",
    "Evidence source",
    "NIST SP 800-53 r5",
    "CSA CCM v4.0",
    "CIS Controls v8",
    "Criticality",
    "Analysis date",
    "Note",
];

/// Writes the matrix of all systems, in order of (system id, layer, control): one row for each control that is of the
/// layer's baseline or listed, one for a layer that does not exist.
///
/// A text that a spreadsheet would take for a formula begins with an apostrophe instead.
///
/// # Errors
/// The writer's, of the kind that it gave.
pub fn write(graph: &ExposureGraph<'_>, out: &mut impl io::Write) -> io::Result<()> {
    let mut writer = ::csv::WriterBuilder::new().quote_style(::csv::QuoteStyle::Always).from_writer(out);
    writer.write_record(COLUMNS).map_err(into_io)?;
    for system_ix in graph.estate.system_ixs() {
        for &layer in Layer::ALL {
            let place = Place { graph, system_ix, layer };
            match graph.coverage.layer(system_ix, layer) {
                None => writer.write_record(shown(place.absent())).map_err(into_io)?,
                Some(coverage) => {
                    for standing in graph.coverage.standings(graph.estate, graph.policy, system_ix, layer) {
                        writer.write_record(shown(place.row(&coverage, &standing))).map_err(into_io)?;
                    }
                }
            }
        }
    }
    writer.flush()
}

/// A row as texts that neither a terminal nor a spreadsheet obeys.
fn shown(row: [String; COLUMNS.len()]) -> [String; COLUMNS.len()] {
    row.map(|text| guarded(visible(&text).into_owned()))
}

/// A layer of a system.
#[derive(Copy, Clone)]
struct Place<'g> {
    graph: &'g ExposureGraph<'g>,
    system_ix: SystemIx,
    layer: Layer,
}

impl<'g> Place<'g> {
    fn system(self) -> &'g System {
        self.graph.estate.system(self.system_ix)
    }

    fn claim(self) -> Option<&'g Claim> {
        self.system().layer(self.layer).claim.as_deref()
    }

    /// The row of a layer that does not exist.
    fn absent(self) -> [String; COLUMNS.len()] {
        let status = ControlStatus::NotApplicable.id();
        let note = self.note();
        self.filled([
            ("Responsibility", self.system().layer(self.layer).cell.id().to_owned()),
            ("Status", status.to_owned()),
            ("Implementation status", status.to_owned()),
            ("Note", note),
        ])
    }

    fn row(self, coverage: &LayerCoverage, standing: &Standing) -> [String; COLUMNS.len()] {
        let catalog = ControlCatalog::shipped();
        let control = standing.control.map(|control_ix| catalog.control(control_ix));
        let references = |standard: &str, written: fn(&str) -> String| references(control, standard, written);
        let word = |status: Option<ControlStatus>| status.map(|status| status.id().to_owned()).unwrap_or_default();
        let evidence = standing.evidence.as_ref();
        self.filled([
            ("Control ID", control.map(|control| control.id.clone()).unwrap_or_default()),
            ("Control title", control.map(|control| control.title.clone()).unwrap_or_default()),
            ("Responsibility", coverage.cell.id().to_owned()),
            ("Can be inherited", inheritable(coverage.cell).to_owned()),
            ("Owner", owner(self, coverage)),
            ("Owner of the customer's half", self.half_owner(coverage, Half::Customer)),
            ("Owner of the provider's half", self.half_owner(coverage, Half::Provider)),
            ("Accountability", coverage.ownership.verdict.id().to_owned()),
            ("Status", word(standing.stated)),
            ("Status of the customer's half", word(standing.customer)),
            ("Status of the provider's half", word(standing.provider)),
            ("Implementation status", implementation_status(standing.counted).to_owned()),
            ("Control origination", origination(coverage.cell, self.layer)),
            ("Gap", coverage.gap.map(|kind| kind.id().to_owned()).unwrap_or_default()),
            ("Evidence date", evidence.map(|evidence| evidence.as_of.to_string()).unwrap_or_default()),
            ("Evidence source", evidence.and_then(|evidence| evidence.source.clone()).unwrap_or_default()),
            ("NIST SP 800-53 r5", references("nist_800_53_r5", nist)),
            ("CSA CCM v4.0", references("ccm_v4_0", str::to_owned)),
            ("CIS Controls v8", references("cis_v8", cis)),
            ("Note", self.note()),
        ])
    }

    /// A row with what is known of every layer of the system, and some cells more.
    fn filled<const N: usize>(self, cells: [(&str, String); N]) -> [String; COLUMNS.len()] {
        let system = self.system();
        let of_system = [
            ("System ID", system.id.clone()),
            ("System name", system.name.clone().unwrap_or_default()),
            ("Provider", system.provider.clone().unwrap_or_default()),
            ("Service", system.service.map(|service| service.id.clone()).unwrap_or_default()),
            ("Service model", system.model.id().to_owned()),
            ("Layer", self.layer.id().to_owned()),
            ("Criticality", system.criticality.map(|criticality| criticality.id().to_owned()).unwrap_or_default()),
            ("Analysis date", self.graph.coverage.as_of.to_string()),
        ];
        let mut row: [String; COLUMNS.len()] = std::array::from_fn(|_| String::new());
        for (heading, text) in of_system.into_iter().chain(cells) {
            let column = COLUMNS.iter().position(|column| *column == heading);
            debug_assert!(column.is_some(), "`{heading}` is no column");
            if let Some(column) = column {
                row[column] = text;
            }
        }
        row
    }

    fn note(self) -> String {
        self.claim().and_then(|claim| claim.note.clone()).unwrap_or_default()
    }

    /// The owner of a half: as the split counts, else as it is claimed.
    fn half_owner(self, coverage: &LayerCoverage, half: Half) -> String {
        if let Some((customer, provider)) = owners::split(self.graph.estate, self.system_ix, coverage) {
            return if half == Half::Customer { customer } else { provider };
        }
        let stated =
            self.claim().and_then(|claim| if half == Half::Customer { claim.customer.as_deref() } else { claim.provider.as_deref() });
        stated.map(|stated| stated_owner(self.graph.estate, stated)).unwrap_or_default()
    }
}

/// A side of a shared layer.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Half {
    Customer,
    Provider,
}

fn stated_owner(estate: &Estate, stated: &Stated) -> String {
    match stated.owner {
        Some(Owner::Party(party_ix)) => estate.party(party_ix).id.clone(),
        Some(Owner::Nobody) => crate::estate::NOBODY.to_owned(),
        None => String::new(),
    }
}

/// The one owner of a layer; `nobody` where that is said, and nothing where nothing is or where each half has its own.
fn owner(place: Place<'_>, coverage: &LayerCoverage) -> String {
    let is_nobodys = coverage.ownership.accountable == Accountable::Nobody
        && matches!(coverage.ownership.verdict, Verdict::Unowned | Verdict::Contradicted);
    let nobody = || if is_nobodys { crate::estate::NOBODY.to_owned() } else { String::new() };
    owners::single(place.graph.estate, place.system_ix, coverage).unwrap_or_else(nobody)
}

/// Whether the customer can inherit the control from the provider, as such matrices ask.
fn inheritable(cell: Cell) -> &'static str {
    match cell {
        Cell::Provider => "yes",
        Cell::Shared => "partial",
        Cell::Customer => "no",
        Cell::NotApplicable | Cell::Unknown | Cell::Undetermined => "",
    }
}

/// OSCAL's `implementation-status`; nothing where it has no word.
fn implementation_status(status: ControlStatus) -> &'static str {
    match status {
        ControlStatus::Implemented
        | ControlStatus::Alternative
        | ControlStatus::Partial
        | ControlStatus::Planned
        | ControlStatus::NotApplicable => status.id(),
        ControlStatus::NotImplemented | ControlStatus::Unknown => "",
    }
}

/// OSCAL's `control-origination`, a value for each side that has a part.
fn origination(cell: Cell, layer: Layer) -> String {
    let customer = match layer {
        Layer::Physical | Layer::Virtualization | Layer::Os | Layer::Applications | Layer::Code => "customer-provided",
        Layer::Network | Layer::Directory | Layer::Monitoring | Layer::Config | Layer::Access | Layer::Data => "customer-configured",
    };
    match cell {
        Cell::Provider => "sp-system".to_owned(),
        Cell::Customer => customer.to_owned(),
        Cell::Shared => format!("sp-system; {customer}"),
        Cell::NotApplicable | Cell::Unknown | Cell::Undetermined => String::new(),
    }
}

/// The identifiers of a control in a standard, as its readers write them.
fn references(control: Option<&Control>, standard: &str, written: fn(&str) -> String) -> String {
    let ids = control.and_then(|control| control.refs.get(standard)).into_iter().flatten();
    ids.map(|id| written(id)).collect::<Vec<_>>().join("; ")
}

/// `AC-2(3)` for `ac-2.3`, as OSCAL writes it.
fn nist(id: &str) -> String {
    let (control, enhancement) = id.split_once('.').map_or((id, String::new()), |(control, number)| (control, format!("({number})")));
    format!("{}{enhancement}", control.to_ascii_uppercase())
}

/// With the name of the standard, since a spreadsheet takes `3.10` by itself for the number 3.1.
fn cis(id: &str) -> String {
    format!("CIS {id}")
}
