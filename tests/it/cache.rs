//! Caches: what a model says, a cache of it says; and what is not as it was written is refused.

use crate::cli::{Folder, code, stderr, stdout};
use crate::laws::{cases, connected};
use crate::world::{AS_OF, Random, World};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use weaklink::cache::{Cache, CacheFault, CacheFaultKind, CacheWriter};
use weaklink::catalog::{End, PartyKind, Policy};
use weaklink::coverage::Coverage;
use weaklink::engine::Engine;
use weaklink::estate::{ConnectionIx, Estate, Party, PartyIx};
use weaklink::graph::{Edit, ExposureGraph, Semiring};

const PROGRAM: &str = "weaklink of the tests";

/// The bytes of a cache of an estate and its packed graph.
fn compiled(world: &World<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut cache = CacheWriter::new(&mut bytes, PROGRAM.to_owned()).expect("memory takes it");
    world.estate.store(&mut cache).expect("memory takes it");
    Engine::store(&world.graph(), &mut cache).expect("memory takes it");
    cache.finish().expect("memory takes it");
    bytes
}

fn opened(folder: &Folder, bytes: &[u8]) -> Result<Arc<Cache>, CacheFault> {
    Cache::open(&folder.file("m.wlk", bytes), PROGRAM)
}

/// The estate of a cache of an estate.
fn stored(folder: &Folder, world: &World<'_>) -> Estate {
    let cache = opened(folder, &compiled(world)).expect("it is whole");
    Estate::stored(&cache).expect("it is whole")
}

/// Everything that an estate and its graph say, as text.
fn said(estate: &Estate, policy: &Policy) -> String {
    let coverage = Coverage::of(estate, policy, AS_OF);
    let graph = ExposureGraph::build(estate, &coverage, policy);
    let engine = Engine::new(&graph);
    let mut said = format!("{:?} {:?} {:?} {:?}\n", estate.name(), estate.parties(), estate.latest_evidence(), estate.is_dated());
    for system_ix in estate.system_ixs() {
        let ends: Vec<_> = estate.ends_at(system_ix).collect();
        let (criticality, owner) = (estate.criticality(system_ix), estate.owner(system_ix));
        said.push_str(&format!("{:?} {:?} {ends:?} {criticality:?} {owner:?}\n", estate.system(system_ix), coverage.row(system_ix)));
    }
    for connection in estate.connections() {
        said.push_str(&format!("{connection:?}\n"));
        assert!(estate.find_connection(&connection.id).is_some());
    }
    for end in End::BOTH {
        let seeds = graph.gap_seeds(end);
        said.push_str(&format!("{seeds:?} {:?}\n", engine.solve(&seeds, Semiring::Product, end)));
        let arcs = graph.states().flat_map(|state| graph.arcs_from(state)).map(|arc| (arc, graph.factor(&arc, end)));
        said.push_str(&format!("{:?}\n", arcs.collect::<Vec<_>>()));
    }
    said
}

/// A model of more systems and connections than are read at once.
fn long() -> Value {
    let models = ["iaas", "paas", "saas", "faas"];
    let systems = (0..200).map(|ix| {
        let layers = match ix % 3 {
            0 => json!({ "os": { "status": "partial" } }),
            1 => json!({ "data": { "controls": { "data.backup-restore": "implemented" }, "evidence": { "as_of": "2026-05-01", "source": "audit" } } }),
            _ => json!({}),
        };
        json!({ "id": format!("s{ix}"), "model": models[ix % 4], "owner": "team", "layers": layers, "name": format!("System {ix}") })
    });
    let kinds = ["hosts", "feeds", "deploys", "peers", "reaches"];
    let connections = (0..400).map(|ix| {
        json!({ "from": format!("s{}", ix % 200), "to": format!("s{}", (ix * 7 + 1) % 200), "kind": kinds[ix % 5],
            "controls": [{ "class": "authn", "strength": "moderate", "status": "implemented" }] })
    });
    let connections = connections.filter(|connection| connection["from"] != connection["to"]);
    json!({ "weaklink": 1, "parties": [{ "id": "team", "kind": "customer" }],
        "systems": systems.collect::<Vec<_>>(), "connections": connections.collect::<Vec<_>>() })
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn a_cache_says_what_its_estate_says(model in connected()) {
        let folder = Folder::new("cache-laws");
        let world = World::of(&model);
        let estate = stored(&folder, &world);
        prop_assert_eq!(said(&estate, world.policy), said(&world.estate, world.policy));
    }

    #[test]
    fn layers_that_are_alike_have_the_coverage_that_each_would_have(model in connected()) {
        let world = World::of(&model);
        for system_ix in world.estate.system_ixs() {
            let alone = world.coverage.row_of(&world.estate, world.policy, world.estate.system(system_ix));
            prop_assert_eq!(world.coverage.row(system_ix), alone);
        }
    }
}

