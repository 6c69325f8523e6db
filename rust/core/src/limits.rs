//! The thresholds of the stream, in bytes unless they say otherwise. None changes a result: they
//! say from where on a way of doing it pays. The benchmarks of `benches/test_typed.py` decide.

/// A payload of at least this length is searched for spans on the way to the end of its line; a
/// shorter one is searched only where it does not decode as it is.
pub const LONG_PAYLOAD: usize = 16 * 1024;

/// A span of at least this length is cut out of its payload; a shorter one is cheaper to copy.
pub const MIN_CUT: usize = 512;

/// A payload of at least this length is read in place; a shorter one is copied, because a JSON
/// decoder is twice as slow on a view.
pub const MAX_COPY: usize = 1 << 20;

/// A chunk of at least this length is kept when it holds nothing but clean data of one line; a
/// shorter one is cheaper to copy.
pub const MIN_KEPT: usize = 1024;

/// Spans of at least this length are compared with the one before them.
pub const MIN_COMPARED: usize = 1024;

/// Events that are decoded by one call: fewer are decoded one by one, and more would save little
/// and live longer before anybody asks for them.
pub const BATCH: std::ops::RangeInclusive<usize> = 6..=32;
