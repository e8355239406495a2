//! Edits of a model file that was read: migrations, failures, what is taken away. What is merely stated anew is an overlay.

use super::document::{ConnectionEntry, Document, HalfClaim, LayerClaim, SystemEntry};
use super::{Claim, connection};
use crate::catalog::{Cell, ControlCatalog, ControlIx, ControlStatus, Layer, ResponsibilityMatrix, Service, ServiceModel};
use crate::source::{At, Span};
use std::collections::BTreeMap;

/// What a system is moved to.
#[derive(Copy, Clone, Debug)]
pub enum Migration {
    /// A service model.
    Model(ServiceModel),
    /// A catalogued service.
    Service(&'static Service),
}

impl Migration {
    /// The migration that a word names.
    pub fn named(word: &str) -> Option<Self> {
        ServiceModel::from_id(word).map(Self::Model).or_else(|| ResponsibilityMatrix::shipped().service(word).map(Self::Service))
    }
}

impl Document {
    /// The identifier of every connection, stated or derived, in the order of the file.
    pub fn connection_ids(&self) -> Vec<String> {
        connection::identifiers(&self.connections)
    }

    /// The system with this id.
    pub fn system_mut(&mut self, id: &str) -> Option<&mut SystemEntry> {
        self.systems.iter_mut().find(|system| system.id.value == id)
    }

    /// Takes a system away, with every connection of it; says whether it was there.
    pub fn drop_system(&mut self, id: &str) -> bool {
        let before = self.systems.len();
        self.systems.retain(|system| system.id.value != id);
        self.keep_ids();
        self.connections.retain(|connection| connection.from.value != id && connection.to.value != id);
        self.systems.len() < before
    }

    /// Takes a connection away; says whether it was there.
    pub fn drop_connection(&mut self, id: &str) -> bool {
        let Some(at) = self.position(id) else { return false };
        self.keep_ids();
        self.connections.remove(at);
        true
    }

    /// Says of a connection that its controls are not in place.
    pub fn fail_connection(&mut self, id: &str) {
        let controls = self.position(id).and_then(|at| self.connections[at].controls.as_mut());
        for control in controls.into_iter().flatten() {
            control.status.value = ControlStatus::NotImplemented;
        }
    }

    /// Puts another connection in the place of one between the same systems.
    pub fn replace_connection(&mut self, id: &str, changed: ConnectionEntry) {
        let Some(at) = self.position(id) else { return };
        self.keep_ids();
        self.connections[at] = ConnectionEntry { id: self.connections[at].id.clone(), ..changed };
    }

    fn position(&self, id: &str) -> Option<usize> {
        self.connection_ids().iter().position(|known| known == id)
    }

    /// Writes out the identifiers of connections that differ by a number only: without one, the others would be numbered
    /// anew.
    fn keep_ids(&mut self) {
        let ids = self.connection_ids();
        let mut alike: BTreeMap<(String, &str, String), usize> = BTreeMap::new();
        let ends = |connection: &ConnectionEntry| (connection.from.value.clone(), connection.kind.value.id(), connection.to.value.clone());
        for connection in self.connections.iter().filter(|connection| connection.id.is_none()) {
            *alike.entry(ends(connection)).or_default() += 1;
        }
        for (connection, id) in self.connections.iter_mut().zip(ids) {
            if connection.id.is_none() && alike[&ends(connection)] > 1 {
                connection.id = Some(At { value: id, span: connection.span });
            }
        }
    }

    /// Says of a layer that nothing of it is in place, whatever its system or a rule states; `claim` is what they come to.
    pub fn fail_layer(&mut self, system: &str, layer: Layer, claim: Option<&Claim>) {
        let listed: Vec<ControlIx> =
            claim.into_iter().flat_map(Claim::statements).flat_map(|stated| &stated.controls).map(|(ix, _)| *ix).collect();
        let Some(entry) = self.system_mut(system) else { return };
        let span = entry.span;
        let failed = |ix: &ControlIx| (ControlCatalog::shipped().control(*ix).id.clone(), missing(span));
        let controls: BTreeMap<String, At<ControlStatus>> = listed.iter().map(failed).collect();
        let own = entry.layers.entry(layer).or_default();
        own.status = Some(missing(span));
        own.controls = controls.clone();
        own.evidence = None;
        if claim.is_some_and(|claim| claim.customer.is_some() || claim.provider.is_some()) {
            let split = own.split.get_or_insert_default();
            for half in [&mut split.customer, &mut split.provider] {
                let owner = half.take().and_then(|half| half.owner);
                *half = Some(HalfClaim { owner, status: Some(missing(span)), controls: controls.clone(), evidence: None, note: None });
            }
        }
    }

