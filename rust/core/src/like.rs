//! Events that are like one that was decoded, and need no decoding themselves.
//!
//! The deltas of a stream differ in a few strings and numbers. An event that has, byte for byte,
//! what a decoded one has, but for values of its object's own members that are in both a string, or
//! in both a natural number, is the same object with other values of these
//! members: the JSON around them is the same, and so is all that a decoder makes of it. The caller
//! says once whether that holds for its decoder, given the decoded value and the members, because a
//! member may be the one that picks the type, or be checked. Whatever else differs is decoded.
//!
//! A copy with three members replaced takes half the time of decoding the small object: the row
//! "text log, typed".

use std::ops::Range;

use super::deferral::Deferral;
use crate::json::{Cursor, Invalid, Text};
use crate::limits::LONG_PAYLOAD;
use crate::lines::DataLines;
use crate::stream::Stream;
use crate::template::{MemberValue, Repeat, Template};

/// What a member's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    Text,
    /// A natural number.
    Integer,
}

/// A member whose value differs between events that are else alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its key, which has no escapes.
    pub key: Vec<u8>,
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
/// So many values that the caller does not keep, and it is not asked again.
const MAX_REFUSALS: u8 = 4;

/// Two events that are alike.
#[derive(Debug)]
pub(crate) struct Pair {
    /// The members that differ, and where their values lie in the second payload.
    pub(crate) members: Vec<Member>,
    values: Vec<Range<usize>>,
    /// Where the second event begins.
    start: usize,
    event: Repeat,
}

/// The event that others are compared with.
#[derive(Debug, Default)]
pub(crate) struct Likeness {
    template: Template<Kind>,
    values: Vec<Scalar>,
    misses: u8,
    refusals: u8,
}

impl Likeness {
    /// Whether there is an event to compare with.
    #[inline(always)]
    pub(crate) fn is_set(&self) -> bool {
        self.template.is_set()
    }

    /// Whether to look for one.
    pub(crate) fn is_wanted(&self) -> bool {
        self.refusals < MAX_REFUSALS
    }

    /// Forgets the event: the chunk is used up.
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
        self.template.set(chunk, pair.start, &pair.event, values);
        self.misses = 0;
    }

    /// The caller did not keep the value.
    pub(crate) fn refuse(&mut self) {
        self.refusals += 1;
    }

    /// Reads the next event if it is like this one, and neither long nor deferred.
    #[inline(always)]
    pub(crate) fn read<L: DataLines>(
        &mut self,
        chunk: &[u8],
        stream: &mut Stream<L>,
        deferral: &Deferral,
    ) -> Option<Repeat> {
        let (template, values) = (&self.template, &mut self.values);
        let found = stream.next_repeat(|start| {
            values.clear();
            let repeat = template.read(chunk, start, |cursor, payload, kind| {
                values.push(scalar(cursor, payload, kind)?);
                Ok(())
            })?;
            let payload = &chunk[repeat.payload.clone()];
            (payload.len() < LONG_PAYLOAD && !deferral.is_due(payload)).then_some(repeat)
        });
        match found {
            Some(_) => self.misses = 0,
            None if self.misses == MAX_MISSES => self.clear(),
            None => self.misses += 1,
        }
        found
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
        let (old, new) = (&chunk[before], &chunk[event.payload.clone()]);
        let (old_members, new_members) = (members(old)?, members(new)?);
        if old_members.len() != new_members.len() {
            return None;
        }
        let (mut keys, mut members, mut values) = (Vec::new(), Vec::new(), Vec::new());
        for ((old_key, old_value), (key, value)) in old_members.into_iter().zip(new_members) {
            let key_bytes = &new[key.range];
            if key.has_escapes || &old[old_key.range] != key_bytes {
                return None;
            }
            keys.push(key_bytes);
            let (old_value, new_value) = (&old[old_value], &new[value.clone()]);
            if old_value != new_value {
                let kind = kind(new_value).filter(|_| kind(old_value) == kind(new_value))?;
                let key = key_bytes.to_vec();
                members.push(Member { key, kind });
                values.push(value);
            }
        }
        // Of members with one key, the last counts.
        let has_one = |member: &Member| keys.iter().filter(|key| **key == member.key).count() == 1;
        let is_pair = !members.is_empty() && members.iter().all(has_one);
        is_pair.then_some(Pair {
            members,
            values,
            start,
            event,
        })
    }
}

/// The keys of an object, and where their values lie.
fn members(payload: &[u8]) -> Option<Vec<(Text, Range<usize>)>> {
    let mut members = Vec::new();
    let mut cursor = Cursor::new(payload, &[]);
    let read = cursor.object(|cursor, key| {
        let start = cursor.at();
        cursor.skip_value()?;
        members.push((key.clone(), start..cursor.at()));
        Ok(())
    });
    (read.is_ok() && cursor.end().is_ok()).then_some(members)
}

/// What a value is.
fn kind(value: &[u8]) -> Option<Kind> {
    match value.first()? {
        b'"' => Some(Kind::Text),
        b'0'..=b'9' if value.iter().all(u8::is_ascii_digit) => Some(Kind::Integer),
        _ => None,
    }
}
