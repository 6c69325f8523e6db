//! Fields: the members of an event's JSON that tell which stream it belongs to and what it adds.
//!
//! The whole payload is checked (see [`crate::json`]), the wanted members are remembered as ranges
//! of it. Most events of a stream are like the one before: the same keys in the same order, most
//! values the same as well. [`FieldReader`] compares an event with the last one, member by member,
//! and reads only the values that differ; what it finds that way is what a reading from the start
//! finds, because a member's bytes from its key to the comma after its value are the same.

use std::ops::Range;

use crate::json::{Cursor, Invalid, Text};
use crate::logs::apis::{IMAGE_FIELDS, RESPONSES};
use crate::logs::roles::{ApiRef, Role, TypeInfo};
use crate::spans::Span;
use crate::template::{MemberValue, Repeat, Template};

/// One choice of a chunk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Its number; 0 where that is lacking.
    pub index: i64,
    /// Whether it has a `finish_reason`.
    pub is_finished: bool,
    /// Whether its delta has a role, as the first one has.
    pub has_role: bool,
    /// The text that its delta adds.
    pub content: Option<Text>,
}

/// The members of a payload. One of another type than expected counts as lacking; of several with
/// the same key the last one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// `type`.
    pub type_: Option<Text>,
    /// What it says.
    pub type_info: TypeInfo,
    /// The API that `object` names, if it does.
    pub object_api: Option<ApiRef>,
    /// `id`.
    pub id: Option<Text>,
    /// `item_id`.
    pub item_id: Option<Text>,
    /// `delta`, if it is a string.
    pub delta: Option<Text>,
    /// `sequence_number`.
    pub sequence_number: Option<i64>,
    /// `output_index`.
    pub output_index: Option<i64>,
    /// `content_index`.
    pub content_index: Option<i64>,
    /// Whether the member that holds the response is an object, and its `id`, if that is not
    /// empty.
    pub has_response: bool,
    /// See `has_response`.
    pub response_id: Option<Text>,
    /// Whether `item` is an object.
    pub has_item: bool,
    /// Whether `error` is an object.
    pub has_error: bool,
    /// Whether `usage` is an object.
    pub has_usage: bool,
    /// Which of [`IMAGE_FIELDS`] are strings, a bit each.
    pub image_fields: u32,
    /// The choices of a chunk.
    pub choices: Vec<Choice>,
}

impl Fields {
    /// Whose event it is, if that is known.
    #[inline(always)]
    pub fn api(&self) -> Option<ApiRef> {
        self.object_api.or(self.type_info.api)
    }

    /// Whether it is a chunk of a response, with `choices`.
    #[inline(always)]
    pub fn is_chunk(&self) -> bool {
        self.object_api.is_some_and(|api| api.has_chunks)
    }

    /// What the event does by its type, whatever its `object` says.
    #[inline(always)]
    pub fn role(&self) -> Role {
        self.type_info.role
    }

    /// About as many bytes are in the strings that become values of columns.
    #[inline(always)]
    pub fn text_len(&self) -> usize {
        let len = |text: &Option<Text>| text.as_ref().map_or(0, |text| text.range.len());
        len(&self.item_id) + len(&self.delta)
    }
}

/// Why a payload is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not UTF-8.
    Utf8,
    /// It is nested deeper than [`crate::json::MAX_DEPTH`].
    Depth,
    /// It is not JSON.
    Json,
    /// It is not an object.
    Schema,
}

/// A member of a payload: one that is read, or another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as the members are")]
pub enum Member {
    Type,
    Object,
    Id,
    ItemId,
    Delta,
    SequenceNumber,
    OutputIndex,
    ContentIndex,
    Response,
    Item,
    Error,
    Usage,
    /// One of [`IMAGE_FIELDS`].
    Image(u8),
    Choices,
    Other,
}

impl Member {
    /// A member that only some API has.
    fn of_api(key: &[u8]) -> Member {
        if RESPONSES.iter().any(|name| name.as_bytes() == key) {
            return Member::Response;
        }
        let image = IMAGE_FIELDS.iter().position(|name| name.as_bytes() == key);
        image.map_or(Member::Other, |number| Member::Image(number as u8))
    }

