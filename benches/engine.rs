//! The engine beside petgraph on the same estates, in one run: one pass, the whole estate at both ends, one source.
//!
//! cargo bench --bench engine -- 1000 10000 100000 segmented giant --csv times.csv
//!
//! `--edits N` also tries N edits one by one, each undone before the next, and with `--check` holds every one of them
//! against a whole solve of the edited estate. `--export DIR` writes the first estate's arcs for other programs, `--serve` then answers `reach` and `best` on standard
//! input with the time of one run each, `--json FILE` writes the first estate's model, `--check` reads it back. Medians are
//! of five runs, or of as many as `--runs` says.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

#[expect(dead_code, reason = "the estate of the older benches, and their way of taking time")]
mod common;
#[path = "common/explicit.rs"]
mod explicit;
#[path = "common/generate.rs"]
mod generate;
#[path = "common/likelihood.rs"]
mod likelihood;

use common::{Dice, RUNS, peak_memory};
use explicit::{Explicit, Product};
use generate::{Blueprint, CONNECTIONS_PER_SYSTEM, Shape};
use likelihood::Likelihood;
use petgraph::graph::NodeIndex;
use std::cell::RefCell;
use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;
use weaklink::catalog::{End, Interval, Layer, Policy};
use weaklink::coverage::{Coverage, CoverageRow};
use weaklink::engine::{Engine, Search, Trial, Work};
use weaklink::estate::{ConnectionIx, Estate, SystemIx};
use weaklink::graph::{Edit, ExposureGraph, Semiring, State, Witness};
use weaklink::source::{Diagnostics, Limits, Source};

// --- Ours. Nothing else of this file knows how ours works. ---

/// A graph in its packed form, and the gaps of both ends.
struct Ours {
    engine: Engine,
    gaps: [Vec<(State, f64)>; 2],
}

impl Ours {
    fn of(graph: &ExposureGraph<'_>) -> Self {
        Self { engine: Engine::new(graph), gaps: End::BOTH.map(|end| graph.gap_seeds(end)) }
    }

    /// One pass from the gaps on: every value of every system is offered once over every connection, in order.
    fn relax_all(&self, end: End) -> Work {
        self.engine.relax_once(&self.gaps[end as usize], end)
    }

    /// The exposure of the whole estate at one end, by state.
    fn exposure(&self, end: End) -> Vec<f64> {
        self.exposure_counted(end).0
    }

    fn exposure_counted(&self, end: End) -> (Vec<f64>, Work) {
        self.engine.solve_counted(&self.gaps[end as usize], Semiring::Product, end)
    }

    /// The same in memory that is kept from search to search, where the values are left.
    fn exposure_again<'e>(&'e self, search: &mut Search<'e>, end: End) {
        search.solve(&self.gaps[end as usize], Semiring::Product, end);
    }

    /// The exposure of the whole estate at both ends, a thread for each.
    fn exposures_again<'e>(&'e self, ends: &mut [Search<'e>; 2]) {
        let [low, high] = ends;
        std::thread::scope(|scope| {
            scope.spawn(|| self.exposure_again(low, End::Low));
            self.exposure_again(high, End::High);
        });
    }

    /// The best path from one state to every state.
    fn best_from(&self, hub: State) -> Vec<f64> {
        self.engine.solve(&[(hub, 1.0)], Semiring::Product, End::High)
    }

    /// The same in memory that is kept from search to search, where the values are left.
    fn best_again(search: &mut Search<'_>, hub: State) {
        search.solve(&[(hub, 1.0)], Semiring::Product, End::High);
    }

    /// How many states one state reaches, itself included.
    fn reach(&self, hub: State) -> usize {
        self.engine.reach(&[hub], End::High).count()
    }
}

// --- petgraph's Dijkstra on the explicit product graph. ---

