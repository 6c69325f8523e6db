//! Heads: the members of an event that hold what it adds, read by the table of them.

use crate::json::{Cursor, Invalid, Text};
use crate::logs::answers::{Addition, Answer, Answers, Finish};
use crate::logs::apis::{
    ASIDES, EACH, FAILED_FINISHES, HEADS, Head, INDEX, TEXT, TEXT_PARTS, TYPE_KEYS,
};
use crate::logs::values::{integer, string};

/// Moves past the value of a head, and takes in what it says.
pub fn read_head(
    cursor: &mut Cursor<'_>,
    payload: &[u8],
    number: u8,
    answers: &mut Answers,
    scratch: &mut Vec<u8>,
) -> Result<(), Invalid> {
    answers.forget(number);
    let head = &HEADS[usize::from(number)];
    if !has_its_type(number, cursor.peek()) {
        return cursor.skip_value();
    }
    answers.heads |= 1 << number;
    if head.is_usage {
        return cursor.skip_value();
    }
    if head.is_text || head.is_flag || head.is_whole {
        return read_scalar(cursor, number, answers);
    }
    let mut read_one = |cursor: &mut Cursor<'_>| {
        if cursor.peek() != Some(b'{') {
            return cursor.skip_value();
        }
        let first_text = answers.texts.len();
        let mut reader = Reader {
            payload,
            head,
            answer: Answer {
                head: number,
                index: head.has_each.then_some(0),
                ..Answer::default()
            },
            finishes: [Finish::No; MAX_FINISHES],
            texts: &mut answers.texts,
            first_text,
            scratch,
        };
        reader.object(cursor, !0, 0)?;
        let mut answer = reader.answer;
        let said = reader.finishes.into_iter().find(|each| *each != Finish::No);
        answer.finish = said.unwrap_or_default();
        keep_first_path(&mut answers.texts, first_text, answer.index);
        answers.each.push(answer);
        Ok(())
    };
    if head.has_each {
        cursor.array(read_one)?;
    } else {
        read_one(cursor)?;
    }
    sort(answers);
    Ok(())
}

/// Whether a value that begins so is of the type of the head with this number.
pub fn has_its_type(number: u8, first: Option<u8>) -> bool {
    let head = &HEADS[usize::from(number)];
    match first {
        Some(b'[') => head.has_each,
        Some(b'"') => head.is_text || head.is_whole,
        Some(b'n') => head.is_whole,
        Some(b't' | b'f') => head.is_flag,
        Some(b'{') => !(head.has_each || head.is_text || head.is_flag || head.is_whole),
        _ => false,
    }
}

/// Takes in a text, or whether the answer has ended.
fn read_scalar(cursor: &mut Cursor<'_>, number: u8, answers: &mut Answers) -> Result<(), Invalid> {
    let mut answer = Answer {
        head: number,
        ..Answer::default()
    };
    let is_whole = HEADS[usize::from(number)].is_whole;
    if cursor.peek() == Some(if is_whole { b'"' } else { b't' }) {
        answer.finish = Finish::Complete;
    }
    if let Some(text) = string(cursor)?
        && !is_whole
    {
        answers.texts.push(Addition {
            head: number,
            index: None,
            text,
            path: 0,
        });
    }
    answers.each.push(answer);
    sort(answers);
    Ok(())
}

/// In the order of the heads, whatever the order of the members.
fn sort(answers: &mut Answers) {
    answers.each.sort_by_key(|answer| answer.head);
    answers.texts.sort_by_key(|text| text.head);
}

/// Keeps, of the texts of an answer, those at the first path that has one.
fn keep_first_path(texts: &mut Vec<Addition>, first_text: usize, index: Option<i64>) {
    let Some(path) = texts[first_text..].iter().map(|text| text.path).min() else {
        return;
    };
    retain_from(texts, first_text, |text| text.path == path);
    for text in &mut texts[first_text..] {
        text.index = index;
    }
}

/// Removes texts from `first` on. Those before are not looked at: an event may have many answers.
fn retain_from(texts: &mut Vec<Addition>, first: usize, keep: impl Fn(&Addition) -> bool) {
    let mut kept = first;
    for at in first..texts.len() {
        if keep(&texts[at]) {
            texts.swap(kept, at);
            kept += 1;
        }
    }
    texts.truncate(kept);
}

