//! What else is exposed when one layer of one system is not covered.
//!
//! The natural path of the data, once, forward:
//!
//! ```
//! use weaklink::catalog::{BasisPoints, Policy};
//! use weaklink::{analysis, coverage::Coverage, estate::Estate, graph::{ExposureGraph, Semiring}, source::Source};
//!
//! let model = r#"{ "weaklink": 1,
//!   "systems": [ { "id": "ci", "model": "saas" }, { "id": "web", "model": "iaas" } ],
//!   "connections": [ { "from": "ci", "to": "web", "kind": "deploys" } ] }"#;
//! let as_of = jiff::civil::date(2026, 11, 1);
//! let source = Source::from_bytes("model.json".to_owned(), model.into(), 0).expect("the model is text");
//! let estate = Estate::parse(&source, as_of).expect("the model is valid");
//! let coverage = Coverage::of(&estate, Policy::shipped(), as_of);
//! let graph = ExposureGraph::build(&estate, &coverage, Policy::shipped());
//! let target = analysis::Target::parse(&graph, "ci:code").expect("the system has code");
//! let radius = analysis::blast_radius(&graph, target, Semiring::Product, BasisPoints(2_000));
//! assert_eq!(radius.systems.len(), 2);
//! ```
//!
//! The floors, each of which may use only those below it:
//!
//! | floor | module | what it knows |
//! |---|---|---|
//! | 10 | `cli` (the binary) | arguments, commands, exit codes |
//! | 9 | [`report`] | findings and their forms; no computation |
//! | 8 | [`analysis`] | one question per file |
//! | 7 | [`engine`] | the same graph for whole estates, at the speed of memory |
//! | 6 | [`graph`] | states and how exposure moves |
//! | 5 | [`coverage`] | who must, who does, what is missing |
//! | 4 | [`estate`] | what exists |
//! | beside 4 | [`import`] | other tools' files, made into model files |
//! | 3 | [`project`] | which files belong together, the limits of gates, what is accepted |
//! | 2 | [`catalog`] | the words, the responsibility matrix, the controls, the policy |
//! | 1 | [`source`] | text and positions |
//! | beside 1 | [`cache`] | files of checked sections |
//! | below all | `threads` | work side by side |
//!
//! Invariants:
//! - Only the binary, [`source::Source::read`] and [`cache::Cache`] touch the outside world. No clock, no randomness and no hash order
//!   below it: the same input gives the same bytes.
//! - A diagnostic is a fault in a file; a finding is a risk in the estate. They never mix.
//! - `analysis` never formats, `report` never computes; wording lives in `report` and in the binary.
//! - petgraph's types appear in no public signature; the graph implements petgraph's visit traits.
//! - Text of a model reaches an output only through that output's escaper.
//! - Semantics exist once: [`graph`] defines arcs and factors, and everything else consumes them.

pub mod analysis;
pub mod cache;
pub mod catalog;
pub mod coverage;
pub mod engine;
pub mod estate;
pub mod graph;
pub mod import;
pub mod project;
pub mod report;
pub mod source;
mod threads;
