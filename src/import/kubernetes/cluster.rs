//! The cluster as one system: its control plane and its machines, to which rights, secrets and escapes lead.

use super::isolation;
use super::workload::{Platform, Workload, Workloads};
use crate::catalog::{Certainty, ConnectionKind, ControlStatus, ServiceModel, Strength};
use crate::import::{Evidence, Observations};

/// Its id; no workload's is without a slash.
const ID: &str = "cluster";

/// The cluster, as far as anything leads to it or comes from it.
#[derive(Debug, Default)]
pub(super) struct Cluster {
    /// What first led to it.
    first: Option<Evidence>,
}

/// How far rights reach.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The whole cluster.
    Cluster,
    /// One namespace.
    Namespace,
}

impl Cluster {
    fn touch(&mut self, evidence: &Evidence) {
        self.first.get_or_insert_with(|| evidence.clone());
    }

    /// Tells that a workload acts with dangerous rights. Rights in one namespace are rights over a part only, which holds
    /// against what would need all of it.
    pub(super) fn tell_rights(&mut self, workload: &Workload<'_>, scope: Scope, evidence: Evidence, seen: &mut Observations) {
        self.touch(&evidence);
        let connection = seen.connect(&workload.id, ConnectionKind::HoldsCredentials, ID, evidence);
        if scope == Scope::Namespace {
            connection.controls.push(("authz", Strength::Moderate, ControlStatus::Implemented));
        }
    }

    /// Tells that more rights are granted than are in use.
    pub(super) fn tell_broad_rights(&mut self, evidence: Evidence, seen: &mut Observations) {
        self.touch(&evidence);
        seen.control(ID, "access.least-privilege", ControlStatus::NotImplemented, evidence);
    }

    /// Tells whose secrets the cluster keeps, and who can take over its machines.
    ///
    /// Secrets are kept by the control plane, all in one store: who reads that store reads all of them. So they are the
    /// cluster's, and no systems of their own. Whoever owns a machine owns the Pods on it, and what the machine may do in
    /// the cluster; whether that is all of it is not told by the files, so that such a connection is only possible.
    pub(super) fn tell_workloads(&mut self, workloads: &Workloads<'_>, seen: &mut Observations) {
        for workload in workloads.roots() {
            if let Some(evidence) = isolation::secret_of(workload) {
                self.touch(&evidence);
                seen.reference(evidence.span);
                seen.connect(ID, ConnectionKind::KeepsSecrets, &workload.id, evidence);
            }
            let breaches = workload.pod.map(|pod| isolation::breaches(workload, pod)).unwrap_or_default();
            for breach in breaches.into_iter().filter(|breach| breach.takes_machine) {
                self.touch(&breach.evidence);
                seen.connect(&workload.id, ConnectionKind::Manages, ID, breach.evidence).certainty = Certainty::Possible;
            }
        }
    }

    /// Tells the cluster itself, if anything leads to it: then every workload runs on it.
    pub(super) fn tell(self, workloads: &Workloads<'_>, platform: Option<Platform>, seen: &mut Observations) {
        let Some(first) = self.first else { return };
        let fact = seen.system(ID, first);
        fact.name = Some("Kubernetes cluster".to_owned());
        fact.model = Some(ServiceModel::Caas);
        if let Some(platform) = platform {
            platform.describe(fact);
        }
        for workload in workloads.roots() {
            seen.connect(ID, ConnectionKind::Hosts, &workload.id, Evidence::at(workload.object.span));
        }
    }
}
