//! What is counted over all bodies of a log, and by the names of its events.

use std::collections::HashMap;

/// Counts over all bodies.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    /// The decoded events, and the bytes of their lines.
    pub events: u64,
    /// See `events`.
    pub event_bytes: u64,
    /// The failures, and the bytes of their lines.
    pub failures: u64,
    /// See `failures`.
    pub failure_bytes: u64,
    /// The bytes that belong to neither: comments, blank lines, marks.
    pub other_bytes: u64,
    /// The events that are JSON only as the SDKs read it: see
    /// [`crate::json::Cursor::is_standard`].
    pub nonstandard: u64,
    /// The lines of event streams that are no comment and no field.
    pub unknown_lines: u64,
}

impl Totals {
    /// Counts decoded events, whose lines have so many bytes.
    #[inline(always)]
    pub fn add(&mut self, events: u64, bytes: u64) {
        self.events += events;
        self.event_bytes += bytes;
    }
}

/// The decoded events of one name.
#[derive(Clone, Debug)]
pub struct TypeCount {
    /// The name, or its beginning.
    pub name: Vec<u8>,
    /// How many there are, and the bytes of their lines.
    pub events: u64,
    /// See `events`.
    pub bytes: u64,
}

/// As many names are counted apart; they come from the log and may be without end.
const MAX_TYPES: usize = 1000;
/// As many bytes of a name count.
const MAX_TYPE_LEN: usize = 200;
const OTHER_TYPES: &[u8] = b"(other types)";

/// The names of the events, and how often each came.
#[derive(Debug, Default)]
pub struct Types {
    /// The names, in the order in which they came.
    pub counts: Vec<TypeCount>,
    by_name: HashMap<Vec<u8>, usize>,
    last: usize,
}

impl Types {
    /// Adds an event.
    #[inline(always)]
    pub fn add(&mut self, name: &[u8], bytes: u64) {
        let is_last = |count: &TypeCount| count.name == name;
        if !self.counts.get(self.last).is_some_and(is_last) {
            self.last = self.find(name);
        }
        self.add_again(1, bytes);
    }

    /// Adds events with the name of the last one.
    #[inline(always)]
    pub fn add_again(&mut self, events: u64, bytes: u64) {
        if let Some(count) = self.counts.get_mut(self.last) {
            count.events += events;
            count.bytes += bytes;
        }
    }

    #[cold]
    fn find(&mut self, name: &[u8]) -> usize {
        let mut name = &name[..floor_char(name, MAX_TYPE_LEN)];
        if !self.by_name.contains_key(name) && self.counts.len() >= MAX_TYPES {
            name = OTHER_TYPES;
        }
        if let Some(&at) = self.by_name.get(name) {
            return at;
        }
        self.by_name.insert(name.to_vec(), self.counts.len());
        self.counts.push(TypeCount {
            name: name.to_vec(),
            events: 0,
            bytes: 0,
        });
        self.counts.len() - 1
    }
}

/// The largest index up to `max` at which a character of the UTF-8 text begins.
fn floor_char(text: &[u8], max: usize) -> usize {
    let mut at = max.min(text.len());
    while at < text.len() && text[at] & 0xC0 == 0x80 {
        at -= 1;
    }
    at
}
