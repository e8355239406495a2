//! Terraform plans and states.

use super::{connections, corpus, corpus_files, fixture, imported, model, unpacked_text};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use weaklink::import::{Import, Options, import};
use weaklink::report::{faults, model as written, pages, screen};
use weaklink::source::Source;

/// A file of the example that ships.
fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/terraform").join(name)
}

/// What each system is, and what is said of its controls.
fn systems(import: &Import) -> Vec<String> {
    let told = |system: &weaklink::estate::document::SystemEntry| {
        let kind = system.service.as_ref().map(|service| service.value.clone());
        let kind = kind.or(system.model.as_ref().map(|model| model.value.to_string())).unwrap_or_default();
        let mut text = format!("{} {kind}", system.id.value);
        if let Some(facing) = &system.facing {
            let _ = write!(text, " facing {}", facing.value);
        }
        for (setting, value) in &system.settings {
            let _ = write!(text, " {setting}={}", value.value);
        }
        for control in system.layers.values().flat_map(|claim| &claim.controls) {
            let _ = write!(text, "\n  {} {}", control.0, control.1.value);
        }
        text
    };
    import.document.systems.iter().map(told).collect()
}

#[test]
fn a_plan_becomes_systems_with_what_their_attributes_prove() {
    let (import, _) = model(&[example("plan.json")]);
    let expected = "\
aws_acm_certificate.front aws.kms
aws_db_instance.orders aws.rds facing internal auto_minor_version_upgrade=true
  network.ingress-filter implemented
  applications.patching implemented
  monitoring.log-scope not-implemented
  config.public-exposure implemented
  data.backup-restore implemented
  data.encrypt-at-rest implemented
  data.key-management implemented
aws_iam_role.web aws.iam
  access.session-limits implemented
  access.third-party-grants implemented
aws_instance.web[\"a\"] aws.ec2 facing internal
  network.ingress-filter not-implemented
  config.metadata-protection not-implemented
  config.public-exposure implemented
  data.encrypt-at-rest implemented
aws_instance.web[\"b\"] aws.ec2 facing internal
  network.ingress-filter not-implemented
  config.metadata-protection implemented
  config.public-exposure implemented
  data.encrypt-at-rest implemented
aws_kms_key.data aws.kms
  data.key-management partial
aws_lambda_function.thumbnails aws.lambda package_type=image
  code.secret-scanning not-implemented
aws_lb.front aws.alb facing internet
  network.ingress-filter implemented
  applications.hardening implemented
  monitoring.log-scope implemented
  data.encrypt-in-transit implemented
aws_s3_bucket.orders aws.s3
  config.public-exposure partial
module.net.aws_vpc.main aws.vpc
  config.public-exposure implemented";
    assert_eq!(systems(&import).join("\n"), expected);
}

#[test]
fn parts_relays_and_groups_dissolve_into_connections() {
    let (import, _) = model(&[example("plan.json")]);
    let expected = [
        "aws_acm_certificate.front keeps-secrets aws_lb.front",
        "aws_iam_role.web holds-credentials aws_s3_bucket.orders",
        "aws_instance.web[\"a\"] holds-credentials aws_iam_role.web",
        "aws_instance.web[\"a\"] reaches aws_db_instance.orders",
        "aws_instance.web[\"b\"] holds-credentials aws_iam_role.web",
        "aws_instance.web[\"b\"] reaches aws_db_instance.orders",
        "aws_kms_key.data keeps-secrets aws_db_instance.orders",
        "aws_lambda_function.thumbnails holds-credentials aws_iam_role.web",
        "aws_lb.front feeds aws_s3_bucket.orders",
        "aws_lb.front reaches aws_db_instance.orders",
        "aws_lb.front reaches aws_instance.web[\"a\"]",
        "aws_lb.front reaches aws_instance.web[\"b\"]",
        "aws_s3_bucket.orders feeds aws_lambda_function.thumbnails",
        "module.net.aws_vpc.main hosts aws_db_instance.orders",
        "module.net.aws_vpc.main hosts aws_instance.web[\"a\"]",
        "module.net.aws_vpc.main hosts aws_instance.web[\"b\"]",
        "module.net.aws_vpc.main hosts aws_lb.front",
    ];
    assert_eq!(connections(&import), expected);
    let file = &import.files[0];
    assert_eq!((file.things, file.systems, file.connections), (26, 10, 17));
    assert_eq!(file.not_understood, [("aws_quicksight_user".to_owned(), 1)]);
    let lost: Vec<&str> = file.unresolved.iter().map(|(_, reference)| reference.as_str()).collect();
    assert_eq!(
        lost,
        [
            "root_block_device.kms_key_id of aws_instance.web[\"a\"], through local.key_arn, which only `terraform graph` knows",
            "root_block_device.kms_key_id of aws_instance.web[\"b\"], through local.key_arn, which only `terraform graph` knows",
        ]
    );
}

#[test]
fn a_graph_beside_a_plan_says_what_its_locals_stand_for() {
    let (alone, _) = model(&[example("plan.json")]);
    let (both, _) = model(&[example("plan.json"), example("graph.dot")]);
    let (before, after) = (connections(&alone), connections(&both));
    let more: Vec<&String> = after.iter().filter(|connection| !before.contains(connection)).collect();
    assert_eq!(more, ["aws_kms_key.data keeps-secrets aws_instance.web[\"a\"]", "aws_kms_key.data keeps-secrets aws_instance.web[\"b\"]"]);
    assert!(before.iter().all(|connection| after.contains(connection)));
    assert!(both.files[0].unresolved.is_empty());
}

#[test]
fn a_state_is_connected_by_the_values_of_its_attributes() {
    let (import, _) = model(&[fixture("terraform/shop-state.json")]);
    let expected = [
        "aws_instance.app holds-credentials module.data.aws_iam_role.app",
        "aws_instance.app reaches module.data.aws_db_instance.orders",
        "aws_vpc.main hosts aws_instance.app",
        "module.data.aws_iam_role.app holds-credentials module.data.aws_s3_bucket.orders",
    ];
    assert_eq!(connections(&import), expected);
    let expected = "\
aws_instance.app aws.ec2 facing internet
  network.ingress-filter implemented
  config.metadata-protection not-implemented
  config.public-exposure not-implemented
  access.workload-identity implemented
aws_vpc.main aws.vpc
  config.public-exposure partial
module.data.aws_db_instance.orders aws.rds facing internal
  network.ingress-filter implemented
  monitoring.log-scope not-implemented
  config.public-exposure implemented
  data.encrypt-at-rest not-implemented
module.data.aws_iam_role.app aws.iam
  access.least-privilege not-implemented
module.data.aws_s3_bucket.orders aws.s3 facing internet
  config.public-exposure not-implemented";
    assert_eq!(systems(&import).join("\n"), expected);
    let lost: Vec<&str> = import.files[0].unresolved.iter().map(|(_, reference)| reference.as_str()).collect();
    assert_eq!(lost, ["ami of aws_instance.app"]);
}

#[test]
fn a_state_file_gives_what_its_json_gives() {
    let (shown, _) = model(&[fixture("terraform/shop-state.json")]);
    let (raw, _) = model(&[fixture("terraform/shop.tfstate")]);
    assert_eq!(connections(&shown), connections(&raw));
    assert_eq!(systems(&shown), systems(&raw));
}

/// The text of a file, and everything that can be told of an import of it.
fn everything(name: &str, text: &str) -> String {
    let Ok(source) = Source::from_bytes(name.to_owned(), text.as_bytes().to_vec(), 0) else { return String::new() };
    let sources = [source];
    match import(&[(&sources[0], None)], &Options::default()) {
        Ok(import) => {
            let page = screen::render(&pages::import(&import, true), 100);
            let warnings = faults::render(&import.warnings, &sources, false, 50);
            format!("{}{}{page}{warnings}", written::json(&import.document), written::yaml(&import.document))
        }
        Err(found) => faults::render(&found, &sources, false, 50),
    }
}

const CANARY: &str = "CANARY-4f1d";

/// A plan or state in which every text that is no address, type, name or reference of the language itself is a canary.
fn with_canaries(value: &mut serde_json::Value, count: &mut usize) {
    const OF_A_RESOURCE: [&str; 7] = ["address", "module_address", "mode", "type", "name", "index", "module"];
    const OF_THE_FORMAT: [&str; 5] = ["format_version", "terraform_version", "references", "actions", "depends_on"];
    match value {
        serde_json::Value::String(text) => {
            *text = format!("{CANARY}-{count}");
            *count += 1;
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| with_canaries(item, count)),
        serde_json::Value::Object(object) => {
            let is_resource = object.contains_key("address") || object.contains_key("instances");
            for (key, inner) in object.iter_mut() {
                let is_structure = OF_THE_FORMAT.contains(&key.as_str()) || (is_resource && OF_A_RESOURCE.contains(&key.as_str()));
                if !is_structure {
                    with_canaries(inner, count);
                }
            }
        }
        _ => {}
    }
}

fn canary(name: &str) -> serde_json::Value {
    let path = if name == "plan.json" { example(name) } else { fixture(name) };
    let text = std::fs::read_to_string(path).expect("the file can be read");
    let mut value = serde_json::from_str(&text).expect("the fixture is JSON");
    let mut count = 0;
    with_canaries(&mut value, &mut count);
    assert!(count > 30, "{count} canaries in {name}");
    value
}

/// Every place of a document.
fn pointers(value: &serde_json::Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        serde_json::Value::Array(items) => items.iter().enumerate().for_each(|(ix, item)| pointers(item, &format!("{at}/{ix}"), all)),
        serde_json::Value::Object(object) => {
            for (key, inner) in object {
                pointers(inner, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), all);
            }
        }
        _ => {}
    }
}

