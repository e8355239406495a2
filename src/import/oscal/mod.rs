//! OSCAL documents: system security plans and component definitions, of which several are read as one.
//!
//! **Systems.** A plan's own system bears the plan's name for it; the components of type `this-system` are that system,
//! and documents (policies, procedures, validations) are no systems: what they implement, the system does. A component
//! is hosted by its system, and what it runs the system executes (software `supplies` it), runs on (hardware `hosts`
//! it) or talks to (it `reaches` it); a component outside the system only reaches it. An interconnection is the remote
//! system, with its `direction` as connections; without one both ways are possible. A leveraged authorization is the
//! system that `hosts` this one, run by its party, and the same as the leveraged plan's own system where that is given.
//! The model of a plan's system is left open: `control-origination` says who owns what, and it is nearer than a default.
//!
//! **Statuses.** Good news counts for the control, bad news for the layer. A control that the catalogue names by its
//! NIST identifier gets what all statements about it come to: in place if all are, planned if all are, else in part. A
//! layer gets a status of its own only where what is said of all its controls does not come to "in place", because a
//! document that speaks well of some controls says nothing of those it is silent about. Which layer a control belongs
//! to is a table of families.
//!
//! **Owners.** Of a layer whose controls all come from the provider it is the provider, if all come from the customer
//! the customer, else both halves are written down. A layer that is only inherited is the leveraged provider's. Where a
//! plan names no such party, one stands in for it.
//!
//! **Responsibilities** that a leveraged plan hands over and no leveraging plan satisfies are nobody's, and so is that
//! layer of every leveraging system that does not satisfy them.

mod claims;
mod layers;
mod leverage;
mod names;
mod plan;

use super::observation::Evidence;
use super::tree::documents;
use super::{Format, Observations, Options};
use crate::catalog::{Certainty, ConnectionKind, PartyKind, Strength};
use crate::source::{Fault, Node, Source};
use leverage::Leverage;
use names::{Names, Parties};
use plan::{Kind, Plan, Subject};

/// Reads files of this format.
pub(super) fn read(sources: &[&Source], options: &Options, seen: &mut Observations) {
    let trees: Vec<Node<'_>> = sources.iter().flat_map(|source| documents(source, options, seen)).collect();
    let plans: Vec<Plan<'_>> = trees.iter().filter_map(|tree| Plan::of(tree, seen)).collect();
    let leverage = Leverage::of(&plans);
    let names = Names::of(&plans, &leverage);
    let mut parties = Parties::of(&plans);
    for plan in plans.iter().filter(|plan| !plan.is_definition) {
        the_system(plan, &names, &mut parties, seen);
    }
    for (plan_ix, plan) in plans.iter().enumerate() {
        authorizations(plan, plan_ix, &names, &leverage, &mut parties, seen);
        for subject in &plan.subjects[plan.first_component()..] {
            component(plan, subject, &names, &mut parties, seen);
        }
    }
    let unmet = leverage.judge(&plans, &names, seen);
    for (plan_ix, plan) in plans.iter().enumerate() {
        claims::see(plan, &unmet[plan_ix], &names, &mut parties, seen);
    }
    parties.flush(seen);
}

/// What a file lacks that holds neither kind of document.
fn not_oscal() -> Fault {
    Fault::NotThatFormat { expected: Format::Oscal.title(), lacks: "`system-security-plan` or `component-definition`" }
}

/// The system that a plan is about.
fn the_system(plan: &Plan<'_>, names: &Names, parties: &mut Parties, seen: &mut Observations) {
    let subject = &plan.subjects[0];
    let owner = plan.owner().map(|uuid| parties.id(uuid, PartyKind::Team));
    seen.thing(subject.span);
    let fact = seen.system(names.id(plan, subject), Evidence::at(subject.span));
    fact.aliases.extend(Some(plan.uuid.clone()).filter(|uuid| !uuid.is_empty()));
    fact.aliases.extend(subject.uuids.iter().cloned());
    fact.name = subject.name.map(str::to_owned);
    fact.criticality = plan.criticality();
    fact.owner = owner;
    fact.tags = plan.tags();
}

