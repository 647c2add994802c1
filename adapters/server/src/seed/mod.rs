//! Demonstration data: invented, deterministic, added once.
