//! Numbers: the grammar of RFC 8259, section 6, and what Python's `json` adds to it.

use super::{Cursor, Invalid};

/// An integer may take so many bytes, its sign among them.
const MAX_INTEGER: usize = 4300;

impl Cursor<'_> {
    /// Moves past a number: its value, if it is an integer in the range of `i64`.
    #[inline(always)]
    pub fn number(&mut self) -> Result<Option<i64>, Invalid> {
        let start = self.at;
        let is_negative = self.takes(b'-');
        let digits = self.at;
        let ahead = self.bytes.get(digits..).unwrap_or_default();
        let (value, len) = match ahead.first_chunk().map(few_digits) {
            Some((value, len @ ..8)) => (value, len),
            _ => many_digits(ahead),
        };
        self.at += len;
        match (len, self.peek()) {
            (0, _) | (18, _) | (_, Some(b'.' | b'e' | b'E')) => {
                self.with_copy(|cursor| cursor.long_number(start, digits))
            }
            (2.., _) if self.bytes[digits] == b'0' => Err(Invalid::Json),
            _ if is_negative => Ok(Some(-(value as i64))),
            _ => Ok(Some(value as i64)),
        }
    }

    #[cold]
    fn long_number(&mut self, start: usize, digits: usize) -> Result<Option<i64>, Invalid> {
        self.at = digits;
        if start < digits && self.takes_all(b"Infinity") {
            self.is_standard = false;
            return Ok(None);
        }
        let integer = self.digits()?;
        if integer > 1 && self.bytes[digits] == b'0' {
            return Err(Invalid::Json);
        }
        let mut is_float = false;
        if self.takes(b'.') {
            is_float = true;
            self.digits()?;
        }
        if self.takes(b'e') || self.takes(b'E') {
            is_float = true;
            if !self.takes(b'+') {
                self.takes(b'-');
            }
            self.digits()?;
        }
        let text = std::str::from_utf8(&self.bytes[start..self.at]).map_err(|_| Invalid::Json)?;
        if is_float {
            let value: f64 = text.parse().map_err(|_| Invalid::Json)?;
            self.is_standard &= value.is_finite();
            return Ok(None);
        }
        if self.at - start > MAX_INTEGER {
            return Err(Invalid::Json);
        }
        Ok(text.parse().ok())
    }

    /// Moves past the digits, of which there is at least one, and counts them.
    fn digits(&mut self) -> Result<usize, Invalid> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        match self.at - start {
            0 => Err(Invalid::Json),
            count => Ok(count),
        }
    }
}

/// The value of the first digits, and how many they are; eighteen of them fit in any case.
#[inline(never)]
fn many_digits(bytes: &[u8]) -> (u64, usize) {
    let (mut value, mut len) = (0u64, 0);
    for byte in bytes.iter().take(18) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value * 10 + u64::from(digit);
        len += 1;
    }
    (value, len)
}

/// The same of eight bytes, without a branch for each: a byte of the word is a digit.
#[inline(always)]
fn few_digits(bytes: &[u8; 8]) -> (u64, usize) {
    let word = u64::from_le_bytes(*bytes) ^ 0x3030_3030_3030_3030;
    // The highest bit of each byte that is no digit; what is carried goes to later bytes.
    let others = (word.wrapping_add(0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080;
    let len = others.trailing_zeros() / 8;
    // Zeros before the first digit, and then two digits at a time, four, and eight.
    let word = word.checked_shl(64 - 8 * len).unwrap_or(0);
    let word = word.wrapping_mul(10).wrapping_add(word >> 8) & 0x00FF_00FF_00FF_00FF;
    let word = word.wrapping_mul(100).wrapping_add(word >> 16) & 0x0000_FFFF_0000_FFFF;
    let word = word.wrapping_mul(10_000).wrapping_add(word >> 32) & 0xFFFF_FFFF;
    (word, len as usize)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn few_digits_are_what_each_of_them_says(
            digits in "[0-9]{0,8}",
            rest in prop::collection::vec(any::<u8>(), 8),
        ) {
            let mut bytes = digits.clone().into_bytes();
            bytes.extend(rest);
            let bytes = bytes.first_chunk().unwrap();
            let expected = many_digits(bytes);
            prop_assert_eq!(few_digits(bytes), expected);
        }
    }
}
