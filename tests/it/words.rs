//! Every word that a screen shows can be asked about: the words are taken from the vocabularies and the pages themselves.

use crate::world::World;
use std::collections::BTreeSet;
use weaklink::analysis::fixes::{self, Watch};
use weaklink::analysis::{self, Attribution, Failing, Sampling, Target};
use weaklink::analysis::{check, review};
use weaklink::catalog::{
    BasisPoints, Cell as MatrixCell, Certainty, ConnectionKind, ControlStatus, Criticality, End, Facing, GapKind, Layer, PartyKind, Policy,
    Profile, ServiceModel, Side, Strength, Verdict,
};
use weaklink::graph::{ExposureGraph, Semiring};
use weaklink::import;
use weaklink::project::{FindingId, FindingKind, Settings, Waiver, Waivers};
use weaklink::report::page::{Cell, Holds, Page, Piece, Rows, band};
use weaklink::report::pages::{FixesBy, OwnersView};
use weaklink::report::{explain, faults, pages};
use weaklink::source::{Source, Span};

fn storefront() -> World<'static> {
    let text = include_str!("../../graphs/storefront.yaml");
    let document: serde_json::Value = serde_saphyr::from_str(text).expect("the graph is YAML");
    World::of(&document)
}

/// The pages of all commands.
fn all_pages(graph: &ExposureGraph<'_>) -> Vec<Page> {
    let target = |text: &str| Target::parse(graph, text).expect("a target");
    let systems: Vec<_> = graph.estate.system_ixs().collect();
    let threshold = BasisPoints(2_000);
    let (from, to) = (target("shop:os"), target("orders-db:data"));
    let mut pages = vec![
        pages::matrix(graph, &systems, Rows::All),
        pages::gaps(graph, Some(&[]), Rows::All),
        percolation_page(graph, None),
        percolation_page(graph, Some(from)),
        pages::score(graph, &analysis::score(graph, threshold, Attribution::Full, &|_, _| ()), None, Rows::All),
    ];
    let names = ["secrets".to_owned(), "backup".to_owned()];
    for targets in [&[target("secrets"), target("backup")][..], &[target("shop"), target("backup")]] {
        let choke = analysis::choke_points(graph, targets, threshold, &|_, _| ());
        pages.push(pages::choke(graph, &choke, &names, Rows::All));
    }
    for pair in [["shop:os", "erp"], ["github:access", "secrets"], ["okta", "siem"], ["shop:os", "backup"]] {
        let found = analysis::why_not(graph, target(pair[0]), target(pair[1]), threshold).expect("two things");
        pages.push(pages::why_not(graph, &found, pair, Rows::All));
    }
    pages.push(pages::unknowns(graph, &analysis::unknowns(graph, &|_, _| ()), Rows::All));
    let owners = analysis::owners(graph, &|_, _| ());
    pages.extend([OwnersView::Page, OwnersView::Flows].map(|view| pages::owners(graph, &owners, view, Rows::All)));
    let kinds = weaklink::catalog::FixKind::ALL;
    let fixes = fixes::candidates(graph, kinds);
    let plan = fixes::plan(graph, fixes.clone(), 3, End::High, Watch::NOBODY);
    pages.extend([FixesBy::Plan, FixesBy::Owner].map(|by| pages::plan(graph, &plan, by, Rows::All)));
    let protection = fixes::protect(graph, &to.states(graph), &fixes, threshold, Watch::NOBODY);
    pages.push(pages::protection(graph, protection.as_ref(), (to, "orders-db:data"), threshold, FixesBy::Plan, Rows::All));
    let difference = analysis::difference(graph, graph);
    pages.push(pages::what_if(&difference, &[], &[], Rows::All));
    pages.push(pages::verify(graph, &[("the plan".to_owned(), analysis::verify::Verdict::HoldsUnsearched)], Rows::All));
    for semiring in [Semiring::Product, Semiring::Bottleneck, Semiring::Reach { threshold }] {
        let radius = analysis::blast_radius(graph, from, semiring, threshold);
        let paths = analysis::best_paths(graph, from, to, semiring, 3);
        pages.push(pages::blast(graph, &radius, "shop:os", semiring, Rows::All));
        pages.push(pages::exposed(graph, &analysis::exposure_of(graph, to, semiring, threshold), "orders-db:data", semiring, Rows::All));
        pages.push(pages::why(graph, &paths, [(from, "shop:os"), (to, "orders-db:data")], semiring));
    }
    pages
}

