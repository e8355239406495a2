//! Hostile input: whatever a file holds, reading it ends with an estate or with faults, never with a panic.

use crate::answers;
use crate::path_graph::{Edge, PathGraph, node};
use crate::world::{AS_OF, Random, World, shared};
use serde_json::{Value, json};
use weaklink::analysis::{self, Target};
use weaklink::catalog::{BasisPoints, ConnectionKind, Policy};
use weaklink::estate::Estate;
use weaklink::graph::Semiring;
use weaklink::source::{Fault, ReadError, Source};

/// The codes of the faults between a file and its tree, or none where it has a tree.
fn syntax_faults(name: &str, text: String) -> Vec<&'static str> {
    let source = Source::from_bytes(name.to_owned(), text.into_bytes(), 0).expect("the text is text");
    match Estate::parse(&source, AS_OF) {
        Ok(_) => Vec::new(),
        Err(faults) => faults
            .iter()
            .filter_map(|diagnostic| match &diagnostic.fault {
                Fault::Syntax(kind) => Some(kind.code()),
                _ => None,
            })
            .collect(),
    }
}

#[test]
fn a_tower_of_brackets_is_too_deep() {
    for count in [100_000, 1_000_000] {
        for name in ["model.json", "model.yaml"] {
            for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[", "")] {
                let text = format!("{}{}", open.repeat(count), close.repeat(count));
                assert_eq!(syntax_faults(name, text), ["too-deep"], "{count} of {open} in {name}");
            }
        }
    }
    let dashes = "- ".repeat(100_000);
    assert_eq!(syntax_faults("model.yaml", dashes), ["too-deep"]);
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut text = "weaklink: 1\na0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let below = format!("*a{}", level - 1);
        text = format!("{text}a{level}: &a{level} [{}]\n", [below.as_str(); 9].join(", "));
    }
    assert_eq!(syntax_faults("model.yaml", text), ["too-many-aliases"]);
    let circle = "weaklink: 1\nname: &a [*a]\n".to_owned();
    assert_eq!(syntax_faults("model.yaml", circle), ["recursive-alias"]);
}

#[test]
fn what_is_not_text_is_told_apart() {
    let read = |bytes: &[u8]| Source::from_bytes("model".to_owned(), bytes.to_vec(), 0);
    let utf16: Vec<u8> = "{\"weaklink\": 1}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16_big: Vec<u8> = "{\"weaklink\": 1}".encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [utf16, utf16_big] {
        assert!(matches!(read(&bytes), Err(ReadError::Utf16 { .. })));
    }
    for empty in ["", " \n\t\n", "\u{FEFF}", "# only a remark\n"] {
        assert!(matches!(read(empty.as_bytes()), Err(ReadError::Empty { .. })), "{empty:?}");
    }
    assert!(matches!(read(b"\x1f\x8b\x08\x00"), Err(ReadError::Compressed { .. })));
    assert!(matches!(read(b"{\"weaklink\": 1, \"name\": \"\xff\"}"), Err(ReadError::NotUtf8 { offset: 25, line: 1, .. })));
    assert!(matches!(read(b"weaklink: 1\0\0\0"), Err(ReadError::Binary { .. })));
}

/// The weirdest texts, in case the shared ones are not there.
const WEIRD: &[&str] = &[
    "",
    " ",
    "\\",
    "\"",
    "\u{202e}abc",
    "\u{0}",
    "\u{1b}[31m",
    "a\nb",
    "💥",
    "*",
    "?",
    "~",
    "null",
    "1e400",
    "-0",
    "nobody",
    "a:os",
    ":",
    "#2",
];

#[test]
fn every_weird_text_is_an_estate_or_a_fault_in_every_place() {
    let shared = shared("naughty.txt", "every_weird_text_is_an_estate_or_a_fault_in_every_place");
    let shared = shared.map(|file| std::fs::read(file).expect("the texts are readable")).unwrap_or_default();
    let shared = String::from_utf8_lossy(&shared);
    for weird in WEIRD.iter().copied().chain(shared.split('\u{1e}')) {
        let whole = json!({
            "weaklink": 1,
            "name": "plain",
            "parties": [{ "id": "acme", "kind": "customer" }],
            "systems": [
                { "id": "a", "model": "iaas", "owner": "acme", "tags": ["t"], "settings": { "s": "v" } },
                { "id": "b", "service": "aws.rds" },
            ],
            "connections": [{ "from": "a", "to": "b", "kind": "reaches" }],
            "rules": [{ "match": { "id": "a*" }, "facing": "internal" }],
        });
        let places = [
            "/name",
            "/parties/0/id",
            "/systems/0/id",
            "/systems/0/owner",
            "/systems/0/model",
            "/systems/0/tags/0",
            "/systems/0/settings/s",
            "/systems/1/service",
            "/connections/0/kind",
            "/connections/0/to",
            "/rules/0/match/id",
            "/rules/0/facing",
        ];
        for place in places {
            let mut model = whole.clone();
            *model.pointer_mut(place).expect("the place is there") = json!(weird);
            check_total(&model.to_string());
        }
        let mut model = whole;
        model["systems"][0]["layers"] = json!({ weird: {} });
        model[weird] = json!(weird);
        check_total(&model.to_string());
        check_total(weird);
        check_total(&format!("weaklink: 1\nname: {weird}\nsystems:\n- {{ id: {weird} }}\n"));
    }
}

/// Reads a text and asks everything about what comes of it.
fn check_total(text: &str) {
    for name in ["model.json", "model.yaml", "model"] {
        let Ok(source) = Source::from_bytes(name.to_owned(), text.as_bytes().to_vec(), 0) else { continue };
        match Estate::parse(&source, AS_OF) {
            Ok(estate) => {
                let coverage = weaklink::coverage::Coverage::of(&estate, Policy::shipped(), AS_OF);
                let world = World { estate, coverage, policy: Policy::shipped() };
                analysis::posture(&world.graph());
            }
            Err(faults) => assert!(faults.has_errors(), "an error without a fault: {text:?}"),
        }
        let _ = Policy::parse(&source);
    }
}

#[test]
fn a_damaged_model_is_an_estate_or_faults() {
    let whole = crate::generate::estate(11, 4).to_string().into_bytes();
    let mut random = Random(5);
    for _ in 0..1_500 {
        let mut bytes = whole.clone();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => bytes[at] = random.pick(b"{}[]\",:0-9eE.\\u \n\t&*!|>%@`'#"),
                1 => drop(bytes.remove(at)),
                2 => bytes.truncate(at.max(1)),
                _ => bytes.insert(at, random.pick(b"{}[]\",:\\\n-")),
            }
        }
        if let Ok(text) = String::from_utf8(bytes) {
            check_total(&text);
        }
    }
}

