//! Events that are like one that was decoded, and need no decoding themselves.
//!
//! The deltas of a stream differ in a few strings and numbers. An event that has, byte for byte,
//! what a decoded one has, but for values of members, at any depth, that are in both a string, or
//! in both a natural number, is the same object with other values of these
//! members: the JSON around them is the same, and so is all that a decoder makes of it. The caller
//! says once whether that holds for its decoder, given the decoded value and the members, because a
//! member may be the one that picks the type, or be checked. Whatever else differs is decoded.
//!
//! A copy with three members replaced takes half the time of decoding the small object: the row
//! "text log, typed".

use std::ops::Range;

use crate::json::{Cursor, Invalid, Text};
use crate::limits::LONG_PAYLOAD;
use crate::lines::DataLines;
use crate::stream::Stream;
use crate::template::{MAX_PIECES, MemberValue, Repeat, Template};

/// What a member's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    Text,
    /// A natural number.
    Integer,
}

/// A way from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// To the object's member with this key, which has no escapes. No other has it.
    Key(Vec<u8>),
    /// To the array's element at this index.
    Index(usize),
}

/// A member whose value differs between events that are else alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Where it lies in the payload's object.
    pub path: Vec<Step>,
    /// What its value is, in each of these events.
    pub kind: Kind,
}

/// The value of such a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// Where the string lies in the payload. It is UTF-8.
    Text(Range<usize>),
    /// A string that has escapes in the payload, as UTF-8.
    Unescaped(Vec<u8>),
    /// The number.
    Integer(i64),
}

/// So many events in a row may be different before another one is taken to be alike.
const MAX_MISSES: u8 = 3;

/// Two events that are alike.
#[derive(Debug)]
pub struct Pair {
    /// The members that differ.
    pub members: Vec<Member>,
    /// Where their values lie in the second payload.
    values: Vec<Range<usize>>,
    /// Where the second event begins.
    start: usize,
    event: Repeat,
}

/// The event that others are compared with.
#[derive(Debug)]
pub(crate) struct Likeness {
    template: Template<Kind>,
    /// The event, so that it outlasts its chunk.
    event: Vec<u8>,
    values: Vec<Scalar>,
    /// How many events in a row were different, and whether none was like it.
    misses: u8,
    is_unused: bool,
    /// How many events were kept in vain, or not at all, and how many may be.
    refusals: u8,
    max_refusals: u8,
}

impl Likeness {
    /// No event is looked for after so many for which that was in vain.
    pub(crate) fn new(max_refusals: u8) -> Self {
        Likeness {
            template: Template::default(),
            event: Vec::new(),
            values: Vec::new(),
            misses: 0,
            is_unused: true,
            refusals: 0,
            max_refusals,
        }
    }

    /// Whether there is an event to compare with.
    #[inline(always)]
    pub(crate) fn is_set(&self) -> bool {
        self.template.is_set()
    }

    /// Whether to look for one.
    pub(crate) fn is_wanted(&self) -> bool {
        self.refusals < self.max_refusals
    }

    /// Forgets the event, so that the next one is like none.
    #[inline(always)]
    pub(crate) fn clear(&mut self) {
        self.template.clear();
    }

    /// Takes the second of two events, whose value the caller kept.
    pub(crate) fn set(&mut self, chunk: &[u8], pair: Pair) {
        let kinds = pair.members.iter().map(|member| member.kind);
        let values = kinds.zip(pair.values).map(|(member, range)| MemberValue {
            member,
            range,
            is_shared: false,
        });
        let start = pair.start;
        self.event.clear();
        self.event.extend_from_slice(&chunk[start..pair.event.next]);
        let event = Repeat {
            payload: pair.event.payload.start - start..pair.event.payload.end - start,
            lines_end: pair.event.lines_end - start,
            next: pair.event.next - start,
        };
        self.template.set(&self.event, 0, &event, values);
        (self.misses, self.is_unused) = (0, true);
    }

    /// The caller did not keep the value, or did so in vain.
    pub(crate) fn refuse(&mut self) {
        self.refusals = self.refusals.saturating_add(1);
    }

    /// Reads the next event if it is like this one, and neither long nor deferred.
    #[inline(always)]
    pub(crate) fn read<L: DataLines>(
        &mut self,
        chunk: &[u8],
        stream: &mut Stream<L>,
        is_deferred: impl FnOnce(&[u8]) -> bool,
    ) -> Option<Repeat> {
        let (template, event, values) = (&self.template, &self.event, &mut self.values);
        let found = stream.next_repeat(|start| {
            values.clear();
            let repeat = template.read(event, chunk, start, |cursor, payload, kind| {
                values.push(scalar(cursor, payload, kind)?);
                Ok(())
            })?;
            let payload = &chunk[repeat.payload.clone()];
            (payload.len() < LONG_PAYLOAD && !is_deferred(payload)).then_some(repeat)
        });
        match found {
            Some(_) => (self.misses, self.is_unused) = (0, false),
            None if self.misses == MAX_MISSES => self.give_up(),
            None => self.misses += 1,
        }
        found
    }

    #[cold]
    fn give_up(&mut self) {
        self.clear();
        if self.is_unused {
            self.refuse();
        }
    }

    /// The values of the event that was read last.
    #[inline(always)]
    pub(crate) fn values(&self) -> &[Scalar] {
        &self.values
    }
}