/// The page of a percolation, sampled: what is exact has the same words.
fn percolation_page(graph: &ExposureGraph<'_>, target: Option<Target>) -> Page {
    let sampling = Sampling { worlds: std::num::NonZeroU64::new(200), seed: 1, threads: None };
    let failing = target.map_or(Failing::Gaps, Failing::Target);
    let percolation = analysis::percolation(graph, failing, sampling, BasisPoints(2_000), &|_, _| ());
    pages::percolation(graph, &percolation, "shop:os", Rows::All)
}

/// The pages of a review in which everything happens that can, and those of checks.
fn gate_pages() -> Vec<Page> {
    let model = |text: &str| {
        let document: serde_json::Value = serde_saphyr::from_str(text).expect("the model is YAML");
        World::of(&document)
    };
    let base = model(include_str!("../../graphs/storefront.yaml"));
    let (base_graph, as_of) = (base.graph(), crate::world::AS_OF);
    let limits = Settings::shipped();
    let waiver = |finding: &str, until| {
        let finding = FindingId::parse(finding).expect("a finding");
        let waiver = Waiver { finding, until, reason: "a reason".to_owned(), by: "somebody".to_owned(), up_to: None };
        (waiver, true, Span::new(0, 0, 0))
    };
    let (past, later) = (jiff::civil::date(2026, 1, 1), jiff::civil::date(2027, 1, 1));
    let mut waivers =
        Waivers { list: vec![waiver("rise@okta:access", later), waiver("rise@shop:os", later), waiver("removed-system@siem", past)] };
    waivers.list.push((waivers.list[0].0.clone(), false, Span::new(0, 0, 0)));
    let mut pages = Vec::new();
    for head in [
        include_str!("../../graphs/pull-requests/new-credential.yaml"),
        include_str!("../../graphs/pull-requests/patched-os.yaml"),
        include_str!("../../graphs/pull-requests/handed-to-nobody.yaml"),
        include_str!("../../graphs/pull-requests/new-saas.yaml"),
        include_str!("../../graphs/pull-requests/monitoring-removed.yaml"),
    ] {
        let head = model(head);
        let head_graph = head.graph();
        for (base, head) in [(&base_graph, &head_graph), (&head_graph, &base_graph)] {
            let review = review::review(base, head, Some(head));
            let gate = review::gate(&review, &limits.review, &waivers, as_of);
            pages.push(pages::review(&review, &gate, Some(&[]), Rows::All));
        }
    }
    let check = check::check(&base_graph, &limits.check, &waivers, as_of);
    pages.push(pages::check(&check, Some(&[]), Rows::All));
    pages
}

/// The page of an import in which something is not understood and something leads nowhere.
fn import_page() -> Page {
    let text = include_str!("../../examples/terraform/plan.json");
    let source = Source::from_bytes("plan.json".to_owned(), text.into(), 0).expect("the plan is text");
    let import = import::import(&[(&source, None)], &import::Options::default()).expect("the plan is read");
    pages::import(&import, true)
}