#[test]
fn entries_are_found_across_blocks() {
    let folder = Folder::new("cache-long");
    let world = World::of(&long());
    let estate = stored(&folder, &world);
    for system in world.estate.systems() {
        assert_eq!(estate.find_system(&system.id), world.estate.find_system(&system.id));
    }
    assert_eq!((estate.find_system("s"), estate.find_connection("s1>hosts>s9999")), (None, None));
    assert_eq!(said(&estate, world.policy), said(&world.estate, world.policy));
}

#[test]
fn an_estate_of_a_cache_with_other_parties_is_that_of_the_model_with_them() {
    let folder = Folder::new("cache-parties");
    let mut model = long();
    model["parties"] = json!([{ "id": "other", "kind": "provider" }, { "id": "team", "kind": "customer" }]);
    for (ix, system) in model["systems"].as_array_mut().expect("a list").iter_mut().enumerate() {
        if ix % 2 == 0 {
            system["owner"] = json!("other");
        }
    }
    let world = World::of(&model);
    let estate = stored(&folder, &world);
    let changed = |estate: &Estate| {
        let turned = Party { kind: PartyKind::Team, ..estate.party(PartyIx(0)).clone() };
        let another = Party { id: "aaa".to_owned(), ..turned.clone() };
        [estate.with_party(PartyIx(0), turned), estate.with_another_party(another)]
    };
    for (ours, wanted) in changed(&estate).iter().zip(&changed(&world.estate)) {
        assert_eq!(said(ours, world.policy), said(wanted, world.policy));
        for system_ix in ours.system_ixs() {
            let coverage = Coverage::of(ours, world.policy, AS_OF);
            assert_eq!(coverage.row(system_ix), coverage.row_of(ours, world.policy, ours.system(system_ix)));
        }
    }
}

