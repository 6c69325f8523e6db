//! Streams: where in a log one response ends and the next begins.
//!
//! Most events do not say which response they belong to, so a stream is what lies between two
//! beginnings: an event that always begins one, another response's id, the first event after the
//! end of one, a choice that begins again. A stream is named by the offset at which it begins.
//! Where a stream is sure to begin, at an event that always does or after the mark that ends one,
//! nothing depends on what came before, so that a log can be cut there and its parts be read on
//! their own.
//!
//! Where the recording says what one request was answered with, nothing of this is guessed: a body
//! is one stream, unless it says itself that another response begins.

use crate::logs::answers::Finish;
use crate::logs::evidence::Evidence;
use crate::logs::fields::Fields;
use crate::logs::items::{self, Items};
use crate::logs::roles::{ApiRef, Role};
use crate::logs::sequence::Sequence;
use crate::logs::texts::Texts;

/// One stream: what its events told so far.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    /// The offset at which it begins.
    pub offset: u64,
    /// The API of its events, if it is known.
    pub api: Option<ApiRef>,
    /// The response's id.
    pub id: Option<Vec<u8>>,
    /// Its events, and those of them that did not decode.
    pub events: u64,
    /// See `events`.
    pub failures: u64,
    /// The sequence numbers of its events.
    pub sequence: Sequence,
    /// Its text.
    pub texts: Texts,
    /// The pieces of its items, if they are kept.
    pub items: Option<Box<Items>>,
    end: End,
    evidence: Evidence,
}

/// What has come of the end of a stream.
#[derive(Clone, Copy, Debug, Default)]
struct End {
    /// The event that ends it.
    has_come: bool,
    /// An error.
    has_error: bool,
}

impl Stream {
    #[cold]
    fn at(offset: u64) -> Box<Stream> {
        Box::new(Stream {
            offset,
            ..Stream::default()
        })
    }

    /// Whether all of it has come.
    pub fn is_complete(&self) -> bool {
        self.end.has_come || !self.end.has_error && self.evidence.is_finished()
    }

    /// Counts an event, and returns its number in the stream.
    #[inline(always)]
    fn count(&mut self, fields: &Fields) -> u64 {
        self.events += 1;
        if let Some(number) = fields.numbers.sequence_number {
            self.sequence.add(number);
        }
        self.events - 1
    }

    #[inline(always)]
    fn add_text(&mut self, payload: &[u8], fields: &Fields, scratch: &mut Vec<u8>) {
        if fields.role() == Role::TextDelta
            && let Some(delta) = &fields.delta
        {
            self.texts
                .add(part_of(fields), delta.wide(payload, scratch));
        }
    }

    fn has_id(&self, id: &[u8]) -> bool {
        self.id.as_deref() == Some(id)
    }

    fn has_other_id(&self, id: &[u8]) -> bool {
        self.id.is_some() && !self.has_id(id)
    }

    /// Whether an event of its API, which has no chunks, is the first of another stream.
    fn is_left_by(&self, fields: &Fields, id: Option<&[u8]>) -> bool {
        let is_over = self.end.has_come;
        let Some(id) = id else {
            return is_over;
        };
        if self.has_id(id) || self.id.is_none() {
            return is_over && self.id.is_none();
        }
        // Numbers that go on are stronger than an id that differs.
        let differ = self.evidence.changes_id();
        let goes_on = match (fields.numbers.sequence_number, self.sequence.highest()) {
            (Some(number), Some(highest)) => {
                highest.checked_add(1) == Some(number) || differ && number > highest
            }
            _ => differ,
        };
        is_over || !goes_on
    }
}

/// What an event did to the streams.
#[derive(Debug, Default)]
pub struct Change {
    /// The stream that ended before it.
    pub ended: Option<Box<Stream>>,
    /// Whether it is the first event of its API in its stream, or comes after all of it.
    pub is_edge: bool,
    /// Its number in its stream.
    pub index: u64,
}

/// The streams of a body.
#[derive(Debug, Default)]
pub struct Streams {
    /// Whether their text is kept.
    pub keeps_texts: bool,
    /// Whether the body is what one request was answered with.
    pub is_one_response: bool,
    current: Option<Box<Stream>>,
    scratch: Vec<u8>,
}

impl Streams {
    /// The stream of the last event.
    #[inline(always)]
    pub fn current(&self) -> Option<&Stream> {
        self.current.as_deref()
    }

    /// Assigns an event that did not decode.
    pub fn fail(&mut self, offset: u64) -> u64 {
        let stream = self.current.get_or_insert_with(|| Stream::at(offset));
        stream.failures += 1;
        stream.events += 1;
        stream.events - 1
    }