/// The systems that a plan's system leverages, and so runs on.
fn authorizations(plan: &Plan<'_>, plan_ix: usize, names: &Names, leverage: &Leverage, parties: &mut Parties, seen: &mut Observations) {
    for (authorization_ix, authorization) in plan.authorizations.iter().enumerate() {
        let provider = authorization.party.as_ref().map(|uuid| parties.id(uuid, PartyKind::Provider));
        let partner = leverage.partner(plan_ix, authorization_ix);
        seen.thing(authorization.span);
        let fact = seen.system(names.authorization(authorization), Evidence::of(authorization.span, "leveraged-authorizations"));
        fact.aliases.push(authorization.uuid.clone());
        fact.aliases.extend(partner.map(str::to_owned));
        fact.name = authorization.title.map(str::to_owned);
        fact.provider = provider;
        let evidence = Evidence::of(authorization.span, "leveraged-authorizations");
        seen.connect(authorization.uuid.clone(), ConnectionKind::Hosts, names.id(plan, &plan.subjects[0]), evidence);
        if partner.is_some() {
            seen.reference(authorization.span);
        } else {
            seen.unresolved(authorization.span, format!("leveraged-authorizations of {}", names.id(plan, &plan.subjects[0])));
        }
    }
}

/// A component, and how it is connected with the system that it is part of.
fn component(plan: &Plan<'_>, subject: &Subject<'_>, names: &Names, parties: &mut Parties, seen: &mut Observations) {
    let id = names.id(plan, subject);
    let owner = subject.owner().filter(|_| subject.authorization.is_none()).map(|uuid| parties.id(uuid, PartyKind::Team));
    let provider = subject.provider().map(|uuid| parties.id(uuid, PartyKind::Provider));
    seen.thing(subject.span);
    let fact = seen.system(id.clone(), Evidence::at(subject.span));
    fact.aliases.extend(subject.uuids.iter().cloned());
    fact.aliases.extend(subject.inherited.iter().cloned());
    if subject.kind == Kind::LeveragedSystem {
        fact.aliases.extend(subject.authorization.iter().cloned());
    }
    fact.name = subject.name.map(str::to_owned);
    fact.owner = owner;
    fact.provider = provider;
    fact.tags.push(format!("type:{}", subject.sort));
    if !plan.is_definition {
        connect(&id, &names.id(plan, &plan.subjects[0]), subject, seen);
    }
}

fn connect(id: &str, system: &str, subject: &Subject<'_>, seen: &mut Observations) {
    use ConnectionKind::{Hosts, Reaches, Supplies};
    let evidence = |attribute: &'static str| Evidence::of(subject.span, attribute);
    if let Some(authorization) = &subject.authorization {
        let property = "leveraged-authorization-uuid";
        seen.connect(id, Hosts, system, evidence(property));
        if subject.kind != Kind::LeveragedSystem {
            seen.connect(authorization.clone(), Hosts, id, evidence(property));
        }
        return;
    }
    match subject.kind {
        Kind::Interconnection => interconnection(id, system, subject, seen),
        Kind::Hardware => {
            seen.connect(id, Hosts, system, evidence("type"));
        }
        _ if subject.is_external() => {
            seen.connect(id, Reaches, system, evidence("implementation-point"));
        }
        Kind::Software => {
            seen.connect(system, Hosts, id, evidence("type"));
            seen.connect(id, Supplies, system, evidence("type"));
        }
        Kind::System | Kind::LeveragedSystem | Kind::Other => {
            seen.connect(system, Hosts, id, evidence("type"));
            seen.connect(id, Reaches, system, evidence("type"));
        }
    }
}

/// The connections with a remote system, and what secures them.
fn interconnection(id: &str, system: &str, subject: &Subject<'_>, seen: &mut Observations) {
    let directions: Vec<&str> = subject.properties("direction").collect();
    let has = |direction: &str| directions.is_empty() || directions.contains(&direction);
    let secured = subject.properties("interconnection-security").next().is_some_and(|way| !way.eq_ignore_ascii_case("none"));
    let both = [("incoming", id, system), ("outgoing", system, id)];
    for (_, from, to) in both.into_iter().filter(|(direction, ..)| has(direction)) {
        let connection = seen.connect(from, ConnectionKind::Reaches, to, Evidence::of(subject.span, "direction"));
        if directions.is_empty() {
            connection.certainty = Certainty::Possible;
        }
        if secured {
            // Whatever it is, IPsec, TLS or a line of its own: it keeps others from reading along.
            connection.controls.push(("encryption", Strength::Strong, crate::catalog::ControlStatus::Implemented));
        }
    }
}