/// Owners and providers of every side, named by the system, by the claim and by its halves, and the same party as both.
#[test]
fn whoever_owns_what_layers_that_are_alike_are_covered_alike() {
    let parties = [None, Some("acme"), Some("team"), Some("aws"), Some("msp")];
    let models = ["on-premises", "iaas", "caas", "paas", "faas", "saas", "unknown"];
    let layers = ["os", "network", "applications", "directory", "monitoring", "config", "access", "code", "data"];
    let party = |entry: &mut Value, key: &str, party: Option<&str>| {
        if let Some(party) = party {
            entry[key] = json!(party);
        }
    };
    let mut random = Random(11);
    let systems = (0..parties.len() * parties.len() * models.len() * 12).map(|ix| {
        let mut system = json!({ "id": format!("s{ix:05}"), "model": models[ix % models.len()], "layers": {} });
        party(&mut system, "owner", parties[ix / models.len() % parties.len()]);
        party(&mut system, "provider", parties[ix / models.len() / parties.len() % parties.len()]);
        for layer in layers {
            let mut claim = json!({});
            match random.below(4) {
                0 => continue,
                1 => party(&mut claim, "owner", random.pick(&parties)),
                2 => claim["owner"] = json!("nobody"),
                _ => {
                    party(&mut claim, "owner", random.pick(&parties));
                    claim["status"] = json!(random.pick(&["implemented", "partial", "unknown"]));
                }
            }
            // Where a split makes no sense it is a fault.
            if matches!((system["model"].as_str(), layer), (Some("unknown"), _)) && random.below(2) == 0 {
                claim["split"] = json!({ "customer": { "status": "implemented" }, "provider": { "status": "partial" } });
                party(&mut claim["split"]["customer"], "owner", random.pick(&parties));
                party(&mut claim["split"]["provider"], "owner", random.pick(&parties));
            }
            system["layers"][layer] = claim;
        }
        system
    });
    let model = json!({ "weaklink": 1, "systems": systems.collect::<Vec<_>>(), "parties": [
        { "id": "acme", "kind": "customer" }, { "id": "team", "kind": "team" }, { "id": "aws", "kind": "provider" },
        { "id": "msp", "kind": "provider", "attested": { "as_of": "2026-06-01" } }] });
    let world = World::of(&model);
    let mut numbers = std::collections::BTreeMap::new();
    for system_ix in world.estate.system_ixs() {
        let alone = world.coverage.row_of(&world.estate, world.policy, world.estate.system(system_ix));
        assert_eq!(world.coverage.row(system_ix), alone, "{:?}", world.estate.system(system_ix));
        for &number in world.estate.alike().layers(system_ix) {
            *numbers.entry(number).or_insert(0) += 1;
        }
    }
    assert!(numbers.values().filter(|&&times| times > 1).count() > 200, "layers are alike");
}

/// Another policy and edits move exposure over other arcs: the packing of the cache is not theirs.
#[test]
fn a_packing_is_used_for_nothing_but_the_graph_that_it_was_made_of() {
    let folder = Folder::new("cache-packing");
    let world = World::of(&long());
    let estate = stored(&folder, &world);
    let mut policy = Policy::shipped().clone();
    policy.switch_profiles([weaklink::catalog::Profile::Up]);
    assert_eq!(said(&estate, &policy), said(&world.estate, &policy));
    policy.cross.retain(|rule| rule.kind != weaklink::catalog::ConnectionKind::Hosts);
    policy.floor = 0.5;
    assert_eq!(said(&estate, &policy), said(&world.estate, &policy));

    let solve = |estate: &Estate| {
        let coverage = Coverage::of(estate, world.policy, AS_OF);
        let graph = ExposureGraph::build(estate, &coverage, world.policy);
        let removals: Vec<Edit<'_>> = (0..estate.connections().len() as u32).map(|ix| Edit::Removal(ConnectionIx(ix))).collect();
        let edited = graph.with_edits(&removals);
        let seeds = edited.gap_seeds(End::High);
        let after = Engine::new(&edited).solve(&seeds, Semiring::Product, End::High);
        assert!(after == weaklink::graph::solve(&edited, &seeds, Semiring::Product, End::High));
        (after, Engine::new(&graph).solve(&seeds, Semiring::Product, End::High))
    };
    let (after, before) = solve(&estate);
    assert!(after != before, "the edit changes something");
    assert!((after, before) == solve(&world.estate));
}

/// Reads a cache to its end: what it says, or the fault.
fn read_to_end(folder: &Folder, bytes: &[u8]) -> Result<String, CacheFault> {
    let cache = opened(folder, bytes)?;
    let read = || Estate::stored(&cache).map(|estate| said(&estate, Policy::shipped()));
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|cause| match cause.downcast::<CacheFault>() {
        Ok(fault) => Err(*fault),
        Err(cause) => std::panic::resume_unwind(cause),
    })
}

