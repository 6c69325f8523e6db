//! Strict base64 (RFC 4648, section 4): the standard alphabet, padded, with zero trailing bits.
//!
//! A SIMD crate decodes; only text that it refuses is read again, byte by byte, to say where the
//! first bad byte is.

use base64_turbo::{STANDARD, STANDARD_NO_PAD};

/// Why text is not strict base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A byte outside the alphabet, or padding where none may be.
    InvalidCharacter,
    /// The text ends within a group of four.
    CutShort,
    /// The last character holds bits that no byte comes from.
    TrailingBits,
}

/// The first bad byte of a text, and what is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// What is wrong.
    pub reason: Reason,
    /// The index of the byte; the length of a text that is cut short.
    pub offset: usize,
}

/// How many bytes `text` decodes to if it is valid; 0 if its length alone says that it is not.
pub fn decoded_len(text: &[u8]) -> usize {
    if !text.len().is_multiple_of(4) {
        return 0;
    }
    let padding = text.iter().rev().take(2).filter(|&&b| b == b'=').count();
    (text.len() / 4 * 3).saturating_sub(padding)
}

/// Decodes `text` into the front of `out`, which holds at least [`decoded_len`] bytes, and
/// returns how many were written.
pub fn decode(text: &[u8], out: &mut [u8]) -> Result<usize, Invalid> {
    if !text.len().is_multiple_of(4) || has_trailing_bits(text) {
        return Err(first_invalid(text));
    }
    let Some(last_group) = text.len().checked_sub(4) else {
        return Ok(0);
    };
    // Only the last group may be padded, and the crate wants room for three bytes of it.
    let (body, last) = text.split_at(last_group);
    let (body_out, last_out) = out.split_at_mut(last_group / 4 * 3);
    let mut bytes = [0; 3];
    let decoded = STANDARD_NO_PAD
        .decode_slice(body, body_out)
        .and_then(|_| STANDARD.decode_slice(last, &mut bytes));
    match decoded {
        Ok(size) => {
            last_out[..size].copy_from_slice(&bytes[..size]);
            Ok(body_out.len() + size)
        }
        Err(_) => Err(first_invalid(text)),
    }
}

/// How many bytes a text in several parts decodes to, like [`decoded_len`].
pub fn decoded_len_of(parts: &[&[u8]]) -> usize {
    let size: usize = parts.iter().map(|part| part.len()).sum();
    let mut end = [0; 4];
    let bytes = parts.iter().rev().flat_map(|part| part.iter().rev());
    for (to, &byte) in end.iter_mut().rev().zip(bytes) {
        *to = byte;
    }
    match size.checked_sub(end.len()) {
        Some(body) if size.is_multiple_of(4) => body / 4 * 3 + decoded_len(&end),
        _ => 0,
    }
}

/// Decodes a text in several parts into `out`, of [`decoded_len_of`] bytes, and returns how many
/// were written; `None` if it is empty or not valid.
///
/// Saves putting the parts together, which takes half as long as decoding them.
pub fn decode_parts(parts: &[&[u8]], out: &mut [u8]) -> Option<usize> {
    let size: usize = parts.iter().map(|part| part.len()).sum();
    // Only the last group may be padded.
    let mut left = size.checked_sub(4).filter(|_| size.is_multiple_of(4))?;
    let mut last = Group::default();
    let mut group = Group::default();
    let mut written = 0;
    for part in parts {
        let (mut text, end) = part.split_at(left.min(part.len()));
        left -= text.len();
        if group.size > 0 {
            text = group.fill(text);
            if group.size == 4 {
                written += decode_body(&group.bytes, &mut out[written..])?;
                group.size = 0;
            }
        }
        let (body, rest) = text.split_at(text.len() / 4 * 4);
        written += decode_body(body, &mut out[written..])?;
        group.fill(rest);
        last.fill(end);
    }
    Some(written + decode(&last.bytes, &mut out[written..]).ok()?)
}

/// Decodes whole groups without padding.
fn decode_body(text: &[u8], out: &mut [u8]) -> Option<usize> {
    STANDARD_NO_PAD
        .decode_slice(text, &mut out[..text.len() / 4 * 3])
        .ok()
}

/// A group of four characters that come from several parts.
#[derive(Default)]
struct Group {
    bytes: [u8; 4],
    size: usize,
}

impl Group {
    /// Takes characters until there are four, and returns the others.
    fn fill<'a>(&mut self, text: &'a [u8]) -> &'a [u8] {
        let (taken, rest) = text.split_at(text.len().min(4 - self.size));
        self.bytes[self.size..][..taken.len()].copy_from_slice(taken);
        self.size += taken.len();
        rest
    }
}

