//! JSON lines: a log of one event's JSON a line, incrementally.
//!
//! A line ends with LF, whatever else JSON takes for white space. What a chunk leaves unfinished is
//! moved into the splitter.

use std::mem;
use std::ops::Range;

use crate::frames::Value;
use crate::lines::DataLines;
use crate::spans::SpansAfter;

/// A line that is not blank.
#[derive(Clone, Debug)]
pub struct JsonLine {
    /// The body's byte offset of its first byte.
    pub offset: u64,
    /// The same past its LF.
    pub end: u64,
    /// Its bytes without the line end; `None` if they are more than the limit.
    pub payload: Option<Value>,
    /// Whether the LF is there.
    pub is_whole: bool,
}

/// An incremental splitter of one body.
#[derive(Clone, Debug)]
pub struct JsonLines {
    limit: usize,
    /// The unfinished line so far, unless it is dropped.
    carried: Vec<u8>,
    /// Where the unfinished line begins, and whether it has grown past the limit.
    start: u64,
    is_dropped: bool,
    chunk_offset: u64,
}

const BOM: &[u8] = b"\xEF\xBB\xBF";

impl JsonLines {
    /// A splitter at the start of a body.
    pub fn new(max_event_size: Option<usize>) -> Self {
        JsonLines {
            limit: max_event_size.unwrap_or(usize::MAX),
            carried: Vec::new(),
            start: 0,
            is_dropped: false,
            chunk_offset: 0,
        }
    }

    /// The next line that ends in `chunk[*pos..]`; `None` when the chunk is used up.
    #[inline]
    pub fn next(
        &mut self,
        chunk: &[u8],
        pos: &mut usize,
        lines: &mut SpansAfter<'_>,
    ) -> Option<JsonLine> {
        loop {
            let start = *pos;
            let end = if start < chunk.len() {
                line_feed(chunk, start, lines)
            } else {
                None
            };
            let Some(end) = end else {
                self.leave(chunk, start);
                *pos = chunk.len();
                return None;
            };
            *pos = end + 1;
            let is_carried = self.start < self.chunk_offset + start as u64;
            let line = if is_carried {
                self.carry(&chunk[start..end]);
                self.carried_line(self.chunk_offset + *pos as u64, true)
            } else {
                self.line_in(chunk, start..end)
            };
            self.start = self.chunk_offset + *pos as u64;
            if line.is_some() {
                return line;
            }
        }
    }

    /// Whether a line begins at `pos` in the current chunk.
    #[inline(always)]
    pub fn is_at_line(&self, pos: usize) -> bool {
        self.start == self.chunk_offset + pos as u64
    }

    /// Goes on from `pos` in the current chunk, where a line begins.
    #[inline(always)]
    pub fn skip_to(&mut self, pos: usize) {
        self.start = self.chunk_offset + pos as u64;
    }

    /// Ends the body: the line that no LF ends.
    pub fn finish(&mut self) -> Option<JsonLine> {
        self.carried_line(self.chunk_offset, false)
    }

    #[inline(always)]
    fn line_in(&self, chunk: &[u8], line: Range<usize>) -> Option<JsonLine> {
        let offset = self.chunk_offset + line.start as u64;
        let bom = bom_len(&chunk[line.clone()]);
        let start = line.start + bom;
        let bytes = &chunk[start..line.end];
        let is_too_large = bytes.len() > self.limit;
        if !is_too_large && is_blank(bytes) {
            return None;
        }
        Some(JsonLine {
            offset: offset + bom as u64,
            end: self.chunk_offset + line.end as u64 + 1,
            payload: (!is_too_large).then(|| Value::InChunk(start..start + payload_len(bytes))),
            is_whole: true,
        })
    }

    #[cold]
    fn carried_line(&mut self, end: u64, is_whole: bool) -> Option<JsonLine> {
        let mut bytes = mem::take(&mut self.carried);
        let bom = bom_len(&bytes);
        bytes.drain(..bom);
        let is_too_large = mem::take(&mut self.is_dropped) || bytes.len() > self.limit;
        if !is_too_large && is_blank(&bytes) {
            return None;
        }
        bytes.truncate(payload_len(&bytes));
        Some(JsonLine {
            offset: self.start + bom as u64,
            end,
            payload: (!is_too_large).then_some(Value::Owned(bytes)),
            is_whole,
        })
    }

    fn leave(&mut self, chunk: &[u8], start: usize) {
        self.carry(&chunk[start..]);
        self.chunk_offset += chunk.len() as u64;
    }

    fn carry(&mut self, part: &[u8]) {
        if self.is_dropped {
            return;
        }
        self.carried.extend_from_slice(part);
        let bom = bom_len(&self.carried);
        if self.carried.len() - bom > self.limit && !BOM.starts_with(&self.carried) {
            self.is_dropped = true;
            // The mark must still be known for one when the line ends.
            self.carried.truncate(bom);
            self.carried.shrink_to_fit();
        }
    }
}

/// The length of the byte order mark at the start of a line: files that were joined have theirs
/// within.
#[inline(always)]
fn bom_len(line: &[u8]) -> usize {
    if line.starts_with(BOM) { BOM.len() } else { 0 }
}

#[inline(always)]
fn is_blank(line: &[u8]) -> bool {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    line.first().is_none_or(is_space) && line.iter().all(is_space)
}

/// A CR before the LF belongs to the line end.
#[inline(always)]
fn payload_len(line: &[u8]) -> usize {
    line.len() - usize::from(line.ends_with(b"\r"))
}

/// The index of the first LF at or after `start`.
#[inline(always)]
fn line_feed(chunk: &[u8], start: usize, lines: &mut SpansAfter<'_>) -> Option<usize> {
    let end = lines.line_end(chunk, start)?;
    if chunk[end] == b'\n' {
        return Some(end);
    }
    let line_feed = memchr::memchr(b'\n', &chunk[end..]).map(|at| end + at);
    if line_feed != Some(end + 1) {
        lines.forget();
    }
    line_feed
}
