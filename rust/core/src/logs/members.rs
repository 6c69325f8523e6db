//! The members of a payload that are looked at, and how each is read.

use crate::json::{Cursor, Invalid, Text};
use crate::logs::apis::{
    self, ERROR_FIELD, ERROR_PARENTS, FAILURES, HEADS, IDS, IMAGE_FIELDS, RESPONSES, TYPE_KEYS,
    USAGES,
};
use crate::logs::fields::Fields;
use crate::logs::heads::{has_its_type, read_head};
use crate::logs::roles::{ApiRef, TypeInfo};
use crate::logs::values::{integer, is_object, string};

// As patterns.
const OBJECT: &[u8] = apis::OBJECT.as_bytes();
const DELTA: &[u8] = apis::DELTA.as_bytes();
const INDEX: &[u8] = apis::INDEX.as_bytes();
const OUTPUT_INDEX: &[u8] = apis::OUTPUT_INDEX.as_bytes();
const CONTENT_INDEX: &[u8] = apis::CONTENT_INDEX.as_bytes();
const ITEM_ID: &[u8] = apis::ITEM_ID.as_bytes();
const SEQUENCE_NUMBER: &[u8] = apis::SEQUENCE_NUMBER.as_bytes();
const CODE: &[u8] = apis::CODE.as_bytes();
const MESSAGE: &[u8] = apis::MESSAGE.as_bytes();

/// A member of a payload: one that is read, or another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "named as the members are, or as the lists of them"
)]
pub enum Member {
    ItemId,
    Delta,
    SequenceNumber,
    OutputIndex,
    ContentIndex,
    Index,
    Object,
    /// One of [`TYPE_KEYS`].
    Type(u8),
    /// One of [`IDS`] that is the event's own.
    Id(u8),
    /// One of [`RESPONSES`].
    Response(u8),
    Error,
    /// One of [`ERROR_PARENTS`].
    ErrorParent(u8),
    /// One of [`FAILURES`].
    Failure(u8),
    Code,
    /// One of [`USAGES`].
    Usage(u8),
    /// One of [`IMAGE_FIELDS`].
    Image(u8),
    /// One of [`HEADS`].
    Head(u8),
    Other,
}

impl Member {
    /// The member with this key.
    pub fn of(key: &[u8]) -> Member {
        match key {
            ITEM_ID => Member::ItemId,
            DELTA => Member::Delta,
            SEQUENCE_NUMBER => Member::SequenceNumber,
            OUTPUT_INDEX => Member::OutputIndex,
            CONTENT_INDEX => Member::ContentIndex,
            INDEX => Member::Index,
            OBJECT => Member::Object,
            _ => Member::of_api(key),
        }
    }

    /// A member that the table of the APIs names.
    fn of_api(key: &[u8]) -> Member {
        let number = |names: &[&str]| {
            let number = names.iter().position(|name| name.as_bytes() == key);
            number.map(|number| number as u8)
        };
        if let Some(number) = number(TYPE_KEYS) {
            return Member::Type(number);
        }
        if let Some(number) = number(RESPONSES) {
            return Member::Response(number);
        }
        if let Some(number) = number(ERROR_PARENTS) {
            return Member::ErrorParent(number);
        }
        if let Some(number) = number(FAILURES) {
            return Member::Failure(number);
        }
        if let Some(number) = number(USAGES) {
            return Member::Usage(number);
        }
        if let Some(number) = number(IMAGE_FIELDS) {
            return Member::Image(number);
        }
        if let Some(number) = head(key) {
            return Member::Head(number);
        }
        if let Some(number) = id(&[key]) {
            return Member::Id(number);
        }
        match key {
            CODE => Member::Code,
            _ if key == ERROR_FIELD.as_bytes() => Member::Error,
            _ => Member::Other,
        }
    }
}

/// The number of the head with this key.
fn head(key: &[u8]) -> Option<u8> {
    let number = HEADS.iter().position(|head| head.name.as_bytes() == key);
    number.map(|number| number as u8)
}

/// The number of the id at this path.
fn id(path: &[&[u8]]) -> Option<u8> {
    let is_it = |id: &&[&str]| id.iter().map(|key| key.as_bytes()).eq(path.iter().copied());
    let number = IDS.iter().position(is_it);
    number.map(|number| number as u8)
}

