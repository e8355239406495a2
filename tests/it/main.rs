//! The integration tests: laws, oracles, goldens, published examples, incidents, hostile input.

mod answers;
mod completion;
mod generate;
mod golden;
mod hostile;
mod incidents;
mod laws;
mod oracle;
mod path_graph;
mod paths;
mod petgraph_traits;
mod published;
mod published_graphs;
mod rewriting;
mod targets;
mod world;