/// The best values from a node of the explicit graph; its own nodes are states, the last one stands for the world.
fn petgraph_best(product: &Product, from: usize) -> Vec<f64> {
    let found = petgraph::algo::dijkstra(product, NodeIndex::new(from), None, |arc| Likelihood(*arc.weight()));
    let mut best = vec![0.0; product.node_count() - 1];
    for (node, likelihood) in found {
        if let Some(best) = best.get_mut(node.index()) {
            *best = likelihood.0;
        }
    }
    best
}

fn main() {
    let request = Request::of(std::env::args().skip(1));
    let mut csv = String::from("shape,systems,connections,gaps,states,arcs,measure,milliseconds\n");
    let mut is_first = true;
    for &shape in &request.shapes {
        let mut points: Vec<Vec<(&str, f64, f64)>> = Vec::new();
        for &systems in &request.sizes {
            let blueprint = Blueprint::new(shape, systems);
            if let Some(file) = request.json.as_ref().filter(|_| is_first) {
                write_model(&blueprint, file).expect("the model can be written");
            }
            let measured = measure(&blueprint, shape, systems, &request, is_first, &mut csv);
            points.push(measured.into_iter().map(|(name, time)| (name, systems as f64, time)).collect());
            is_first = false;
            if let Some(file) = &request.csv {
                std::fs::write(file, &csv).expect("the figures can be written");
            }
        }
        if points.len() >= 3 {
            println!("{}: time grows with size to the power of", shape.name());
            for measure in 0..points[0].len() {
                let line: Vec<(f64, f64)> = points.iter().map(|of| (of[measure].1, of[measure].2)).collect();
                println!("  {:<48} {:6.2}", points[0][measure].0, exponent(&line));
            }
            println!();
        }
    }
    if let Some(peak) = peak_memory() {
        println!("peak memory of all this    {peak}");
    }
}