fn value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// Whether the last data character of a padded text has bits that belong to no byte.
fn has_trailing_bits(text: &[u8]) -> bool {
    match text {
        [.., last, b'=', b'='] => value(*last).is_some_and(|bits| bits & 0x0F != 0),
        [.., last, b'='] => value(*last).is_some_and(|bits| bits & 0x03 != 0),
        _ => false,
    }
}

fn first_invalid(text: &[u8]) -> Invalid {
    let bad = |reason, offset| Invalid { reason, offset };
    let Some(end) = text.iter().position(|&byte| value(byte).is_none()) else {
        return bad(Reason::CutShort, text.len());
    };
    if text[end] != b'=' || end % 4 < 2 {
        return bad(Reason::InvalidCharacter, end);
    }
    // Padding fills the last group: one `=` after three characters, two after two.
    let group_end = end - end % 4 + 4;
    if text.len() > group_end {
        return bad(Reason::InvalidCharacter, end);
    }
    match text[end..].iter().position(|&byte| byte != b'=') {
        Some(at) => bad(Reason::InvalidCharacter, end + at),
        None if text.len() < group_end => bad(Reason::CutShort, text.len()),
        None => bad(Reason::TrailingBits, end - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &[u8]) -> Result<Vec<u8>, Invalid> {
        let mut out = vec![0; decoded_len(text)];
        let written = decode(text, &mut out)?;
        assert_eq!(written, out.len());
        Ok(out)
    }

    fn invalid(reason: Reason, offset: usize) -> Result<Vec<u8>, Invalid> {
        Err(Invalid { reason, offset })
    }

    #[test]
    fn decodes_the_vectors_of_rfc_4648() {
        for (text, bytes) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYmFy", "foobar"),
        ] {
            assert_eq!(decoded(text.as_bytes()), Ok(bytes.as_bytes().to_vec()));
        }
    }

    #[test]
    fn names_the_first_bad_byte() {
        use Reason::*;
        assert_eq!(decoded(b"Zm9v\nZm9"), invalid(InvalidCharacter, 4));
        assert_eq!(decoded(b"Zm9-"), invalid(InvalidCharacter, 3));
        assert_eq!(decoded(b"Zm9"), invalid(CutShort, 3));
        assert_eq!(decoded(b"Zm9vZ"), invalid(CutShort, 5));
        assert_eq!(decoded(b"Zg="), invalid(CutShort, 3));
        assert_eq!(decoded(b"Zh=="), invalid(TrailingBits, 1));
        assert_eq!(decoded(b"Zm9="), invalid(TrailingBits, 2));
        assert_eq!(decoded(b"=m9v"), invalid(InvalidCharacter, 0));
        assert_eq!(decoded(b"Z==="), invalid(InvalidCharacter, 1));
        assert_eq!(decoded(b"Zg=v"), invalid(InvalidCharacter, 3));
        assert_eq!(decoded(b"Zg==Zg=="), invalid(InvalidCharacter, 2));
        assert_eq!(decoded(b"Zg==Z"), invalid(InvalidCharacter, 2));
        assert_eq!(decoded(b"Zm8==="), invalid(InvalidCharacter, 3));
    }

    proptest::proptest! {
        #[test]
        fn parts_decode_like_the_whole(
            text in "([A-Za-z0-9+/]{4}){0,30}([A-Za-z0-9+/]{3}=|[A-Za-z0-9+/][AQgw]==|[*=A-Z]{0,5})",
            cuts in proptest::collection::vec(0usize..130, 0..8),
        ) {
            let text = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|at| at.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let parts: Vec<&[u8]> = cuts.windows(2).map(|ends| &text[ends[0]..ends[1]]).collect();
            proptest::prop_assert_eq!(decoded_len_of(&parts), decoded_len(text));
            let mut out = vec![0; decoded_len(text)];
            let made = decode_parts(&parts, &mut out).map(|size| out[..size].to_vec());
            proptest::prop_assert_eq!(made.unwrap_or_default(), decoded(text).unwrap_or_default());
        }

        /// The crate's verdict and the byte-by-byte search for the reason must not disagree.
        #[test]
        fn refuses_exactly_what_has_a_bad_byte(
            text in "[A-Za-z0-9+/]{0,200}={0,3}[A-Z=*]{0,2}"
        ) {
            let text = text.as_bytes();
            let groups_are_valid = text.len() % 4 == 0
                && first_invalid(text) == Invalid { reason: Reason::CutShort, offset: text.len() };
            let padded_well = matches!(
                first_invalid(text),
                Invalid { reason: Reason::TrailingBits, .. }
            ) && !has_trailing_bits(text);
            proptest::prop_assert_eq!(decoded(text).is_ok(), groups_are_valid || padded_well);
        }
    }
}