    fn of(key: &[u8]) -> Member {
        match key {
            b"type" => Member::Type,
            b"object" => Member::Object,
            b"id" => Member::Id,
            b"item_id" => Member::ItemId,
            b"delta" => Member::Delta,
            b"sequence_number" => Member::SequenceNumber,
            b"output_index" => Member::OutputIndex,
            b"content_index" => Member::ContentIndex,
            b"item" => Member::Item,
            b"error" => Member::Error,
            b"usage" => Member::Usage,
            b"choices" => Member::Choices,
            _ => Member::of_api(key),
        }
    }
}

/// Where a member of the last payload lies.
#[derive(Clone, Copy, Debug)]
struct SeenMember {
    name: Member,
    /// The index of its key's quote, of its value's first byte, and past its value.
    start: usize,
    value: usize,
    value_end: usize,
    /// The index of the next member's key, or past the bracket that closes the object.
    end: usize,
    /// Whether it was compared with that of the payload before and is the same.
    is_same: bool,
}

/// An object with more members is not compared with the next.
const MAX_MEMBERS: usize = 32;

/// Reads the fields of one payload after another.
#[derive(Debug, Default)]
pub struct FieldReader {
    fields: Fields,
    /// The last payload, as a range of the chunk; its members are the indices within it.
    last: Range<usize>,
    members: Vec<SeenMember>,
    /// How many of its first members were as those of the payload before it.
    run: usize,
    /// Whether its members were those of the payload before it.
    was_alike: bool,
    /// Whether values of a later payload have replaced some of its fields.
    has_later_fields: bool,
    scratch: Vec<u8>,
}

impl FieldReader {
    /// The fields of the payload read last.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The values of the last payload, for a [`Template`]; `None` if it was not like the one before
    /// it. What was like that counts as shared.
    #[inline(always)]
    pub fn values(&self) -> Option<impl Iterator<Item = MemberValue<Member>>> {
        if !self.was_alike || self.members.is_empty() {
            return None;
        }
        Some(self.members.iter().map(|member| MemberValue {
            member: member.name,
            range: member.value..member.value_end,
            is_shared: member.is_same,
        }))
    }

    /// Reads the event at `start` if it is like the template: the values that differ from those of
    /// the last payload. The others keep their fields.
    #[inline(always)]
    pub fn read_repeat(
        &mut self,
        template: &Template<Member>,
        chunk: &[u8],
        start: usize,
    ) -> Option<Repeat> {
        self.has_later_fields = true;
        let (fields, scratch) = (&mut self.fields, &mut self.scratch);
        template.read(chunk, start, |cursor, payload, member| {
            read_value(cursor, payload, member, fields, scratch)
        })
    }

    /// Says that the chunk which held the last payload is used up.
    pub fn forget(&mut self) {
        self.members.clear();
    }

    /// Reads the payload at this range of the chunk that held the last one as well.
    #[inline(always)]
    pub fn read_next(&mut self, chunk: &[u8], payload: Range<usize>) -> Result<(), Refusal> {
        if !self.members.is_empty() && self.read_alike(chunk, &payload).is_some() {
            self.last = payload;
            self.was_alike = true;
            self.has_later_fields = false;
            return Ok(());
        }
        self.last = payload.clone();
        self.read_any(&chunk[payload], &[])
    }

    /// Reads any payload, of which some strings are known to be clean.
    pub fn read(&mut self, payload: &[u8], clean: &[Span]) -> Result<(), Refusal> {
        let result = self.read_any(payload, clean);
        self.forget();
        result
    }

