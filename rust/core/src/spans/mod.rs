//! Spans: the base64 strings of a JSON payload, as ranges of it.
//!
//! The scan finds where JSON strings begin and end, and ignores the types that the payload will be
//! decoded to. That is enough: a span is the whole content of
//! a string token in which nothing is escaped and nothing can be refused, so that another such
//! string may stand in its place and the JSON reader's verdict on the rest does not change.
//! The caller checks whether a span is the value of a base64 field.
//!
//! Each byte is read once: [`LineSpans`] searches for the end of a line, and collects the spans on
//! the way.

mod lines;
mod repeats;
mod scan;

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

pub use self::lines::{FlatLines, LineSpans};
pub use self::repeats::{Comparison, RepeatedSpans, SpansAfter};
use self::scan::{NoObserver, scan};

/// The content of a string, without its quotes, as a range of the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The index of the first byte.
    pub start: usize,
    /// The index past the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes of the content.
    pub fn len(&self) -> usize {
        self.end - self.start
    }

    /// True for the empty string.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }
}

/// The members whose values are searched for.
#[derive(Clone, Debug)]
pub enum Keys {
    /// The value of each of these keys. A key with an escape in it may be any of them, and
    /// counts as one.
    Named(Arc<HashSet<Box<[u8]>>>),
    /// Every string that is not itself a key.
    Any,
}

impl Keys {
    /// The values of these keys. Clones share them: many streams are read for the same.
    pub fn named(names: impl IntoIterator<Item = Box<[u8]>>) -> Self {
        Keys::Named(Arc::new(names.into_iter().collect()))
    }

    /// True if there is no key to search for.
    pub fn is_empty(&self) -> bool {
        matches!(self, Keys::Named(names) if names.is_empty())
    }

    /// Whether values of this key are searched for.
    pub(crate) fn holds(&self, key: &[u8]) -> bool {
        match self {
            Keys::Any => true,
            Keys::Named(names) => names.contains(key) || key.contains(&b'\\'),
        }
    }
}

/// The spans of a whole payload, in their order.
pub fn find(payload: &[u8], keys: &Keys) -> Vec<Span> {
    find_past(payload, keys, &(0..0))
}

/// The spans of a payload of which a part is clean, which is not read again:
/// see [`crate::frames::Frame::clean`].
pub fn find_past(payload: &[u8], keys: &Keys, clean: &Range<usize>) -> Vec<Span> {
    let mut spans = Vec::new();
    if !keys.is_empty() {
        scan::<false, _>(payload, 0, clean, keys, &mut spans, &mut NoObserver);
    }
    spans
}
