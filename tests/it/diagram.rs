//! Diagrams: what is drawn is what was found, whatever its names are, and the same model gives the same bytes.

use crate::world::{AS_OF, shared};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use weaklink::analysis::{self, GroupBy, Target};
use weaklink::catalog::{BasisPoints, Policy};
use weaklink::coverage::Coverage;
use weaklink::estate::{ConnectionIx, Estate, SystemIx};
use weaklink::graph::{ExposureGraph, Semiring};
use weaklink::report::diagram::labels::{Labels, Plain};
use weaklink::report::diagram::palette::Page;
use weaklink::report::diagram::picture::{Card, Mark};
use weaklink::report::diagram::text::{MOST_ON_CARD, cut};
use weaklink::report::diagram::{Picture, Theme, dot, mermaid, svg, views};
use weaklink::source::{Limits, Source};

/// A date on which all evidence of the shipped graphs is fresh.
const FRESH: jiff::civil::Date = jiff::civil::date(2026, 11, 24);

fn shipped(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("graphs").join(name)).expect("the graph is there")
}

fn with_graph<T>(text: &str, as_of: jiff::civil::Date, ask: impl FnOnce(&ExposureGraph<'_>) -> T) -> T {
    let source = Source::from_bytes("model.yaml".to_owned(), text.into(), 0).expect("the model is text");
    let (estate, _) = Estate::load(&[&source], Policy::shipped(), as_of, &Limits::default()).expect("the model is valid");
    let coverage = Coverage::of(&estate, Policy::shipped(), as_of);
    ask(&ExposureGraph::build(&estate, &coverage, Policy::shipped()))
}

/// The picture of every view of a model, and of its difference to another.
fn pictures(text: &str, base: &str, target: &str, goal: &str, labels: &dyn Labels) -> Vec<(&'static str, Picture)> {
    with_graph(text, FRESH, |graph| {
        let of = |text: &str| Target::parse(graph, text).expect("the target is there");
        let radius = analysis::blast_radius(graph, of(target), Semiring::Product, BasisPoints(1));
        let paths = analysis::best_paths(graph, of(target), of(goal), Semiring::Product, 1);
        let posture = analysis::posture(graph);
        let fold = |by| views::fold(graph, &analysis::groups(graph, &posture, by));
        let difference = with_graph(base, FRESH, |base| views::difference(&analysis::difference(base, graph), ("base", "head"), labels));
        vec![
            ("estate", views::estate(graph, labels)),
            ("blast", views::blast(graph, &radius, target, Semiring::Product, labels)),
            ("why", views::path(graph, paths.first(), (target, goal), Semiring::Product, labels)),
            ("fold", fold(GroupBy::Provider)),
            ("fold-owner", fold(GroupBy::Owner)),
            ("fold-tag", fold(GroupBy::Tag)),
            ("diff", difference),
        ]
    })
}

fn storefront() -> Vec<(&'static str, Picture)> {
    pictures(&shipped("storefront.yaml"), &changed_storefront(), "shop:os", "orders-db:data", &Plain)
}

/// The storefront as it might have been before: one system fewer, one connection more, one layer better.
fn changed_storefront() -> String {
    let storefront = shipped("storefront.yaml");
    let without = |text: &str, line: &str| {
        assert!(text.contains(line), "{line}");
        text.replace(line, "")
    };
    let text = without(&storefront, "  - { from: siem, to: shop, kind: monitors, note: an agent on every node }\n");
    let text = without(&text, "  - { from: siem, to: github, kind: monitors }\n");
    let text = without(
        &text,
        "  - { id: siem, service: datadog, owner: platform-team, criticality: moderate, facing: internet, tags: [log-plan] }\n",
    );
    let text = text.replace("os: { owner: aws, status: implemented,", "os: { owner: shop-team, status: implemented,");
    text.replace("connections:\n", "connections:\n  - { from: erp, to: okta, kind: holds-credentials }\n")
}

/// What stands on a card, in the order in which it is written there.
fn words(card: &Card) -> Vec<String> {
    let mut words: Vec<String> = card.sign.iter().map(weaklink::report::diagram::picture::Sign::text).collect();
    words.push(cut(&card.title, MOST_ON_CARD));
    words.extend(card.name.iter().map(|name| cut(name, MOST_ON_CARD)));
    words.push(cut(&card.caption, 2 * MOST_ON_CARD));
    words.extend(card.badge.iter().map(|badge| badge.text.clone()));
    for row in &card.rows {
        words.extend([row.layer.id().to_owned(), cut(&row.owner, MOST_ON_CARD), row.status.clone()]);
    }
    let mut words: Vec<String> = words.iter().map(|word| plain(word)).filter(|word| !word.is_empty()).collect();
    words.sort();
    words
}

/// A text as its reader sees it: without what keeps a backslash apart, blanks as blanks.
fn plain(text: &str) -> String {
    text.replace('\u{200b}', "").replace('\u{a0}', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn svg_of(picture: &Picture, theme: Theme) -> String {
    let mut out = Vec::new();
    svg::write(picture, theme, &mut out).expect("memory takes all");
    String::from_utf8(out).expect("an SVG is text")
}

/// Checks that an SVG is well-formed, holds nothing active, and has the cards of the picture with their words.
fn check_svg(name: &str, picture: &Picture, text: &str) {
    let document = roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
    for element in document.descendants().filter(roxmltree::Node::is_element) {
        let tag = element.tag_name().name();
        assert!(["svg", "title", "desc", "style", "rect", "text", "path", "g"].contains(&tag), "{name}: element {tag}");
        for attribute in element.attributes() {
            let known = [
                "x",
                "y",
                "width",
                "height",
                "viewBox",
                "font-family",
                "font-size",
                "font-weight",
                "text-anchor",
                "fill",
                "stroke",
                "stroke-width",
                "stroke-dasharray",
                "paint-order",
                "rx",
                "d",
                "role",
            ];
            assert!(known.contains(&attribute.name()), "{name}: attribute {}", attribute.name());
        }
    }
    let groups: Vec<roxmltree::Node> = document.descendants().filter(|node| node.has_tag_name("g")).collect();
    assert_eq!(groups.len(), picture.cards.len(), "{name}: cards");
    for (group, card) in groups.iter().zip(&picture.cards) {
        let mut texts: Vec<String> = group
            .children()
            .filter(|node| node.has_tag_name("text"))
            .filter_map(|node| node.text())
            .map(plain)
            .filter(|text| !text.is_empty())
            .collect();
        texts.sort();
        assert_eq!(texts, words(card), "{name}");
    }
    let titles: Vec<&str> =
        document.root_element().children().filter(|node| node.has_tag_name("title")).filter_map(|node| node.text()).collect();
    assert_eq!(titles.len(), 1, "{name}");
}

/// The program of Graphviz, if it is there; says aloud that a test is skipped where it is not.
fn graphviz(test: &str) -> bool {
    let found = Command::new("dot").arg("-V").stderr(Stdio::null()).stdout(Stdio::null()).status().is_ok_and(|status| status.success());
    if !found {
        eprintln!("SKIPPED {test}: Graphviz is not installed");
    }
    found
}

fn run_dot(form: &str, text: &str) -> String {
    let mut child = Command::new("dot")
        .arg(format!("-T{form}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Graphviz starts");
    let mut stdin = child.stdin.take().expect("stdin is piped");
    let input = text.to_owned();
    let feeder = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("Graphviz ends");
    feeder.join().expect("the feeder ends").expect("Graphviz reads");
    let complaints = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{complaints}\n{text}");
    // Words without a font are Graphviz's own affair; anything else would be ours.
    assert!(!complaints.contains("rror") && !complaints.contains("too small"), "{complaints}");
    String::from_utf8(output.stdout).expect("Graphviz writes text")
}

/// The texts of an HTML-like label.
fn label_texts(label: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(label).unwrap_or_else(|error| panic!("{error}: {label}"));
    let mut texts: Vec<String> = document
        .descendants()
        .filter(roxmltree::Node::is_text)
        .filter_map(|node| node.text())
        .map(plain)
        .filter(|text| !text.is_empty())
        .collect();
    texts.sort();
    texts
}

/// The digits of a card's strip, as DOT shows them.
fn digits(card: &Card) -> Vec<String> {
    let digit = |exposure: &BasisPoints| match exposure.0 {
        0 => "·".to_owned(),
        10_000 => "✗".to_owned(),
        value => (value / 1_000).to_string(),
    };
    card.strip.iter().flatten().flatten().map(digit).collect()
}

/// Checks that Graphviz reads from a DOT text the cards and links of the picture, with their words, and nothing else.
fn check_dot(name: &str, picture: &Picture) {
    let text = dot::text(picture, Page::Light);
    let read: Value = serde_json::from_str(&run_dot("dot_json", &text)).expect("Graphviz writes JSON");
    let objects = read["objects"].as_array().cloned().unwrap_or_default();
    let nodes: BTreeMap<String, &Value> = objects
        .iter()
        .filter(|object| object.get("nodes").is_none() && object.get("subgraphs").is_none())
        .map(|object| (object["name"].as_str().expect("a node has a name").to_owned(), object))
        .filter(|(name, _)| !name.starts_with("cluster_") && !name.starts_with("rank_"))
        .collect();
    let expected: BTreeSet<String> = (0..picture.cards.len()).map(|ix| format!("s{ix}")).collect();
    assert_eq!(nodes.keys().cloned().collect::<BTreeSet<_>>(), expected, "{name}");
    for (ix, card) in picture.cards.iter().enumerate() {
        let node = nodes[&format!("s{ix}")];
        let mut expected = words(card);
        expected.extend(digits(card));
        expected.sort();
        assert_eq!(label_texts(node["label"].as_str().expect("a node has a label")), expected, "{name}");
    }
    let name_of = |ix: &Value| objects[ix.as_u64().expect("a number") as usize]["name"].as_str().expect("a name").to_owned();
    let mut read_links: Vec<(String, String, String, String, String)> = read["edges"]
        .as_array()
        .cloned()
        .unwrap_or_default()
        .iter()
        .map(|edge| {
            let text = |key: &str| edge.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let label = text("label");
            let label = if label.starts_with("<TABLE") { label_texts(&label).join("|") } else { plain(&unescaped(&label)) };
            (name_of(&edge["tail"]), text("tailport"), name_of(&edge["head"]), text("headport"), label)
        })
        .collect();
    read_links.sort();
    let mut links: Vec<(String, String, String, String, String)> = picture
        .links
        .iter()
        .map(|link| {
            let label = if link.detail.is_empty() {
                plain(&cut(&link.label, 256))
            } else {
                let mut texts: Vec<String> = link.detail.iter().chain([&link.label]).map(|text| plain(&cut(text, 256))).collect();
                texts.sort();
                texts.join("|")
            };
            (
                format!("s{}", link.from),
                link.from_row.map(|layer| format!("{layer}:e")).unwrap_or_default(),
                format!("s{}", link.to),
                link.to_row.map(|layer| format!("{layer}_w:w")).unwrap_or_default(),
                label,
            )
        })
        .collect();
    links.sort();
    assert_eq!(read_links, links, "{name}");
}

/// What a quoted DOT label reads as.
fn unescaped(label: &str) -> String {
    label.replace("\\\\", "\\").replace("&amp;", "&")
}

/// Checks that what Graphviz draws of a DOT text shows the words of all cards, and holds nothing active.
fn check_drawn_dot(name: &str, picture: &Picture) {
    let drawn = run_dot("svg", &dot::text(picture, Page::Dark));
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
    let document = roxmltree::Document::parse_with_options(&drawn, options).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut cards = BTreeMap::new();
    for element in document.descendants().filter(roxmltree::Node::is_element) {
        assert!(!["script", "image", "style", "foreignObject", "use"].contains(&element.tag_name().name()), "{name}");
        for attribute in element.attributes() {
            let attribute = attribute.name().to_lowercase();
            assert!(attribute != "href" && !attribute.starts_with("on"), "{name}: {attribute}");
        }
        if element.attribute("class") == Some("node") {
            let id =
                element.children().find(|child| child.has_tag_name("title")).and_then(|title| title.text()).unwrap_or_default().to_owned();
            let mut texts: Vec<String> = element
                .descendants()
                .filter(|child| child.has_tag_name("text"))
                .filter_map(|child| child.text())
                .map(plain)
                .filter(|text| !text.is_empty())
                .collect();
            texts.sort();
            cards.insert(id, texts);
        }
    }
    assert_eq!(cards.len(), picture.cards.len(), "{name}");
    for (ix, card) in picture.cards.iter().enumerate() {
        let mut expected = words(card);
        expected.extend(digits(card));
        expected.sort();
        assert_eq!(cards[&format!("s{ix}")], expected, "{name}");
    }
}

/// A Mermaid text decoded by its own rules: `#DECIMAL;` is a character.
fn decoded(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('#') {
        out.push_str(&rest[..at]);
        let end = rest[at..].find(';').expect("every code ends") + at;
        out.push(char::from_u32(rest[at + 1..end].parse().expect("a code is a number")).expect("a code is a character"));
        rest = &rest[end + 1..];
    }
    out + rest
}

/// Checks that a Mermaid text is small, and that every text in it is coded and reads as the card's.
fn check_mermaid(name: &str, picture: &Picture) {
    let text = mermaid::text(picture);
    assert!(text.chars().count() <= 2_000, "{name}: {}", text.chars().count());
    let mut drawn = 0;
    for line in text.lines().map(str::trim_start) {
        let quoted = line.split_once('"').and_then(|(_, rest)| rest.rsplit_once('"')).map(|(inside, _)| inside);
        if let Some(inside) = quoted {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || " .,_/-#;".contains(c) || !c.is_ascii();
            assert!(inside.chars().all(is_plain), "{name}: {inside}");
        }
        let Some((ix, _)) = line.strip_prefix('s').and_then(|rest| rest.split_once("[\"")) else { continue };
        let Ok(ix) = ix.parse::<usize>() else { continue };
        drawn += 1;
        let shown = decoded(quoted.expect("a node has a text"));
        assert!(shown.contains(&cut(&picture.cards[ix].title, MOST_ON_CARD)), "{name}: {shown}");
    }
    assert!(drawn <= 15 && (drawn == picture.cards.len() || text.contains("more[")), "{name}: {drawn} of {}", picture.cards.len());
}

#[test]
fn every_view_is_drawn_whole_in_every_form() {
    let has_graphviz = graphviz("every_view_is_drawn_whole_in_every_form");
    for (name, picture) in storefront() {
        for theme in [Theme::Auto, Theme::Only(Page::Light), Theme::Only(Page::Dark)] {
            check_svg(name, &picture, &svg_of(&picture, theme));
        }
        check_mermaid(name, &picture);
        if has_graphviz {
            check_dot(name, &picture);
            check_drawn_dot(name, &picture);
        }
    }
}

/// Hostile names that the shared list may lack; escapes of every form that a picture is written in.
const HOSTILE: &[&str] = &[
    "",
    " ",
    "\\",
    "\\N \\G \\E \\T \\n",
    "ends in \\",
    "\"]; evil [URL=\"javascript:alert(1)\"",
    "</TD></TR></TABLE>> evil [label=<x>",
    "<script>alert(1)</script>",
    "]]>",
    "-->",
    "&lt;b&gt; &#60; &amp; &",
    "%%{init: {}}%% end",
    "click s0 \"javascript:alert(1)\"",
    "style:#ff0000; #quot;",
    "a\u{1b}[31m\u{7}\u{0}b",
    "\u{202e}gnp.exe\u{2066}",
    "\u{fffe}\u{ffff}\u{feff}\u{200b}",
    "عربي / apps",
    "日本語テスト 🏯",
    "tab\tnewline\nreturn\r",
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
];

/// Labels that say hostile things, a different one on every system and connection.
struct Hostile(Vec<String>);

impl Labels for Hostile {
    fn title(&self, _: &ExposureGraph<'_>, system_ix: SystemIx) -> String {
        self.0[system_ix.index() % self.0.len()].clone()
    }

    fn name(&self, _: &ExposureGraph<'_>, system_ix: SystemIx) -> Option<String> {
        Some(self.0[(system_ix.index() + 1) % self.0.len()].clone())
    }

    fn connection(&self, _: &ExposureGraph<'_>, connection_ix: ConnectionIx) -> String {
        self.0[connection_ix.index() % self.0.len()].clone()
    }
}

/// A chain of stars: a model with this many systems in which one failure reaches all.
fn reachable(systems: usize) -> String {
    let list: Vec<Value> = (0..systems).map(|ix| json!({ "id": format!("n{ix:03}"), "model": "iaas", "facing": "internet" })).collect();
    let connections: Vec<Value> =
        (1..systems).map(|ix| json!({ "from": format!("n{:03}", ix / 3), "to": format!("n{ix:03}"), "kind": "supplies" })).collect();
    json!({ "weaklink": 1, "systems": list, "connections": connections }).to_string()
}

#[test]
fn hostile_names_stay_names_in_every_form() {
    let mut names: Vec<String> = HOSTILE.iter().map(|name| (*name).to_owned()).collect();
    if let Some(path) = shared("naughty.txt", "hostile_names_stay_names_in_every_form: the shared list") {
        let text = std::fs::read(path).expect("the list can be read");
        names.extend(String::from_utf8_lossy(&text).split('\u{1e}').map(str::to_owned));
    }
    let has_graphviz = graphviz("hostile_names_stay_names_in_every_form: Graphviz");
    for chunk in names.chunks(36) {
        let model = reachable(chunk.len());
        let base = reachable(chunk.len().saturating_sub(1).max(1));
        let last = format!("n{:03}", chunk.len() - 1);
        for (name, picture) in pictures(&model, &base, "n000:os", &format!("{last}:code"), &Hostile(chunk.to_vec())) {
            if name.starts_with("fold") {
                continue; // Groups have the names of parties and tags, not of labels.
            }
            let first = &chunk[0];
            check_svg(&format!("{name} of {first:?}"), &picture, &svg_of(&picture, Theme::Auto));
            check_mermaid(name, &picture);
            if has_graphviz {
                check_dot(name, &picture);
                if name != "estate" {
                    check_drawn_dot(name, &picture);
                }
            }
        }
    }
}

#[test]
fn hostile_tags_stay_names_of_groups() {
    let systems: Vec<Value> =
        HOSTILE.iter().enumerate().map(|(ix, tag)| json!({ "id": format!("n{ix}"), "model": "iaas", "tags": [tag] })).collect();
    let source = Source::from_bytes("m.json".to_owned(), json!({ "weaklink": 1, "systems": systems }).to_string().into(), 0).expect("text");
    let Ok((estate, _)) = Estate::load(&[&source], Policy::shipped(), AS_OF, &Limits::default()) else {
        // Tags with control characters are refused; what is left is drawn.
        let kept = HOSTILE.iter().filter(|tag| !tag.chars().any(weaklink::source::is_hidden) && !tag.trim().is_empty());
        let systems: Vec<Value> =
            kept.enumerate().map(|(ix, tag)| json!({ "id": format!("n{ix}"), "model": "iaas", "tags": [tag] })).collect();
        let model = json!({ "weaklink": 1, "systems": systems }).to_string();
        let (_, picture) = pictures(&model, &model, "n0", "n1", &Plain).into_iter().find(|(name, _)| *name == "fold-tag").expect("a view");
        return check_svg("fold-tag", &picture, &svg_of(&picture, Theme::Auto));
    };
    assert_eq!(estate.systems().len(), HOSTILE.len());
}

#[test]
fn the_order_of_a_file_changes_no_byte_of_a_picture() {
    let storefront: Value = serde_json::to_value(serde_saphyr_value(&shipped("storefront.yaml"))).expect("the graph is a tree");
    let mut turned = storefront.clone();
    for list in ["parties", "systems", "connections"] {
        turned[list].as_array_mut().expect("a list").reverse();
    }
    let of = |model: &Value| pictures(&model.to_string(), &changed_storefront(), "shop:os", "orders-db:data", &Plain);
    for ((name, one), (_, other)) in of(&storefront).into_iter().zip(of(&turned)) {
        assert_eq!(svg_of(&one, Theme::Auto), svg_of(&other, Theme::Auto), "{name}");
        assert_eq!(dot::text(&one, Page::Light), dot::text(&other, Page::Light), "{name}");
        assert_eq!(mermaid::text(&one), mermaid::text(&other), "{name}");
    }
}

/// A YAML text as a tree of values.
fn serde_saphyr_value(text: &str) -> Value {
    serde_saphyr::from_str(text).expect("the graph is YAML")
}

/// The pictures of the storefront, byte by byte, as they were looked at and accepted; the README shows two of them.
/// With `WEAKLINK_ACCEPT=1` they are written anew: open them before they are committed.
#[test]
fn the_pictures_of_the_storefront_are_those_that_were_accepted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pictures: Vec<(String, String)> = Vec::new();
    for (name, picture) in storefront().into_iter().filter(|(name, _)| !name.starts_with("fold-")) {
        let svg = if name == "estate" { "graphs/storefront.svg".to_owned() } else { format!("tests/it/pictures/{name}.svg") };
        pictures.push((svg, svg_of(&picture, Theme::Auto)));
        pictures.push((format!("tests/it/pictures/{name}.dot"), dot::text(&picture, Page::Light)));
        pictures.push((format!("tests/it/pictures/{name}.mmd"), mermaid::text(&picture)));
    }
    let shop = with_graph(&shipped("storefront.yaml"), FRESH, |graph| {
        let target = Target::parse(graph, "shop:os").expect("the target is there");
        let radius = analysis::blast_radius(graph, target, Semiring::Product, BasisPoints::of(graph.policy.threshold));
        svg_of(&views::blast(graph, &radius, "shop:os", Semiring::Product, &Plain), Theme::Auto)
    });
    pictures.push(("graphs/storefront-shop-os.svg".to_owned(), shop));
    for (name, drawn) in pictures {
        let path = root.join(&name);
        if std::env::var_os("WEAKLINK_ACCEPT").is_some() {
            std::fs::write(&path, &drawn).expect("the picture can be written");
        }
        assert!(std::fs::read_to_string(&path).unwrap_or_default() == drawn, "{name} is drawn otherwise");
    }
}

#[test]
fn a_blast_radius_draws_forty_systems_and_counts_the_others() {
    with_graph(&reachable(300), FRESH, |graph| {
        let target = Target::parse(graph, "n000:os").expect("the target is there");
        let radius = analysis::blast_radius(graph, target, Semiring::Product, BasisPoints(1));
        let picture = views::blast(graph, &radius, "n000:os", Semiring::Product, &Plain);
        let counted: usize =
            picture.cards.iter().filter_map(|card| card.title.strip_prefix("+ ")?.strip_suffix(" more")?.parse::<usize>().ok()).sum();
        let drawn = picture.cards.iter().filter(|card| !card.title.starts_with("+ ")).count();
        assert_eq!(drawn, views::MOST_CARDS);
        assert_eq!(drawn + counted, radius.systems.len());
        check_svg("300 systems", &picture, &svg_of(&picture, Theme::Auto));
    });
}

#[test]
fn the_marks_of_an_estate_are_its_gaps() {
    with_graph(&shipped("storefront.yaml"), FRESH, |graph| {
        let picture = views::estate(graph, &Plain);
        let marked: Vec<String> = picture
            .cards
            .iter()
            .flat_map(|card| {
                card.rows
                    .iter()
                    .filter(|row| matches!(row.mark, Mark::Gap | Mark::Doubt))
                    .map(move |row| format!("{}:{} {}", card.title, row.layer, row.status))
            })
            .collect();
        let sign = |low: f64| if low > 0.0 { "!" } else { "?" };
        let gaps: Vec<String> = graph
            .coverage
            .gaps()
            .map(|(system, layer, kind, coverage)| {
                format!("{}:{layer} {} {kind}", graph.estate.system(system).id, sign(coverage.severity.low))
            })
            .collect();
        assert_eq!(marked, gaps);
        assert_eq!(picture.links.len(), graph.estate.connections().len());
    });
}

#[test]
fn a_model_does_not_differ_from_itself() {
    let storefront = shipped("storefront.yaml");
    with_graph(&storefront, FRESH, |head| {
        with_graph(&storefront, FRESH, |base| {
            let difference = analysis::difference(base, head);
            assert!(difference.connections.is_empty());
            assert!(difference.systems.iter().all(|system| system.change == analysis::Change::Same && system.delta() == 0));
            let picture = views::difference(&difference, ("base", "head"), &Plain);
            assert!(picture.cards.is_empty() && picture.links.is_empty());
            assert_eq!(picture.answer, "Nothing: no system and no connection comes or goes, and no exposure moves");
        });
    });
}

#[test]
fn the_other_way_round_a_difference_has_the_other_signs() {
    let (one, other) = (shipped("storefront.yaml"), changed_storefront());
    with_graph(&one, FRESH, |one| {
        with_graph(&other, FRESH, |other| {
            let (there, back) = (analysis::difference(one, other), analysis::difference(other, one));
            for (there, back) in there.systems.iter().zip(&back.systems) {
                assert_eq!((&there.id, there.delta()), (&back.id, -back.delta()));
            }
            for (there, back) in there.connections.iter().zip(&back.connections) {
                assert_eq!((&there.id, there.is_added), (&back.id, !back.is_added));
            }
            assert!(there.systems.iter().any(|system| system.change == analysis::Change::Better), "the storefront was made better");
        });
    });
}

#[test]
fn groups_hold_every_system_and_every_exposure_once() {
    with_graph(&shipped("storefront.yaml"), FRESH, |graph| {
        let posture = analysis::posture(graph);
        for by in [GroupBy::Provider, GroupBy::Owner, GroupBy::Tag] {
            let groups = analysis::groups(graph, &posture, by);
            let members: BTreeSet<SystemIx> =
                groups.groups.iter().flat_map(|group| group.systems.iter().map(|(system, _)| *system)).collect();
            assert_eq!(members.len(), graph.estate.systems().len());
            let exposed = posture.systems.iter().filter(|system| system.exposure.high > 0.0).count();
            assert_eq!(groups.flows.iter().map(|flow| flow.systems).sum::<usize>(), exposed);
            assert_eq!(groups.groups.iter().map(|group| group.gaps).sum::<usize>(), graph.coverage.gaps().count());
        }
    });
}
