//! The text of a string that was checked: what its escapes stand for.

use std::ops::Range;

/// The content of a string, without its quotes, as it stands in the payload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// Where it lies.
    pub range: Range<usize>,
    /// Whether anything in it is escaped.
    pub has_escapes: bool,
}

impl Text {
    /// The text itself, which `scratch` holds where it was escaped. U+FFFD stands for a surrogate
    /// that is not paired.
    pub fn unescaped<'a>(&self, payload: &'a [u8], scratch: &'a mut Vec<u8>) -> &'a [u8] {
        self.written(payload, scratch, REPLACED)
    }

    /// The text itself, in which a surrogate that is not paired is kept, as WTF-8 writes it.
    pub fn wide<'a>(&self, payload: &'a [u8], scratch: &'a mut Vec<u8>) -> &'a [u8] {
        self.written(payload, scratch, |unit| {
            [
                0xED,
                0x80 | (unit >> 6 & 0x3F) as u8,
                0x80 | (unit & 0x3F) as u8,
            ]
        })
    }

    #[inline(always)]
    fn written<'a>(
        &self,
        payload: &'a [u8],
        scratch: &'a mut Vec<u8>,
        surrogate: fn(u16) -> [u8; 3],
    ) -> &'a [u8] {
        let raw = &payload[self.range.clone()];
        if !self.has_escapes {
            return raw;
        }
        scratch.clear();
        unescape(raw, scratch, surrogate);
        scratch
    }

    /// Appends the text itself, as [`Text::unescaped`] gives it.
    pub fn unescape_into(&self, payload: &[u8], out: &mut Vec<u8>) {
        unescape(&payload[self.range.clone()], out, REPLACED);
    }
}

/// U+FFFD for any surrogate.
const REPLACED: fn(u16) -> [u8; 3] = |_| [0xEF, 0xBF, 0xBD];

/// Appends a string's text; `raw` is the content of one that was checked, and `surrogate` writes one
/// that is not paired.
fn unescape(mut raw: &[u8], out: &mut Vec<u8>, surrogate: fn(u16) -> [u8; 3]) {
    while let Some(at) = memchr::memchr(b'\\', raw) {
        out.extend_from_slice(&raw[..at]);
        raw = &raw[at + 1..];
        let (character, len) = match raw[0] {
            b'b' => ('\u{8}', 1),
            b'f' => ('\u{c}', 1),
            b'n' => ('\n', 1),
            b'r' => ('\r', 1),
            b't' => ('\t', 1),
            b'u' => match code_point(raw) {
                Ok(found) => found,
                Err(unit) => {
                    out.extend_from_slice(&surrogate(unit));
                    raw = &raw[5..];
                    continue;
                }
            },
            byte => (char::from(byte), 1),
        };
        raw = &raw[len..];
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    out.extend_from_slice(raw);
}

/// The character of `uXXXX`, or of the two that stand for a pair of surrogates, and their length;
/// or the surrogate that is not paired.
fn code_point(raw: &[u8]) -> Result<(char, usize), u16> {
    let unit = |at: usize| raw.get(at..at + 4).and_then(hex).unwrap_or_default();
    let first = unit(1);
    if !(0xD800..0xE000).contains(&first) {
        return Ok((char::from_u32(u32::from(first)).unwrap_or_default(), 5));
    }
    let is_escaped = raw.get(5..7) == Some(b"\\u");
    let second = if is_escaped { unit(7) } else { 0 };
    match (first, second) {
        (0xD800..0xDC00, 0xDC00..0xE000) => {
            let pair = 0x10000 + ((u32::from(first) - 0xD800) << 10) + (u32::from(second) - 0xDC00);
            Ok((char::from_u32(pair).unwrap_or_default(), 11))
        }
        _ => Err(first),
    }
}

/// The value of four hexadecimal digits.
pub(super) fn hex(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0, |unit, &digit| {
        let digit = char::from(digit).to_digit(16)?;
        Some(unit << 4 | digit as u16)
    })
}
