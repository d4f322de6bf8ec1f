//! Brings rows from outside into the lake and the warehouse, exactly once. Models nothing.
