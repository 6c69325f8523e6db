//! Numbers: the grammar of RFC 8259, section 6, and what Python's `json` adds to it.

use std::cmp::Ordering;

use super::{Cursor, Invalid};

/// An integer may take so many bytes, its sign among them.
const MAX_INTEGER: usize = 4300;

/// The least number that rounds to infinity as a double, 2^1024 - 2^970.
const INFINITE: &[u8] = b"179769313486231580793728971405303415079934132710037826936173778980444968\
    292764750946649017977587207096330286416692887910946555547851940402630657\
    488671505820681908902000708383676273854845817711531764475730270069855571\
    366959622842914819860834936475292719074168444365510704342711559699508093\
    042880177904174497792";

impl Cursor<'_> {
    /// Moves past a number: its value, if it is an integer in the range of `i64`.
    #[inline(always)]
    pub fn number(&mut self) -> Result<Option<i64>, Invalid> {
        let start = self.at;
        let is_negative = self.takes(b'-');
        let digits = self.at;
        let (mut value, mut len) = (0u64, 0);
        let ahead = self.bytes.get(digits..).unwrap_or_default();
        // Eighteen digits fit in any case.
        for byte in ahead.iter().take(18) {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            value = value * 10 + u64::from(digit);
            len += 1;
        }
        self.at += len;
        match (len, self.peek()) {
            (0, _) | (18, _) | (_, Some(b'.' | b'e' | b'E')) => self.long_number(start, digits),
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
        let has_point = self.takes(b'.');
        if has_point {
            self.digits()?;
        }
        let mantissa = digits..self.at;
        let has_exponent = self.takes(b'e') || self.takes(b'E');
        if has_exponent {
            if !self.takes(b'+') {
                self.takes(b'-');
            }
            self.digits()?;
        }
        if has_exponent || (has_point && integer >= INFINITE.len()) {
            let (mantissa, exponent) = (&self.bytes[mantissa.clone()], mantissa.end..self.at);
            self.is_standard &= is_finite(mantissa, integer, &self.bytes[exponent]);
        }
        if has_exponent || has_point {
            return Ok(None);
        }
        if self.at - start > MAX_INTEGER {
            return Err(Invalid::Json);
        }
        let text = std::str::from_utf8(&self.bytes[start..self.at]).map_err(|_| Invalid::Json)?;
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

/// Whether a number is finite as a double. Its mantissa has so many digits before the point; its
/// exponent begins with `e`, or is empty.
///
/// It is compared digit by digit, as the value is of no use: to parse it would take the tables of
/// [`f64::from_str`](std::str::FromStr), 12 kB of each wheel.
fn is_finite(mantissa: &[u8], integer: usize, exponent: &[u8]) -> bool {
    let digits = mantissa.iter().filter(|byte| **byte != b'.');
    let zeros = digits.clone().take_while(|byte| **byte == b'0').count();
    let mut significant = digits.skip(zeros);
    // The digits before the point, once the exponent has moved it.
    let size = (integer as i64 - zeros as i64).saturating_add(value_of(exponent));
    match size.cmp(&(INFINITE.len() as i64)) {
        Ordering::Less => true,
        Ordering::Equal => significant.lt(INFINITE),
        Ordering::Greater => significant.next().is_none(),
    }
}

/// The value of an exponent, or about that if it is very large.
fn value_of(exponent: &[u8]) -> i64 {
    let digits = exponent.iter().filter(|byte| byte.is_ascii_digit());
    let value = digits.fold(0i64, |value, digit| {
        value
            .saturating_mul(10)
            .saturating_add(i64::from(digit - b'0'))
    });
    match exponent.contains(&b'-') {
        true => -value,
        false => value,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str) -> Result<(), TestCaseError> {
        let mut cursor = Cursor::new(text.as_bytes(), &[]);
        prop_assert!(cursor.number().is_ok());
        prop_assert!(cursor.end().is_ok());
        let value: f64 = text.parse().unwrap();
        prop_assert_eq!(cursor.is_standard(), value.is_finite());
        Ok(())
    }

    #[test]
    fn the_limit_itself() {
        let (least, before) = (std::str::from_utf8(INFINITE).unwrap(), &INFINITE[..308]);
        let before = std::str::from_utf8(before).unwrap();
        for text in [
            format!("{least}.0"),
            format!("{least}e0"),
            format!("{least}0e-1"),
            format!("{before}1.{}", "9".repeat(400)),
            format!("0.0{before}1{}e310", "9".repeat(400)),
            format!("{before}e2"),
            format!("{before}e1"),
            "0e999999999999999999999".into(),
            "0.00e999".into(),
            "1e-999999999999999999999".into(),
            "1e999999999999999999999".into(),
        ] {
            check(&text).unwrap();
        }
    }

    proptest! {
        #[test]
        fn what_overflows_a_double_is_not_standard(
            text in "-?(0|[1-9][0-9]{0,20}|[1-9][0-9]{300,320})(\\.[0-9]{1,9}|\\.0{290,330}[0-9]{1,20})?([eE][+-]?(0{0,3}[0-9]{1,3}|[0-9]{1,30}))?"
        ) {
            // Integers are taken as they are.
            prop_assume!(text.contains(['.', 'e', 'E']));
            check(&text)?;
        }

        /// Near the least one that does, with the point anywhere.
        #[test]
        fn the_limit_is_exact(
            kept in 0..=INFINITE.len(),
            change in -1i8..=1,
            more in "[0-9]{0,12}",
            point in 1..INFINITE.len(),
            zeros in 0usize..4,
        ) {
            let mut digits = INFINITE[..kept.max(1)].to_vec();
            if let Some(last) = digits.last_mut() {
                *last = last.saturating_add_signed(change).clamp(b'0', b'9');
            }
            digits.extend(more.bytes());
            let digits = String::from_utf8(digits).unwrap();
            let point = point.min(digits.len());
            let exponent = INFINITE.len() - point;
            let (integer, fraction) = digits.split_at(point);
            if !integer.starts_with('0') {
                check(&format!("{integer}.{fraction}0e{exponent}"))?;
            }
            let exponent = INFINITE.len() + zeros;
            check(&format!("0.{}{digits}E+{exponent}", "0".repeat(zeros)))?;
            check(&format!("-0.{}{digits}E+0{exponent}", "0".repeat(zeros + 1)))?;
        }
    }
}