/// Builds an estate, and takes the time of everything on it.
fn measure(
    blueprint: &Blueprint,
    shape: Shape,
    systems: usize,
    request: &Request,
    is_first: bool,
    csv: &mut String,
) -> Vec<(&'static str, f64)> {
    let as_of = jiff::civil::date(2026, 11, 1);
    let policy = Policy::shipped();
    let begin = Instant::now();
    let (estate, _) = Estate::of(vec![blueprint.document()], policy, as_of, Diagnostics::default()).expect("the estate is valid");
    let coverage = Coverage::of(&estate, policy, as_of);
    let graph = ExposureGraph::build(&estate, &coverage, policy);
    let built = begin.elapsed().as_secs_f64();
    let begin = Instant::now();
    let ours = Ours::of(&graph);
    let packed = begin.elapsed().as_secs_f64();
    if request.is_check && is_first {
        check(blueprint, &estate, &coverage, as_of);
    }
    let explicit = Explicit::of(&graph, End::High);
    let hub = hub(&graph);
    let gaps = coverage.gaps().count();
    let (states, arcs) = (graph.states().count(), explicit.arcs());
    println!("{} · {systems} systems, {} connections, {gaps} gaps, {states} states, {arcs} arcs", shape.name(), estate.connections().len());
    let (of_systems, of_states) = (explicit.components(Layer::COUNT), explicit.components(1));
    println!(
        "  components of systems {}, the largest {} ({:.1} %)",
        of_systems.count,
        of_systems.largest,
        share(of_systems.largest, systems)
    );
    // A slot without a layer is a component of its own.
    let of_states = (of_states.count - (graph.state_bound() - states), of_states.largest);
    println!("  components of states  {}, the largest {} ({:.1} %)", of_states.0, of_states.1, share(of_states.1, states));
    println!("  hub {} {}, {} connections", estate.system(hub.system()).id, hub.layer(), degree(&graph, hub.system()));
    println!("  from the generator to the graph {built:.1} s, packed in {packed:.3} s, once");
    for end in End::BOTH {
        let (pass, whole) = (ours.relax_all(end), ours.exposure_counted(end).1);
        println!(
            "  {end:?} end: {:.2} visits per system, {:.2} connections looked at per connection",
            whole.visits as f64 / pass.visits as f64,
            whole.crossings as f64 / pass.crossings as f64
        );
    }
    if let Some(directory) = request.export.as_ref().filter(|_| is_first) {
        let best = ours.best_from(hub);
        let meta = serde_json::json!({
            "shape": shape.name(),
            "systems": systems,
            "connections": estate.connections().len(),
            "gaps": gaps,
            "nodes": graph.state_bound(),
            "states": states,
            "arcs": arcs,
            "hub": hub.index(),
            "reached": best.iter().filter(|&&value| value > 0.0).count(),
            "sum_of_best": best.iter().sum::<f64>(),
        });
        explicit.export(directory, &best, &meta).expect("the graph can be written");
    }
    if request.is_serve && is_first {
        drop(explicit);
        serve(&ours, hub).expect("standard input and output work");
        return Vec::new();
    }
    if request.edits > 0 {
        try_edits(&graph, &ours, request.edits, request.is_check);
    }
    let world = graph.state_bound();
    let product = |explicit: &Explicit, end| explicit.product(&graph.gap_seeds(end));
    let high = product(&explicit, End::High);
    drop(explicit);
    let low = product(&Explicit::of(&graph, End::Low), End::Low);
    agree("exposure, high end", &ours.exposure(End::High), &petgraph_best(&high, world));
    agree("exposure, low end", &ours.exposure(End::Low), &petgraph_best(&low, world));
    agree("best path from the hub", &ours.best_from(hub), &petgraph_best(&high, hub.index()));
    let ends = RefCell::new(End::BOTH.map(|_| Search::new(&ours.engine)));
    let mut search = Search::new(&ours.engine);
    let times = medians(
        request.runs,
        &mut [
            &mut || {
                for end in End::BOTH {
                    black_box(ours.relax_all(end));
                }
            },
            &mut || End::BOTH.into_iter().for_each(|end| ours.exposure_again(&mut ends.borrow_mut()[end as usize], end)),
            &mut || ours.exposures_again(&mut ends.borrow_mut()),
            &mut || [&low, &high].into_iter().for_each(|product| drop(black_box(petgraph_best(product, world)))),
            &mut || Ours::best_again(&mut search, hub),
            &mut || drop(black_box(petgraph_best(&high, hub.index()))),
        ],
    );
    let measured: Vec<(&'static str, f64)> = MEASURES.into_iter().zip(times).collect();
    for (number, &(name, time)) in measured.iter().enumerate() {
        let ratio = match number {
            3 => format!("{:6.2} times ours, {:.2} times ours on two threads", time / measured[1].1, time / measured[2].1),
            5 => format!("{:6.2} times ours", time / measured[4].1),
            _ => format!("{:6.2} passes", time / measured[0].1),
        };
        println!("  {name:<48} {time:11.3} ms  {ratio}");
        let connections = systems * CONNECTIONS_PER_SYSTEM;
        csv.push_str(&format!("{},{systems},{connections},{gaps},{states},{arcs},{name},{time:.4}\n", shape.name()));
    }
    println!();
    measured
}

const MEASURES: [&str; 6] = [
    "one pass over all arcs at both ends",
    "exposure of the estate at both ends",
    "the same with an end to a thread",
    "exposure of the estate at both ends by petgraph",
    "best paths from the hub",
    "best paths from the hub by petgraph",
];

/// The median times of several pieces of work in milliseconds; a round runs each once, so that noise hits them alike.
fn medians(runs: usize, works: &mut [&mut dyn FnMut()]) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(runs); works.len()];
    for _ in 0..runs {
        for (work, times) in works.iter_mut().zip(&mut times) {
            let begin = Instant::now();
            work();
            times.push(begin.elapsed().as_secs_f64() * 1_000.0);
        }
    }
    let middle = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    times.into_iter().map(middle).collect()
}

