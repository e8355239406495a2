//! What the attributes of a graph and the columns of a table mean: the same names for both.

use super::observation::{Claimed, Evidence, Observations};
use super::{Options, identifier};
use crate::catalog::{Certainty, ConnectionKind, ControlStatus, Criticality, Facing, Layer, ResponsibilityMatrix, ServiceModel};
use crate::source::Span;

/// The attributes of one node or edge, or the cells of one row.
pub(super) struct Row<'r> {
    pub(super) span: Span,
    /// What an attribute of theirs holds.
    pub(super) value: &'r dyn Fn(&str) -> Option<&'r str>,
    pub(super) options: &'r Options,
    /// Whether there is nothing to ask for.
    pub(super) is_bare: bool,
}

impl<'r> Row<'r> {
    /// What one of our attributes holds, under the name that the options give it.
    fn get(&self, ours: &str) -> Option<&'r str> {
        if self.is_bare {
            return None;
        }
        let theirs = self.options.columns.iter().find(|(own, _)| own == ours).map(|(_, theirs)| theirs.as_str());
        let value = match theirs {
            Some(theirs) => (self.value)(theirs),
            None => (self.value)(ours).or_else(|| (self.value)(&format!("weaklink_{ours}"))),
        };
        value.map(str::trim).filter(|value| !value.is_empty())
    }

    /// A word of one of our vocabularies; another word is counted as not understood.
    fn word<T>(&self, ours: &str, of: fn(&str) -> Option<T>, seen: &mut Observations) -> Option<T> {
        let value = self.get(ours)?;
        let word = of(value);
        if word.is_none() {
            seen.not_understood(self.span, format!("a word in `{ours}`"));
        }
        word
    }

    fn evidence(&self, attribute: &str) -> Evidence {
        Evidence::of(self.span, attribute.to_owned())
    }
}

/// Adds the system of a node, or of an end of an edge.
pub(super) fn system(id: &str, row: &Row<'_>, seen: &mut Observations) {
    if row.is_bare {
        seen.system(id, Evidence::at(row.span));
        return;
    }
    let service = row.word("service", |name| ResponsibilityMatrix::shipped().service(name).map(|service| service.id.clone()), seen);
    let model = row.word("model", ServiceModel::from_id, seen);
    let criticality = row.word("criticality", Criticality::from_id, seen);
    let facing = row.word("facing", Facing::from_id, seen);
    let claims = claims(row, seen);
    let system = seen.system(id, Evidence::at(row.span));
    (system.service, system.model, system.criticality, system.facing) = (service, model, criticality, facing);
    system.name = row.get("name").map(str::to_owned);
    system.provider = row.get("provider").map(str::to_owned);
    system.owner = row.get("owner").map(str::to_owned);
    for (layer, claim, evidence) in claims {
        seen.claim(id, layer, claim, evidence);
    }
}

/// What `owner_os`, `status_data` and their like say of layers.
fn claims(row: &Row<'_>, seen: &mut Observations) -> Vec<(Layer, Claimed, Evidence)> {
    let mut claims = Vec::new();
    for &layer in Layer::ALL {
        let owner = format!("owner_{layer}");
        if let Some(party) = row.get(&owner) {
            claims.push((layer, Claimed::Owner(identifier::of(party).into_owned()), row.evidence(&owner)));
        }
        let status = format!("status_{layer}");
        if let Some(word) = row.word(&status, ControlStatus::from_id, seen) {
            claims.push((layer, Claimed::Status(word), row.evidence(&status)));
        }
    }
    claims
}

/// Adds the connection of an edge. Of one without a direction the kind acts both ways.
pub(super) fn connection([from, to]: [&str; 2], both_ways: bool, row: &Row<'_>, seen: &mut Observations) {
    let options = row.options;
    let kind = row.word("kind", ConnectionKind::from_id, seen).unwrap_or(options.kind);
    let certainty = row.word("certainty", Certainty::from_id, seen).unwrap_or(Certainty::Certain);
    let (from, to) = if options.reverse { (to, from) } else { (from, to) };
    if both_ways && kind == ConnectionKind::Reaches {
        seen.connect(from, ConnectionKind::Peers, to, Evidence::at(row.span)).certainty = certainty;
        return;
    }
    seen.connect(from, kind, to, Evidence::at(row.span)).certainty = certainty;
    if both_ways {
        seen.connect(to, kind, from, Evidence::at(row.span)).certainty = certainty;
    }
}
