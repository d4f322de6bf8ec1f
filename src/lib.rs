//! `wh`: a data warehouse in one binary. Each module says what it does and what it deliberately does not;
//! a module names only those above it in this list, and modules of one group never name each other.

// Layer 0.
pub mod diagnostic;
pub mod memory;
// Layer 1.
pub mod engine;
pub mod project;
pub mod state;
// Layer 2.
pub mod jinja;
// Layer 3.
pub mod compile;
// Layer 4.
pub mod deps;
pub mod export;
pub mod features;
pub mod ingest;
pub mod ml;
pub mod quality;
pub mod report;
pub mod version;
// Layer 5.
pub mod run;
// Layer 6.
pub mod web;
// Layer 7.
pub mod cli;
