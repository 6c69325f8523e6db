//! The memory of a column, in the layout of Apache Arrow.
//!
//! <https://arrow.apache.org/docs/format/Columnar.html>: a validity bitmap where something is
//! null, then the values; or 32-bit offsets, then the bytes of the strings.

use std::mem;

use crate::json::Text;

/// Which values are null, as a bitmap that is made only when the first one is. How many values there
/// are is the caller's to say.
#[derive(Clone, Debug, Default)]
struct Validity {
    /// Of the values up to the last null: those past it are not null.
    bits: Vec<u8>,
    marked: usize,
    nulls: usize,
}

impl Validity {
    /// Takes in the value at `len`, past all others.
    #[inline(always)]
    fn push(&mut self, is_valid: bool, len: usize) {
        if !is_valid {
            self.push_nulls(1, len);
        }
    }

    #[inline(never)]
    fn push_nulls(&mut self, count: usize, len: usize) {
        self.mark(1, len);
        self.mark(0, len + count);
        self.nulls += count;
    }

    /// Marks all values up to `end` that are not marked.
    fn mark(&mut self, bit: u8, end: usize) {
        // Up to a whole byte, whole bytes, and the rest.
        let whole = end.min(self.marked.next_multiple_of(8));
        (self.marked..whole).for_each(|at| self.push_bit(bit, at));
        let bytes = (end - whole) / 8;
        self.bits.resize(self.bits.len() + bytes, bit * 0xFF);
        (whole + bytes * 8..end).for_each(|at| self.push_bit(bit, at));
        self.marked = end;
    }

    fn push_bit(&mut self, bit: u8, at: usize) {
        match self.bits.last_mut() {
            Some(last) if !at.is_multiple_of(8) => *last |= bit << (at % 8),
            _ => self.bits.push(bit),
        }
    }

    /// Takes in values as the one before them, which is at `len - 1`.
    fn repeat(&mut self, count: usize, len: usize) {
        // The last one that is marked is null.
        if self.nulls > 0 && self.marked == len {
            self.push_nulls(count, len);
        }
    }

