//! Columns: values of many events side by side, in the memory layout of Apache Arrow.
//!
//! <https://arrow.apache.org/docs/format/Columnar.html>: a validity bitmap where something is
//! null, then the values; or 32-bit offsets, then the bytes of the strings.

use std::cell::RefCell;
use std::mem;

use crate::json::Text;
use crate::logs::fields::Fields;

/// Which values are null, as a bitmap that is made only when the first one is. Its length is that
/// of the values, which the caller tells.
#[derive(Clone, Debug, Default)]
struct Validity {
    bits: Vec<u8>,
    nulls: usize,
}

impl Validity {
    /// Marks the value at `len`, past all that are marked.
    #[inline(always)]
    fn push(&mut self, is_valid: bool, len: usize) {
        if !is_valid {
            self.push_null(len);
        } else if self.nulls > 0 {
            self.push_bit(1, len);
        }
    }

    #[inline(never)]
    fn push_null(&mut self, len: usize) {
        if self.nulls == 0 {
            self.bits.resize(len / 8, 0xFF);
            if !len.is_multiple_of(8) {
                self.bits.push((1 << (len % 8)) - 1);
            }
        }
        self.nulls += 1;
        self.push_bit(0, len);
    }

    #[inline(always)]
    fn push_bit(&mut self, bit: u8, len: usize) {
        match self.bits.last_mut() {
            Some(last) if !len.is_multiple_of(8) => *last |= bit << (len % 8),
            _ => self.bits.push(bit),
        }
    }

    /// Marks values as the one before them, which is at `len - 1`.
    fn repeat(&mut self, count: usize, len: usize) {
        if self.nulls > 0 {
            let is_valid = self.bits[(len - 1) / 8] >> ((len - 1) % 8) & 1 == 1;
            (len..len + count).for_each(|len| self.push(is_valid, len));
        }
    }

    fn take(&mut self) -> (Option<Vec<u8>>, usize) {
        let taken = mem::take(self);
        let bits = (taken.nulls > 0).then_some(taken.bits);
        (bits, taken.nulls)
    }
}

/// Memory of finished columns that is used again: new memory would cost more than what is written
/// into it, a page fault for each 4 KiB.
#[derive(Debug, Default)]
pub struct Spare {
    bytes: Vec<Vec<u8>>,
    offsets: Vec<Vec<i32>>,
    integers: Vec<Vec<i64>>,
}

impl Spare {
    /// As many vectors of a kind are kept, and none that takes more bytes: a column of a usual
    /// batch takes much less.
    const MAX: usize = 32;
    const MAX_SIZE: usize = 1 << 20;

    /// Nothing to use again.
    pub const fn new() -> Spare {
        Spare {
            bytes: Vec::new(),
            offsets: Vec::new(),
            integers: Vec::new(),
        }
    }

    /// Gives back the values of a column.
    pub fn keep(&mut self, values: Values) {
        match values {
            Values::Integers(integers) => keep(&mut self.integers, integers),
            Values::Strings(offsets, bytes) => {
                keep(&mut self.offsets, offsets);
                keep(&mut self.bytes, bytes);
            }
        }
    }

    /// Vectors to fill: with room, if there are any.
    fn integers(&mut self) -> Vec<i64> {
        self.integers.pop().unwrap_or_default()
    }

    fn strings(&mut self) -> (Vec<i32>, Vec<u8>) {
        let mut offsets = self.offsets.pop().unwrap_or_default();
        offsets.push(0);
        (offsets, self.bytes.pop().unwrap_or_default())
    }
}

fn keep<T>(spare: &mut Vec<Vec<T>>, mut vector: Vec<T>) {
    let size = vector.capacity() * size_of::<T>();
    if spare.len() < Spare::MAX && (1..=Spare::MAX_SIZE).contains(&size) {
        vector.clear();
        spare.push(vector);
    }
}

/// A finished column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The bitmap of what is not null; `None` if nothing is null.
    pub validity: Option<Vec<u8>>,
    /// How many values are null.
    pub nulls: usize,
    /// The values.
    pub values: Values,
}

/// The values of a finished column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// `int64`.
    Integers(Vec<i64>),
    /// `utf8`: one offset more than there are strings, and the strings one after another.
    Strings(Vec<i32>, Vec<u8>),
}

/// A column of integers.
#[derive(Clone, Debug)]
pub struct Integers {
    validity: Validity,
    values: Vec<i64>,
}

impl Integers {
    /// Appends a value; `None` is null.
    #[inline(always)]
    fn push(&mut self, value: Option<i64>) {
        self.validity.push(value.is_some(), self.values.len());
        self.values.push(value.unwrap_or(0));
    }

    /// Appends a value that is not null, of a column that has no others.
    #[inline(always)]
    fn push_some(&mut self, value: u64) {
        self.values.push(value as i64);
    }

    /// Appends the last value so many times.
    fn repeat(&mut self, count: usize) {
        let len = self.values.len();
        self.validity.repeat(count, len);
        self.values.resize(len + count, self.values[len - 1]);
    }