#[test]
fn no_value_of_an_attribute_is_ever_told_whatever_is_broken() {
    for name in ["plan.json", "terraform/shop-state.json", "terraform/shop.tfstate"] {
        let whole = canary(name);
        let text = serde_json::to_string_pretty(&whole).expect("it can be written");
        assert!(!everything("plan.json", &text).contains(CANARY), "{name}");
        // Cut off everywhere.
        for end in (0..text.len()).step_by(97).filter(|&end| text.is_char_boundary(end)) {
            let told = everything("plan.json", &text[..end]);
            assert!(!told.contains(CANARY), "{name} cut at {end}:\n{told}");
        }
        // Of another type at every place.
        let mut all = Vec::new();
        pointers(&whole, "", &mut all);
        let others = [
            serde_json::json!(format!("{CANARY}-x")),
            serde_json::json!([format!("{CANARY}-x")]),
            serde_json::json!({"a": format!("{CANARY}-x")}),
            serde_json::json!(7),
        ];
        for (ix, pointer) in all.iter().enumerate() {
            // An address, a type or a name is shown; what stands there instead is one, too.
            if ["/address", "/type", "/name", "/module", "/index", "/index_key", "/module_address"].iter().any(|key| pointer.ends_with(key))
            {
                continue;
            }
            let mut broken = whole.clone();
            *broken.pointer_mut(pointer).expect("the place is there") = others[ix % others.len()].clone();
            let told = everything("plan.json", &broken.to_string());
            assert!(!told.contains(CANARY), "{name} broken at {pointer}:\n{told}");
        }
    }
}

