//! The integration tests: the program, the documents, laws, oracles, goldens, published examples, hostile input.

mod answers;
mod cli;
mod completion;
mod docs;
mod generate;
mod golden;
mod graphs;
mod hostile;
mod incidents;
mod invalid;
mod laws;
mod oracle;
mod path_graph;
mod paths;
mod petgraph_traits;
mod published;
mod published_graphs;
mod rewriting;
mod targets;
mod tidy;
mod world;
