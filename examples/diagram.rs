//! A picture from the library: a blast radius as SVG on standard output, with labels of one's own.
//!
//! cargo run --example diagram > shop.svg

use weaklink::analysis::{self, Target};
use weaklink::catalog::{BasisPoints, Policy};
use weaklink::estate::SystemIx;
use weaklink::report::diagram::{Theme, labels::Labels, svg, views};
use weaklink::{coverage::Coverage, estate::Estate, graph::ExposureGraph, graph::Semiring, source::Source};

/// Says how much a system matters where its name would stand.
struct Criticality;

impl Labels for Criticality {
    fn name(&self, graph: &ExposureGraph<'_>, system_ix: SystemIx) -> Option<String> {
        graph.estate.system(system_ix).criticality.map(|criticality| criticality.to_string())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (policy, as_of) = (Policy::shipped(), jiff::civil::date(2026, 11, 24));
    let source = Source::read("graphs/storefront.yaml".as_ref(), 0, 1 << 20)?;
    let estate = Estate::parse(&source, as_of)?;
    let coverage = Coverage::of(&estate, policy, as_of);
    let graph = ExposureGraph::build(&estate, &coverage, policy);
    let target = Target::parse(&graph, "shop:os")?;
    let radius = analysis::blast_radius(&graph, target, Semiring::Product, BasisPoints(2_000));
    let picture = views::blast(&graph, &radius, "shop:os", Semiring::Product, &Criticality);
    svg::write(&picture, Theme::Auto, std::io::stdout().lock())?;
    Ok(())
}
