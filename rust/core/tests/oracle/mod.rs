//! Oracles: the rules written down as plainly as they are read, for a whole stream at once.

pub mod frames;
pub mod spans;
