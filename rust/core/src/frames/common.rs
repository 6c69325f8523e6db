//! The short cut: an event of the shape that nearly all have, whole in its chunk.
//!
//! That shape is an `event` and a `data` line, or a `data` line alone, with one space after each
//! colon. Most such events begin as the one before them, so that one comparison finds the value.

use std::ops::Range;

use super::after_line_end;
use crate::lines::{self, DataLines};

const EVENT: &[u8] = b"event: ";
const DATA: &[u8] = b"data: ";

/// Where an event of the common shape lies in its chunk.
pub(super) struct Common {
    pub(super) event: Range<usize>,
    pub(super) data: Range<usize>,
    /// The index of the blank line's first byte after the data line's end, and that past it.
    pub(super) blank: usize,
    pub(super) next: usize,
    pub(super) repeats_name: bool,
}

/// What the last event of the common shape says about the next one, within a chunk.
#[derive(Clone, Debug, Default)]
pub(super) struct CommonShape {
    /// The last event's bytes before its data, and the length of the `event` line among them.
    opening: Range<usize>,
    event_len: usize,
    /// A data line's value and end that were found in vain, so as not to look for them again.
    searched: Option<(usize, Option<usize>)>,
}

impl CommonShape {
    /// The event at `start` if it has the common shape, lies whole in the chunk and is no larger
    /// than the limit.
    #[inline(always)]
    pub(super) fn read<L: DataLines>(
        &mut self,
        chunk: &[u8],
        start: usize,
        limit: usize,
        data_lines: &mut L,
    ) -> Option<Common> {
        let (event_end, value, repeats_name) = self.data_value(chunk, start)?;
        let Some(end) = data_lines.line_end(chunk, value - 1) else {
            self.searched = Some((value - 1, None));
            return None;
        };
        let data = value..end;
        let event = (start + EVENT.len()).min(event_end)..event_end;
        let ends = if chunk[end..].starts_with(b"\n\n") {
            Some((end + 1, end + 2))
        } else {
            after_line_end(chunk, end)
                .and_then(|blank| Some((blank, after_line_end(chunk, blank)?)))
        };
        let ends = ends.filter(|_| event.len() + data.len() <= limit);
        let Some((blank, next)) = ends else {
            self.searched = Some((value - 1, Some(end)));
            return None;
        };
        Some(Common {
            event,
            data,
            blank,
            next,
            repeats_name,
        })
    }

    /// Where the `event` line of a common event at `start` ends (at `start` if there is none), and
    /// where the value of its `data` line begins, and whether all this is as in the event before it.
    #[inline(always)]
    fn data_value(&mut self, chunk: &[u8], start: usize) -> Option<(usize, usize, bool)> {
        let rest = &chunk[start..];
        let last = &self.opening;
        if !last.is_empty() && rest.starts_with(&chunk[last.clone()]) {
            return Some((start + self.event_len, start + last.len(), true));
        }
        let mut event_end = start;
        let mut line = start;
        if rest.starts_with(EVENT) {
            event_end = lines::line_end(chunk, start)?;
            line = after_line_end(chunk, event_end)?;
        }
        if !chunk[line..].starts_with(DATA) {
            return None;
        }
        let value = line + DATA.len();
        self.opening = start..value;
        self.event_len = event_end - start;
        Some((event_end, value, false))
    }

    /// The end of the data line whose value begins at `value`, which may be the one searched last.
    #[inline(always)]
    pub(super) fn line_end<L: DataLines>(
        &self,
        chunk: &[u8],
        value: usize,
        data_lines: &mut L,
    ) -> Option<usize> {
        match self.searched {
            Some((searched, end)) if searched == value => end,
            _ => data_lines.line_end(chunk, value),
        }
    }

    /// Forgets all: the next chunk is another.
    pub(super) fn leave_chunk(&mut self) {
        self.opening = 0..0;
        self.searched = None;
    }
}
