//! Leaves: what a value of an event adds to an item, by the way in which it counts.

use crate::logs::apis::{ASIDES, How, Leaf, TEXT, TEXT_PARTS, THOUGHT, TYPE_KEYS};
use crate::logs::lookup::Lookup;

/// Calls `take` with what a value adds, and with memory to use.
pub(super) fn texts_of(
    leaf: &Leaf,
    lookup: Lookup<'_>,
    at: usize,
    scratch: &mut Vec<u8>,
    take: &mut dyn FnMut(&[u8], &mut Vec<u8>),
) {
    let first = lookup.first_byte(at);
    let spare = &mut Vec::new();
    match leaf.how {
        How::Text => texts_in(lookup, at, true, scratch, take),
        How::Thought => {
            if is_true(lookup, at, THOUGHT, scratch)
                && let Some(text) = lookup.member(at, TEXT, scratch)
            {
                take_string(lookup, text, scratch, take);
            }
        }
        How::Mark if first != b'n' => take(b"", spare),
        How::Json if !matches!(first, b'n' | b'"') => take(lookup.json(at), spare),
        How::Link if lookup.payload[at..].starts_with(b"\"data:") => {}
        How::Json | How::First | How::Whole | How::Link => {
            take_string(lookup, at, scratch, take);
        }
        How::Mark => {}
    }
}

/// The texts of the output that a value is.
fn texts_in(
    lookup: Lookup<'_>,
    at: usize,
    may_be_list: bool,
    scratch: &mut Vec<u8>,
    take: &mut dyn FnMut(&[u8], &mut Vec<u8>),
) {
    match lookup.first_byte(at) {
        b'"' => take_string(lookup, at, scratch, take),
        b'[' if may_be_list => {
            lookup.elements(at, |at| texts_in(lookup, at, false, scratch, take));
        }
        b'{' => {
            let kind = lookup.member(at, TYPE_KEYS[0], scratch);
            let is_text = match kind.and_then(|at| lookup.text(at)) {
                Some(kind) => {
                    let kind = kind.unescaped(lookup.payload, scratch);
                    TEXT_PARTS.iter().any(|part| part.as_bytes() == kind)
                }
                None => true,
            };
            let mut asides = ASIDES.iter();
            if is_text
                && !asides.any(|name| is_true(lookup, at, name, scratch))
                && let Some(text) = lookup.member(at, TEXT, scratch)
            {
                take_string(lookup, text, scratch, take);
            }
        }
        _ => {}
    }
}

fn is_true(lookup: Lookup<'_>, at: usize, name: &str, scratch: &mut Vec<u8>) -> bool {
    let value = lookup.member(at, name, scratch);
    value.is_some_and(|at| lookup.first_byte(at) == b't')
}

/// Takes a value that is a string and not empty.
fn take_string(
    lookup: Lookup<'_>,
    at: usize,
    scratch: &mut Vec<u8>,
    take: &mut dyn FnMut(&[u8], &mut Vec<u8>),
) {
    if let Some(text) = lookup.text(at) {
        let text = text.wide(lookup.payload, scratch);
        if !text.is_empty() {
            take(text, &mut Vec::new());
        }
    }
}
