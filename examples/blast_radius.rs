//! The natural path of the data, once, forward: cargo run --example `blast_radius` -- graphs/minimal.yaml ci:code
use std::error::Error;
use weaklink::catalog::{BasisPoints, Policy};
use weaklink::source::Source;
use weaklink::{analysis, coverage::Coverage, estate::Estate, graph::ExposureGraph, graph::Semiring, report};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (path, target) = (arguments.next().ok_or("no model named")?, arguments.next().ok_or("no target named")?);
    let (policy, as_of) = (Policy::shipped(), jiff::civil::date(2026, 11, 24));

    let source = Source::read(path.as_ref(), 0, 1 << 28)?;
    let estate = Estate::parse(&source, as_of)?;
    let coverage = Coverage::of(&estate, policy, as_of);
    let graph = ExposureGraph::build(&estate, &coverage, policy);
    let failing = analysis::Target::parse(&graph, &target)?;
    let radius = analysis::blast_radius(&graph, failing, Semiring::Product, BasisPoints::of(policy.threshold));

    let answer = report::json::blast(&graph, &radius, &target, "product");
    Ok(report::json::write(&answer, &mut std::io::stdout().lock())?)
}
