//! The texts of a stream, put together from its deltas.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// The most bytes of text, and parts of it, that are kept of one stream.
pub const MAX_TEXT: usize = 64 << 20;
/// See [`MAX_TEXT`].
pub const MAX_PARTS: usize = 65_536;

/// The text deltas of a stream, joined for each part of its output.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// WTF-8: a surrogate that is not paired may find its other half in the next delta.
    ///
    /// By `output_index` and `content_index`; or by a chunk's choice, and 0.
    pub parts: BTreeMap<(i64, i64), Vec<u8>>,
    /// Set once a delta was left out because of the limits.
    pub is_cut: bool,
    size: usize,
    /// The numbers of the members that hold the texts of parts, where these are not 0.
    members: BTreeMap<(i64, i64), u8>,
}

impl Texts {
    /// Adds a delta to a part from one of several members. The first of them that has a text counts:
    /// some servers say all of it again at the end, in another one.
    pub fn add_from(&mut self, part: (i64, i64), member: u8, delta: &[u8]) {
        let known = match self.members.get(&part) {
            Some(&known) => Some(known),
            None if member == 0 => None,
            None => self
                .parts
                .get(&part)
                .filter(|text| !text.is_empty())
                .map(|_| 0),
        };
        if known.is_some_and(|known| known != member) {
            return;
        }
        self.add(part, delta);
        if member != 0 && known.is_none() && !delta.is_empty() && !self.is_cut {
            self.members.insert(part, member);
        }
    }

    /// Adds a delta to a part.
    #[inline(always)]
    pub fn add(&mut self, part: (i64, i64), delta: &[u8]) {
        let size = self.size + delta.len();
        if self.is_cut || size > MAX_TEXT {
            self.is_cut = true;
            return;
        }
        self.size = size;
        if let Some(text) = self.parts.get_mut(&part) {
            append(text, delta);
        } else if self.parts.len() < MAX_PARTS {
            self.parts.insert(part, delta.to_vec());
        } else {
            self.is_cut = true;
        }
    }
}

/// Appends a delta to a text, both in WTF-8.
#[inline(always)]
pub fn append(text: &mut Vec<u8>, delta: &[u8]) {
    match (text.as_slice(), delta) {
        ([.., 0xED, high @ 0xA0..=0xAF, more], [0xED, low @ 0xB0..=0xBF, last, ..]) => {
            let pair = joined([*high, *more], [*low, *last]);
            text.truncate(text.len() - 3);
            text.extend_from_slice(pair.encode_utf8(&mut [0; 4]).as_bytes());
            text.extend_from_slice(&delta[3..]);
        }
        _ => text.extend_from_slice(delta),
    }
}

/// The character of two surrogates, of which these are the last bytes in WTF-8.
fn joined(high: [u8; 2], low: [u8; 2]) -> char {
    let bits = |[first, second]: [u8; 2]| u32::from(first & 0xF) << 6 | u32::from(second & 0x3F);
    char::from_u32(0x10000 + (bits(high) << 10) + bits(low)).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// A part as UTF-8: U+FFFD stands for a surrogate that found no other half.
pub fn to_utf8(part: &[u8]) -> Cow<'_, [u8]> {
    let is_surrogate = |at: usize| part.get(at + 1).is_some_and(|&byte| byte >= 0xA0);
    let mut places = memchr::memchr_iter(0xED, part)
        .filter(|&at| is_surrogate(at))
        .peekable();
    if places.peek().is_none() {
        return Cow::Borrowed(part);
    }
    let mut text = part.to_vec();
    for at in places {
        text[at..at + 3].copy_from_slice("\u{FFFD}".as_bytes());
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_a_character_are_joined() {
        let mut texts = Texts::default();
        for delta in [&b"a\xED\xA0\xBD"[..], b"\xED\xB8\x80b\xED\xA0\xBD", b"c"] {
            texts.add((0, 0), delta);
        }
        let text = to_utf8(&texts.parts[&(0, 0)]).into_owned();
        assert_eq!(text, "a\u{1F600}b\u{FFFD}c".as_bytes());
    }
}
