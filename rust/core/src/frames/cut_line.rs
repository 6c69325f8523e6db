//! The line that a chunk did not end.

use super::block::{Block, Field};
use crate::lines::BOM;

#[derive(Clone, Debug)]
enum Line {
    /// A part of its field name, without the colon.
    Name(Vec<u8>),
    /// A value, which grows in the block or in [`CutLine::value`]; a space that opens it is
    /// dropped.
    Value { field: Field, opens: bool },
    /// A line of an event that is dropped: not stored.
    Ignored,
    /// An unknown field: not stored.
    Unknown,
    /// Not stored either.
    Comment,
}

/// The field of this name, which may be one that is taken as data.
fn field_of(name: &[u8], also_data: Option<&'static [u8]>, block: &mut Block) -> Option<Field> {
    let name = match also_data {
        Some(_) => name.strip_prefix(&BOM).unwrap_or(name),
        None => name,
    };
    let field = Field::of(name);
    if field.is_none() && also_data == Some(name) {
        block.name_by(also_data?);
        return Some(Field::Data);
    }
    field
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct CutLine {
    line: Option<Line>,
    /// The value so far of an `id` or `retry` line, which counts only when the line ends.
    value: Vec<u8>,
    /// See [`super::FrameParser::take_as_data`].
    pub(super) also_data: Option<&'static [u8]>,
}

impl CutLine {
    /// Whether there is one.
    #[inline(always)]
    pub(super) fn is_open(&self) -> bool {
        self.line.is_some()
    }

    /// Whether there is one that is no comment.
    pub(super) fn is_meaningful(&self) -> bool {
        self.is_open() && !matches!(self.line, Some(Line::Comment))
    }

    /// Whether it is a data line whose value has begun.
    pub(super) fn is_within_data(&self) -> bool {
        let field = Field::Data;
        matches!(self.line, Some(Line::Value { field: of, opens: false }) if of == field)
    }

    /// The bytes held for it, besides those of the block.
    pub(super) fn pending(&self) -> usize {
        match &self.line {
            Some(Line::Name(name)) => name.len(),
            _ => 0,
        }
    }

    /// A line begins of which nothing is to be kept.
    pub(super) fn ignore(&mut self) {
        self.line = Some(Line::Ignored);
        self.value = Vec::new();
    }

    /// A comment begins.
    pub(super) fn begin_comment(&mut self) {
        self.line = Some(Line::Comment);
    }

    /// A line begins that is no comment: see [`CutLine::extend`].
    pub(super) fn begin(&mut self) {
        self.line = Some(Line::Name(Vec::new()));
    }

    /// Drops it.
    pub(super) fn discard(&mut self) {
        self.line = None;
        self.value.clear();
    }

    /// Takes in a further part.
    pub(super) fn extend(&mut self, mut part: &[u8], chunk: &[u8], block: &mut Block) {
        if let Some(Line::Name(name)) = &mut self.line {
            let colon = memchr::memchr(b':', part);
            let rest_of_name = &part[..colon.unwrap_or(part.len())];
            let is_marked = self.also_data.is_some()
                && name.iter().chain(rest_of_name).take(BOM.len()).eq(&BOM);
            let mark = if is_marked { BOM.len() } else { 0 };
            if name.len() + rest_of_name.len() > Field::LONGEST_NAME + mark {
                self.line = Some(Line::Unknown);
                return;
            }
            name.extend_from_slice(rest_of_name);
            let Some(colon) = colon else { return };
            part = &part[colon + 1..];
            let field = field_of(name, self.also_data, block);
            self.line = Some(match field {
                Some(field) => self.begin_value(field, chunk, block),
                None => Line::Unknown,
            });
        }
        let Some(Line::Value { field, opens }) = &mut self.line else {
            return;
        };
        if *opens && let [first, rest @ ..] = part {
            *opens = false;
            if *first == b' ' {
                part = rest;
            }
        }
        match field {
            Field::Data | Field::Event => block.extend_value(*field, chunk, part),
            Field::Id => {
                self.value.extend_from_slice(part);
                block.set_id_len(self.value.len());
            }
            Field::Retry => self.extend_retry(part),
        }
    }

    /// Leading zeros do not matter and a long number saturates: a few digits are enough.
    fn extend_retry(&mut self, part: &[u8]) {
        for &byte in part {
            if self.value == b"0" {
                self.value.clear();
            }
            if self.value.len() <= MAX_RETRY_DIGITS {
                self.value.push(byte);
            } else if !byte.is_ascii_digit() {
                self.value[0] = byte;
            }
        }
    }

    fn begin_value(&mut self, field: Field, chunk: &[u8], block: &mut Block) -> Line {
        self.value.clear();
        block.begin_value(field, chunk);
        Line::Value { field, opens: true }
    }

    /// Ends it, and returns whether it was an unknown field.
    pub(super) fn finish(&mut self, block: &mut Block) -> bool {
        let field = match self.line.take() {
            None | Some(Line::Ignored | Line::Comment) => return false,
            Some(Line::Unknown) => return true,
            Some(Line::Value { field, .. }) => field,
            Some(Line::Name(name)) => {
                let Some(field) = field_of(&name, self.also_data, block) else {
                    return true;
                };
                self.begin_value(field, &[], block);
                field
            }
        };
        match field {
            Field::Data | Field::Event => {}
            Field::Id => block.set_id(&self.value),
            Field::Retry => block.set_retry(&self.value),
        }
        self.value.clear();
        false
    }
}

/// One digit more than the longest number that fits.
const MAX_RETRY_DIGITS: usize = 20;
