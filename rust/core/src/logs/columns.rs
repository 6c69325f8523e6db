//! The events table: a row for each event, in the columns that are asked for.
//!
//! `columns!` below lists the columns: for another one add a line there, and one in the pure
//! engine's `_columns.py`.

use std::mem;

use crate::logs::arrow::{Integers, Spare, Strings, Taken};
use crate::logs::elided::Elided;
use crate::logs::fields::Fields;
use crate::logs::members::Member;

/// What a row is made of.
///
/// A function that is not inlined takes a copy: a row that one is given by reference lies in memory.
#[derive(Clone, Copy)]
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
    pub payload: Elided<'a>,
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

/// How a column changes over events that are alike, such as the deltas of one text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Changes {
    /// With every event.
    Always,
    /// With some member of the event.
    With(Member),
    /// Not at all.
    Never,
}

/// Defines the columns: the name in the table, the kind of its values, how it changes over events
/// that are alike, and how a row appends its value.
macro_rules! columns {
    ($($name:ident $variant:ident: $kind:ident, $changes:expr,
        |$column:ident, $row:ident| $push:expr;)*) => {
        /// A column of the events table, by its name there.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "documented with the table")]
        pub enum Name {
            $($variant,)*
        }

        impl Name {
            /// All columns, in the table's order, each with its name.
            pub const ALL: &[(&str, Name)] = &[$((stringify!($name), Name::$variant),)*];
        }

        #[derive(Clone, Debug)]
        struct Builders {
            $($name: Option<$kind>,)*
        }

        impl Builders {
            fn new(names: &[Name], spare: &mut Spare) -> Builders {
                Builders {
                    $($name: names.contains(&Name::$variant).then(|| $kind::new(spare)),)*
                }
            }

            /// Appends the values of a row in the columns for which `changes` says so.
            #[inline(always)]
            fn push(&mut self, row: &Row<'_>, changes: impl Fn(Changes) -> bool) {
                $(
                    if changes($changes)
                        && let Some($column) = &mut self.$name
                    {
                        // No closure: it would not be inlined where it is long, and the row would
                        // be written to memory for it.
                        let $row = row;
                        $push;
                    }
                )*
            }

            /// Appends the last value once more, so many times, in the other columns.
            fn repeat(&mut self, count: usize, changes: impl Fn(Changes) -> bool) {
                $(
                    if !changes($changes)
                        && let Some(column) = &mut self.$name
                    {
                        column.repeat(count);
                    }
                )*
            }

            fn take(&mut self, name: Name, spare: &mut Spare) -> Option<Taken> {
                match name {
                    $(Name::$variant => self.$name.as_mut().map(|column| column.take(spare)),)*
                }
            }
        }
    };
}

columns! {
    stream Stream: Integers, Changes::Never,
        |column, row| column.push_some(row.place.stream);
    offset Offset: Integers, Changes::Always,
        |column, row| column.push_some(row.place.offset);
    length Length: Integers, Changes::Always,
        |column, row| column.push_some(row.place.length);
    index Index: Integers, Changes::Always,
        |column, row| column.push_some(row.place.index);
    sequence_number SequenceNumber: Integers, Changes::Always,
        |column, row| column.push(row.fields.numbers.sequence_number);
    output_index OutputIndex: Integers, Changes::With(Member::OutputIndex),
        |column, row| column.push(row.fields.numbers.output_index);
    content_index ContentIndex: Integers, Changes::With(Member::ContentIndex),
        |column, row| column.push(row.fields.numbers.content_index);
    response_id ResponseId: Strings, Changes::Never,
        |column, row| column.push(row.response_id);
    event Event: Strings, Changes::Never,
        |column, row| column.push(Some(row.event));
    item_id ItemId: Strings, Changes::With(Member::ItemId),
        |column, row| column.push_text(&row.fields.item_id, row.payload.text);
    delta Delta: Strings, Changes::Always,
        |column, row| column.push_text(&row.fields.delta, row.payload.text);
    payload Payload: Strings, Changes::Always,
        |column, row| column.push_written(|out| row.payload.write(out));
}

/// Members of an event that differ from those of the one before it: those that columns change with,
/// and whether there are others beside its numbers and its delta.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Varying(u32);

impl Varying {
    /// These members.
    pub fn of(members: impl Iterator<Item = Member>) -> Varying {
        Varying(members.fold(0, |bits, member| bits | Varying::bit(member)))
    }

    #[inline(always)]
    const fn bit(member: Member) -> u32 {
        match member {
            Member::OutputIndex => 1,
            Member::ContentIndex => 2,
            Member::ItemId => 4,
            Member::SequenceNumber | Member::Delta => 0,
            _ => Varying::OTHERS,
        }
    }

    const OTHERS: u32 = 8;

    /// Whether no more than its numbers, the item's id and its delta differ.
    #[inline(always)]
    pub fn is_only_place_and_delta(self) -> bool {
        self.0 & Varying::OTHERS == 0
    }

    #[inline(always)]
    fn changes(self, changes: Changes) -> bool {
        match changes {
            Changes::Always => true,
            Changes::With(member) => self.0 & Varying::bit(member) != 0,
            Changes::Never => false,
        }
    }
}

/// The columns that are asked for.
#[derive(Clone, Debug)]
pub struct Columns {
    order: Vec<Name>,
    builders: Builders,
    rows: usize,
    size: usize,
    /// So many of the last rows repeat the one before them, in all columns but those that vary.
    /// What repeats is appended at once, when that ends.
    repeats: usize,
    varying: Varying,
}

impl Columns {
    /// Empty columns of these names.
    pub fn new(names: &[Name], spare: &mut Spare) -> Columns {
        Columns {
            order: names.to_vec(),
            builders: Builders::new(names, spare),
            rows: 0,
            size: 0,
            repeats: 0,
            varying: Varying::default(),
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

    /// Appends a row.
    #[inline(always)]
    pub fn push(&mut self, row: &Row<'_>) {
        self.end_repeats();
        self.builders.push(row, |_| true);
        self.count(row);
    }

    /// Appends a row that has the stream, the response's id and the name of the one before it, and
    /// what does not vary.
    #[inline(always)]
    pub fn push_repeat(&mut self, row: &Row<'_>, varying: Varying) {
        if self.order.is_empty() {
            self.count(row);
            return;
        }
        if self.rows == 0 {
            self.push_first(*row);
            return;
        }
        if varying != self.varying {
            self.end_repeats();
            self.varying = varying;
        }
        self.repeats += 1;
        self.builders.push(row, |changes| varying.changes(changes));
        self.count(row);
    }

    #[cold]
    fn push_first(&mut self, row: Row<'_>) {
        self.push(&row);
    }

    #[inline(always)]
    fn count(&mut self, row: &Row<'_>) {
        self.rows += 1;
        let response_id = row.response_id.map_or(0, <[u8]>::len);
        self.size += row.event.len() + response_id + row.fields.text_len();
        if let Some(column) = &self.builders.payload {
            self.size += column.last_len();
        }
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
        self.builders
            .repeat(count, |changes| varying.changes(changes));
    }

    /// The number of rows, and the columns in the order in which they were asked for.
    pub fn take(&mut self, spare: &mut Spare) -> (usize, Vec<(Name, Taken)>) {
        self.end_repeats();
        self.size = 0;
        let names = self.order.iter();
        let columns = names.filter_map(|&name| Some((name, self.builders.take(name, spare)?)));
        let columns = columns.collect();
        (mem::take(&mut self.rows), columns)
    }
}