#[test]
fn a_ladder_of_two_to_the_sixtieth_paths_is_answered() {
    const RUNGS: usize = 60;
    let name = |side: &str, rung: usize| format!("{side}{rung}");
    let mut nodes: Vec<String> = (0..=RUNGS).map(|rung| name("s", rung)).collect();
    nodes.extend((0..RUNGS).flat_map(|rung| [name("a", rung), name("b", rung)]));
    let texts: Vec<(String, String, f64)> = (0..RUNGS)
        .flat_map(|rung| {
            [("a", 1.0), ("b", 0.99)]
                .into_iter()
                .flat_map(move |(side, factor)| [(name("s", rung), name(side, rung), factor), (name(side, rung), name("s", rung + 1), 1.0)])
        })
        .collect();
    let edges: Vec<Edge<'_>> = texts.iter().map(|(from, to, factor)| (from.as_str(), to.as_str(), *factor)).collect();
    let given = PathGraph::new(&nodes.iter().map(String::as_str).collect::<Vec<_>>(), &edges, &[("s0", 1.0)]);
    let world = given.world();
    let graph = world.graph();
    let (start, end) = (Target::State(node(&world, "s0")), Target::State(node(&world, "s60")));
    for semiring in [Semiring::Product, Semiring::Bottleneck, Semiring::Reach { threshold: BasisPoints(2_000) }] {
        assert_eq!(analysis::blast_radius(&graph, start, semiring, BasisPoints(2_000)).states.len(), nodes.len());
        let best = analysis::best_paths(&graph, start, end, semiring, 10);
        assert_eq!(best.len(), 10);
        let second = if semiring == Semiring::Product || semiring == Semiring::Bottleneck { 0.99 } else { 1.0 };
        assert_eq!(best.iter().map(|path| path.high).collect::<Vec<_>>(), [[1.0].as_slice(), &[second; 9]].concat());
    }
    let (start, end) = (Target::System(world.system("s0")), Target::System(world.system("s60")));
    assert_eq!(analysis::exposure_of(&graph, end, Semiring::Product, BasisPoints(1)).states.len(), nodes.len() + 10);
    assert_eq!(analysis::best_paths(&graph, start, end, Semiring::Product, 10).len(), 10);
}

#[test]
fn a_dense_estate_of_two_thousand_systems_is_answered() {
    const SYSTEMS: usize = 2_000;
    let systems: Vec<Value> = (0..SYSTEMS).map(|ix| json!({ "id": format!("s{ix}"), "model": "iaas", "facing": "internal" })).collect();
    let mut random = Random(3);
    let connections: Vec<Value> = (0..SYSTEMS * 30)
        .map(|ix| {
            let from = ix % SYSTEMS;
            let to = (from + 1 + random.below(SYSTEMS - 1)) % SYSTEMS;
            json!({ "from": format!("s{from}"), "to": format!("s{to}"), "kind": random.pick(ConnectionKind::IDS) })
        })
        .collect();
    let world = World::of(&json!({ "weaklink": 1, "systems": systems, "connections": connections }));
    let graph = world.graph();
    let radius = analysis::blast_radius(&graph, Target::System(world.system("s0")), Semiring::Product, BasisPoints(1));
    assert_eq!(radius.systems.len(), SYSTEMS);
    let (start, end) = (Target::System(world.system("s0")), Target::System(world.system("s1999")));
    assert_eq!(analysis::best_paths(&graph, start, end, Semiring::Product, 10).len(), 10);
    let score = analysis::score(&graph, answers::THRESHOLD, analysis::Attribution::by_default(SYSTEMS), &|_, _| ());
    assert_eq!((score.posture.systems.len(), score.impacts.len()), (SYSTEMS, 0));
}
