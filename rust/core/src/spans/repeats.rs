//! Which spans of a chunk hold the same bytes: an image is often repeated by the next events.
//!
//! A span is compared with the last one while it is searched for its end. What is equal to clean
//! bytes is clean, so that the comparison takes the place of the search, and costs no more.

use std::ops::Range;

use super::lines::near;
use super::scan::Observer;
use super::{Keys, LineSpans, Span};
use crate::limits::MIN_COMPARED;
use crate::lines::{self, DataLines};

/// [`LineSpans`] that also number the contents of the spans.
pub struct RepeatedSpans {
    spans: LineSpans,
    contents: Contents,
}

impl RepeatedSpans {
    /// A search for the values of `keys`.
    pub fn new(keys: Keys) -> Self {
        RepeatedSpans {
            spans: LineSpans::new(keys),
            contents: Contents::default(),
        }
    }

    /// As [`LineSpans::keys`].
    pub fn keys(&self) -> &Keys {
        self.spans.keys()
    }

    /// As [`LineSpans::of`].
    pub fn of(&self, chunk: &[u8], start: usize, end: usize) -> Vec<Span> {
        self.spans.of(chunk, start, end)
    }

    /// As [`LineSpans::forget`].
    pub fn forget(&mut self) {
        self.spans.forget();
    }

    /// Says that the next search is in another chunk.
    pub fn leave_chunk(&mut self) {
        self.spans.forget();
        self.contents.last = 0..0;
    }

    /// A number for each span of the line searched last: spans with the same number hold the same
    /// bytes. 0 for short spans.
    pub fn contents(&self, payload_start: usize) -> &[u32] {
        match self.spans.is_of(payload_start) {
            true => &self.contents.numbers,
            false => &[],
        }
    }
}

impl DataLines for RepeatedSpans {
    #[inline]
    fn line_end(&mut self, chunk: &[u8], value: usize) -> Option<usize> {
        self.spans.forget();
        if let Some(end) = lines::line_end(near(chunk, value), value) {
            return Some(end);
        }
        self.contents.numbers.clear();
        self.spans.long_line_end(chunk, value, &mut self.contents)
    }
}

#[derive(Clone, Debug, Default)]
struct Contents {
    last: Range<usize>,
    /// How many bytes of the span being scanned are those of the last one.
    common_len: usize,
    /// The number of what the last span holds.
    number: u32,
    /// The numbers of the spans of the last line.
    numbers: Vec<u32>,
}

impl Contents {
    const BLOCK: usize = 4096;
    /// Most strings differ in their first bytes.
    const NEAR: usize = 64;

    fn common_len(&self, bytes: &[u8], start: usize) -> usize {
        let last = &bytes[self.last.clone()];
        let new = &bytes[start..bytes.len().min(start + last.len())];
        if last.get(..Self::NEAR) != new.get(..Self::NEAR) {
            return 0;
        }
        let blocks = last.chunks(Self::BLOCK).zip(new.chunks(Self::BLOCK));
        let equal = blocks.take_while(|(last, new)| last == new);
        equal.map(|(block, _)| block.len()).sum()
    }
}

impl Observer for Contents {
    fn known_clean(&mut self, bytes: &[u8], start: usize) -> Option<usize> {
        self.common_len = self.common_len(bytes, start);
        Some(self.common_len)
    }

    fn add(&mut self, span: &Span) {
        if span.len() < MIN_COMPARED {
            self.numbers.push(0);
            return;
        }
        if self.common_len < span.len() || span.len() != self.last.len() {
            self.number = self.number.wrapping_add(1).max(1);
        }
        self.last = span.start..span.end;
        self.numbers.push(self.number);
    }
}