#[test]
fn no_flipped_bit_and_no_missing_byte_changes_what_is_said() {
    let folder = Folder::new("cache-damage");
    let model = json!({ "weaklink": 1, "systems": [{ "id": "a", "model": "iaas" }, { "id": "b", "model": "paas" }, { "id": "c", "model": "saas" }],
        "connections": [{ "from": "a", "to": "b", "kind": "hosts" }, { "from": "c", "to": "b", "kind": "deploys" }] });
    let whole = compiled(&World::of(&model));
    let right = read_to_end(&folder, &whole).expect("it is whole");
    let mut refused = 0;
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        match read_to_end(&folder, &bytes) {
            // Bytes between sections are nobody's.
            Ok(said) => assert!(said == right && whole[at] == 0, "byte {at} says something else unseen"),
            Err(fault) => {
                refused += 1;
                assert!(fault.to_string().contains("m.wlk"), "{fault}");
            }
        }
    }
    assert!(refused * 10 > whole.len() * 9, "{refused} of {}", whole.len());
    for length in 0..whole.len() {
        let fault = read_to_end(&folder, &whole[..length]).expect_err("it is cut short");
        assert!(matches!(fault.kind, CacheFaultKind::CutShort | CacheFaultKind::OtherVersion { .. }), "{length}: {fault}");
    }
    let longer = [whole.as_slice(), b"more"].concat();
    assert!(read_to_end(&folder, &longer).is_err());
}

#[test]
fn a_cache_of_another_version_or_machine_is_refused() {
    let folder = Folder::new("cache-version");
    let whole = compiled(&World::of(&long()));
    let kind = |bytes: &[u8], program: &str| Cache::open(&folder.file("m.wlk", bytes), program).expect_err("it is another's").kind;
    let by = |by: &str, this: &str| CacheFaultKind::OtherVersion { by: by.to_owned(), this: this.to_owned() };
    assert_eq!(kind(&whole, "weaklink of tomorrow"), by(PROGRAM, "weaklink of tomorrow"));
    let mut later = whole.clone();
    later[8] += 1;
    assert_eq!(kind(&later, PROGRAM), by("another version of weaklink", PROGRAM));
    let mut turned = whole;
    turned[12..16].reverse();
    assert_eq!(kind(&turned, PROGRAM), CacheFaultKind::OtherMachine);
}

/// A folder with files and the program run in it.
struct Stage(Folder);

impl Stage {
    fn new(name: &str) -> Self {
        let stage = Self(Folder::new(&format!("cache-{name}")));
        let graph = Path::new(env!("CARGO_MANIFEST_DIR")).join("graphs/storefront.yaml");
        stage.write("model.yaml", &fs::read_to_string(graph).expect("the graph is there"));
        stage
    }

    fn write(&self, name: &str, content: &str) {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder can be made");
        fs::write(path, content).expect("a file can be written");
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_weaklink"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null()).output().expect("the program runs")
    }

    fn compile(&self, arguments: &[&str]) {
        let output = self.run(&[&["compile"], arguments].concat());
        assert_eq!(code(&output), 0, "{}", stderr(&output));
    }

    /// What a run gives: exit status and both streams.
    fn told(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = self.run(arguments);
        (code(&output), stdout(&output), stderr(&output))
    }

    /// Why a cache is refused.
    fn refusal(&self, arguments: &[&str]) -> String {
        let (status, out, error) = self.told(arguments);
        assert_eq!((status, out.as_str()), (2, ""), "{error}");
        error
    }
}

#[test]
fn no_cache_holds_the_secrets_of_other_tools_files() {
    let stage = Stage::new("secrets");
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/terraform/plan.json");
    stage.write("plan.json", &fs::read_to_string(plan).expect("the plan is there"));
    let refusal = stage.refusal(&["compile", "plan.json", "-o", "plan.wlk"]);
    assert!(
        refusal.contains("secrets included\n  help: make a model of it first: `weaklink import terraform plan.json -o model.yaml`"),
        "{refusal}"
    );
    assert!(!stage.0.path().join("plan.wlk").exists());
}