/// Tries edits of one gap, one covered layer or one connection, and prints how long they took.
fn try_edits(graph: &ExposureGraph<'_>, ours: &Ours, count: usize, is_check: bool) {
    let begin = Instant::now();
    let seeds = &ours.gaps[End::High as usize];
    let values = ours.exposure(End::High);
    let witness = Witness::new(graph, values.clone(), seeds, Semiring::Product, End::High);
    let mut trial = Trial::new(graph, &witness);
    println!("  ready for edits in {:.2} s, once", begin.elapsed().as_secs_f64());
    let mut dice = Dice(11);
    let (mut times, mut changed) = (Vec::with_capacity(count), 0);
    for number in 0..count {
        let edit = match number % 3 {
            0 => {
                let state = seeds[dice.below(seeds.len())].0;
                Edit::System(state.system(), Box::new(graph.coverage.row_covering(state.system(), [state.layer()])))
            }
            1 => {
                let system_ix = SystemIx(dice.below(graph.estate.systems().len()) as u32);
                Edit::System(system_ix, Box::new(uncovered(graph, system_ix, &mut dice)))
            }
            _ => Edit::Removal(ConnectionIx(dice.below(graph.estate.connections().len()) as u32)),
        };
        let begin = Instant::now();
        let tried = trial.with(std::slice::from_ref(&edit));
        times.push(begin.elapsed().as_secs_f64() * 1e6);
        changed += tried.len();
        if is_check {
            let edited = graph.with_edits(std::slice::from_ref(&edit));
            let solved = Engine::new(&edited).solve(&edited.gap_seeds(End::High), Semiring::Product, End::High);
            let all = (0..graph.state_bound()).map(|state| (State::from_index(state), solved[state]));
            assert!(all.filter(|(state, value)| *value != values[state.index()]).eq(tried), "edit {number} is another estate than solved");
        }
    }
    times.sort_by(f64::total_cmp);
    println!(
        "  {count} edits: median {:.1} us, 99 of 100 within {:.1} us, the longest {:.1} us; {:.1} states changed by one{}",
        times[count / 2],
        times[count * 99 / 100],
        times[count - 1],
        changed as f64 / count as f64,
        if is_check { "; each equal to a whole solve" } else { "" }
    );
}

/// The coverage of a system if nothing covered one of its layers.
fn uncovered(graph: &ExposureGraph<'_>, system_ix: SystemIx, dice: &mut Dice) -> CoverageRow {
    let mut row = graph.coverage.row(system_ix);
    let layers: Vec<usize> = (0..row.len()).filter(|&layer| row[layer].is_some()).collect();
    if let Some(coverage) = &mut row[layers[dice.below(layers.len())]] {
        (coverage.coverage, coverage.severity) = (Interval::ZERO, Interval::exactly(0.6));
    }
    row
}

/// The slope of a line through the points in log-log, by least squares.
fn exponent(points: &[(f64, f64)]) -> f64 {
    let logs: Vec<(f64, f64)> = points.iter().map(|&(size, time)| (size.ln(), time.ln())).collect();
    let count = logs.len() as f64;
    let (size, time) = logs.iter().fold((0.0, 0.0), |(sizes, times), (size, time)| (sizes + size / count, times + time / count));
    let (over, under) =
        logs.iter().fold((0.0, 0.0), |(over, under), &(at, of)| (over + (at - size) * (of - time), under + (at - size).powi(2)));
    over / under
}

/// Stops where two answers to one question differ.
fn agree(question: &str, ours: &[f64], theirs: &[f64]) {
    let differ = |(&ours, &theirs): (&f64, &f64)| (ours - theirs).abs() > 1e-12 * f64::max(ours, theirs);
    let differing = ours.iter().zip(theirs).filter(|&pair| differ(pair)).count();
    assert!(differing == 0 && ours.len() == theirs.len(), "{question}: {differing} of {} states differ from petgraph's", ours.len());
}

/// The system with the most outgoing connections: its access layer, or its lowest one where it has none.
fn hub(graph: &ExposureGraph<'_>) -> State {
    let mut outgoing = vec![0_usize; graph.estate.systems().len()];
    graph.estate.connections().iter().for_each(|connection| outgoing[connection.from.index()] += 1);
    let system_ixs = graph.estate.system_ixs();
    let hub = system_ixs.rev().max_by_key(|system_ix| outgoing[system_ix.index()]).expect("an estate has systems");
    let access = State::new(hub, Layer::Access);
    if graph.contains(access) { access } else { graph.states_of(hub).next().expect("a system has layers") }
}

