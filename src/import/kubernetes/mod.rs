//! Kubernetes manifests, lists and dumps: workloads become systems, and Services, variables, policies and rights the
//! connections between them.

mod cluster;
mod isolation;
mod network_policy;
mod object;
mod rbac;
mod selector;
mod service;
mod workload;

use super::{Observations, Options, tree};
use crate::source::{Fault, Node, Source, parse_foreign};
use cluster::Cluster;
use service::Services;
use workload::{Platform, Workloads};

/// Reads files of this format, all together: Services stand in one, what they lead to in another.
pub(super) fn read(sources: &[&Source], options: &Options, seen: &mut Observations) {
    let documents: Vec<Node<'_>> = sources.iter().flat_map(|source| documents(source, options, seen)).collect();
    let mut objects = Vec::new();
    for document in &documents {
        object::collect(document, &mut objects, seen);
    }
    let workloads = Workloads::of(&objects);
    let platform = Platform::of(&objects);
    workloads.tell(&objects, platform, seen);
    let services = Services::of(&objects, &workloads, seen);
    services.tell_callers(&workloads, seen);
    services.tell_facing(&objects, seen);
    isolation::tell(&workloads, &objects, seen);
    network_policy::tell(&objects, &workloads, seen);
    let mut cluster = Cluster::default();
    rbac::tell(&objects, &workloads, &mut cluster, seen);
    cluster.tell_workloads(&workloads, seen);
    cluster.tell(&workloads, platform, seen);
}

/// The documents of a file. One that is no YAML because it is a template is told to be one.
fn documents<'s>(source: &'s Source, options: &Options, seen: &mut Observations) -> Vec<Node<'s>> {
    let faults = match parse_foreign(source, &options.limits) {
        Ok(documents) => return documents,
        Err(faults) => faults,
    };
    match object::mark(source).filter(|mark| faults.iter().any(|fault| fault.span.end >= mark.start)) {
        Some(mark) => seen.diagnostics.error(mark, Fault::NotRendered { remedy: object::REMEDY }),
        None => tree::refuse(faults, seen),
    }
    Vec::new()
}
