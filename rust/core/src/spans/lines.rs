//! A line search that finds the spans of a long line on the way.

use super::scan::{NoObserver, Observer, scan};
use super::{Keys, Span, find};
use crate::limits::LONG_PAYLOAD;
use crate::lines::{self, DataLines};

/// A search for the ends of data lines, which keeps the spans of the last one if it was long.
pub struct LineSpans {
    keys: Keys,
    /// Where the value of the line begins that `spans` are of.
    searched: Option<usize>,
    spans: Vec<Span>,
}

impl LineSpans {
    /// A search for the values of `keys`.
    pub fn new(keys: Keys) -> Self {
        LineSpans {
            keys,
            searched: None,
            spans: Vec::new(),
        }
    }

    /// The keys that are looked for.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Gives up what the last search found: the line goes on, or another chunk comes.
    pub fn forget(&mut self) {
        self.searched = None;
    }

    /// The spans, relative to it, of the payload at `start..end` of the chunk last searched.
    pub fn of(&self, chunk: &[u8], start: usize, end: usize) -> Vec<Span> {
        if !self.is_of(start) {
            return find(&chunk[start..end], &self.keys);
        }
        let spans = self.spans.iter();
        let relative = spans.map(|span| Span {
            start: span.start - start,
            end: span.end - start,
        });
        relative.collect()
    }

    /// Whether the spans are those of the payload at `start`.
    pub(super) fn is_of(&self, start: usize) -> bool {
        // The search began at the colon; a payload begins there or at the space after it.
        matches!(self.searched, Some(value) if value == start || value + 1 == start)
    }

    /// [`DataLines::line_end`] of a line whose end is not near.
    #[cold]
    pub(super) fn long_line_end<O: Observer>(
        &mut self,
        chunk: &[u8],
        value: usize,
        observer: &mut O,
    ) -> Option<usize> {
        if self.keys.is_empty() {
            return lines::line_end(chunk, value);
        }
        self.spans.clear();
        self.searched = Some(value);
        scan::<true, _>(chunk, value, &(0..0), &self.keys, &mut self.spans, observer)
    }
}

/// The part of the chunk in which a line ends that is not long.
#[inline(always)]
pub(super) fn near(chunk: &[u8], value: usize) -> &[u8] {
    &chunk[..chunk.len().min(value + LONG_PAYLOAD)]
}

impl DataLines for LineSpans {
    #[inline]
    fn line_end(&mut self, chunk: &[u8], value: usize) -> Option<usize> {
        self.searched = None;
        match lines::line_end(near(chunk, value), value) {
            Some(end) => Some(end),
            None => self.long_line_end(chunk, value, &mut NoObserver),
        }
    }
}

/// [`LineSpans`] that also finds out whether a short line holds a flat object.
pub struct FlatLines {
    spans: LineSpans,
    is_flat: bool,
}

impl FlatLines {
    /// A search for the values of `keys`.
    pub fn new(keys: Keys) -> Self {
        FlatLines {
            spans: LineSpans::new(keys),
            is_flat: false,
        }
    }

    /// The spans of the line searched last.
    pub fn spans(&self) -> &LineSpans {
        &self.spans
    }

    /// Whether the line searched last has a single `}` and ends with it. A payload of such a line
    /// that begins with `{` is one object with no other in it, or else no JSON.
    #[inline(always)]
    pub fn is_flat(&self) -> bool {
        self.is_flat
    }
}

impl DataLines for FlatLines {
    #[inline]
    fn line_end(&mut self, chunk: &[u8], value: usize) -> Option<usize> {
        self.is_flat = false;
        self.spans.searched = None;
        let near = near(chunk, value);
        let mut at = value;
        if let Some(first) = memchr::memchr3(b'}', b'\n', b'\r', &near[at..]) {
            at += first;
            if near[at] != b'}' {
                return Some(at);
            }
            at += 1;
            if let Some(b'\n' | b'\r') = near.get(at) {
                self.is_flat = true;
                return Some(at);
            }
            if let Some(end) = lines::line_end(near, at) {
                return Some(end);
            }
        }
        self.spans.long_line_end(chunk, value, &mut NoObserver)
    }
}
