//! The integration tests: laws, oracles, goldens, published examples, incidents, hostile input.

mod answers;
mod generate;
mod golden;
mod oracle;
mod world;