#[test]
fn no_command_tells_a_value_of_a_plan_or_a_state() {
    let folder = std::env::temp_dir().join(format!("weaklink-canary-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    for name in ["plan.json", "terraform/shop-state.json", "terraform/shop.tfstate"] {
        let whole = canary(name).to_string();
        let system = if name.contains("plan") { "aws_lb.front" } else { "aws_instance.app" };
        let texts = [
            whole.clone(),
            whole[..whole.len() / 2].to_owned(),
            whole.replace("\"id\"", "\"weaklink\""),
            whole.replace("\"format_version\"", "\"format\""),
        ];
        for (ix, text) in texts.iter().enumerate() {
            let file = folder.join(format!("{ix}-{}", name.rsplit('/').next().unwrap_or_default()));
            std::fs::write(&file, text).expect("a file can be written");
            let path = file.to_string_lossy().into_owned();
            let mut commands: Vec<Vec<&str>> = vec![
                vec!["import", "auto", &path],
                vec!["import", "auto", &path, "--report", "--all"],
                vec!["import", "terraform", &path, "--write", "json"],
                vec!["import", "oscal", &path],
                vec!["check", &path],
                vec!["check", &path, "--format", "json"],
                vec!["check", &path, "--gate", "--format", "sarif", "--exit-zero"],
                vec!["review", &path, &path],
                vec!["review", &path, &path, "--format", "markdown"],
                vec!["gaps", "graphs/storefront.yaml", "--policy", &path],
                vec!["gaps", "graphs/storefront.yaml", "--with", &path],
                vec!["dot", &path],
                vec!["dot", &path, "--format", "svg"],
            ];
            for format in ["table", "json", "csv", "markdown"] {
                commands.push(vec!["gaps", &path, "--lines", "--all", "--format", format]);
                commands.push(vec!["matrix", &path, "--all", "--format", format]);
                commands.push(vec!["score", &path, "--format", format]);
                commands.push(vec!["blast", &path, system, "--format", format]);
                commands.push(vec!["exposed", &path, system, "--format", format]);
            }
            for command in commands {
                let run = std::process::Command::new(env!("CARGO_BIN_EXE_weaklink")).args(&command).output().expect("the program runs");
                let told = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
                assert!(!told.contains(CANARY), "{command:?}:\n{told}");
                assert!(matches!(run.status.code(), Some(0..=2)), "{command:?}:\n{told}");
            }
        }
    }
    std::fs::remove_dir_all(&folder).expect("the folder can be removed");
}

/// What a file of the corpus is told to hold: configured resources and references between them, or resources of a state
/// and the values in them that name one another.
fn counted(path: &Path) -> (usize, usize) {
    let import = imported(std::slice::from_ref(&path.to_owned())).unwrap_or_else(|_| panic!("{} is refused", path.display()));
    (import.files[0].things, import.files[0].references)
}

#[test]
fn the_golden_numbers_of_real_plans_and_states_hold() {
    let own = "terraform/own-terraform-1.11.4";
    let iriusrisk = "terraform/iriusrisk__startleft/slp_tfplan/tests/resources/tfplan";
    for (name, expected) in [
        (format!("{own}/small-plan.json"), (9, 9)),
        (format!("{iriusrisk}/ha-base-terraform-plan.json"), (174, 210)),
        (format!("{iriusrisk}/official-tfplan.json"), (39, 57)),
    ] {
        let Some(path) = corpus(&name) else { return };
        assert_eq!(counted(&path), expected, "{name}");
    }
    // One local is a dead end without the graph, and leads to the database with it.
    let Some(graph) = corpus(&format!("{own}/small-graph-plan.dot")) else { return };
    let plan = corpus(&format!("{own}/small-plan.json")).expect("its graph is there");
    let both = imported(&[plan, graph]).expect("both are read");
    assert_eq!((both.files[0].things, both.files[0].references), (9, 10));
    for name in ["big-partial-state.json.gz", "big-partial.tfstate.gz"] {
        let Some(text) = corpus(&format!("{own}/{name}")).and_then(|packed| unpacked_text(&packed)) else { continue };
        let source = Source::from_bytes("state.json".to_owned(), text.into_bytes(), 0).expect("it is text");
        let state = import(&[(&source, None)], &Options::default()).expect("it is a state");
        assert_eq!((state.files[0].things, state.files[0].references), (3_087, 6_044), "{name}");
    }
    let Some(text) = corpus(&format!("{own}/big-plan-8001.json.gz")).and_then(|packed| unpacked_text(&packed)) else { return };
    let source = Source::from_bytes("plan.json".to_owned(), text.into_bytes(), 0).expect("it is text");
    let plan = import(&[(&source, None)], &Options::default()).expect("it is a plan");
    // Stand-ins, every one of them: they are counted, and told.
    assert_eq!(plan.files[0].not_understood, [("terraform_data".to_owned(), 8_001)]);
}

#[test]
fn a_plan_in_utf_16_is_read_as_the_same_in_utf_8() {
    let text = std::fs::read_to_string(example("plan.json")).expect("the fixture can be read");
    let little: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let big: Vec<u8> = [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    let read = |bytes: Vec<u8>| {
        let source = Source::from_bytes("plan.json".to_owned(), bytes, 0).expect("it is text");
        written::json(&import(&[(&source, None)], &Options::default()).expect("it is a plan").document)
    };
    let plain = read(text.into_bytes());
    assert_eq!(read(little), plain);
    assert_eq!(read(big), plain);
    // As PowerShell writes what is sent to a file.
    let files = corpus_files("terraform/bridgecrewio__checkov");
    let real: Vec<Vec<u8>> =
        files.iter().map(|path| std::fs::read(path).expect("it can be read")).filter(|bytes| bytes.starts_with(&[0xFF, 0xFE])).collect();
    for bytes in &real {
        let units: Vec<u16> = bytes[2..].chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        let text = String::from_utf16(&units).expect("it is UTF-16");
        assert_eq!(read(bytes.clone()), read(text.into_bytes()));
    }
    assert!(files.is_empty() || real.len() == 3, "{} files in UTF-16", real.len());
}

#[test]
fn every_real_plan_and_state_is_read_or_refused_with_its_reason() {
    let mut refused = Vec::new();
    let mut read = 0;
    for path in corpus_files("terraform") {
        if path.extension().is_some_and(|end| end == "gz") {
            continue;
        }
        match imported(std::slice::from_ref(&path)) {
            Ok(_) => {
                model(std::slice::from_ref(&path));
                read += 1;
            }
            Err(found) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let told: Vec<&str> = found.iter().map(|diagnostic| faults::wording(&diagnostic.fault).code).collect();
                refused.push(format!("{name}: {}", told.join(", ")));
            }
        }
    }
    if read == 0 {
        return;
    }
    let expected = [
        // Written by hand for a test of another tool, without its version.
        "tfplan.json: not-that-format",
        // Parts of a plan in another tool's own form.
        "ingress-cidr-from-property-tfplan-resources.json: unknown-format",
        "ingress-multiple-cidr-from-property-tfplan-resources.json: unknown-format",
        "ingress-multiple-cidr-from-rule-tfplan-resources.json: unknown-format",
        "ingress-multiple-security-groups-tfplan-resources.json: unknown-format",
    ];
    assert_eq!(refused, expected);
    assert_eq!(read, 82);
}

#[test]
fn files_that_are_no_whole_plan_are_refused_with_their_place() {
    let told = |text: &str| everything("plan.json", text);
    let place = |text: &str| told(text).lines().take(2).collect::<Vec<_>>().join(" ");
    assert_eq!(
        place("{\"format_version\":\"2.0\",\"resource_changes\":[]}"),
        "error[foreign-version]: a plan or state of a version that is not read --> plan.json:1:19"
    );
    assert_eq!(
        place("{\"version\":3,\"terraform_version\":\"0.11\",\"modules\":[]}"),
        "error[foreign-version]: a state of a version that is not read --> plan.json:1:12"
    );
    assert_eq!(
        place("{\"serial\":1,\"lineage\":\"x\",\"encrypted_data\":\"x\"}"),
        "error[not-that-format]: this is not a readable state --> plan.json:1:1"
    );
    assert_eq!(
        place("{\"format_version\":\"1.0\",\"values\":{\"root_module\":{\"resources\":[{\"address\":7}]}}}"),
        "error[wrong-type]: expected a text, found a number --> plan.json:1:74"
    );
    assert_eq!(
        place("{\"format_version\":\"1.0\",\"resource_changes\":[7,{}]}"),
        "error[wrong-type]: expected a mapping, found a number --> plan.json:1:45"
    );
    assert_eq!(
        place("{\"format_version\":\"1.0\",\"format_version\":\"1.0\",\"resource_changes\":[]}"),
        "error[duplicate-key]: a key is given twice --> plan.json:1:25"
    );
    assert_eq!(
        place("{\"format_version\":\"1.0\",\"resource_changes\":["),
        "error[syntax]: the text ends inside a list --> plan.json:1:45"
    );
    let brackets = format!("{{\"format_version\":\"1.0\",\"configuration\":{}", "[".repeat(1_000_000));
    assert_eq!(place(&brackets), "error[too-deep]: more than 100 lists and mappings lie inside one another --> plan.json:1:140");
}