/// Moves past the value of a member, and takes it in.
#[inline(always)]
pub fn read_value(
    cursor: &mut Cursor<'_>,
    payload: &[u8],
    member: Member,
    fields: &mut Fields,
    scratch: &mut Vec<u8>,
) -> Result<(), Invalid> {
    match member {
        Member::Other => cursor.with_copy(Cursor::skip_value)?,
        // A delta that is no text is one of the heads.
        Member::Delta if fields.answers.heads == 0 && cursor.peek() == Some(b'"') => {
            fields.delta = Some(cursor.string()?);
        }
        Member::SequenceNumber => fields.numbers.sequence_number = integer(cursor)?,
        Member::OutputIndex => fields.numbers.output_index = integer(cursor)?,
        Member::ContentIndex => fields.numbers.content_index = integer(cursor)?,
        Member::ItemId => fields.item_id = string(cursor)?,
        _ => {
            return cursor.with_copy(|cursor| read_rare(cursor, payload, member, fields, scratch));
        }
    }
    Ok(())
}

#[inline(never)]
fn read_rare(
    cursor: &mut Cursor<'_>,
    payload: &[u8],
    member: Member,
    fields: &mut Fields,
    scratch: &mut Vec<u8>,
) -> Result<(), Invalid> {
    match member {
        Member::Type(number) => {
            fields.types[usize::from(number)] = string(cursor)?.map(|text| {
                let kind = TypeInfo::of(text.unescaped(payload, scratch), Some(number));
                (text, kind)
            });
            // The other one may be that of the last payload, until it is read.
            fields.kind = fields
                .typed()
                .map_or(TypeInfo::default(), |(_, kind)| *kind);
        }
        Member::Object => {
            let object = string(cursor)?;
            let object = object.map(|text| text.unescaped(payload, scratch));
            fields.object_api = object.and_then(ApiRef::of_object);
            fields.marks.failure.is_named = object == Some(apis::ERROR.as_bytes());
        }
        Member::Index => fields.numbers.index = integer(cursor)?,
        Member::Id(number) => {
            let id = string(cursor)?;
            set_id(fields, number, id);
        }
        Member::Response(number) => return read_response(cursor, payload, number, fields, scratch),
        Member::Error => fields.marks.has_error = is_error(cursor)?,
        Member::ErrorParent(number) => {
            let has_error = has_error(cursor, payload, scratch)?;
            set_bit(&mut fields.marks.inner_errors, number, has_error);
        }
        Member::Failure(number) => {
            let is_full = is_full(cursor, payload)?;
            set_bit(&mut fields.marks.failure.members, number, is_full);
        }
        Member::Code => fields.marks.failure.has_code = is_failed(cursor, payload, scratch)?,
        Member::Usage(number) => {
            let is_object = is_object(cursor)?;
            set_bit(&mut fields.marks.usages, number, is_object);
        }
        Member::Image(number) => {
            let is_string = string(cursor)?.is_some();
            fields.marks.images &= !(1 << number);
            fields.marks.images |= u32::from(is_string) << number;
        }
        Member::Delta => return read_delta(cursor, payload, fields, scratch),
        Member::Head(number) => read_head(cursor, payload, number, &mut fields.answers, scratch)?,
        _ => cursor.skip_value()?,
    }
    Ok(())
}

/// A response within an event: whether it is an object, and its id.
fn read_response(
    cursor: &mut Cursor<'_>,
    payload: &[u8],
    number: u8,
    fields: &mut Fields,
    scratch: &mut Vec<u8>,
) -> Result<(), Invalid> {
    let key = RESPONSES[usize::from(number)].as_bytes();
    let number_of_id = id(&[key, b"id"]);
    if let Some(number) = number_of_id {
        set_id(fields, number, None);
    }
    let is_object = cursor.peek() == Some(b'{');
    set_bit(&mut fields.marks.responses, number, is_object);
    if key == MESSAGE {
        fields.marks.failure.has_message = false;
    }
    if let Some(number) = head(key) {
        // It may be one of the heads, too.
        fields.answers.forget(number);
        if has_its_type(number, cursor.peek()) {
            let ahead = &mut cursor.clone();
            read_head(ahead, payload, number, &mut fields.answers, scratch)?;
        }
    }
    if !is_object {
        let text = string(cursor)?;
        if key == MESSAGE {
            fields.marks.failure.has_message = text.is_some_and(|text| !text.range.is_empty());
        }
        return Ok(());
    }
    cursor.object(
        |cursor, key| match (key.unescaped(payload, scratch), number_of_id) {
            (b"id", Some(number)) => {
                let id = string(cursor)?;
                set_id(fields, number, id);
                Ok(())
            }
            _ => cursor.skip_value(),
        },
    )
}