fn degree(graph: &ExposureGraph<'_>, system_ix: SystemIx) -> usize {
    graph.estate.connections().iter().filter(|connection| connection.from == system_ix).count()
}

fn share(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole as f64
}

/// Answers a line of `reach` or `best` with the time of one run in milliseconds, the states reached and the sum of values.
fn serve(ours: &Ours, hub: State) -> io::Result<()> {
    println!("ready");
    let mut search = Search::new(&ours.engine);
    for line in io::stdin().lines() {
        let line = line?;
        let begin = Instant::now();
        let mut reached = 0;
        match line.trim() {
            "reach" => reached = ours.reach(hub),
            "best" => Ours::best_again(&mut search, hub),
            _ => return Ok(()),
        }
        let taken = begin.elapsed().as_secs_f64() * 1_000.0;
        let mut sum = 0.0;
        if line.trim() == "best" {
            let best = search.values();
            reached = best.iter().filter(|&&value| value > 0.0).count();
            sum = best.iter().sum();
        }
        println!("{taken:.4} {reached} {sum:e}");
        io::stdout().flush()?;
    }
    Ok(())
}

fn write_model(blueprint: &Blueprint, file: &Path) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    blueprint.write_json(&mut out)?;
    out.flush()
}

/// Reads the model's text, and stops where it is not the estate that the document is.
fn check(blueprint: &Blueprint, estate: &Estate, coverage: &Coverage, as_of: jiff::civil::Date) {
    let mut text = Vec::new();
    blueprint.write_json(&mut text).expect("memory can be written");
    println!("  {} bytes of JSON", text.len());
    let source = Source::from_bytes("bench.json".to_owned(), text, 0).expect("the model is text");
    let limits = Limits { nodes: usize::MAX, ..Limits::default() };
    let policy = Policy::shipped();
    let begin = Instant::now();
    let (read, _) = Estate::load(&[&source], policy, as_of, &limits).expect("the model is valid");
    println!("  read in {:.1} ms, once", begin.elapsed().as_secs_f64() * 1_000.0);
    let ids = |estate: &Estate| estate.connections().iter().map(|connection| connection.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&read), ids(estate), "the connections read are those of the document");
    let read = Coverage::of(&read, policy, as_of);
    assert!(read.layers().eq(coverage.layers()), "the coverage read is that of the document");
}

/// What the command line asks for.
struct Request {
    sizes: Vec<usize>,
    shapes: Vec<Shape>,
    export: Option<PathBuf>,
    csv: Option<PathBuf>,
    json: Option<PathBuf>,
    runs: usize,
    edits: usize,
    is_serve: bool,
    is_check: bool,
}

impl Request {
    fn of(mut arguments: impl Iterator<Item = String>) -> Self {
        let (sizes, shapes) = (Vec::new(), Vec::new());
        let mut request =
            Self { sizes, shapes, export: None, csv: None, json: None, runs: RUNS, edits: 0, is_serve: false, is_check: false };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--export" => request.export = arguments.next().map(PathBuf::from),
                "--csv" => request.csv = arguments.next().map(PathBuf::from),
                "--json" => request.json = arguments.next().map(PathBuf::from),
                "--runs" => request.runs = arguments.next().and_then(|runs| runs.parse().ok()).unwrap_or(RUNS).max(1),
                "--edits" => request.edits = arguments.next().and_then(|edits| edits.parse().ok()).unwrap_or(0),
                "--serve" => request.is_serve = true,
                "--check" => request.is_check = true,
                word => {
                    request.sizes.extend(word.parse::<usize>().ok());
                    request.shapes.extend(Shape::ALL.into_iter().filter(|shape| shape.name() == word));
                }
            }
        }
        if request.sizes.is_empty() {
            request.sizes = vec![1_000, 10_000];
        }
        if request.shapes.is_empty() {
            request.shapes = Shape::ALL.to_vec();
        }
        request
    }
}
