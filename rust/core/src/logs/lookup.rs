//! Values of a payload by the paths that lead to them. Nothing is kept of what lies beside.
//!
//! The payload was found to be an event, so that what is no JSON is not met here.

use crate::json::{Cursor, Text};
use crate::logs::apis::EACH;
use crate::logs::values::{integer, string};
use crate::spans::Span;

/// A payload, and the strings in it that are known to be clean.
#[derive(Clone, Copy)]
pub struct Lookup<'a> {
    /// The payload.
    pub payload: &'a [u8],
    /// See [`crate::spans`].
    pub clean: &'a [Span],
    /// Where the event begins.
    pub from: usize,
}

/// A value.
#[derive(Clone, Copy, Debug)]
pub struct ValueAt {
    /// The index of its first byte.
    pub at: usize,
    /// The element of the first list through which the path led, and whether it led through a
    /// second one.
    pub element: Option<usize>,
    /// See `element`.
    pub is_nested: bool,
}

impl<'a> Lookup<'a> {
    /// The event as a whole.
    pub fn root(&self) -> ValueAt {
        let mut cursor = self.cursor(self.from);
        cursor.space();
        ValueAt {
            at: cursor.at(),
            element: None,
            is_nested: false,
        }
    }

    /// Reads the payload from there.
    pub fn cursor(&self, at: usize) -> Cursor<'a> {
        let first = self.clean.partition_point(|span| span.start < at);
        Cursor::inside(self.payload, at, &self.clean[first..], 0)
    }

    /// The first byte of a value, which says of what kind it is.
    pub fn first_byte(&self, at: usize) -> u8 {
        self.payload.get(at).copied().unwrap_or(b'n')
    }

    /// The bytes of a value.
    pub fn json(&self, at: usize) -> &'a [u8] {
        let mut cursor = self.cursor(at);
        let end = cursor.skip_value().map_or(at, |()| cursor.at());
        &self.payload[at..end]
    }

    /// The text that a value is.
    pub fn text(&self, at: usize) -> Option<Text> {
        string(&mut self.cursor(at)).ok().flatten()
    }

    /// The integer that a value is.
    pub fn integer(&self, at: usize) -> Option<i64> {
        integer(&mut self.cursor(at)).ok().flatten()
    }

    /// The value of a member of an object; of several with the same key the last counts.
    pub fn member(&self, at: usize, key: &str, scratch: &mut Vec<u8>) -> Option<usize> {
        if self.first_byte(at) != b'{' {
            return None;
        }
        let mut found = None;
        let walked = self.cursor(at).object(|cursor, name| {
            if name.unescaped(self.payload, scratch) == key.as_bytes() {
                found = Some(cursor.at());
            }
            cursor.skip_value()
        });
        walked.ok().and(found)
    }

    /// The value at a path without lists.
    pub fn value(&self, mut at: usize, path: &[&str], scratch: &mut Vec<u8>) -> Option<usize> {
        for key in path {
            at = self.member(at, key, scratch)?;
        }
        Some(at)
    }

    /// Calls `visit` with each of the values at a path.
    pub fn each(
        &self,
        from: ValueAt,
        path: &[&str],
        scratch: &mut Vec<u8>,
        visit: &mut dyn FnMut(ValueAt),
    ) {
        let Some((key, rest)) = path.split_first() else {
            visit(from);
            return;
        };
        if *key != EACH {
            if let Some(at) = self.member(from.at, key, scratch) {
                self.each(ValueAt { at, ..from }, rest, scratch, visit);
            }
            return;
        }
        self.elements(from.at, |at| {
            let element = ValueAt {
                at,
                element: from.element.or(Some(at)),
                is_nested: from.element.is_some(),
            };
            self.each(element, rest, scratch, visit);
        });
    }

    /// Calls `visit` with each of the elements of a list; with none if it is something else.
    pub fn elements(&self, at: usize, mut visit: impl FnMut(usize)) {
        if self.first_byte(at) == b'[' {
            let walked = self.cursor(at).array(|cursor| {
                visit(cursor.at());
                cursor.skip_value()
            });
            debug_assert!(walked.is_ok());
        }
    }
}
