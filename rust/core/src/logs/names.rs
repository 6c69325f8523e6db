//! The name of an event: that of its `event` line, else its payload's `type`, else `message`.

use std::str::Utf8Chunk;

use crate::logs::fields::Fields;

/// An event with a name that is longer as text is too large: no column of strings holds it.
const MAX_LEN: usize = i32::MAX as usize - (128 << 20);

/// Whether a name is too long as text, in which U+FFFD stands for what is not UTF-8.
pub fn is_too_long(raw: &[u8]) -> bool {
    raw.len() > MAX_LEN / REPLACEMENT && raw.utf8_chunks().map(text_len).sum::<usize>() > MAX_LEN
}

const REPLACEMENT: usize = char::REPLACEMENT_CHARACTER.len_utf8();

fn text_len(chunk: Utf8Chunk<'_>) -> usize {
    match chunk.invalid() {
        [] => chunk.valid().len(),
        _ => chunk.valid().len() + REPLACEMENT,
    }
}

/// The name that the last `event` line gave, as text: most events have that of the one before.
#[derive(Debug, Default)]
pub struct LastName {
    raw: Vec<u8>,
    text: Vec<u8>,
    /// Whether the last event was a whole one, or like one, and had this name, which was not empty.
    pub is_repeated: bool,
    scratch: Vec<u8>,
}

impl LastName {
    /// The text of the last name.
    #[inline(always)]
    pub fn last(&self) -> &[u8] {
        &self.text
    }

    /// The text of a name, and its last one from now on.
    #[inline(always)]
    pub fn of(&mut self, raw: &[u8]) -> &[u8] {
        if self.raw != raw {
            self.raw = raw.to_vec();
            self.text = String::from_utf8_lossy(raw).into_owned().into_bytes();
        }
        &self.text
    }

    /// The name of an event whose `event` line, if it has one, has the value `raw`.
    #[inline(always)]
    pub fn of_event<'a>(&'a mut self, raw: &[u8], payload: &'a [u8], fields: &Fields) -> &'a [u8] {
        self.of(raw);
        if !self.text.is_empty() {
            return &self.text;
        }
        match fields.type_() {
            Some(type_) if !type_.range.is_empty() => type_.unescaped(payload, &mut self.scratch),
            _ => b"message",
        }
    }
}