/// The titles of all columns, and the words of the program in columns of words.
fn words_of(page: &Page, words: &mut BTreeSet<String>) {
    for section in &page.sections {
        words.extend(section.key.iter().map(|(column, _)| column).chain(&section.columns).map(|column| column.title.to_owned()));
        for (cell, column) in section.rows.iter().flat_map(|row| row.iter().zip(&section.columns)) {
            if let (Cell::Line(line), Holds::Text) = (cell, column.holds) {
                words.extend(line.0.iter().filter_map(|piece| match piece {
                    Piece::Words(text) | Piece::Strong(text) if text.chars().any(char::is_alphabetic) => {
                        Some(text.trim_matches(['(', ')']).to_owned())
                    }
                    _ => None,
                }));
            }
        }
    }
    // How the figures arise stands first in the last line.
    let last = page.closing.last().map(weaklink::report::page::Line::text).unwrap_or_default();
    words.extend(
        last.split(" · ")
            .next()
            .filter(|how| !how.is_empty() && !how.starts_with("policy"))
            .map(|how| how.split(" over ").next().unwrap_or(how).to_owned()),
    );
}

#[test]
fn every_word_of_the_vocabularies_and_the_screens_is_explained() {
    let vocabularies: [&[&str]; 14] = [
        Layer::IDS,
        ServiceModel::IDS,
        MatrixCell::IDS,
        ControlStatus::IDS,
        PartyKind::IDS,
        Side::IDS,
        ConnectionKind::IDS,
        Criticality::IDS,
        Facing::IDS,
        Strength::IDS,
        Certainty::IDS,
        Verdict::IDS,
        GapKind::IDS,
        Profile::IDS,
    ];
    let mut words: BTreeSet<String> = vocabularies.iter().flat_map(|ids| ids.iter()).map(|word| (*word).to_owned()).collect();
    words.extend(Policy::shipped().levels.keys().cloned());
    words.extend(Policy::shipped().classes.iter().cloned());
    words.extend((0..=10_000).map(|value| band(BasisPoints(value)).to_owned()));
    words.extend(faults::codes().into_iter().map(str::to_owned));
    let world = storefront();
    for page in all_pages(&world.graph()) {
        words_of(&page, &mut words);
    }
    for page in gate_pages() {
        words_of(&page, &mut words);
    }
    words_of(&import_page(), &mut words);
    words.extend(FindingKind::ids().into_iter().map(str::to_owned));
    // What stands where a name could.
    let silent = World::of(&serde_json::json!({ "weaklink": 1, "systems": [{ "id": "a", "model": "saas",
        "layers": { "data": { "owner": "nobody" } } }] }));
    let ladder = pages::matrix(&silent.graph(), &[silent.system("a")], Rows::All);
    let claimed = ladder.sections[0].rows.iter().filter_map(|row| if let Cell::Line(line) = &row[1] { Some(line.text()) } else { None });
    words.extend(claimed);
    for phrase in [
        "risk points",
        "weakest link",
        "most likely path",
        "step",
        "posture",
        "matrix",
        "score",
        "baseline",
        "profiles",
        "not reached",
        "otm",
        "setting",
        "boundary",
        "profile",
        "copy",
        "controls",
        "system",
        "crm",
        "world",
        "coin",
        "seed",
        "sampled",
        "exact",
    ] {
        words.insert(phrase.to_owned());
    }
    assert!(words.len() > 150, "{words:?}");
    let mute: Vec<_> = words.iter().filter(|word| explain::explain(word).is_none()).collect();
    assert!(mute.is_empty(), "nothing is explained about {mute:?}");
}

#[test]
fn a_word_with_two_meanings_has_both_told_and_case_makes_no_difference() {
    let partial = explain::explain("partial").expect("it is a gap kind and a status");
    assert!(partial.starts_with("partial\n") && partial.contains("\nimplemented, alternative, partial,"), "{partial}");
    for word in ["EXPOSURE", "Because", "IAAS", "DATA", "Very High"] {
        assert_eq!(explain::explain(word), explain::explain(&word.to_lowercase()), "{word}");
        assert!(explain::explain(word).is_some(), "{word}");
    }
    let names = explain::names();
    assert!(names.iter().all(|name| explain::explain(name).is_some()));
}
