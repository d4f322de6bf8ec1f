//! A folder becomes one checked value: configuration, files, declared nodes. Renders no template by itself and asks no warehouse.
pub mod nodes;