/// Every command that reads a model, MODEL in its place.
const COMMANDS: &[&str] = &[
    "check MODEL",
    "check MODEL --format json",
    "check MODEL --gate --lines",
    "check MODEL --gate --format sarif",
    "matrix MODEL",
    "gaps MODEL --lines",
    "gaps MODEL --format json",
    "blast MODEL shop:os",
    "blast MODEL shop:os --format json --semiring bottleneck",
    "blast MODEL nothing-there",
    "blast MODEL shp",
    "blast MODEL shp:os",
    "blast MODEL shop:hardware",
    "matrix MODEL shp",
    "exposed MODEL shop:data",
    "why MODEL shop:os crm-saas:data",
    "why-not MODEL shop:os crm-saas:physical",
    "choke MODEL shop:data",
    "unknowns MODEL",
    "owners MODEL",
    "percolate MODEL shop:os",
    "score MODEL",
    "score MODEL --format json --attribution",
    "score MODEL --badge",
    "score MODEL --as-of 2020-01-01",
    "score MODEL --profiles up",
    "what-if MODEL --set shop:os.status=implemented",
    "fix MODEL --budget 3",
    "dot MODEL",
    "review MODEL MODEL",
    "review MODEL MODEL --format json",
    "export otm MODEL",
    "export crm MODEL",
];

fn same_answers(stage: &Stage, model: &str, cache: &str, more: &[&str]) {
    for command in COMMANDS {
        let of = |name: &str| {
            let words: Vec<&str> =
                command.split(' ').map(|word| if word == "MODEL" { name } else { word }).chain(more.iter().copied()).collect();
            stage.told(&words)
        };
        assert_eq!(of(cache), of(model), "{command}");
    }
}

#[test]
fn every_command_takes_a_cache_in_place_of_a_model() {
    let stage = Stage::new("commands");
    stage.compile(&["model.yaml", "-o", "model.wlk"]);
    same_answers(&stage, "model.yaml", "model.wlk", &[]);
}

#[test]
fn a_project_is_compiled_with_all_that_belongs_to_it() {
    let stage = Stage::new("project");
    let model = fs::read_to_string(stage.0.path().join("model.yaml")).expect("it is there");
    stage.write("p/model.yaml", &model);
    stage.write(
        "p/more.yaml",
        "weaklink: 1\nsystems:\n- id: annex\n  model: iaas\nconnections:\n- {from: annex, to: shop, kind: deploys}\n",
    );
    stage.write("p/policy.json", &format!("{}\n", Policy::SHIPPED_TEXT));
    stage.write(
        "p/weaklink.toml",
        "weaklink = 1\nmodel = \"model.yaml\"\nwith = [\"more.yaml\"]\npolicy = \"policy.json\"\n[check]\ncritical = 10\n",
    );
    stage.compile(&["p", "-o", "p/estate.wlk"]);
    same_answers(&stage, "p", "p/estate.wlk", &[]);
    // What is given beside a cache is read beside what it was made from.
    stage.write("late.yaml", "weaklink: 1\nsystems:\n- id: late\n  model: saas\nconnections:\n- {from: late, to: annex, kind: deploys}\n");
    let with = |model: &str| stage.told(&["score", model, "--with", "late.yaml"]);
    assert_eq!(with("p/estate.wlk"), with("p"));
    stage.write("own.json", Policy::SHIPPED_TEXT);
    let under = |model: &str| stage.told(&["gaps", model, "--lines", "--policy", "own.json"]);
    assert_eq!(under("p/estate.wlk"), under("p"));
    // A changed setting makes it stale as a changed model does.
    stage.write("p/weaklink.toml", "weaklink = 1\nmodel = \"model.yaml\"\n");
    assert!(stage.refusal(&["score", "p/estate.wlk"]).contains("stale"));
}

