//! CloudFormation templates.

use super::{connections, corpus_files, fixture, imported, model};
use std::path::Path;
use weaklink::report::faults;

#[test]
fn a_template_gives_what_the_same_in_terraform_would() {
    let (import, estate) = model(&[fixture("cloudformation/shop.yaml")]);
    let expected = [
        "Archive feeds Thumbnails",
        "Front reaches Web",
        "Key keeps-secrets Orders",
        "Network hosts Front",
        "Network hosts Orders",
        "Network hosts Web",
        "Orders feeds Replica?",
        "ThumbnailRole holds-credentials Archive",
        "Thumbnails holds-credentials ThumbnailRole",
        "Web reaches Orders",
    ];
    assert_eq!(connections(&import), expected);
    let told: Vec<String> = import
        .document
        .systems
        .iter()
        .map(|system| {
            let controls = system.layers.values().flat_map(|claim| &claim.controls);
            let controls: Vec<String> = controls.map(|(control, status)| format!("{control} {}", status.value)).collect();
            let facing = system.facing.as_ref().map_or("-", |facing| facing.value.id());
            format!(
                "{} {} {facing}: {}",
                system.id.value,
                system.service.as_ref().map_or("-", |service| &service.value),
                controls.join(", ")
            )
        })
        .collect();
    let expected = [
        "Archive aws.s3 -: config.public-exposure partial, data.backup-restore implemented, data.encrypt-at-rest implemented",
        "Front aws.alb internet: network.ingress-filter implemented, monitoring.log-scope implemented",
        "Key aws.kms -: data.key-management implemented",
        "Network aws.vpc -: config.public-exposure partial",
        "Orders aws.rds internal: network.ingress-filter implemented, monitoring.log-scope not-implemented, config.public-exposure implemented, data.backup-restore implemented, data.encrypt-at-rest implemented, data.key-management implemented",
        "Replica aws.rds -: monitoring.log-scope not-implemented, data.encrypt-at-rest not-implemented",
        "ThumbnailRole aws.iam -: access.third-party-grants implemented",
        "Thumbnails aws.lambda -: code.secret-scanning not-implemented",
        "Web aws.ec2 internet: network.ingress-filter implemented, config.metadata-protection not-implemented, config.public-exposure not-implemented",
    ];
    assert_eq!(told, expected);
    let archive = estate.system(estate.find_system("Archive").expect("it is there"));
    assert_eq!(archive.name.as_deref(), Some("Shop/Archive"));
    let file = &import.files[0];
    assert_eq!(file.not_understood, [("AWS::QuickSight::Analysis".to_owned(), 1)]);
    let lost: Vec<&str> = file.unresolved.iter().map(|(_, reference)| reference.as_str()).collect();
    assert_eq!(lost, ["ImageId of Web", "a reference to NotThere"]);
}

#[test]
fn templates_given_together_meet_in_what_one_exports() {
    let (import, _) = model(&[fixture("cloudformation/network.json"), fixture("cloudformation/service.yml")]);
    assert_eq!(connections(&import), ["network/Vpc hosts service/Worker"]);
}

#[test]
fn every_real_template_is_read_or_refused_with_its_reason() {
    let root = "cloudformation/awslabs__aws-cloudformation-templates";
    let files = corpus_files(root);
    let (mut read, mut things, mut references, mut refused) = (0, 0, 0, Vec::new());
    for path in &files {
        match imported(std::slice::from_ref(path)) {
            Ok(import) => {
                model(std::slice::from_ref(path));
                read += 1;
                things += import.files[0].things;
                references += import.files[0].references;
            }
            Err(found) => {
                let codes: std::collections::BTreeSet<&str> = found.iter().map(|found| faults::wording(&found.fault).code).collect();
                refused.push((path.file_name().map(|name| Path::new(name).to_path_buf()).unwrap_or_default(), codes));
            }
        }
    }
    if files.is_empty() {
        return;
    }
    let duplicates: Vec<&Path> =
        refused.iter().filter(|(_, codes)| codes.contains("duplicate-key")).map(|(name, _)| name.as_path()).collect();
    assert_eq!(duplicates, [Path::new("Portfolio.yaml"), Path::new("CloudFront.yaml")]);
    // Parameters, events, build specifications, statements of policies, and a template of a macro without types.
    let others: Vec<_> = refused.iter().filter(|(_, codes)| codes.iter().eq(["unknown-format"].iter())).collect();
    assert_eq!((refused.len(), others.len()), (19, 17));
    assert_eq!((read, things), (185, 1_077));
    assert_eq!(references, 837);
}