    fn take(&mut self, spare: &mut Spare) -> Taken {
        let (validity, nulls) = self.validity.take();
        Taken {
            validity,
            nulls,
            values: Values::Integers(mem::replace(&mut self.values, spare.integers())),
        }
    }
}

/// A column of strings. Its bytes stay below 2 GiB: the caller takes it well before.
#[derive(Clone, Debug)]
pub struct Strings {
    validity: Validity,
    offsets: Vec<i32>,
    bytes: Vec<u8>,
}

impl Strings {
    /// Appends a string, which is UTF-8; `None` is null.
    #[inline(always)]
    fn push(&mut self, value: Option<&[u8]>) {
        if let Some(value) = value {
            self.bytes.extend_from_slice(value);
        }
        self.end(value.is_some());
    }

    /// Appends a string of the payload.
    #[inline(always)]
    fn push_text(&mut self, text: &Option<Text>, payload: &[u8]) {
        match text {
            Some(text) if text.has_escapes => {
                text.unescape_into(payload, &mut self.bytes);
                self.end(true);
            }
            text => self.push(text.as_ref().map(|text| &payload[text.range.clone()])),
        }
    }

    /// Appends the last string so many times.
    fn repeat(&mut self, count: usize) {
        let len = self.offsets.len() - 1;
        let (start, end) = (self.offsets[len - 1] as usize, self.offsets[len] as usize);
        self.validity.repeat(count, len);
        let size = end - start;
        self.bytes.reserve(size * count);
        // What was appended is appended again, twice as much each time.
        let mut done = 0;
        while done < count {
            let more = (done + 1).min(count - done);
            self.bytes.extend_from_within(start..start + more * size);
            done += more;
        }
        let offsets = (1..=count).map(|number| (end + number * size) as i32);
        self.offsets.extend(offsets);
    }

    #[inline(always)]
    fn end(&mut self, is_valid: bool) {
        self.validity.push(is_valid, self.offsets.len() - 1);
        self.offsets.push(self.bytes.len() as i32);
    }

    fn take(&mut self, spare: &mut Spare) -> Taken {
        let (validity, nulls) = self.validity.take();
        let (offsets, bytes) = spare.strings();
        Taken {
            validity,
            nulls,
            values: Values::Strings(
                mem::replace(&mut self.offsets, offsets),
                mem::replace(&mut self.bytes, bytes),
            ),
        }
    }
}

/// A column of the events table, by its name there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "documented with the table")]
pub enum Name {
    Stream,
    ResponseId,
    Offset,
    Length,
    Index,
    Event,
    SequenceNumber,
    OutputIndex,
    ContentIndex,
    ItemId,
    Delta,
    Payload,
}

/// What a row is made of.
pub struct Row<'a> {
    /// Where the event lies.
    pub place: Place,
    /// Its name.
    pub event: &'a [u8],
    /// The id of its response.
    pub response_id: Option<&'a [u8]>,
    /// The members of its payload.
    pub fields: &'a Fields,
    /// The payload.
    pub payload: &'a [u8],
}

/// Where an event lies.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The offset at which its stream begins.
    pub stream: u64,
    /// Its own.
    pub offset: u64,
    /// The bytes of its lines.
    pub length: u64,
    /// Its number in its stream.
    pub index: u64,
}

/// Which of the columns that mostly repeat differ from row to row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the columns are")]
pub struct Varying {
    pub output_index: bool,
    pub content_index: bool,
    pub item_id: bool,
}

/// The columns that are wanted.
#[derive(Clone, Debug)]
pub struct Columns {
    order: Vec<Name>,
    rows: usize,
    size: usize,
    /// So many of the last rows repeat the one before them, in all columns but those that vary.
    /// What repeats is appended at once, when that ends.
    repeats: usize,
    varying: Varying,
    stream: Option<Integers>,
    response_id: Option<Strings>,
    offset: Option<Integers>,
    length: Option<Integers>,
    index: Option<Integers>,
    event: Option<Strings>,
    sequence_number: Option<Integers>,
    output_index: Option<Integers>,
    content_index: Option<Integers>,
    item_id: Option<Strings>,
    delta: Option<Strings>,
    payload: Option<Strings>,
}

impl Columns {
    /// Empty columns of these names.
    pub fn new(names: &[Name], spare: &mut Spare) -> Columns {
        let has = |name| names.contains(&name);
        let spare = RefCell::new(spare);
        let integers = |name| {
            has(name).then(|| Integers {
                validity: Validity::default(),
                values: spare.borrow_mut().integers(),
            })
        };
        let strings = |name| {
            has(name).then(|| {
                let (offsets, bytes) = spare.borrow_mut().strings();
                Strings {
                    validity: Validity::default(),
                    offsets,
                    bytes,
                }
            })
        };
        Columns {
            order: names.to_vec(),
            rows: 0,
            size: 0,
            repeats: 0,
            varying: Varying::default(),
            stream: integers(Name::Stream),
            response_id: strings(Name::ResponseId),
            offset: integers(Name::Offset),
            length: integers(Name::Length),
            index: integers(Name::Index),
            event: strings(Name::Event),
            sequence_number: integers(Name::SequenceNumber),
            output_index: integers(Name::OutputIndex),
            content_index: integers(Name::ContentIndex),
            item_id: strings(Name::ItemId),
            delta: strings(Name::Delta),
            payload: strings(Name::Payload),
        }
    }