/// A delta: a text, or one of the heads.
fn read_delta(
    cursor: &mut Cursor<'_>,
    payload: &[u8],
    fields: &mut Fields,
    scratch: &mut Vec<u8>,
) -> Result<(), Invalid> {
    fields.delta = None;
    let number = head(DELTA);
    if let Some(number) = number {
        fields.answers.forget(number);
    }
    match (cursor.peek(), number) {
        (Some(b'"'), _) => {
            fields.delta = Some(cursor.string()?);
            Ok(())
        }
        (_, Some(number)) => read_head(cursor, payload, number, &mut fields.answers, scratch),
        _ => cursor.skip_value(),
    }
}

/// Moves past a value, and returns whether it is an object or a text.
fn is_error(cursor: &mut Cursor<'_>) -> Result<bool, Invalid> {
    let is_object = cursor.peek() == Some(b'{');
    let text = string(cursor)?;
    Ok(is_object || text.is_some_and(|text| !text.range.is_empty()))
}

/// Moves past a value, and returns whether it has an error.
fn has_error(
    cursor: &mut Cursor<'_>,
    payload: &[u8],
    scratch: &mut Vec<u8>,
) -> Result<bool, Invalid> {
    let mut has_error = false;
    if cursor.peek() != Some(b'{') {
        cursor.skip_value()?;
        return Ok(false);
    }
    cursor.object(|cursor, key| {
        if key.unescaped(payload, scratch) == ERROR_FIELD.as_bytes() {
            has_error = is_error(cursor)?;
            return Ok(());
        }
        cursor.skip_value()
    })?;
    Ok(has_error)
}

/// Moves past a value, and returns whether it is a text, a list or an object that is not empty.
fn is_full(cursor: &mut Cursor<'_>, payload: &[u8]) -> Result<bool, Invalid> {
    let first = cursor.peek();
    let start = cursor.at() + 1;
    if first == Some(b'"') {
        return Ok(!cursor.string()?.range.is_empty());
    }
    cursor.skip_value()?;
    let is_nest = matches!(first, Some(b'[' | b'{'));
    Ok(is_nest && !payload[start..cursor.at() - 1].trim_ascii().is_empty())
}

/// Moves past a code, and returns whether it says that something failed.
fn is_failed(
    cursor: &mut Cursor<'_>,
    payload: &[u8],
    scratch: &mut Vec<u8>,
) -> Result<bool, Invalid> {
    let number = match cursor.peek() {
        Some(b'"') => {
            let text = cursor.string()?;
            let code = text.unescaped(payload, scratch);
            match digits(code) {
                Some(number) => Some(number),
                None => return Ok(!code.is_empty()),
            }
        }
        _ => integer(cursor)?,
    };
    Ok(number.is_some_and(|number| !(0..apis::FIRST_FAILED_CODE).contains(&number)))
}

/// The number that is written in digits.
fn digits(text: &[u8]) -> Option<i64> {
    let is_number = !text.is_empty() && text.len() < 19 && text.iter().all(u8::is_ascii_digit);
    is_number.then(|| {
        text.iter()
            .fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
    })
}

fn set_bit(bits: &mut u8, number: u8, is_set: bool) {
    *bits &= !(1 << number);
    *bits |= u8::from(is_set) << number;
}

fn set_id(fields: &mut Fields, number: u8, id: Option<Text>) {
    fields.ids.retain(|(other, _)| *other != number);
    if let Some(id) = id.filter(|id| !id.range.is_empty()) {
        let at = fields.ids.partition_point(|(other, _)| *other < number);
        fields.ids.insert(at, (number, id));
    }
}
