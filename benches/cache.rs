//! A model read as JSON beside its cache: how long each takes to be ready, and the program's answers from the cache.
//!
//! cargo bench --bench cache -- 100000 giant
//!
//! With `MIMALLOC_PURGE_DELAY=-1` in the environment a large model is read a second time in the memory of the first.
//!
//! The program's memory is the most that it held, as the system tells it; without a system that does, none is printed.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

#[expect(dead_code, reason = "the estate of the older benches")]
mod common;
#[path = "common/generate.rs"]
#[expect(dead_code, reason = "the whole estate at once is for other benches")]
mod generate;

use common::{RUNS, median};
use generate::{Blueprint, Shape};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use weaklink::cache::{Cache, CacheWriter};
use weaklink::catalog::{End, Policy};
use weaklink::coverage::Coverage;
use weaklink::engine::Engine;
use weaklink::estate::Estate;
use weaklink::graph::{ExposureGraph, Semiring};
use weaklink::source::{Limits, Source};

const PROGRAM: &str = "the bench";

/// Bytes of JSON up to which it is read twice, the second time in memory that is there already.
const WARM: u64 = 2_000_000_000;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let systems = arguments.iter().find_map(|word| word.parse().ok()).unwrap_or(10_000);
    let shape = Shape::ALL.into_iter().find(|shape| arguments.iter().any(|word| word == shape.name())).unwrap_or(Shape::ALL[0]);
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (json, cache) = (folder.path().join("estate.json"), folder.path().join("estate.wlk"));
    let mut out = BufWriter::new(File::create(&json).expect("a file can be made"));
    Blueprint::new(shape, systems).write_json(&mut out).and_then(|()| out.flush()).expect("the model can be written");
    drop(out);
    let size = |path: &Path| path.metadata().map_or(0, |metadata| metadata.len()) / 1_000_000;
    println!("{} · {systems} systems, {} MB of JSON; medians of {RUNS} runs", shape.name(), size(&json));

    in_process(&json, &folder.path().join("library.wlk"));

    // As a user has it, process start included.
    let max_size = "4095";
    run("compile", &["compile", text(&json), "-o", text(&cache), "--max-size", max_size], 1);
    println!("  the cache has {} MB", size(&cache));
    run("blast of the hub, from the cache", &["blast", text(&cache), "platform/ci-1:access"], RUNS);
    run("blast of a system, from the cache", &["blast", text(&cache), "platform/ci-1:physical"], RUNS);
    run("score, from the cache", &["score", text(&cache)], RUNS);
    run("score, from JSON", &["score", text(&json), "--max-size", max_size], 1);
}

fn text(path: &Path) -> &str {
    path.to_str().expect("the path is text")
}

/// What the library does for an answer, step by step.
fn in_process(json: &Path, cache: &Path) {
    let (policy, as_of) = (Policy::shipped(), jiff::civil::date(2026, 11, 1));
    let limits = Limits { nodes: usize::MAX, ..Limits::default() };
    let read = || Source::read(json, 0, u64::from(u32::MAX)).expect("the model can be read");
    let load = |source: &Source| Estate::load(&[source], policy, as_of, &limits).expect("the model is valid").0;
    // Once to warm up: memory that is asked for first can take longer than all the rest.
    if json.metadata().is_ok_and(|metadata| metadata.len() < WARM) {
        drop(load(&read()));
    }
    let begin = Instant::now();
    let source = read();
    let estate = load(&source);
    let coverage = Coverage::of(&estate, policy, as_of);
    let graph = ExposureGraph::build(&estate, &coverage, policy);
    let engine = Engine::new(&graph);
    let loaded = begin.elapsed().as_secs_f64() * 1_000.0;
    let seeds = End::BOTH.map(|end| graph.gap_seeds(end));
    let solve = median(|| {
        for end in End::BOTH {
            std::hint::black_box(engine.solve(&seeds[end as usize], Semiring::Product, end));
        }
    });
    let solved = engine.solve(&seeds[1], Semiring::Product, End::High);
    println!("  {:<48} {solve:9.1} ms    1.00", "exposure at both ends, one thread");
    println!("  {:<48} {loaded:9.1} ms {:7.2} times that, once", "JSON to a packed graph", loaded / solve);
    let out = BufWriter::new(File::create(cache).expect("a file can be made"));
    let mut writer = CacheWriter::new(out, PROGRAM.to_owned()).expect("the file can be written");
    let written = estate.store(&mut writer).and_then(|()| Engine::store(&graph, &mut writer)).and_then(|()| writer.finish());
    written.expect("the file can be written");
    let open = || Cache::open(cache, PROGRAM).expect("the cache is whole");
    let told = |what: &str, time: f64| println!("  {what:<48} {time:9.1} ms {:7.2}", time / solve);
    told("the cache opened", median(|| drop(open())));
    let cache = open();
    told("estate from the cache, every column checked", median(|| drop(Estate::stored(&cache))));
    let stored = Estate::stored(&cache).expect("the cache is whole");
    told(
        "coverage and graph",
        median(|| {
            let coverage = Coverage::of(&stored, policy, as_of);
            drop(ExposureGraph::build(&stored, &coverage, policy));
        }),
    );
    let coverage = Coverage::of(&stored, policy, as_of);
    let graph = ExposureGraph::build(&stored, &coverage, policy);
    told("packed graph from the cache", median(|| drop(Engine::new(&graph))));
    let again = Engine::new(&graph).solve(&graph.gap_seeds(End::High), Semiring::Product, End::High);
    assert!(again == solved, "the cache says what the model says");
}

/// Runs the program, and says how long it took and how much memory it held.
fn run(what: &str, arguments: &[&str], runs: usize) {
    let mut times: Vec<f64> = Vec::new();
    let mut memory: Option<u64> = None;
    for _ in 0..runs {
        let begin = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_weaklink"))
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program runs");
        let status = loop {
            memory = memory.max(peak_of(child.id()));
            match child.try_wait().expect("the program can be waited for") {
                Some(status) => break status,
                None => std::thread::sleep(Duration::from_millis(1)),
            }
        };
        assert!(status.success(), "{what}: {status}");
        times.push(begin.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    let memory = memory.map(|peak| format!(", {} MB", peak / 1_000)).unwrap_or_default();
    println!("  {what:<48} {:9.1} ms{memory}", times[times.len() / 2]);
}

/// The most memory that a process has held so far, in kB.
fn peak_of(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.trim().trim_end_matches(" kB").parse().ok()
}
