//! Which spans of a chunk hold the same bytes: an image is often repeated by the next events.
//!
//! A span is compared with the last one while it is searched for its end. What is equal to clean
//! bytes is clean, so that the comparison takes the place of the search. It reads both, the search one:
//! [`Comparison`] says when it is worth that. The last one may lie in the chunk before, if the caller has
//! kept that.

use std::ops::Range;

use super::lines::near;
use super::scan::Observer;
use super::{Keys, LineSpans, Span};
use crate::limits::MIN_COMPARED;
use crate::lines::{self, DataLines};

/// With what a span is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Its content is not asked for.
    Off,
    /// With the last span, if that is the value of the same key.
    SameKey,
    /// With the last span.
    Last,
}

/// [`LineSpans`] that also number the contents of the spans.
pub struct RepeatedSpans {
    spans: LineSpans,
    contents: Contents,
}

impl RepeatedSpans {
    /// A search for the values of `keys`.
    pub fn new(keys: Keys, comparison: Comparison) -> Self {
        RepeatedSpans {
            spans: LineSpans::new(keys),
            contents: Contents::new(comparison),
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

    /// Says that the next search is in another chunk. Returns whether the last span lies in the one
    /// that is left: from then on, that is the chunk for [`RepeatedSpans::after`].
    pub fn leave_chunk(&mut self) -> bool {
        self.spans.forget();
        let was_here = !self.contents.is_earlier && !self.contents.last.is_empty();
        self.contents.is_earlier = true;
        was_here
    }

    /// Forgets the last span: the chunk that holds it is not kept.
    pub fn forget_last(&mut self) {
        self.contents.last = 0..0;
    }

    /// A search that also compares with the last span in an earlier chunk.
    #[inline(always)]
    pub fn after<'a>(&'a mut self, earlier: &'a [u8]) -> SpansAfter<'a> {
        SpansAfter {
            spans: self,
            earlier,
        }
    }

    /// A number for each span of the line searched last: spans with the same number hold the same
    /// bytes. 0 for short spans, and where none are compared.
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
        self.after(&[]).line_end(chunk, value)
    }
}

/// See [`RepeatedSpans::after`].
pub struct SpansAfter<'a> {
    spans: &'a mut RepeatedSpans,
    earlier: &'a [u8],
}

impl SpansAfter<'_> {
    /// As [`LineSpans::forget`].
    #[inline(always)]
    pub fn forget(&mut self) {
        self.spans.forget();
    }
}

impl DataLines for SpansAfter<'_> {
    #[inline]
    fn line_end(&mut self, chunk: &[u8], value: usize) -> Option<usize> {
        let RepeatedSpans { spans, contents } = &mut *self.spans;
        spans.forget();
        if let Some(end) = lines::line_end(near(chunk, value), value) {
            return Some(end);
        }
        contents.numbers.clear();
        let mut contents = ContentsAfter {
            contents,
            earlier: self.earlier,
        };
        spans.long_line_end(chunk, value, &mut contents)
    }
}

#[derive(Clone, Debug)]
struct Contents {
    comparison: Comparison,
    /// The key of the last span, if that decides.
    key: Vec<u8>,
    last: Range<usize>,
    /// Whether it lies in an earlier chunk.
    is_earlier: bool,
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

    fn new(comparison: Comparison) -> Self {
        Contents {
            comparison,
            key: Vec::new(),
            last: 0..0,
            is_earlier: false,
            common_len: 0,
            number: 0,
            numbers: Vec::new(),
        }
    }

    /// Whether the value of `key` is compared with the last span.
    fn compares(&self, key: &[u8]) -> bool {
        match self.comparison {
            Comparison::Off => false,
            Comparison::SameKey => self.key == key,
            Comparison::Last => true,
        }
    }

    fn common_len(&self, earlier: &[u8], bytes: &[u8], start: usize) -> usize {
        let chunk = if self.is_earlier { earlier } else { bytes };
        let last = chunk.get(self.last.clone()).unwrap_or_default();
        let new = &bytes[start..bytes.len().min(start + last.len())];
        if last.get(..Self::NEAR) != new.get(..Self::NEAR) {
            return 0;
        }
        let blocks = last.chunks(Self::BLOCK).zip(new.chunks(Self::BLOCK));
        let equal = blocks.take_while(|(last, new)| last == new);
        equal.map(|(block, _)| block.len()).sum()
    }
}

struct ContentsAfter<'a> {
    contents: &'a mut Contents,
    earlier: &'a [u8],
}

impl Observer for ContentsAfter<'_> {
    fn known_clean(&mut self, bytes: &[u8], key: &[u8], start: usize) -> Option<usize> {
        let contents = &mut *self.contents;
        contents.common_len = match contents.compares(key) {
            true => contents.common_len(self.earlier, bytes, start),
            false => 0,
        };
        Some(contents.common_len)
    }

    fn add(&mut self, key: &[u8], span: &Span) {
        let contents = &mut *self.contents;
        if contents.comparison == Comparison::Off || span.len() < MIN_COMPARED {
            contents.numbers.push(0);
            return;
        }
        if contents.common_len < span.len() || span.len() != contents.last.len() {
            contents.number = contents.number.wrapping_add(1).max(1);
        }
        if contents.comparison == Comparison::SameKey && contents.key != key {
            contents.key.clear();
            contents.key.extend(key);
        }
        contents.last = span.start..span.end;
        contents.is_earlier = false;
        contents.numbers.push(contents.number);
    }
}