    /// Ends the stream: the mark has come that does, or its body has ended.
    pub fn finish(&mut self) -> Option<Box<Stream>> {
        self.current.take()
    }

    /// Assigns an event.
    #[inline(always)]
    pub fn add(&mut self, offset: u64, payload: &[u8], fields: &Fields) -> Change {
        let mut change = Change::default();
        if self.is_fresh(payload, fields) {
            change.ended = self.current.take();
        }
        let Streams {
            keeps_texts,
            current,
            scratch,
            ..
        } = self;
        let stream = match current {
            Some(stream) => stream,
            None => current.insert(Stream::at(offset)),
        };
        if stream.api.is_none() {
            change.is_edge = true;
            stream.api = fields.api();
        } else if fields.is_chunk() {
            change.is_edge = stream.is_complete();
        }
        change.index = stream.count(fields);
        if *keeps_texts {
            stream.add_text(payload, fields, scratch);
        }
        let is_delta = fields.role() == Role::TextDelta;
        let names = stream.id.is_none() && !fields.ids.is_empty();
        if !is_delta || names || fields.has_response() || fields.has_error() || fields.is_chunk() {
            update(stream, payload, fields, *keeps_texts, scratch);
        }
        change
    }

    /// Assigns an event that only adds to a text, as the one before it: returns its number.
    #[inline(always)]
    pub fn add_text(&mut self, offset: u64, payload: &[u8], fields: &Fields) -> u64 {
        let stream = self.current.get_or_insert_with(|| Stream::at(offset));
        if self.keeps_texts {
            stream.add_text(payload, fields, &mut self.scratch);
        }
        stream.count(fields)
    }

    /// Keeps what the event that was just added adds to the items of its stream.
    pub fn add_items(&mut self, event: &items::Event<'_>) {
        if let Some(stream) = &mut self.current {
            let items = stream.items.get_or_insert_default();
            items.add(event, &mut self.scratch);
        }
    }

    /// Whether the event begins another stream than the current one.
    #[inline(always)]
    fn is_fresh(&mut self, payload: &[u8], fields: &Fields) -> bool {
        let Some(current) = &self.current else {
            return true;
        };
        let Some(api) = fields.api() else {
            return false;
        };
        if fields.role() == Role::Begins {
            let id = fields.response_id(api);
            return !self.is_one_response
                || current.end.has_come
                || id.is_some_and(|id| {
                    current.has_other_id(id.unescaped(payload, &mut self.scratch))
                });
        }
        let Some(current_api) = current.api else {
            return false;
        };
        if self.is_one_response {
            return false;
        }
        if current_api != api {
            // An event recognised by its shape alone may be of any API with that shape.
            return !(fields.is_known_by_shape() && current_api.heads & api.heads != 0);
        }
        let id = fields.response_id(api);
        if id.is_none() && !api.has_chunks {
            return current.end.has_come;
        }
        let id = id.map(|id| id.unescaped(payload, &mut self.scratch));
        if api.has_chunks {
            current.evidence.is_left_by(api, fields, id)
        } else {
            current.is_left_by(fields, id)
        }
    }
}

/// The part of the output that a text delta belongs to.
#[inline(always)]
fn part_of(fields: &Fields) -> (i64, i64) {
    let numbers = &fields.numbers;
    (
        numbers.item().unwrap_or(0),
        numbers.content_index.unwrap_or(0),
    )
}

/// Takes in what other events than text deltas say about their stream.
#[inline(never)]
fn update(
    stream: &mut Stream,
    payload: &[u8],
    fields: &Fields,
    keeps_texts: bool,
    scratch: &mut Vec<u8>,
) {
    stream.end.has_error |= fields.has_error();
    let Some(api) = fields.api() else {
        return;
    };
    let id = fields.response_id(api);
    let id = id.map(|id| id.unescaped(payload, scratch));
    if stream.id.is_none() {
        stream.id = id.map(<[u8]>::to_vec);
    }
    stream.evidence.add(api, fields, id);
    stream.end.has_come |= fields.role() == Role::Ends;
    for answer in fields.answers.of(api.heads) {
        stream.end.has_error |= answer.finish == Finish::Failed;
    }
    if !keeps_texts || !api.has_chunks && fields.role() != Role::TextDelta {
        return;
    }
    for head in (0..u32::BITS).filter(|head| api.heads >> head & 1 == 1) {
        for addition in fields.answers.texts_of(head) {
            let part = match api.has_chunks {
                true => (addition.index.unwrap_or(0), 0),
                false => part_of(fields),
            };
            let text = addition.text.wide(payload, scratch);
            stream.texts.add_from(part, addition.path, text);
        }
    }
}