    /// How many rows there are.
    #[inline(always)]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// About as many bytes are in the strings.
    #[inline(always)]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Appends a row. `write_payload` writes the payload's text, if that is wanted.
    #[inline(always)]
    pub fn push(&mut self, row: &Row<'_>, write_payload: impl FnOnce(&mut Vec<u8>)) {
        self.end_repeats();
        let Row { place, fields, .. } = row;
        if let Some(column) = &mut self.stream {
            column.push_some(place.stream);
        }
        if let Some(column) = &mut self.response_id {
            column.push(row.response_id);
        }
        if let Some(column) = &mut self.event {
            column.push(Some(row.event));
        }
        if let Some(column) = &mut self.output_index {
            column.push(fields.output_index);
        }
        if let Some(column) = &mut self.content_index {
            column.push(fields.content_index);
        }
        if let Some(column) = &mut self.item_id {
            column.push_text(&fields.item_id, row.payload);
        }
        self.push_rest(row, write_payload);
    }

    /// Appends a row that has the stream, the response's id and the name of the one before it, and
    /// what does not vary.
    #[inline(always)]
    pub fn push_repeat(
        &mut self,
        row: &Row<'_>,
        varying: Varying,
        write_payload: impl FnOnce(&mut Vec<u8>),
    ) {
        if self.rows == 0 {
            self.push(row, write_payload);
            return;
        }
        if varying != self.varying {
            self.end_repeats();
            self.varying = varying;
        }
        self.repeats += 1;
        if varying.output_index
            && let Some(column) = &mut self.output_index
        {
            column.push(row.fields.output_index);
        }
        if varying.content_index
            && let Some(column) = &mut self.content_index
        {
            column.push(row.fields.content_index);
        }
        if varying.item_id
            && let Some(column) = &mut self.item_id
        {
            column.push_text(&row.fields.item_id, row.payload);
        }
        self.push_rest(row, write_payload);
    }

    #[inline(always)]
    fn push_rest(&mut self, row: &Row<'_>, write_payload: impl FnOnce(&mut Vec<u8>)) {
        let Row { place, fields, .. } = row;
        if let Some(column) = &mut self.offset {
            column.push_some(place.offset);
        }
        if let Some(column) = &mut self.length {
            column.push_some(place.length);
        }
        if let Some(column) = &mut self.index {
            column.push_some(place.index);
        }
        if let Some(column) = &mut self.sequence_number {
            column.push(fields.sequence_number);
        }
        if let Some(column) = &mut self.delta {
            column.push_text(&fields.delta, row.payload);
        }
        let response_id = row.response_id.map_or(0, <[u8]>::len);
        self.size += row.event.len() + response_id + fields.text_len();
        if let Some(column) = &mut self.payload {
            let before = column.bytes.len();
            write_payload(&mut column.bytes);
            self.size += column.bytes.len() - before;
            column.end(true);
        }
        self.rows += 1;
    }

    #[inline(always)]
    fn end_repeats(&mut self) {
        if self.repeats > 0 {
            self.append_repeats();
        }
    }

    #[inline(never)]
    fn append_repeats(&mut self) {
        let count = mem::take(&mut self.repeats);
        let varying = self.varying;
        for (column, varies) in [
            (&mut self.stream, false),
            (&mut self.output_index, varying.output_index),
            (&mut self.content_index, varying.content_index),
        ] {
            if let (Some(column), false) = (column, varies) {
                column.repeat(count);
            }
        }
        for (column, varies) in [
            (&mut self.response_id, false),
            (&mut self.event, false),
            (&mut self.item_id, varying.item_id),
        ] {
            if let (Some(column), false) = (column, varies) {
                column.repeat(count);
            }
        }
    }

    /// The number of rows, and the columns in the order in which they were asked for.
    pub fn take(&mut self, spare: &mut Spare) -> (usize, Vec<(Name, Taken)>) {
        self.end_repeats();
        self.size = 0;
        let names = self.order.clone();
        let columns = names.into_iter().filter_map(|name| {
            let integers = match name {
                Name::Stream => &mut self.stream,
                Name::Offset => &mut self.offset,
                Name::Length => &mut self.length,
                Name::Index => &mut self.index,
                Name::SequenceNumber => &mut self.sequence_number,
                Name::OutputIndex => &mut self.output_index,
                Name::ContentIndex => &mut self.content_index,
                _ => &mut None,
            };
            let strings = match name {
                Name::ResponseId => &mut self.response_id,
                Name::Event => &mut self.event,
                Name::ItemId => &mut self.item_id,
                Name::Delta => &mut self.delta,
                Name::Payload => &mut self.payload,
                _ => &mut None,
            };
            let taken = match (integers, strings) {
                (Some(integers), _) => integers.take(spare),
                (_, Some(strings)) => strings.take(spare),
                _ => return None,
            };
            Some((name, taken))
        });
        let columns = columns.collect();
        (mem::take(&mut self.rows), columns)
    }
}
