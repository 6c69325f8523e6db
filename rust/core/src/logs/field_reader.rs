//! `FieldReader`: the fields of one payload after another.
//!
//! Most events of a stream are like the one before: the same keys in the same order, most values the
//! same as well. [`FieldReader`] compares an event with the last one, member by member, and reads
//! only the values that differ; what it finds that way is what a reading from the start finds,
//! because a member's bytes from its key to the comma after its value are the same.

use std::ops::Range;

use crate::json::{Cursor, Invalid};
use crate::logs::apis::RESPONSES;
use crate::logs::fields::{Fields, Refusal, is_error};
use crate::logs::lookup::Lookup;
use crate::logs::members::{Member, read_value};
use crate::spans::Span;
use crate::template::{MemberValue, Repeat, Template};

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
    /// Whether the last payload is JSON as the standard has it: see [`Cursor::is_standard`].
    is_standard: bool,
    scratch: Vec<u8>,
}

impl FieldReader {
    /// The fields of the payload read last.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// Whether the payload read last is JSON as the standard has it.
    #[inline(always)]
    pub fn is_standard(&self) -> bool {
        self.is_standard
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
        let was_typed = fields.type_().is_some();
        let repeat = template.read(chunk, chunk, start, |cursor, payload, member| {
            read_value(cursor, payload, member, fields, scratch)
        })?;
        if fields.may_be_wrapped() {
            return None;
        }
        // Without a type the name of the event counts, which is not read here.
        (!was_typed || fields.type_().is_some()).then_some(repeat)
    }

    /// The same where only numbers, the item's id and the delta differ, which say nothing of what
    /// the event is. It must follow a `read_repeat` of the same template.
    ///
    /// `read_repeat` does not call it: a closure that two callers share is not inlined.
    #[inline(always)]
    pub fn read_text(
        &mut self,
        template: &Template<Member>,
        chunk: &[u8],
        start: usize,
    ) -> Option<Repeat> {
        let (fields, scratch) = (&mut self.fields, &mut self.scratch);
        template.read(chunk, chunk, start, |cursor, payload, member| {
            read_value(cursor, payload, member, fields, scratch)
        })
    }

    /// As [`Fields::take_name`].
    #[inline(always)]
    pub fn take_name(&mut self, name: &[u8]) {
        self.fields.take_name(name);
        if is_error(name) {
            // The next event need not be an error, although it is like this one.
            self.forget();
        }
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
        let at = self.compare_run(last, new)?;
        let mut cursor = Cursor::inside(new, at, &[], 1);
        let count = self.members.len();
        for number in self.run..count {
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
                take_end(&mut cursor, number + 1 == count)?;
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
        }
        if !cursor.is_standard() || self.fields.may_be_wrapped() {
            return None;
        }
        cursor.end().ok()
    }

    /// The index past the members that were the same last time, if they are again, else that of
    /// the first member; `None` if not even what is before that is the same.
    #[inline(always)]
    fn compare_run(&mut self, last: &[u8], new: &[u8]) -> Option<usize> {
        if self.run > 0 {
            let at = self.members[self.run - 1].end;
            if new.get(..at) == Some(&last[..at]) {
                return Some(at);
            }
            self.run = 0;
        }
        let at = self.members[0].start;
        (new.get(..at) == Some(&last[..at])).then_some(at)
    }

    fn read_any(&mut self, payload: &[u8], clean: &[Span]) -> Result<(), Refusal> {
        self.fields = Fields::default();
        self.members.clear();
        self.run = 0;
        self.was_alike = false;
        self.has_later_fields = false;
        self.is_standard = true;
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
            self.is_standard = cursor.is_standard();
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
        self.is_standard = cursor.is_standard();
        // What is compared with a standard payload is standard, too.
        if members.len() > MAX_MEMBERS || !self.is_standard {
            members.clear();
        }
        self.members = members;
        if self.fields.may_be_wrapped() {
            self.unwrap(payload, clean)?;
        }
        Ok(true)
    }

    /// Reads the event that a member of the payload's object is, if the object tells no API.
    #[cold]
    fn unwrap(&mut self, payload: &[u8], clean: &[Span]) -> Result<(), Invalid> {
        if self.fields.api().is_some() {
            return Ok(());
        }
        let lookup = Lookup {
            payload,
            clean,
            from: 0,
        };
        for member in RESPONSES {
            let at = lookup.member(lookup.root().at, member, &mut self.scratch);
            let Some(from) = at.filter(|&at| lookup.first_byte(at) == b'{') else {
                continue;
            };
            let mut inner = Fields {
                from,
                ..Fields::default()
            };
            let scratch = &mut self.scratch;
            lookup.cursor(from).object(|cursor, key| {
                let name = Member::of(key.unescaped(payload, scratch));
                read_value(cursor, payload, name, &mut inner, scratch)
            })?;
            if inner.api().is_some() {
                self.fields = inner;
                self.members.clear();
                break;
            }
        }
        Ok(())
    }
}

/// Moves to the next member's key, or past the object's end after the last member.
#[inline(always)]
fn take_end(cursor: &mut Cursor<'_>, is_last: bool) -> Option<()> {
    cursor.space();
    if is_last {
        return cursor.takes(b'}').then_some(());
    }
    if !cursor.takes(b',') {
        return None;
    }
    cursor.space();
    Some(())
}

#[cold]
fn why(payload: &[u8], invalid: Invalid) -> Refusal {
    match invalid {
        _ if std::str::from_utf8(payload).is_err() => Refusal::Utf8,
        Invalid::Depth => Refusal::Depth,
        Invalid::Json => Refusal::Json,
    }
}