/// The paths of a head, by their numbers.
fn path(head: &'static Head, number: usize) -> Option<&'static [&'static str]> {
    match number {
        // A path that is missing leads nowhere.
        FINISH..ROLE => Some(
            head.finishes
                .get(number - FINISH)
                .copied()
                .unwrap_or_default(),
        ),
        ROLE => Some(head.role),
        _ => head.texts.get(number - FIRST_TEXT).copied(),
    }
}

const FINISH: usize = 0;
const ROLE: usize = FINISH + MAX_FINISHES;
const FIRST_TEXT: usize = ROLE + 1;
const MAX_FINISHES: usize = 2;
const MAX_PATHS: usize = 8;

/// Reads one answer.
struct Reader<'a> {
    payload: &'a [u8],
    head: &'static Head,
    answer: Answer,
    /// What each of the paths says that may tell why the answer ended.
    finishes: [Finish; MAX_FINISHES],
    texts: &'a mut Vec<Addition>,
    /// The index of the first text of this answer.
    first_text: usize,
    scratch: &'a mut Vec<u8>,
}

impl Reader<'_> {
    /// Reads an object that `active` paths lead through, a bit each; so many of their keys were met.
    fn object(
        &mut self,
        cursor: &mut Cursor<'_>,
        active: u32,
        depth: usize,
    ) -> Result<(), Invalid> {
        let is_text = depth == 0 && self.head.texts.first().is_some_and(|path| path.is_empty());
        let mut part = TextPart::default();
        cursor.object(|cursor, key| {
            let key = key.unescaped(self.payload, self.scratch);
            if depth == 0 && self.head.has_each && key == INDEX.as_bytes() {
                self.answer.index = Some(integer(cursor)?.unwrap_or(0));
                return Ok(());
            }
            let mut matching = 0;
            let mut last = None;
            for number in (0..MAX_PATHS).filter(|number| active >> number & 1 == 1) {
                let Some(path) = path(self.head, number) else {
                    break;
                };
                if path.get(depth).is_some_and(|name| name.as_bytes() == key) {
                    matching |= 1 << number;
                    last = last.or((path.len() == depth + 1).then_some(number));
                }
            }
            if matching == 0 {
                return match TextKey::of(key).filter(|_| is_text) {
                    Some(key) => part.read(cursor, key, self.payload, self.scratch),
                    None => cursor.skip_value(),
                };
            }
            self.forget(matching);
            match last {
                Some(number @ FINISH..ROLE) => self.finish(cursor, number - FINISH),
                Some(ROLE) => {
                    let role = string(cursor)?;
                    self.answer.has_role = role.is_some_and(|role| !role.range.is_empty());
                    Ok(())
                }
                Some(number) => {
                    let is_in_list = path(self.head, number).is_some_and(|it| it.contains(&EACH));
                    self.text(cursor, number, !is_in_list)
                }
                None if cursor.peek() == Some(b'{') => self.object(cursor, matching, depth + 1),
                None if cursor.peek() == Some(b'[') => self.list(cursor, matching, depth + 1),
                None => cursor.skip_value(),
            }
        })?;
        if is_text && let Some(text) = part.text() {
            self.add(text, FIRST_TEXT);
        }
        Ok(())
    }

    /// Reads the elements of a list that `active` paths may lead through.
    fn list(&mut self, cursor: &mut Cursor<'_>, active: u32, depth: usize) -> Result<(), Invalid> {
        let leads_through = |number: &usize| {
            let path = path(self.head, *number);
            active >> number & 1 == 1 && path.and_then(|path| path.get(depth)) == Some(&EACH)
        };
        let through: u32 = (0..MAX_PATHS).filter(leads_through).map(|it| 1 << it).sum();
        if through == 0 {
            return cursor.skip_value();
        }
        let first_text = self.first_text;
        cursor.array(|cursor| {
            if cursor.peek() != Some(b'{') {
                return cursor.skip_value();
            }
            // What the elements before it have is no earlier member with the same key.
            self.first_text = self.texts.len();
            self.object(cursor, through, depth + 1)
        })?;
        self.first_text = first_text;
        Ok(())
    }

    /// Forgets what these paths led to: of several members with the same key the last counts.
    fn forget(&mut self, paths: u32) {
        for (number, finish) in self.finishes.iter_mut().enumerate() {
            if paths >> (FINISH + number) & 1 == 1 {
                *finish = Finish::No;
            }
        }
        if paths >> ROLE & 1 == 1 {
            self.answer.has_role = false;
        }
        self.answer.content &= !paths;
        retain_from(self.texts, self.first_text, |text| {
            paths >> (usize::from(text.path) + FIRST_TEXT) & 1 == 0
        });
    }

    fn finish(&mut self, cursor: &mut Cursor<'_>, number: usize) -> Result<(), Invalid> {
        self.finishes[number] = match cursor.peek() {
            Some(b'n') => {
                cursor.skip_value()?;
                Finish::No
            }
            Some(b'"') => {
                let reason = cursor.string()?;
                let reason = reason.unescaped(self.payload, self.scratch);
                let is_it = |failed: &&str| failed.as_bytes() == reason;
                match reason {
                    b"" => Finish::No,
                    _ if FAILED_FINISHES.iter().any(is_it) => Finish::Failed,
                    _ => Finish::Complete,
                }
            }
            _ => {
                cursor.skip_value()?;
                Finish::Complete
            }
        };
        Ok(())
    }

    /// Takes a text, in any of the ways in which it may be written.
    fn text(
        &mut self,
        cursor: &mut Cursor<'_>,
        path: usize,
        may_be_list: bool,
    ) -> Result<(), Invalid> {
        match cursor.peek() {
            Some(b'"') => {
                let text = cursor.string()?;
                self.add(text, path);
                Ok(())
            }
            Some(b'[') if may_be_list => cursor.array(|cursor| self.text(cursor, path, false)),
            Some(b'{') => {
                let mut part = TextPart::default();
                cursor.object(|cursor, key| {
                    match TextKey::of(key.unescaped(self.payload, self.scratch)) {
                        Some(key) => part.read(cursor, key, self.payload, self.scratch),
                        None => {
                            part.has_others = true;
                            cursor.skip_value()
                        }
                    }
                })?;
                self.answer.content |= u32::from(part.is_content()) << path;
                if let Some(text) = part.text() {
                    self.add(text, path);
                }
                Ok(())
            }
            _ => cursor.skip_value(),
        }
    }

    fn add(&mut self, text: Text, path: usize) {
        self.texts.push(Addition {
            head: self.answer.head,
            index: None,
            text,
            path: (path - FIRST_TEXT) as u8,
        });
    }
}

