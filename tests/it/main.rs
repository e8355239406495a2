//! Integration tests of weaklink: one binary, one module per concern.

mod cli;
mod tidy;
