//! Repeats: an event read by what it shares with the one before it.
//!
//! The deltas of a stream differ in a few values and share all the bytes between these, from the
//! `event:` line to the blank line. Comparing those bytes with the last event's tells all that
//! the line search, the grammar and the keys would tell, and only the values remain to be read. An
//! event that is any different is left to them.

use std::ops::Range;

use crate::json::Cursor;
use crate::lines;
use crate::logs::columns::Varying;
use crate::logs::fields::{FieldReader, Fields, Name, read_value};

/// An event of the chunk, as bytes to be compared and values to be read, in turns.
#[derive(Debug, Default)]
pub struct Template {
    pieces: Vec<Piece>,
    /// What comes after the last value, up to the next event.
    tail: Range<usize>,
    /// How far the payload begins after the event's start, and how far before the tail's end the
    /// payload ends and the event's lines do.
    payload_start: usize,
    payload_end: usize,
    lines_end: usize,
    /// Whether a value may hold white space, which must not be a line end.
    needs_line: bool,
    varying: Varying,
    varies_type: bool,
    scratch: Vec<u8>,
}

#[derive(Debug)]
struct Piece {
    /// The bytes before a value.
    shared: Range<usize>,
    name: Name,
}

/// An event that was read.
#[derive(Debug)]
pub struct Repeat {
    /// Where its payload lies in the chunk.
    pub payload: Range<usize>,
    /// The index past its lines, and that of the next event's first byte.
    pub lines_end: usize,
    /// See `lines_end`.
    pub next: usize,
}

/// More values, or a longer payload, are left to the ordinary way.
const MAX_PIECES: usize = 8;
const MAX_PAYLOAD: usize = 4096;

impl Template {
    /// Forgets the event: the chunk is used up, or the next event need not be like it.
    #[inline(always)]
    pub fn clear(&mut self) {
        self.pieces.clear();
    }

    /// Which columns the values are of; `None` if the event's type is one of them.
    #[inline(always)]
    pub fn varying(&self) -> Option<Varying> {
        (!self.varies_type).then_some(self.varying)
    }

    /// Whether there is an event to compare with.
    #[inline(always)]
    pub fn is_set(&self) -> bool {
        !self.pieces.is_empty()
    }

    /// Takes the event at `start`, whose payload was the last that `reader` read. Values that were
    /// as those of the event before it count as shared.
    pub fn set(&mut self, chunk: &[u8], start: usize, repeat: &Repeat, reader: &FieldReader) {
        self.clear();
        let payload = &repeat.payload;
        // After a CR an LF would belong to it.
        if !reader.was_alike() || payload.len() > MAX_PAYLOAD || chunk[repeat.next - 1] != b'\n' {
            return;
        }
        let mut shared_from = start;
        self.needs_line = false;
        self.varying = Varying::default();
        self.varies_type = false;
        for member in reader.members() {
            let is_shared = member.is_same && (shared_from == start || member.name == Name::Other);
            if is_shared {
                continue;
            }
            match member.name {
                Name::OutputIndex => self.varying.output_index = true,
                Name::ContentIndex => self.varying.content_index = true,
                Name::ItemId => self.varying.item_id = true,
                Name::Type => self.varies_type = true,
                _ => {}
            }
            let value = payload.start + member.value;
            self.pieces.push(Piece {
                shared: shared_from..value,
                name: member.name,
            });
            self.needs_line |= matches!(chunk[value], b'{' | b'[');
            shared_from = payload.start + member.value_end;
        }
        if self.pieces.len() > MAX_PIECES {
            self.clear();
        }
        self.tail = shared_from..repeat.next;
        self.payload_start = payload.start - start;
        self.payload_end = repeat.next - payload.end;
        self.lines_end = repeat.next - repeat.lines_end;
    }

    /// Reads the event at `start` if it is like the template; otherwise `None`, and `reader` must
    /// read it.
    #[inline(always)]
    pub fn read(&mut self, chunk: &[u8], start: usize, fields: &mut Fields) -> Option<Repeat> {
        let payload_start = start + self.payload_start;
        let mut end = chunk.len();
        if self.needs_line {
            end = lines::line_end(chunk, payload_start.min(end))?;
        }
        let payload = chunk.get(payload_start..end)?;
        let mut at = start;
        for piece in &self.pieces {
            let shared = &chunk[piece.shared.clone()];
            if !chunk[at..].starts_with(shared) {
                return None;
            }
            let value = (at + shared.len()).checked_sub(payload_start)?;
            let mut cursor = Cursor::inside(payload, value, &[], 1);
            // Where no line end was looked for, there must be nothing that may hold one.
            if !self.needs_line && matches!(cursor.peek(), None | Some(b'{' | b'[')) {
                return None;
            }
            read_value(&mut cursor, payload, piece.name, fields, &mut self.scratch).ok()?;
            at = payload_start + cursor.at();
        }
        let tail = &chunk[self.tail.clone()];
        if !chunk[at..].starts_with(tail) {
            return None;
        }
        let next = at + tail.len();
        Some(Repeat {
            payload: payload_start..next - self.payload_end,
            lines_end: next - self.lines_end,
            next,
        })
    }
}
