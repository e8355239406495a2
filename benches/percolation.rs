//! Percolation of an estate of a given size: worlds per second, and what stands around them.
//!
//! cargo bench --bench percolation -- 10000 50000

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

mod common;

use common::{RUNS, median, peak_memory};
use std::hint::black_box;
use std::num::NonZeroU64;
use weaklink::analysis::{self, Failing, Sampling};
use weaklink::catalog::{BasisPoints, End, Policy};
use weaklink::coverage::Coverage;
use weaklink::estate::Estate;
use weaklink::graph::{Cascade, ExposureGraph, Semiring, solve};
use weaklink::source::Source;

/// Worlds of a short and of a long run; the difference is worlds alone.
const WORLDS: [u64; 2] = [256, 2_304];

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let (systems, connections) = (numbers.first().copied().unwrap_or(10_000), numbers.get(1).copied().unwrap_or(50_000));
    let text = common::estate(systems, connections);
    let as_of = jiff::civil::date(2026, 11, 1);
    let source = Source::from_bytes("bench.json".to_owned(), text.into_bytes(), 0).expect("the model is text");
    let estate = Estate::parse(&source, as_of).expect("the model is valid");
    let coverage = Coverage::of(&estate, Policy::shipped(), as_of);
    let graph = ExposureGraph::build(&estate, &coverage, Policy::shipped());
    let seeds: Vec<_> =
        graph.gap_seeds(End::High).into_iter().map(|(state, high)| (state, [graph.severity(state, End::Low), high])).collect();
    let cascade = Cascade::of(&graph, &seeds);
    println!(
        "{systems} systems, {connections} connections, {} gaps, {} states and {} arcs in reach; medians of {RUNS} runs",
        seeds.len(),
        cascade.states.len(),
        cascade.arcs().len()
    );

    let ask = |worlds: u64, threads: Option<usize>| {
        let sampling = Sampling { worlds: NonZeroU64::new(worlds), seed: 1, threads };
        analysis::percolation(&graph, Failing::Gaps, sampling, BasisPoints(2_000), &|_, _| {})
    };
    for threads in [Some(1), None] {
        let [short, long] = WORLDS.map(|worlds| {
            median(|| {
                black_box(ask(worlds, threads));
            })
        });
        let rate = (WORLDS[1] - WORLDS[0]) as f64 / (long - short) * 1_000.0;
        let who = if threads.is_some() { "one thread" } else { "all threads" };
        println!(
            "{who:12} {rate:9.0} worlds a second; around them, bounds of the worst included, {:.0} ms",
            short - WORLDS[0] as f64 / rate * 1_000.0
        );
    }
    let written = median(|| {
        black_box(Cascade::of(&graph, &seeds));
    });
    println!("arcs and coins written out {written:9.0} ms");
    let product = median(|| {
        black_box(solve(&graph, &graph.gap_seeds(End::High), Semiring::Product, End::High));
    });
    println!("most likely path, one end  {product:9.0} ms");
    if let Some(peak) = peak_memory() {
        println!("peak memory of all this    {peak}");
    }
}
