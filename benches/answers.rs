//! Choke points, gap marginals, unknowns and plans of an estate of a given size.
//!
//! cargo bench --bench answers -- 10000 50000

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

mod common;

use common::{RUNS, median, peak_memory};
use std::hint::black_box;
use weaklink::analysis::fixes::{self, Watch};
use weaklink::analysis::{self, Target};
use weaklink::catalog::{BasisPoints, End, FixKind, Policy};
use weaklink::coverage::Coverage;
use weaklink::estate::{Estate, SystemIx};
use weaklink::graph::ExposureGraph;
use weaklink::source::Source;

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let (systems, connections) = (numbers.first().copied().unwrap_or(10_000), numbers.get(1).copied().unwrap_or(50_000));
    let as_of = jiff::civil::date(2026, 11, 1);
    let policy = Policy::shipped();
    let source =
        Source::from_bytes("bench.json".to_owned(), common::estate(systems, connections).into_bytes(), 0).expect("the model is text");
    let estate = Estate::parse(&source, as_of).expect("the model is valid");
    let coverage = Coverage::of(&estate, policy, as_of);
    let graph = ExposureGraph::build(&estate, &coverage, policy);
    println!("{systems} systems, {connections} connections, {} gaps; medians of {RUNS} runs", coverage.gaps().count());

    let threshold = BasisPoints::of(policy.threshold);
    let both = median(|| {
        black_box(analysis::choke_points(&graph, &[], threshold, &|_, _| ()));
        black_box(analysis::gap_scores(&graph));
    });
    println!("choke points of the crown jewels, and all marginals  {both:9.3} ms");
    let choke = analysis::choke_points(&graph, &[], threshold, &|_, _| ());
    let jewels = median(|| {
        black_box(analysis::choke_points(&graph, &[], threshold, &|_, _| ()));
    });
    println!("  choke points, {} targets, {} found  {jewels:9.3} ms", choke.exposed(), choke.points.len());
    let marginals = median(|| {
        black_box(analysis::gap_scores(&graph));
    });
    println!("  marginals of all gaps  {marginals:9.3} ms");
    let one = Target::System(SystemIx(systems as u32 / 2));
    let single = median(|| {
        black_box(analysis::choke_points(&graph, &[one], threshold, &|_, _| ()));
    });
    println!("choke points of one system  {single:9.3} ms");
    let unknowns = analysis::unknowns(&graph, &|_, _| ());
    let asked = median(|| {
        black_box(analysis::unknowns(&graph, &|_, _| ()));
    });
    println!("{} unknowns  {asked:9.3} ms", unknowns.facts.len());
    let far = Target::System(SystemIx(systems as u32 - 1));
    let held = median(|| {
        black_box(analysis::why_not(&graph, one, far, threshold));
    });
    println!("why not, across the estate  {held:9.3} ms");
    let candidates = fixes::candidates(&graph, &[FixKind::Close, FixKind::Own, FixKind::Control]);
    let found = fixes::plan(&graph, candidates.clone(), 5, End::High, Watch::NOBODY);
    let planned = median(|| {
        black_box(fixes::plan(&graph, candidates.clone(), 5, End::High, Watch::NOBODY));
    });
    let short = 100.0 * (found.residual / found.bound - 1.0);
    println!("plan of 5 fixes out of {}, within {short:.2} % of optimal  {planned:9.3} ms", candidates.len());
    if let Some(peak) = peak_memory() {
        println!("peak memory of all this  {peak}");
    }
}
