//! Reading, scoring and printing an estate of a given size, phase by phase, beside petgraph on the same graph.
//!
//! cargo bench --bench estate -- 10000 50000

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

mod common;
#[path = "common/likelihood.rs"]
mod likelihood;

use common::{RUNS, median, peak_memory};
use likelihood::Likelihood;
use std::hint::black_box;
use weaklink::analysis::{self, Attribution, Target};
use weaklink::catalog::{BasisPoints, End, Layer, Policy};
use weaklink::coverage::Coverage;
use weaklink::estate::Estate;
use weaklink::graph::{ExposureGraph, Semiring, solve};
use weaklink::report::page::Rows;
use weaklink::report::{pages, screen};
use weaklink::source::Source;

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let (systems, connections) = (numbers.first().copied().unwrap_or(10_000), numbers.get(1).copied().unwrap_or(50_000));
    let text = common::estate(systems, connections);
    let as_of = jiff::civil::date(2026, 11, 1);
    let policy = Policy::shipped();
    let source = Source::from_bytes("bench.json".to_owned(), text.clone().into_bytes(), 0).expect("the model is text");
    let estate = Estate::parse(&source, as_of).expect("the model is valid");
    let coverage = Coverage::of(&estate, policy, as_of);
    let graph = ExposureGraph::build(&estate, &coverage, policy);
    println!(
        "{systems} systems, {connections} connections, {} gaps, {} bytes of JSON; medians of {RUNS} runs",
        coverage.gaps().count(),
        text.len()
    );

    let threshold = BasisPoints::of(policy.threshold);
    let whole = median(|| {
        let source = Source::from_bytes("bench.json".to_owned(), text.clone().into_bytes(), 0).expect("the model is text");
        let estate = Estate::parse(&source, as_of).expect("the model is valid");
        let coverage = Coverage::of(&estate, policy, as_of);
        let graph = ExposureGraph::build(&estate, &coverage, policy);
        let score = analysis::score(&graph, threshold, Attribution::Omitted, &|_, _| {});
        black_box(screen::render(&pages::score(&graph, &score, None, Rows::Top(20)), 100));
    });
    println!("read, score and print      {whole:9.3} ms");
    let read = median(|| {
        black_box(Estate::parse(&source, as_of).is_ok());
    });
    println!("read                       {read:9.3} ms  {:5.2} of all", read / whole);
    let cover = median(|| {
        black_box(Coverage::of(&estate, policy, as_of));
    });
    println!("coverage                   {cover:9.3} ms  {:5.2}", cover / whole);
    let build = median(|| {
        black_box(ExposureGraph::build(&estate, &coverage, policy));
    });
    println!("graph                      {build:9.3} ms  {:5.2}", build / whole);
    let scored = median(|| {
        black_box(analysis::score(&graph, threshold, Attribution::Omitted, &|_, _| {}));
    });
    println!("score                      {scored:9.3} ms  {:5.2}", scored / whole);
    let exposure = median(|| {
        black_box(solve(&graph, &graph.gap_seeds(End::High), Semiring::Product, End::High));
    });
    println!("  exposure, one end        {exposure:9.3} ms  {:5.2}", exposure / whole);

    let origin = graph.states().find(|state| state.layer() == Layer::Config).expect("some system has a config layer");
    let own = median(|| {
        black_box(solve(&graph, &[(origin, 1.0)], Semiring::Product, End::High));
    });
    let peer = median(|| {
        black_box(petgraph::algo::dijkstra(&graph, origin, None, |arc| Likelihood(arc.factor)));
    });
    println!("one source, ours           {own:9.3} ms");
    println!("one source, petgraph       {peer:9.3} ms  {:5.2} times ours", peer / own);
    let radius = median(|| {
        black_box(analysis::blast_radius(&graph, Target::State(origin), Semiring::Product, threshold));
    });
    println!("blast radius               {radius:9.3} ms");
    if let Some(peak) = peak_memory() {
        println!("peak memory of all this    {peak}");
    }
}
