//! Template: an event read by what it shares with the one before it.
//!
//! The deltas of a stream differ in a few values and share all the bytes between these, from the
//! `event:` line to the blank line. Comparing those bytes with the last event's says all that
//! the line search, the grammar and the keys would say, and only the values remain to be read. An
//! event that is any different is left to them.
//!
//! What a value means is the caller's: `M` names the members of a payload.

use std::ops::Range;

use crate::ahead::prefetch_event;
use crate::json::{Cursor, Invalid};
use crate::lines;

/// An event of the chunk, as bytes to be compared and values to be read, in turns.
#[derive(Debug)]
pub struct Template<M> {
    pieces: Vec<Piece<M>>,
    /// What comes after the last value, up to the next event.
    tail: Range<usize>,
    /// How far the payload begins after the event's start, and how far before the tail's end the
    /// payload ends and the event's lines do.
    payload_start: usize,
    payload_end: usize,
    lines_end: usize,
    /// Whether a value may hold white space, which must not be a line end.
    needs_line: bool,
}

#[derive(Debug)]
struct Piece<M> {
    /// The bytes before a value.
    shared: Range<usize>,
    member: M,
}

/// The value of a member.
pub struct MemberValue<M> {
    /// The member.
    pub member: M,
    /// Where its value lies in the payload.
    pub range: Range<usize>,
    /// Whether the next event may be expected to have the same: it is then compared, not read.
    pub is_shared: bool,
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
pub const MAX_PIECES: usize = 8;
/// See [`MAX_PIECES`].
pub const MAX_PAYLOAD: usize = 4096;

impl<M> Default for Template<M> {
    fn default() -> Self {
        Template {
            pieces: Vec::new(),
            tail: 0..0,
            payload_start: 0,
            payload_end: 0,
            lines_end: 0,
            needs_line: false,
        }
    }
}

impl<M: Copy> Template<M> {
    /// Forgets the event: the chunk is used up, or the next event need not be like it.
    #[inline(always)]
    pub fn clear(&mut self) {
        self.pieces.clear();
    }

    /// The members whose values are read.
    #[inline(always)]
    pub fn members(&self) -> impl Iterator<Item = M> {
        self.pieces.iter().map(|piece| piece.member)
    }

    /// Whether there is an event to compare with.
    #[inline(always)]
    pub fn is_set(&self) -> bool {
        !self.pieces.is_empty()
    }

    /// Takes the event at `start`, which has these values.
    #[inline(always)]
    pub fn set(
        &mut self,
        chunk: &[u8],
        start: usize,
        event: &Repeat,
        values: impl Iterator<Item = MemberValue<M>>,
    ) {
        self.clear();
        let payload = &event.payload;
        // After a CR an LF would belong to it.
        if payload.len() > MAX_PAYLOAD || chunk[event.next - 1] != b'\n' {
            return;
        }
        let mut shared_from = start;
        self.needs_line = false;
        for value in values {
            if value.is_shared {
                continue;
            }
            let first = payload.start + value.range.start;
            self.pieces.push(Piece {
                shared: shared_from..first,
                member: value.member,
            });
            self.needs_line |= matches!(chunk[first], b'{' | b'[');
            shared_from = payload.start + value.range.end;
        }
        if self.pieces.len() > MAX_PIECES {
            self.clear();
        }
        self.tail = shared_from..event.next;
        self.payload_start = payload.start - start;
        self.payload_end = event.next - payload.end;
        self.lines_end = event.next - event.lines_end;
    }

    /// Reads the event at `start` if it is like the template, which lies in `source`; otherwise
    /// `None`. `read_value` reads
    /// a value of the payload, and moves the cursor past it; what it read of an event that is
    /// different does not count.
    #[inline(always)]
    pub fn read(
        &self,
        source: &[u8],
        chunk: &[u8],
        start: usize,
        mut read_value: impl FnMut(&mut Cursor<'_>, &[u8], M) -> Result<(), Invalid>,
    ) -> Option<Repeat> {
        prefetch_event(chunk, start);
        let payload_start = start + self.payload_start;
        let mut end = chunk.len();
        if self.needs_line {
            end = lines::line_end(chunk, payload_start.min(end))?;
        }
        let payload = chunk.get(payload_start..end)?;
        let mut at = start;
        for piece in &self.pieces {
            let shared = &source[piece.shared.clone()];
            if !begins_with(&chunk[at..], shared) {
                return None;
            }
            let value = (at + shared.len()).checked_sub(payload_start)?;
            let mut cursor = Cursor::inside(payload, value, &[], 1);
            // Where no line end was looked for, there must be nothing that may hold one.
            if !self.needs_line && matches!(cursor.peek(), None | Some(b'{' | b'[')) {
                return None;
            }
            read_value(&mut cursor, payload, piece.member).ok()?;
            if !cursor.is_standard() {
                return None;
            }
            at = payload_start + cursor.at();
        }
        let tail = &source[self.tail.clone()];
        if !begins_with(&chunk[at..], tail) {
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

/// As `starts_with`, without a call where there are few bytes to compare: the call takes longer.
#[inline(always)]
fn begins_with(bytes: &[u8], start: &[u8]) -> bool {
    let len = start.len();
    let Some(bytes) = bytes.get(..len) else {
        return false;
    };
    // The first and the last N bytes, which may overlap, are all that there are, from N up to
    // 2 N - 1. The number of the length's bits gives N.
    match usize::BITS - len.leading_zeros() {
        2 => ends::<2>(bytes) == ends::<2>(start),
        3 => ends::<4>(bytes) == ends::<4>(start),
        4 => ends::<8>(bytes) == ends::<8>(start),
        5 => ends::<16>(bytes) == ends::<16>(start),
        6 => ends::<32>(bytes) == ends::<32>(start),
        _ => bytes == start,
    }
}

#[inline(always)]
fn ends<const N: usize>(bytes: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
    Some((bytes.first_chunk()?, bytes.last_chunk()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn begins_with_is_starts_with(
            bytes in prop::collection::vec(0..2u8, 0..80),
            len in 0..80usize,
            other in prop::option::of(0..80usize),
        ) {
            let mut start = bytes[..len.min(bytes.len())].to_vec();
            if let Some(byte) = other.and_then(|at| start.get_mut(at)) {
                *byte ^= 1;
            }
            prop_assert_eq!(begins_with(&bytes, &start), bytes.starts_with(&start));
            start.push(0);
            prop_assert_eq!(begins_with(&bytes, &start), bytes.starts_with(&start));
        }
    }
}
