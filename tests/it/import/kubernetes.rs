//! Kubernetes.

use super::told::{assert_never_shown, assert_told, outcomes};
use super::{connections, corpus, corpus_files, model, sources};
use weaklink::catalog::{ControlStatus, Facing, Layer};
use weaklink::report::faults;

#[test]
fn workloads_call_the_services_that_their_variables_name() {
    assert_told("kubernetes/shop.told", &["kubernetes/shop.yaml"]);
}

#[test]
fn what_lets_the_outside_in_is_told_of_the_workloads_behind_it() {
    assert_told("kubernetes/facing.told", &["kubernetes/facing.yaml"]);
}

#[test]
fn isolation_is_claimed_only_where_the_pod_or_its_namespace_proves_it() {
    assert_told("kubernetes/isolation.told", &["kubernetes/isolation.yaml"]);
}

#[test]
fn policies_filter_what_they_select_and_name_who_may_speak() {
    assert_told("kubernetes/policies.told", &["kubernetes/policies.yaml"]);
}

#[test]
fn dangerous_rights_lead_to_the_cluster() {
    assert_told("kubernetes/rights.told", &["kubernetes/rights.yaml"]);
}

#[test]
fn pods_are_what_they_run_for_where_that_is_described() {
    assert_told("kubernetes/pods.told", &["kubernetes/pods.json"]);
    assert_told("kubernetes/pods-and-owners.told", &["kubernetes/pods.json", "kubernetes/owners.json"]);
}

#[test]
fn what_is_no_manifest_yet_or_none_at_all_is_refused() {
    for name in ["template", "half-filled", "kustomization", "no-manifest", "repeated-key"] {
        assert_told(&format!("kubernetes/{name}.told"), &[&format!("kubernetes/{name}.yaml")]);
    }
}

#[test]
fn no_value_of_a_manifest_is_ever_shown() {
    assert_never_shown("kubernetes/canary.yaml", "c4n4ry");
}

#[test]
fn the_demo_shop_has_twelve_workloads_and_sixteen_connections() {
    let Some(path) = corpus("kubernetes/GoogleCloudPlatform__microservices-demo/release/kubernetes-manifests.yaml") else { return };
    let (import, _) = model(&[path]);
    assert_eq!(import.document.systems.len(), 12);
    let calls = [
        "cartservice redis-cart",
        "checkoutservice cartservice",
        "checkoutservice currencyservice",
        "checkoutservice emailservice",
        "checkoutservice paymentservice",
        "checkoutservice productcatalogservice",
        "checkoutservice shippingservice",
        "frontend adservice",
        "frontend cartservice",
        "frontend checkoutservice",
        "frontend currencyservice",
        "frontend productcatalogservice",
        "frontend recommendationservice",
        "frontend shippingservice",
        "loadgenerator frontend",
        "recommendationservice productcatalogservice",
    ];
    let calls = calls.iter().filter_map(|call| call.split_once(' '));
    let expected: Vec<String> = calls.map(|(from, to)| format!("default/Deployment/{from} reaches default/Deployment/{to}")).collect();
    assert_eq!(connections(&import), expected);
    let facing = import.document.systems.iter().filter(|system| system.facing.as_ref().is_some_and(|it| it.value == Facing::Internet));
    assert_eq!(facing.map(|system| system.id.value.as_str()).collect::<Vec<_>>(), ["default/Deployment/frontend"]);
    // The assistant is a part that this release leaves out; all twelve Services have their workloads.
    let unresolved: Vec<&str> = import.files[0].unresolved.iter().map(|(_, reference)| reference.as_str()).collect();
    assert_eq!(unresolved, ["host in env SHOPPING_ASSISTANT_SERVICE_ADDR of default/Deployment/frontend"]);
}

#[test]
fn the_dump_of_a_cluster_grants_everything_to_everybody() {
    let mut paths = corpus_files("kubernetes/someengineering__fixinventory");
    paths.retain(|path| !path.ends_with("apis.json"));
    if paths.is_empty() {
        return;
    }
    let (import, _) = model(&paths);
    let sources = sources(&paths);
    let warnings: Vec<String> = import.warnings.iter().map(|it| faults::wording(&it.fault).message).collect();
    assert_eq!(warnings, ["the role `cluster-admin` is granted to `k8saas:authenticated`, which nearly everybody belongs to"]);
    assert_eq!(sources.len(), 31);
    let systems: Vec<&str> = import.document.systems.iter().map(|system| system.id.value.as_str()).collect();
    // 13 Deployments, 5 DaemonSets, 2 StatefulSets, a Pod of an operator's own making, and the cluster.
    assert_eq!(systems.len(), 22, "{systems:#?}");
}

#[test]
fn nine_pods_of_that_cluster_are_privileged() {
    let Some(path) = corpus("kubernetes/someengineering__fixinventory/plugins/k8s/test/files/api_v1_pods.json") else { return };
    let (import, _) = model(&[path]);
    let pods = import.document.systems.iter().filter(|system| system.id.value.contains("/Pod/"));
    let open = |note: &str| {
        let claims = pods.clone().filter_map(|system| system.layers.get(&Layer::Virtualization));
        let open = claims.filter(|claim| {
            claim.controls.get("virtualization.tenant-isolation").is_some_and(|it| it.value == ControlStatus::NotImplemented)
        });
        open.filter(|claim| claim.note.as_ref().is_some_and(|it| it.value.contains(note))).count()
    };
    assert_eq!((pods.clone().count(), open("")), (33, 16));
    // The privileged ones could take over their machines; the others only look at them.
    let takers = connections(&import).into_iter().filter(|it| it.contains("manages")).count();
    assert_eq!((open("securityContext.privileged"), takers), (9, 9));
}

/// What the files of each repository of the corpus come to.
const OUTCOMES: &str = "\
GoogleCloudPlatform__microservices-demo: 17 not-rendered
GoogleCloudPlatform__microservices-demo: 34 read
kubernetes__examples: 5 duplicate-key
kubernetes__examples: 6 not-rendered
kubernetes__examples: 232 read
kubernetes__examples: 2 unknown-format
kubernetes__examples: 1 unreadable: it is empty
someengineering__fixinventory: 31 read
someengineering__fixinventory: 1 unknown-format
";

#[test]
fn every_file_of_the_corpus_is_read_or_refused_with_a_reason() {
    let folders = ["GoogleCloudPlatform__microservices-demo", "kubernetes__examples", "someengineering__fixinventory"];
    let mut table = String::new();
    for folder in folders {
        let files = corpus_files(&format!("kubernetes/{folder}"));
        if files.is_empty() {
            return;
        }
        for (outcome, count) in outcomes(&files) {
            table += &format!("{folder}: {count} {outcome}\n");
        }
    }
    assert_eq!(table, OUTCOMES);
}