/// An object that may be a text.
#[derive(Default)]
struct TextPart {
    text: Option<Text>,
    is_of_other_type: bool,
    /// Which of [`ASIDES`] are true, a bit each.
    asides: u8,
    has_others: bool,
}

enum TextKey {
    Type,
    Text,
    /// One of [`ASIDES`].
    Aside(u8),
}

impl TextKey {
    fn of(key: &[u8]) -> Option<TextKey> {
        match key {
            _ if key == TYPE_KEYS[0].as_bytes() => Some(TextKey::Type),
            _ if key == TEXT.as_bytes() => Some(TextKey::Text),
            _ => {
                let number = ASIDES.iter().position(|name| name.as_bytes() == key);
                number.map(|number| TextKey::Aside(number as u8))
            }
        }
    }
}

impl TextPart {
    fn read(
        &mut self,
        cursor: &mut Cursor<'_>,
        key: TextKey,
        payload: &[u8],
        scratch: &mut Vec<u8>,
    ) -> Result<(), Invalid> {
        match key {
            TextKey::Text => self.text = string(cursor)?,
            TextKey::Aside(number) => {
                self.asides &= !(1 << number);
                self.asides |= u8::from(cursor.peek() == Some(b't')) << number;
                cursor.skip_value()?;
            }
            TextKey::Type => {
                let type_ = string(cursor)?;
                self.is_of_other_type = type_.is_some_and(|type_| {
                    let type_ = type_.unescaped(payload, scratch);
                    TEXT_PARTS.iter().all(|part| part.as_bytes() != type_)
                });
            }
        }
        Ok(())
    }

    /// Whether it is more than an empty text.
    fn is_content(&self) -> bool {
        let text = self.text.as_ref();
        text.map_or(self.has_others, |text| !text.range.is_empty())
    }

    fn text(self) -> Option<Text> {
        self.text
            .filter(|_| !self.is_of_other_type && self.asides == 0)
    }
}
