//! A table goes in, a trained model and its predictions come out as tables.