    /// Says of a control that it is not in place on a layer, where it is claimed; `claim` is what system and rules come to.
    pub fn fail_control(&mut self, system: &str, layer: Layer, control: ControlIx, claim: &Claim) {
        let id = &ControlCatalog::shipped().control(control).id;
        let lists = |controls: &[(ControlIx, ControlStatus)]| controls.iter().any(|(listed, _)| *listed == control);
        let Some(entry) = self.system_mut(system) else { return };
        let span = entry.span;
        let own = entry.layers.entry(layer).or_default();
        if lists(&claim.stated.controls) {
            own.controls.insert(id.clone(), missing(span));
        }
        for (is_customer, half) in [(true, &claim.customer), (false, &claim.provider)] {
            if half.as_ref().is_some_and(|half| lists(&half.controls)) {
                let split = own.split.get_or_insert_default();
                let half = if is_customer { &mut split.customer } else { &mut split.provider };
                half.get_or_insert_default().controls.insert(id.clone(), missing(span));
            }
        }
    }
}

fn missing(span: Span) -> At<ControlStatus> {
    At { value: ControlStatus::NotImplemented, span }
}

/// Moves a system to another service or service model.
///
/// What the customer claims of layers that it keeps stays. Of a layer that becomes shared it becomes the customer's half:
/// who does the other half has yet to be written. Claims about layers that the provider takes over, or that are no more,
/// go, and so do settings that decide nothing there.
pub fn migrate(system: &mut SystemEntry, to: Migration, span: Span) {
    let matrix = ResponsibilityMatrix::shipped();
    let before = system.service.take().and_then(|service| matrix.service(&service.value));
    let (service, model) = match to {
        Migration::Service(service) => {
            system.service = Some(At { value: service.id.clone(), span });
            system.model = None;
            system.provider = None;
            (Some(service), service.model)
        }
        Migration::Model(model) => {
            system.model = Some(At { value: model, span });
            let is_own = matches!(model, ServiceModel::OnPremises | ServiceModel::Colocation);
            system.provider = if is_own {
                None
            } else {
                system.provider.take().or_else(|| before.map(|service| At { value: service.provider.clone(), span }))
            };
            (None, model)
        }
    };
    system.settings.retain(|setting, _| service.is_some_and(|service| service.when.iter().any(|rule| rule.setting == *setting)));
    let settings = system.settings.iter().map(|(setting, value)| (setting.clone(), value.value.clone())).collect();
    for (layer, mut claim) in std::mem::take(&mut system.layers) {
        match matrix.cell(model, service, &settings, layer) {
            Cell::NotApplicable | Cell::Provider => continue,
            Cell::Customer => {
                if let Some(half) = claim.split.take().and_then(|split| split.customer) {
                    *claim = whole(half, *claim);
                }
            }
            Cell::Shared => {
                if claim.split.is_none() {
                    let LayerClaim { owner, status, controls, evidence, note, .. } = std::mem::take(&mut *claim);
                    let half = HalfClaim { owner, status, controls, evidence, note };
                    let split = claim.split.get_or_insert_default();
                    (split.customer, split.span) = (Some(half), span);
                }
            }
            Cell::Unknown | Cell::Undetermined => {}
        }
        // A layer that exists for certain cannot be denied.
        let is_open = matrix.cell(model, service, &settings, layer).is_open();
        claim.status.take_if(|status| status.value == ControlStatus::NotApplicable && !is_open);
        system.layers.insert(layer, claim);
    }
}

/// A half as the whole: what it does not state, the layer does.
fn whole(half: HalfClaim, layer: LayerClaim) -> LayerClaim {
    LayerClaim {
        owner: half.owner.or(layer.owner),
        status: half.status.or(layer.status),
        controls: if half.controls.is_empty() { layer.controls } else { half.controls },
        split: None,
        evidence: half.evidence.or(layer.evidence),
        note: half.note.or(layer.note),
        span: layer.span,
    }
}
