//! The event under construction: the lines since the last blank one.

use std::ops::Range;

use super::value::{Frame, Kept, Value};

/// A field of the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Data,
    Event,
    Id,
    Retry,
}

impl Field {
    /// No name is longer: an unfinished one need not be kept past this length.
    pub(super) const LONGEST_NAME: usize = 5;

    pub(super) fn of(name: &[u8]) -> Option<Field> {
        match name {
            b"data" => Some(Field::Data),
            b"event" => Some(Field::Event),
            b"id" => Some(Field::Id),
            b"retry" => Some(Field::Retry),
            _ => None,
        }
    }

    /// The field of a line that lies whole in its chunk, and where its value begins.
    #[inline(always)]
    pub(super) fn of_line(line: &[u8]) -> Option<(Field, usize)> {
        let (field, value) = if line.starts_with(b"data:") {
            (Field::Data, 5)
        } else if line.starts_with(b"event:") {
            (Field::Event, 6)
        } else {
            let name = memchr::memchr(b':', line).unwrap_or(line.len());
            (Field::of(&line[..name])?, (name + 1).min(line.len()))
        };
        Some((field, value + usize::from(line.get(value) == Some(&b' '))))
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Set by the first line that is no comment.
    offset: Option<u64>,
    event: Option<Value>,
    data: Option<Value>,
    clean: Range<usize>,
    kept: Vec<Kept>,
    kept_len: usize,
    id: Option<Vec<u8>>,
    /// The length of the id, or of the value that is about to replace it.
    id_len: usize,
    retry: Option<u64>,
    /// The field beside `data` that gave it data, which names it unless `event` does.
    named_by: Option<&'static [u8]>,
}

impl Block {
    pub(super) const EMPTY: Block = Block {
        offset: None,
        event: None,
        data: None,
        clean: 0..0,
        kept: Vec::new(),
        kept_len: 0,
        id: None,
        id_len: 0,
        retry: None,
        named_by: None,
    };

    /// The offset of its first line, if there is one.
    #[inline(always)]
    pub(super) fn offset(&self) -> Option<u64> {
        self.offset
    }

    /// Says that a field of this name, which is none of the specification, gives it data.
    #[cold]
    pub(super) fn name_by(&mut self, field: &'static [u8]) {
        self.named_by = Some(field);
    }

    pub(super) fn has_event(&self) -> bool {
        self.event.is_some()
    }

    pub(super) fn retry(&self) -> Option<u64> {
        self.retry
    }

    /// The bytes that count against the limit.
    #[inline(always)]
    pub(super) fn size(&self) -> usize {
        self.data_len() + self.kept_len + self.event.as_ref().map_or(0, Value::len) + self.id_len
    }

    /// The length of the data without its kept parts.
    #[inline(always)]
    pub(super) fn data_len(&self) -> usize {
        self.data.as_ref().map_or(0, Value::len)
    }

    /// Begins with the line at this offset, unless it has begun.
    #[inline(always)]
    pub(super) fn open(&mut self, offset: u64) {
        self.offset.get_or_insert(offset);
    }

    /// Sets a field to a value that lies in the chunk.
    #[inline(always)]
    pub(super) fn set(&mut self, field: Field, chunk: &[u8], value: Range<usize>) {
        match (field, &mut self.data) {
            (Field::Data, None) => self.data = Some(Value::InChunk(value)),
            (Field::Data, Some(data)) => {
                let data = data.make_owned(chunk);
                data.push(b'\n');
                data.extend_from_slice(&chunk[value]);
            }
            (Field::Event, _) => self.event = Some(Value::InChunk(value)),
            // The value of the line counts as long as the line lasts.
            (Field::Id, _) => self.id_len = value.len(),
            (Field::Retry, _) => self.set_retry(&chunk[value]),
        }
    }