#[inline(always)]
fn scalar(cursor: &mut Cursor<'_>, payload: &[u8], kind: Kind) -> Result<Scalar, Invalid> {
    match kind {
        Kind::Text => {
            let text = cursor.string()?;
            match text.has_escapes {
                false => Ok(Scalar::Text(text.range)),
                true => Ok(unescaped(payload, &text)),
            }
        }
        Kind::Integer if cursor.peek() == Some(b'-') => Err(Invalid::Json),
        Kind::Integer => cursor.number()?.map(Scalar::Integer).ok_or(Invalid::Json),
    }
}

/// The text of a string with escapes. If it has a surrogate that is not paired, the caller drops it,
/// as [`Cursor::is_standard`] is then false.
#[cold]
fn unescaped(payload: &[u8], text: &Text) -> Scalar {
    let mut bytes = Vec::with_capacity(text.range.len());
    text.unescape_into(payload, &mut bytes);
    Scalar::Unescaped(bytes)
}

impl Pair {
    /// The event at `start`, and one before it with this payload; `None` if they are not alike, or
    /// the same.
    pub(crate) fn of(
        chunk: &[u8],
        before: Range<usize>,
        start: usize,
        event: Repeat,
    ) -> Option<Self> {
        let new = &chunk[event.payload.clone()];
        let mut differences = Differences::default();
        differences.find(&chunk[before], new, 0)?;
        let Differences {
            members, values, ..
        } = differences;
        (1..=MAX_PIECES).contains(&members.len()).then_some(Pair {
            members,
            values,
            start,
            event,
        })
    }
}

/// Where two payloads differ.
#[derive(Default)]
struct Differences {
    members: Vec<Member>,
    values: Vec<Range<usize>>,
    path: Vec<Step>,
}

impl Differences {
    /// Adds what differs in these values, of which the new one begins at `base`. Returns `None` if
    /// anything else does than strings and natural numbers.
    fn find(&mut self, old: &[u8], new: &[u8], base: usize) -> Option<()> {
        match (old.first()?, new.first()?) {
            (b'{', b'{') => self.find_in_objects(old, new, base),
            (b'[', b'[') => {
                let (old_elements, new_elements) = (elements(old)?, elements(new)?);
                if old_elements.len() != new_elements.len() {
                    return None;
                }
                let pairs = old_elements.into_iter().zip(new_elements);
                for (index, (old_value, value)) in pairs.enumerate() {
                    self.find_at(
                        Step::Index(index),
                        &old[old_value],
                        &new[value.clone()],
                        base + value.start,
                    )?;
                }
                Some(())
            }
            _ => {
                let kind = kind(new).filter(|_| kind(old) == kind(new))?;
                let path = self.path.clone();
                self.members.push(Member { path, kind });
                self.values.push(base..base + new.len());
                Some(())
            }
        }
    }

    fn find_in_objects(&mut self, old: &[u8], new: &[u8], base: usize) -> Option<()> {
        let (old_members, new_members) = (members(old)?, members(new)?);
        if old_members.len() != new_members.len() {
            return None;
        }
        // Of members with one key, the last counts.
        let has_one = |key: &[u8]| {
            let same = |(other, _): &&(Text, _)| &new[other.range.clone()] == key;
            new_members.iter().filter(same).count() == 1
        };
        for ((old_key, old_value), (key, value)) in old_members.into_iter().zip(&new_members) {
            let key_bytes = &new[key.range.clone()];
            if key.has_escapes || &old[old_key.range] != key_bytes {
                return None;
            }
            let (old_value, new_value) = (&old[old_value], &new[value.clone()]);
            if old_value != new_value {
                if !has_one(key_bytes) {
                    return None;
                }
                let step = Step::Key(key_bytes.to_vec());
                self.find_at(step, old_value, new_value, base + value.start)?;
            }
        }
        Some(())
    }

    /// The same for a value inside.
    fn find_at(&mut self, step: Step, old: &[u8], new: &[u8], base: usize) -> Option<()> {
        if old != new {
            self.path.push(step);
            self.find(old, new, base)?;
            self.path.pop();
        }
        Some(())
    }
}

/// The keys of an object, and where their values lie.
fn members(object: &[u8]) -> Option<Vec<(Text, Range<usize>)>> {
    let mut members = Vec::new();
    let mut cursor = Cursor::new(object, &[]);
    let read = cursor.object(|cursor, key| {
        let start = cursor.at();
        cursor.skip_value()?;
        members.push((key.clone(), start..cursor.at()));
        Ok(())
    });
    is_read(read, cursor).then_some(members)
}

/// Where the elements of an array lie.
fn elements(array: &[u8]) -> Option<Vec<Range<usize>>> {
    let mut elements = Vec::new();
    let mut cursor = Cursor::new(array, &[]);
    let read = cursor.array(|cursor| {
        let start = cursor.at();
        cursor.skip_value()?;
        elements.push(start..cursor.at());
        Ok(())
    });
    is_read(read, cursor).then_some(elements)
}

fn is_read(read: Result<(), Invalid>, mut cursor: Cursor<'_>) -> bool {
    read.is_ok() && cursor.end().is_ok()
}

/// What a value is.
fn kind(value: &[u8]) -> Option<Kind> {
    match value.first()? {
        b'"' => Some(Kind::Text),
        b'0'..=b'9' if value.iter().all(u8::is_ascii_digit) => Some(Kind::Integer),
        _ => None,
    }
}