    /// Reads a payload that has the members of the last one; `None` if it has not, or is refused.
    #[inline(always)]
    fn read_alike(&mut self, chunk: &[u8], payload: &Range<usize>) -> Option<()> {
        let last = &chunk[self.last.clone()];
        let new = &chunk[payload.clone()];
        let (mut number, mut at) = (self.run, 0);
        if number > 0 {
            at = self.members[number - 1].end;
        }
        if number == 0 || new.get(..at) != Some(&last[..at]) {
            (number, at) = (0, self.members[0].start);
            self.run = 0;
            if new.get(..at) != Some(&last[..at]) {
                return None;
            }
        }
        let mut cursor = Cursor::inside(new, at, &[], 1);
        let count = self.members.len();
        while number < count {
            let member = self.members[number];
            let start = cursor.at();
            let extends_run = number == self.run && start == member.start;
            // A value that is not read must be the field's already.
            let is_field = extends_run && !self.has_later_fields;
            let is_same = (is_field || member.name == Member::Other)
                && cursor.takes_all(&last[member.start..member.end]);
            let value = start + (member.value - member.start);
            let mut value_end = start + (member.value_end - member.start);
            if is_same {
                self.run += usize::from(extends_run);
            } else {
                if !cursor.takes_all(&last[member.start..member.value]) {
                    return None;
                }
                read_value(
                    &mut cursor,
                    new,
                    member.name,
                    &mut self.fields,
                    &mut self.scratch,
                )
                .ok()?;
                value_end = cursor.at();
                cursor.space();
                if number + 1 == count {
                    if !cursor.takes(b'}') {
                        return None;
                    }
                } else {
                    if !cursor.takes(b',') {
                        return None;
                    }
                    cursor.space();
                }
            }
            let end = cursor.at();
            self.members[number] = SeenMember {
                start,
                value,
                value_end,
                end,
                is_same,
                ..member
            };
            number += 1;
        }
        cursor.end().ok()
    }

    fn read_any(&mut self, payload: &[u8], clean: &[Span]) -> Result<(), Refusal> {
        self.fields = Fields::default();
        self.members.clear();
        self.run = 0;
        self.was_alike = false;
        self.has_later_fields = false;
        match self.read_members(payload, clean) {
            Ok(is_object) if is_object => Ok(()),
            Ok(_) => Err(Refusal::Schema),
            Err(invalid) => {
                self.members.clear();
                Err(why(payload, invalid))
            }
        }
    }

    /// False if the payload is JSON and no object.
    fn read_members(&mut self, payload: &[u8], clean: &[Span]) -> Result<bool, Invalid> {
        let mut cursor = Cursor::new(payload, clean);
        cursor.space();
        if cursor.peek() != Some(b'{') {
            cursor.skip_value()?;
            cursor.end()?;
            return Ok(false);
        }
        let mut members = std::mem::take(&mut self.members);
        let (fields, scratch) = (&mut self.fields, &mut self.scratch);
        cursor.object(|cursor, key| {
            let start = key.range.start - 1;
            let name = Member::of(key.unescaped(payload, scratch));
            if let Some(last) = members.last_mut() {
                last.end = start;
            }
            members.push(SeenMember {
                name,
                start,
                value: cursor.at(),
                value_end: 0,
                end: 0,
                is_same: false,
            });
            read_value(cursor, payload, name, fields, scratch)?;
            if let Some(last) = members.last_mut() {
                last.value_end = cursor.at();
            }
            Ok(())
        })?;
        let end = cursor.at();
        if let Some(last) = members.last_mut() {
            last.end = end;
        }
        cursor.end()?;
        if members.len() > MAX_MEMBERS {
            members.clear();
        }
        self.members = members;
        Ok(true)
    }
}

/// Moves past the value of a member, and takes it in.
#[inline(always)]
fn read_value(
    cursor: &mut Cursor<'_>,
    payload: &[u8],
    name: Member,
    fields: &mut Fields,
    scratch: &mut Vec<u8>,
) -> Result<(), Invalid> {
    match name {
        Member::Other => cursor.skip_value()?,
        Member::Delta => fields.delta = string(cursor)?,
        Member::SequenceNumber => fields.sequence_number = integer(cursor)?,
        Member::OutputIndex => fields.output_index = integer(cursor)?,
        Member::ContentIndex => fields.content_index = integer(cursor)?,
        Member::ItemId => fields.item_id = string(cursor)?,
        _ => return read_rare(cursor, payload, name, fields, scratch),
    }
    Ok(())
}

