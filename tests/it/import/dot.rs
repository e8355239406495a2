//! Graphs in DOT.