    /// Makes room for a value that comes in parts.
    pub(super) fn begin_value(&mut self, field: Field, chunk: &[u8]) {
        match (field, &mut self.data) {
            (Field::Data, None) => self.data = Some(Value::EMPTY),
            (Field::Data, Some(data)) => data.make_owned(chunk).push(b'\n'),
            (Field::Event, _) => self.event = Some(Value::EMPTY),
            (Field::Id, _) => self.id_len = 0,
            (Field::Retry, _) => {}
        }
    }

    /// Adds a part to the data or the name.
    pub(super) fn extend_value(&mut self, field: Field, chunk: &[u8], part: &[u8]) {
        let value = match field {
            Field::Data => &mut self.data,
            Field::Event => &mut self.event,
            Field::Id | Field::Retry => return,
        };
        if let Some(value) = value {
            value.make_owned(chunk).extend_from_slice(part);
        }
    }

    /// Sets the length of the id that an unfinished line would give.
    pub(super) fn set_id_len(&mut self, len: usize) {
        self.id_len = len;
    }

    /// Ends an `id` line; a value with NUL counts for nothing.
    pub(super) fn set_id(&mut self, value: &[u8]) {
        if !value.contains(&0) {
            self.id = Some(value.to_vec());
        }
        self.id_len = self.id.as_ref().map_or(0, Vec::len);
    }

    /// Ends a `retry` line; a value that is no number counts for nothing.
    pub(super) fn set_retry(&mut self, value: &[u8]) {
        self.retry = parse_retry(value).or(self.retry);
    }

    /// Records that a part of the data stays in its chunk.
    pub(super) fn keep(&mut self, chunk: &[u8], len: usize) {
        let at = match &mut self.data {
            Some(data) => data.make_owned(chunk).len(),
            None => 0,
        };
        self.kept.push(Kept { at, len });
        self.kept_len += len;
    }

    /// Records that the next bytes of the data are clean.
    pub(super) fn add_clean(&mut self, len: usize) {
        let at = self.data_len();
        let clean = &mut self.clean;
        if clean.end == at && clean.start < at {
            clean.end += len;
        } else if len > clean.len() {
            *clean = at..at + len;
        }
    }

    /// Leaves a chunk that is used up: what lies in it moves here.
    pub(super) fn leave_chunk(&mut self, chunk: &[u8]) {
        for value in [&mut self.data, &mut self.event].into_iter().flatten() {
            value.make_owned(chunk);
        }
    }

    /// Takes the id that the event sets.
    #[inline(always)]
    pub(super) fn take_id(&mut self) -> Option<Vec<u8>> {
        self.id.take()
    }

    /// The offset and the name alone, of an event that is cut.
    pub(super) fn without_data(&self) -> Block {
        Block {
            offset: self.offset.or(Some(0)),
            event: self.event.clone(),
            ..Block::EMPTY
        }
    }

    /// The event, if there is one: it has data, or with `dataless` another value.
    #[inline(always)]
    pub(super) fn into_frame(self, end: u64, id: Option<&[u8]>, dataless: bool) -> Option<Frame> {
        let has_name = self.event.as_ref().is_some_and(|event| !event.is_empty());
        let has_id = id.is_some_and(|id| !id.is_empty());
        let has_other = has_name || has_id || self.retry.is_some();
        if !(self.data.is_some() || dataless && has_other) {
            return None;
        }
        Some(Frame {
            sets_id: id.is_some(),
            ..self.into_any_frame(end)
        })
    }

    /// An event of what there is, with or without data.
    #[inline(always)]
    pub(super) fn into_any_frame(self, end: u64) -> Frame {
        Frame {
            offset: self.offset.unwrap_or(end),
            event: self.event.unwrap_or_else(|| match self.named_by {
                Some(field) => Value::Owned(field.to_vec()),
                None => Value::EMPTY,
            }),
            data: self.data.unwrap_or(Value::EMPTY),
            retry: self.retry,
            sets_id: false,
            clean: self.clean,
            kept: self.kept,
            end,
        }
    }
}

/// Only ASCII digits, and at least one; a number past the range of `u64` becomes its end.
fn parse_retry(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(value.iter().fold(0u64, |number, digit| {
        number
            .saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'))
    }))
}
