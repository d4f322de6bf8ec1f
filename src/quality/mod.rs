//! Judges data: a test selects the offending rows. Repairs nothing.
