//! All integration tests, in one binary: DuckDB is linked once.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod engine;
mod ingest;
mod jinja;
mod layers;
mod ml;
mod query;
mod report;
mod timezone;
