//! Values that are read if they are of the expected kind, and passed over if they are of another.

use crate::json::{Cursor, Invalid, Text};

/// Moves past a value: the text, if it is one.
#[inline(always)]
pub fn string(cursor: &mut Cursor<'_>) -> Result<Option<Text>, Invalid> {
    if cursor.peek() == Some(b'"') {
        return cursor.string().map(Some);
    }
    cursor.with_copy(Cursor::skip_value)?;
    Ok(None)
}

/// Moves past a value: the integer, if it is one.
#[inline(always)]
pub fn integer(cursor: &mut Cursor<'_>) -> Result<Option<i64>, Invalid> {
    if let Some(b'-' | b'0'..=b'9') = cursor.peek() {
        return cursor.number();
    }
    cursor.with_copy(Cursor::skip_value)?;
    Ok(None)
}

/// Moves past a value: whether it is an object.
pub fn is_object(cursor: &mut Cursor<'_>) -> Result<bool, Invalid> {
    let is_object = cursor.peek() == Some(b'{');
    cursor.skip_value()?;
    Ok(is_object)
}
