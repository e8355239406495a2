//! Drawing: a blast radius of forty systems and a folded estate, phase by phase.
//!
//! cargo bench --bench diagram -- 2000 6000

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::hint::black_box;
use std::time::Instant;
use weaklink::analysis::{self, GroupBy, Target};
use weaklink::catalog::{BasisPoints, ConnectionKind, Policy};
use weaklink::coverage::Coverage;
use weaklink::estate::Estate;
use weaklink::graph::{ExposureGraph, Semiring};
use weaklink::report::diagram::labels::Plain;
use weaklink::report::diagram::palette::Page;
use weaklink::report::diagram::{Picture, Theme, dot, svg, views};
use weaklink::source::Source;

const RUNS: usize = 9;

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let (systems, connections) = (numbers.first().copied().unwrap_or(2_000), numbers.get(1).copied().unwrap_or(6_000));
    let as_of = jiff::civil::date(2026, 11, 1);
    let source = Source::from_bytes("bench.json".to_owned(), estate(systems, connections).into_bytes(), 0).expect("the model is text");
    let estate = Estate::parse(&source, as_of).expect("the model is valid");
    let coverage = Coverage::of(&estate, Policy::shipped(), as_of);
    let graph = ExposureGraph::build(&estate, &coverage, Policy::shipped());
    println!("{systems} systems, {connections} connections; medians of {RUNS} runs");

    let target = Target::parse(&graph, "s0").expect("the system is there");
    let radius = analysis::blast_radius(&graph, target, Semiring::Product, BasisPoints(1));
    let blast = views::blast(&graph, &radius, "s0", Semiring::Product, &Plain);
    println!("blast radius: {} of {} systems drawn, {} links", blast.cards.len(), radius.systems.len(), blast.links.len());
    println!("  picture       {:9.3} ms", median(|| drop(black_box(views::blast(&graph, &radius, "s0", Semiring::Product, &Plain)))));
    println!("  SVG           {:9.3} ms, {} bytes", median(|| drop(black_box(drawn(&blast)))), drawn(&blast).len());
    println!("  DOT           {:9.3} ms", median(|| drop(black_box(dot::text(&blast, Page::Light)))));

    let folded = || {
        let posture = analysis::posture(&graph);
        views::fold(&graph, &analysis::groups(&graph, &posture, GroupBy::Provider))
    };
    let fold = folded();
    println!("folded estate: {} cards, {} links", fold.cards.len(), fold.links.len());
    println!(
        "  read to picture {:7.3} ms",
        median(|| {
            let estate = Estate::parse(&source, as_of).expect("the model is valid");
            let coverage = Coverage::of(&estate, Policy::shipped(), as_of);
            let graph = ExposureGraph::build(&estate, &coverage, Policy::shipped());
            let posture = analysis::posture(&graph);
            black_box(views::fold(&graph, &analysis::groups(&graph, &posture, GroupBy::Provider)));
        })
    );
    println!("  SVG           {:9.3} ms, {} bytes", median(|| drop(black_box(drawn(&fold)))), drawn(&fold).len());
}

fn drawn(picture: &Picture) -> Vec<u8> {
    let mut out = Vec::new();
    svg::write(picture, Theme::Auto, &mut out).expect("memory takes all");
    out
}

/// A deterministic estate: every system near others, five providers, a gap here and there.
fn estate(systems: usize, connections: usize) -> String {
    let mut seed = 11_u64;
    let mut below = |bound: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((seed >> 33) as usize) % bound.max(1)
    };
    let list: Vec<String> = (0..systems)
        .map(|ix| {
            let status = if below(9) == 0 { "partial" } else { "implemented" };
            format!(
                r#"{{"id":"s{ix}","model":"iaas","provider":"provider-{}","layers":{{"os":{{"status":"{status}"}},"access":{{"status":"implemented"}}}}}}"#,
                below(5)
            )
        })
        .collect();
    let links: Vec<String> = (0..connections)
        .map(|ix| {
            // The first ones spread from s0, so that it reaches many.
            let (from, to) = if ix + 1 < systems { (ix / 3, ix + 1) } else { (below(systems), below(systems)) };
            let to = if from == to { (to + 1) % systems } else { to };
            format!(r#"{{"from":"s{from}","to":"s{to}","kind":"{}"}}"#, ConnectionKind::IDS[below(ConnectionKind::IDS.len())])
        })
        .collect();
    format!(r#"{{"weaklink":1,"systems":[{}],"connections":[{}]}}"#, list.join(","), links.join(","))
}

/// The median time of a task, in milliseconds.
fn median(mut task: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let started = Instant::now();
            task();
            started.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}