#[inline(never)]
fn read_rare(
    cursor: &mut Cursor<'_>,
    payload: &[u8],
    name: Member,
    fields: &mut Fields,
    scratch: &mut Vec<u8>,
) -> Result<(), Invalid> {
    match name {
        Member::Type => {
            fields.type_ = string(cursor)?;
            let type_ = fields.type_.as_ref();
            fields.type_info = type_.map_or(TypeInfo::default(), |text| {
                TypeInfo::of(text.unescaped(payload, scratch))
            });
        }
        Member::Object => {
            let object = string(cursor)?;
            fields.object_api =
                object.and_then(|text| ApiRef::of_object(text.unescaped(payload, scratch)));
        }
        Member::Id => fields.id = string(cursor)?,
        Member::Response => {
            fields.response_id = None;
            fields.has_response = cursor.peek() == Some(b'{');
            if !fields.has_response {
                return cursor.skip_value();
            }
            cursor.object(|cursor, key| match key.unescaped(payload, scratch) {
                b"id" => {
                    let id = string(cursor)?;
                    fields.response_id = id.filter(|id| !id.range.is_empty());
                    Ok(())
                }
                _ => cursor.skip_value(),
            })?;
        }
        Member::Item => fields.has_item = object(cursor)?,
        Member::Error => fields.has_error = object(cursor)?,
        Member::Usage => fields.has_usage = object(cursor)?,
        Member::Image(number) => {
            let is_string = string(cursor)?.is_some();
            fields.image_fields &= !(1 << number);
            fields.image_fields |= u32::from(is_string) << number;
        }
        Member::Choices => {
            fields.choices.clear();
            if cursor.peek() != Some(b'[') {
                return cursor.skip_value();
            }
            cursor.array(|cursor| {
                if cursor.peek() != Some(b'{') {
                    return cursor.skip_value();
                }
                let choice = choice(cursor, payload, scratch)?;
                fields.choices.push(choice);
                Ok(())
            })?;
        }
        _ => cursor.skip_value()?,
    }
    Ok(())
}

fn choice(
    cursor: &mut Cursor<'_>,
    payload: &[u8],
    scratch: &mut Vec<u8>,
) -> Result<Choice, Invalid> {
    let mut choice = Choice::default();
    cursor.object(|cursor, key| {
        match key.unescaped(payload, scratch) {
            b"index" => choice.index = integer(cursor)?.unwrap_or(0),
            b"finish_reason" => {
                choice.is_finished = cursor.peek() != Some(b'n');
                cursor.skip_value()?;
            }
            b"delta" => {
                choice.has_role = false;
                choice.content = None;
                if cursor.peek() != Some(b'{') {
                    return cursor.skip_value();
                }
                cursor.object(|cursor, key| {
                    match key.unescaped(payload, scratch) {
                        b"role" => {
                            let role = string(cursor)?;
                            choice.has_role = role.is_some_and(|role| !role.range.is_empty());
                        }
                        b"content" => choice.content = string(cursor)?,
                        _ => cursor.skip_value()?,
                    }
                    Ok(())
                })?;
            }
            _ => cursor.skip_value()?,
        }
        Ok(())
    })?;
    Ok(choice)
}

#[inline(always)]
fn string(cursor: &mut Cursor<'_>) -> Result<Option<Text>, Invalid> {
    if cursor.peek() == Some(b'"') {
        return cursor.string().map(Some);
    }
    cursor.skip_value()?;
    Ok(None)
}

#[inline(always)]
fn integer(cursor: &mut Cursor<'_>) -> Result<Option<i64>, Invalid> {
    if let Some(b'-' | b'0'..=b'9') = cursor.peek() {
        return cursor.number();
    }
    cursor.skip_value()?;
    Ok(None)
}

fn object(cursor: &mut Cursor<'_>) -> Result<bool, Invalid> {
    let is_object = cursor.peek() == Some(b'{');
    cursor.skip_value()?;
    Ok(is_object)
}

#[cold]
fn why(payload: &[u8], invalid: Invalid) -> Refusal {
    match invalid {
        _ if std::str::from_utf8(payload).is_err() => Refusal::Utf8,
        Invalid::Depth => Refusal::Depth,
        Invalid::Json => Refusal::Json,
    }
}
