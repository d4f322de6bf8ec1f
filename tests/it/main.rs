//! All integration tests, in one binary: DuckDB is linked once.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![expect(
    clippy::too_many_lines,
    reason = "a table of cases reads best in one piece"
)]

mod bad_input;
mod churn;
mod dbt;
mod demo;
mod deps;
mod engine;
mod export;
mod faults;
mod features;
mod ingest;
mod jinja;
mod layers;
mod ml;
mod orchestrate;
mod projects;
mod quality;
mod query;
mod readers;
mod report;
mod scratch;
mod shell;
mod sources;
mod supervised;
mod timezone;
mod versions;
mod web;
