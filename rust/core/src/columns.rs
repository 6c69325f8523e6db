//! Columns: values of many events side by side, in the memory layout of Apache Arrow.
//!
//! <https://arrow.apache.org/docs/format/Columnar.html>: a validity bitmap where something is
//! null, then the values; or 32-bit offsets, then the bytes of the strings.

use std::cell::RefCell;
use std::mem;

/// Which values are null, as a bitmap that is made only when the first one is.
#[derive(Clone, Debug, Default)]
struct Validity {
    bits: Vec<u8>,
    len: usize,
    nulls: usize,
}

impl Validity {
    #[inline(always)]
    fn push(&mut self, is_valid: bool) {
        if !is_valid {
            self.push_null();
        } else if self.nulls > 0 {
            self.push_bit(1);
        }
        self.len += 1;
    }

    #[inline(never)]
    fn push_null(&mut self) {
        if self.nulls == 0 {
            self.bits.resize(self.len / 8, 0xFF);
            if !self.len.is_multiple_of(8) {
                self.bits.push((1 << (self.len % 8)) - 1);
            }
        }
        self.nulls += 1;
        self.push_bit(0);
    }

    #[inline(always)]
    fn push_bit(&mut self, bit: u8) {
        match self.bits.last_mut() {
            Some(last) if !self.len.is_multiple_of(8) => *last |= bit << (self.len % 8),
            _ => self.bits.push(bit),
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
    pub fn push(&mut self, value: Option<i64>) {
        self.validity.push(value.is_some());
        self.values.push(value.unwrap_or(0));
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
    pub fn push(&mut self, value: Option<&[u8]>) {
        if let Some(value) = value {
            self.bytes.extend_from_slice(value);
        }
        self.end(value.is_some());
    }

    /// Appends the string that `write` writes.
    pub fn push_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.end(true);
    }

    /// The bytes of all strings so far.
    #[inline(always)]
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    #[inline(always)]
    fn end(&mut self, is_valid: bool) {
        self.validity.push(is_valid);
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

/// The columns that are wanted.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "named as `Name` is")]
pub struct Columns {
    order: Vec<Name>,
    rows: usize,
    size: usize,
    pub stream: Option<Integers>,
    pub response_id: Option<Strings>,
    pub offset: Option<Integers>,
    pub length: Option<Integers>,
    pub index: Option<Integers>,
    pub event: Option<Strings>,
    pub sequence_number: Option<Integers>,
    pub output_index: Option<Integers>,
    pub content_index: Option<Integers>,
    pub item_id: Option<Strings>,
    pub delta: Option<Strings>,
    pub payload: Option<Strings>,
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

    /// Counts a row, of which every column has its value; `size` is about the length of what it
    /// adds to the strings other than the payload.
    #[inline(always)]
    pub fn end_row(&mut self, size: usize) {
        self.rows += 1;
        self.size += size;
    }

    /// About as many bytes are in the strings.
    #[inline(always)]
    pub fn size(&self) -> usize {
        self.size + self.payload.as_ref().map_or(0, Strings::size)
    }

    /// The number of rows, and the columns in the order in which they were asked for.
    pub fn take(&mut self, spare: &mut Spare) -> (usize, Vec<(Name, Taken)>) {
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
