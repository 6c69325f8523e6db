//! Streams: where in a log one response ends and the next begins.
//!
//! Most events do not say which response they belong to, so a stream is what lies between two
//! beginnings: a `response.created`, another response's id, the first event after the end of one, a
//! chunk with another id. It begins at an offset, by which it is known. Where a stream is sure to
//! begin, at a `response.created` or after `[DONE]`, nothing depends on what came before, so that a
//! log can be cut there and its parts be read on their own.

use std::collections::{BTreeMap, HashSet};

use crate::logs::fields::{Fields, Kind};
use crate::logs::sequence::Sequence;

/// Whose events a stream holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Api {
    /// Nobody's so far.
    #[default]
    Unclaimed,
    /// The Responses API's.
    Response,
    /// The Images API's.
    Images,
    /// Those of Chat Completions.
    Chat,
}

impl Api {
    fn of(fields: &Fields) -> Api {
        if fields.is_chunk {
            return Api::Chat;
        }
        match fields.kind {
            Kind::Error | Kind::Other => Api::Unclaimed,
            Kind::Image | Kind::ImageCompleted => Api::Images,
            _ => Api::Response,
        }
    }
}

/// The most bytes of text, and parts of it, that are kept of one stream.
pub const MAX_TEXT: usize = 64 << 20;
/// See [`MAX_TEXT`].
pub const MAX_PARTS: usize = 65_536;
/// As many finished choices are kept.
const MAX_FINISHED: usize = 65_536;

/// The text deltas of a stream, joined for each part of its output.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// By `output_index` and `content_index`; or by the choice of a chunk, and 0.
    pub parts: BTreeMap<(i64, i64), Vec<u8>>,
    /// Set once a delta was left out because of the limits.
    pub is_cut: bool,
    size: usize,
}

impl Texts {
    #[inline(always)]
    fn add(&mut self, part: (i64, i64), delta: &[u8]) {
        let size = self.size + delta.len();
        if self.is_cut || size > MAX_TEXT {
            self.is_cut = true;
            return;
        }
        self.size = size;
        if let Some(text) = self.parts.get_mut(&part) {
            text.extend_from_slice(delta);
        } else if self.parts.len() < MAX_PARTS {
            self.parts.insert(part, delta.to_vec());
        } else {
            self.is_cut = true;
        }
    }
}

/// One stream: what its events told so far.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    /// The offset at which it begins.
    pub offset: u64,
    /// Whose events they are.
    pub api: Api,
    /// The response's id, or the chat completion's.
    pub id: Option<Vec<u8>>,
    /// Its events, and those of them that did not decode.
    pub events: u64,
    /// See `events`.
    pub failures: u64,
    /// Whether its end has come.
    pub is_complete: bool,
    /// The sequence numbers of its events.
    pub sequence: Sequence,
    /// Its text.
    pub texts: Texts,
    /// The choices of a chat completion that have finished.
    finished: HashSet<i64>,
}

impl Stream {
    fn at(offset: u64) -> Stream {
        Stream {
            offset,
            ..Stream::default()
        }
    }

    fn has_id(&self, id: &[u8]) -> bool {
        self.id.as_deref() == Some(id)
    }
}

/// What an event did to the streams.
#[derive(Debug, Default)]
pub struct Change {
    /// The stream that ended before it.
    pub ended: Option<Box<Stream>>,
    /// Whether it is the first event of its API in its stream.
    pub began: bool,
    /// Its number in its stream.
    pub index: u64,
}

/// Whether a payload is the mark that ends a stream, between any ASCII white space.
#[inline(always)]
pub fn is_done(payload: &[u8]) -> bool {
    payload.first() != Some(&b'{') && trimmed(payload) == b"[DONE]"
}

fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t'..=b'\r', rest @ ..] | [rest @ .., b' ' | b'\t'..=b'\r'] = bytes {
        bytes = rest;
    }
    bytes
}