/// A review solves the head again with other parties in it; where they come from makes no difference.
#[test]
fn a_review_of_caches_is_that_of_their_models() {
    let stage = Stage::new("review");
    let model = fs::read_to_string(stage.0.path().join("model.yaml")).expect("it is there");
    let edited = |edits: &[(&str, &str)]| {
        edits.iter().fold(model.clone(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replacen(from, to, 1)
        })
    };
    let new_party = ("parties:\n", "parties:\n  - { id: aaa-new, kind: team }\n");
    let unattested = (", name: Amazon Web Services, attested: { as_of: 2026-09-30, source: SOC 2 Type II } }", " }");
    let heads = [
        ("added", edited(&[new_party, ("service: aws.eks\n    owner: shop-team", "service: aws.eks\n    owner: aaa-new")])),
        ("unattested", edited(&[unattested])),
        ("other-side", edited(&[("{ id: shop-team, kind: team, of: acme }", "{ id: shop-team, kind: provider }")])),
    ];
    stage.compile(&["model.yaml", "-o", "model.wlk"]);
    for (name, head) in heads {
        let [text, cache] = ["yaml", "wlk"].map(|ending| format!("{name}.{ending}"));
        stage.write(&text, &head);
        stage.compile(&[&text, "-o", &cache]);
        let of = |base: &str, head: &str| stage.told(&["review", base, head, "--format", "json"]);
        let right = of("model.yaml", &text);
        assert!(right.1.contains("rises"), "{name}: {}", right.2);
        assert_eq!(of("model.wlk", &cache), right, "{name}");
        assert_eq!(of("model.yaml", &cache), right, "{name}");
    }
}

#[test]
fn a_stale_cache_is_refused_and_one_that_stands_alone_is_not() {
    let stage = Stage::new("stale");
    stage.compile(&["model.yaml", "-o", "model.wlk"]);
    let model = fs::read_to_string(stage.0.path().join("model.yaml")).expect("it is there");
    let right = stage.told(&["score", "model.wlk"]);
    assert_eq!(right.0, 0, "{}", right.2);

    stage.write("model.yaml", &format!("{model}\n# a remark\n"));
    let refusal = stage.refusal(&["score", "model.wlk"]);
    let told = "error: the cache `model.wlk` is stale: `model.yaml` is not what it was made from\n  \
        help: compile it again: `weaklink compile MODEL -o model.wlk`\n";
    assert_eq!(refusal, told);
    // Written again as it was, at another time: nothing has changed.
    stage.write("model.yaml", &model);
    assert_eq!(stage.told(&["score", "model.wlk"]), right);
    fs::remove_file(stage.0.path().join("model.yaml")).expect("it can be removed");
    assert_eq!(stage.told(&["score", "model.wlk"]), right);
    // What it needs of the files it has.
    assert_eq!(stage.told(&["what-if", "model.wlk", "--set", "shop:os.status=implemented"]).0, 0);
    assert_eq!(stage.told(&["gaps", "model.wlk", "--lines"]).0, 0);
}

#[test]
fn a_cache_that_cannot_be_used_is_bad_input_with_its_remedy() {
    let stage = Stage::new("unusable");
    stage.compile(&["model.yaml", "-o", "model.wlk"]);
    let whole = fs::read(stage.0.path().join("model.wlk")).expect("it is there");
    let write = |bytes: &[u8]| fs::write(stage.0.path().join("model.wlk"), bytes).expect("it can be written");
    let help = "\n  help: compile it again: `weaklink compile MODEL -o model.wlk`\n";

    write(&whole[..whole.len() / 2]);
    assert_eq!(stage.refusal(&["score", "model.wlk"]), format!("error: the cache `model.wlk` is cut short{help}"));
    let mut later = whole.clone();
    later[8] = 99;
    write(&later);
    assert!(
        stage
            .refusal(&["score", "model.wlk"])
            .starts_with("error: the cache `model.wlk` is from another version of weaklink, and this is weaklink ")
    );
    // Systems are read late, when nobody waits for a fault any more.
    let mut seen = 0;
    for at in (16..whole.len() - 24).step_by(97) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x40;
        write(&bytes);
        let (status, out, error) = stage.told(&["gaps", "model.wlk", "--all"]);
        assert!(status == 2 || (status == 0 && error.is_empty()), "byte {at}: {status} {error}");
        if status == 2 {
            seen += 1;
            assert_eq!(out, "");
            assert!(error.starts_with("error: the cache `model.wlk` is damaged: its ") && error.ends_with(help), "byte {at}: {error}");
        }
    }
    assert!(seen > 10, "{seen}");
}