    /// The bitmap of so many values, and how many of them are null.
    fn take(&mut self, len: usize) -> (Option<Vec<u8>>, usize) {
        if self.nulls > 0 {
            self.mark(1, len);
        }
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
    const MAX_SIZE: usize = 2 << 20;

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

    /// An empty vector for the next batch, where the last one had so many: see [`take`].
    fn integers(&mut self, before: usize) -> Vec<i64> {
        take(&mut self.integers, before)
    }

    /// The same for so many offsets, and strings of so many bytes together.
    fn strings(&mut self, before: usize, bytes: usize) -> (Vec<i32>, Vec<u8>) {
        let mut offsets = take(&mut self.offsets, before);
        offsets.push(0);
        (offsets, take(&mut self.bytes, bytes))
    }
}

/// An empty vector, with room for as many as the last batch had: a vector that grows is copied.
///
/// The smallest one that is kept and has the room; if the last batch had none, the largest. More than
/// [`Spare::MAX_SIZE`] is not allocated ahead: one large event need not be followed by others.
#[inline(never)] // twelve columns take in two places
fn take<T>(spare: &mut Vec<Vec<T>>, last: usize) -> Vec<T> {
    let vectors = spare.iter().enumerate().rev();
    let found = match last {
        0 => vectors.max_by_key(|(_, vector)| vector.capacity()),
        _ => vectors
            .filter(|(_, vector)| vector.capacity() >= last)
            .min_by_key(|(_, vector)| vector.capacity()),
    };
    // An eighth more, as batches differ a little.
    let room = last + last / 8;
    match found.map(|(at, _)| at) {
        Some(at) => spare.remove(at),
        None if room * size_of::<T>() <= Spare::MAX_SIZE => Vec::with_capacity(room),
        None => Vec::new(),
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
    /// An empty column.
    pub fn new(spare: &mut Spare) -> Integers {
        Integers {
            validity: Validity::default(),
            values: spare.integers(0),
        }
    }

    /// Appends a value; `None` is null.
    #[inline(always)]
    pub fn push(&mut self, value: Option<i64>) {
        self.validity.push(value.is_some(), self.values.len());
        self.values.push(value.unwrap_or(0));
    }

    /// Appends a value that is not null, of a column that has no others.
    #[inline(always)]
    pub fn push_some(&mut self, value: u64) {
        self.values.push(value as i64);
    }

    /// Appends the last value so many times.
    pub fn repeat(&mut self, count: usize) {
        let len = self.values.len();
        self.validity.repeat(count, len);
        self.values.resize(len + count, self.values[len - 1]);
    }

    /// Takes all values, and goes on in spare memory.
    pub fn take(&mut self, spare: &mut Spare) -> Taken {
        let (validity, nulls) = self.validity.take(self.values.len());
        let more = spare.integers(self.values.len());
        Taken {
            validity,
            nulls,
            values: Values::Integers(mem::replace(&mut self.values, more)),
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
    /// An empty column.
    pub fn new(spare: &mut Spare) -> Strings {
        let (offsets, bytes) = spare.strings(0, 0);
        Strings {
            validity: Validity::default(),
            offsets,
            bytes,
        }
    }

    /// Appends what `write` writes, which is UTF-8.
    #[inline(always)]
    pub fn push_written(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        write(&mut self.bytes);
        self.end(true);
    }

    /// The bytes of the last string; there must be one.
    #[inline(always)]
    pub fn last_len(&self) -> usize {
        let len = self.offsets.len();
        (self.offsets[len - 1] - self.offsets[len - 2]) as usize
    }

    /// Appends a string, which is UTF-8; `None` is null.
    #[inline(always)]
    pub fn push(&mut self, value: Option<&[u8]>) {
        if let Some(value) = value {
            self.bytes.extend_from_slice(value);
        }
        self.end(value.is_some());
    }

    /// Appends a string of the payload.
    #[inline(always)]
    pub fn push_text(&mut self, text: &Option<Text>, payload: &[u8]) {
        match text {
            Some(text) if text.has_escapes => {
                text.unescape_into(payload, &mut self.bytes);
                self.end(true);
            }
            text => self.push(text.as_ref().map(|text| &payload[text.range.clone()])),
        }
    }

    /// Appends the last string so many times.
    pub fn repeat(&mut self, count: usize) {
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

    /// Takes all values, and goes on in spare memory.
    pub fn take(&mut self, spare: &mut Spare) -> Taken {
        let (validity, nulls) = self.validity.take(self.offsets.len() - 1);
        let (offsets, bytes) = spare.strings(self.offsets.len(), self.bytes.len());
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_memory_is_asked_for_ahead_after_a_large_batch() {
        let mut spare = Spare::new();
        let mut column = Strings::new(&mut spare);
        for size in [1000, Spare::MAX_SIZE + 1] {
            column.push(Some(&vec![b'a'; size]));
            column.take(&mut spare);
            let room = column.bytes.capacity();
            assert_eq!(room >= size, size <= Spare::MAX_SIZE, "{room} after {size}");
        }
    }

    proptest! {
        #[test]
        fn nulls_lie_where_they_were_pushed(
            runs in prop::collection::vec((any::<bool>(), 1usize..20, any::<bool>()), 0..20)
        ) {
            let mut column = Integers::new(&mut Spare::new());
            let mut expected = Vec::new();
            for (is_valid, count, is_repeat) in runs {
                let value = is_valid.then_some(count as i64);
                column.push(value);
                match is_repeat {
                    true => column.repeat(count - 1),
                    false => (1..count).for_each(|_| column.push(value)),
                }
                expected.extend(vec![value; count]);
            }
            let taken = column.take(&mut Spare::new());
            let Values::Integers(values) = taken.values else { unreachable!() };
            let bits = taken.validity.unwrap_or_else(|| vec![0xFF; values.len().div_ceil(8)]);
            prop_assert_eq!(bits.len(), values.len().div_ceil(8));
            let is_valid = |at: usize| bits[at / 8] >> (at % 8) & 1 == 1;
            let found = values.iter().enumerate();
            let found: Vec<_> = found.map(|(at, &value)| is_valid(at).then_some(value)).collect();
            prop_assert_eq!(taken.nulls, expected.iter().filter(|value| value.is_none()).count());
            prop_assert_eq!(found, expected);
        }
    }
}