/// The streams of a body.
#[derive(Debug, Default)]
pub struct Streams {
    /// Whether their text is kept.
    pub keeps_texts: bool,
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
        let stream = self
            .current
            .get_or_insert_with(|| Box::new(Stream::at(offset)));
        stream.failures += 1;
        stream.events += 1;
        stream.events - 1
    }

    /// Ends the stream at the mark that says so.
    pub fn done(&mut self) -> Option<Box<Stream>> {
        let mut ended = self.current.take()?;
        ended.is_complete |= ended.api == Api::Chat;
        Some(ended)
    }

    /// Ends the stream at the end of its body.
    pub fn finish(&mut self) -> Option<Box<Stream>> {
        self.current.take()
    }

    /// Assigns an event.
    #[inline(always)]
    pub fn add(&mut self, offset: u64, payload: &[u8], fields: &Fields) -> Change {
        let mut change = Change::default();
        let api = Api::of(fields);
        if self.current.is_none() || self.is_fresh(api, payload, fields) {
            change.ended = self.current.take();
        }
        let Streams {
            keeps_texts,
            current,
            scratch,
        } = self;
        let stream = current.get_or_insert_with(|| Box::new(Stream::at(offset)));
        if stream.api == Api::Unclaimed {
            change.began = true;
            stream.api = api;
        }
        change.index = stream.events;
        stream.events += 1;
        if let Some(number) = fields.sequence_number {
            stream.sequence.add(number);
        }
        if *keeps_texts
            && fields.kind == Kind::TextDelta
            && let Some(delta) = &fields.delta
        {
            let part = (
                fields.output_index.unwrap_or(0),
                fields.content_index.unwrap_or(0),
            );
            stream.texts.add(part, delta.unescaped(payload, scratch));
        }
        if fields.kind != Kind::TextDelta || fields.has_response || fields.is_chunk {
            update(stream, api, payload, fields, *keeps_texts, scratch);
        }
        change
    }

    /// Whether the event begins another stream than the current one.
    #[inline(always)]
    fn is_fresh(&mut self, api: Api, payload: &[u8], fields: &Fields) -> bool {
        let Some(current) = &self.current else {
            return true;
        };
        if api == Api::Unclaimed {
            return false;
        }
        if fields.kind == Kind::Created {
            return true;
        }
        if current.api == Api::Unclaimed {
            return false;
        }
        if current.api != api {
            return true;
        }
        match api {
            Api::Unclaimed => false,
            Api::Images => current.is_complete,
            Api::Response => match &fields.response_id {
                None => current.is_complete,
                Some(id) => {
                    let id = id.unescaped(payload, &mut self.scratch);
                    !current.has_id(id) && (current.is_complete || current.id.is_some())
                }
            },
            Api::Chat => {
                let scratch = &mut self.scratch;
                let id = fields.id.as_ref().map(|id| id.unescaped(payload, scratch));
                let is_other = id.is_some_and(|id| {
                    !id.is_empty() && current.id.is_some() && !current.has_id(id)
                });
                // Some servers give every completion the same id.
                is_other
                    || fields.choices.iter().any(|choice| {
                        !choice.is_finished
                            && choice.has_role
                            && current.finished.contains(&choice.index)
                    })
            }
        }
    }
}

/// Takes in what other events than text deltas tell of their stream.
#[inline(never)]
fn update(
    stream: &mut Stream,
    api: Api,
    payload: &[u8],
    fields: &Fields,
    keeps_texts: bool,
    scratch: &mut Vec<u8>,
) {
    match api {
        Api::Unclaimed => {}
        Api::Images => stream.is_complete |= fields.kind == Kind::ImageCompleted,
        Api::Response => {
            if let Some(id) = &fields.response_id {
                let id = id.unescaped(payload, scratch);
                if !stream.has_id(id) {
                    stream.id = Some(id.to_vec());
                }
            }
            stream.is_complete |= fields.kind == Kind::Terminal;
        }
        Api::Chat => {
            if stream.id.is_none()
                && let Some(id) = &fields.id
                && !id.range.is_empty()
            {
                stream.id = Some(id.unescaped(payload, scratch).to_vec());
            }
            for choice in &fields.choices {
                if keeps_texts && let Some(content) = &choice.content {
                    let text = content.unescaped(payload, scratch);
                    stream.texts.add((choice.index, 0), text);
                }
                if choice.is_finished {
                    stream.is_complete = true;
                    if stream.finished.len() < MAX_FINISHED {
                        stream.finished.insert(choice.index);
                    }
                }
            }
        }
    }
}
