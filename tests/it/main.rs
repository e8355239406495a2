//! The integration tests: the program, the documents, laws, oracles, goldens, published examples, hostile input.

#![expect(
    clippy::option_option,
    clippy::unused_self,
    clippy::match_same_arms,
    reason = "the oracle says each case of the specification apart"
)]
#![expect(clippy::print_stderr, reason = "a test that skips says so")]
#![expect(clippy::format_collect, reason = "readability of generated text in tests")]

mod answers;
mod axioms;
mod cache;
mod choke;
mod cli;
mod completion;
mod diagram;
mod docs;
mod drawing;
mod edits;
mod engine;
#[cfg(unix)]
mod examples_ci;
mod exports;
mod fixes;
mod forms;
mod gate_laws;
mod gates;
mod generate;
mod golden;
mod graphs;
mod hostile;
mod identifiers;
mod import;
mod incidents;
mod invalid;
mod laws;
mod oracle;
mod owners;
mod path_graph;
mod paths;
mod percolation;
mod percolation_laws;
mod percolation_oracle;
mod petgraph_traits;
mod published;
mod published_graphs;
mod published_percolation;
mod pull_requests;
mod review_laws;
mod rewriting;
mod scale;
mod streams;
mod targets;
mod tidy;
mod unknowns;
mod what_if;
mod why_not;
mod words;
mod world;
