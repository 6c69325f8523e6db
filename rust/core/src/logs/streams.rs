//! Streams: where in a log one response ends and the next begins.
//!
//! Most events do not say which response they belong to, so a stream is what lies between two
//! beginnings: an event that always begins one, another response's id, the first event after the
//! end of one, a choice that begins again. A stream is named by the offset at which it begins.
//! Where a stream is sure to begin, at an event that always does or after `[DONE]`, nothing depends
//! on what came before, so that a log can be cut there and its parts be read on their own.

use std::collections::{BTreeMap, HashSet};

use crate::json::Text;
use crate::logs::fields::Fields;
use crate::logs::roles::{ApiRef, Role};
use crate::logs::sequence::Sequence;

/// The most bytes of text, and parts of it, that are kept of one stream.
pub const MAX_TEXT: usize = 64 << 20;
/// See [`MAX_TEXT`].
pub const MAX_PARTS: usize = 65_536;
/// As many finished choices are kept.
const MAX_FINISHED: usize = 65_536;

/// The text deltas of a stream, joined for each part of its output.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    /// By `output_index` and `content_index`; or by a chunk's choice, and 0.
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
    /// Whose events they are, if that is known.
    pub api: Option<ApiRef>,
    /// The response's id.
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
    /// The choices that have finished.
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
        ended.is_complete |= ended.api.is_some_and(|api| api.has_chunks);
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
        if self.is_fresh(payload, fields) {
            change.ended = self.current.take();
        }
        let Streams {
            keeps_texts,
            current,
            scratch,
        } = self;
        let stream = current.get_or_insert_with(|| Box::new(Stream::at(offset)));
        if stream.api.is_none() {
            change.began = true;
            stream.api = fields.api();
        }
        change.index = stream.events;
        stream.events += 1;
        if let Some(number) = fields.sequence_number {
            stream.sequence.add(number);
        }
        if *keeps_texts
            && fields.role() == Role::TextDelta
            && let Some(delta) = &fields.delta
        {
            let part = (
                fields.output_index.unwrap_or(0),
                fields.content_index.unwrap_or(0),
            );
            stream.texts.add(part, delta.unescaped(payload, scratch));
        }
        if fields.role() != Role::TextDelta || fields.has_response || fields.is_chunk() {
            update(stream, payload, fields, *keeps_texts, scratch);
        }
        change
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
            return true;
        }
        let Some(current_api) = current.api else {
            return false;
        };
        if current_api != api {
            return true;
        }
        // Chunks may follow the one that completes the response.
        let is_over = current.is_complete && !api.has_chunks;
        let is_other = match id_of(api, fields) {
            Some(id) => {
                let id = id.unescaped(payload, &mut self.scratch);
                !current.has_id(id) && (is_over || current.id.is_some())
            }
            None => is_over,
        };
        // Some servers give every completion the same id.
        is_other
            || fields.choices.iter().any(|choice| {
                !choice.is_finished && choice.has_role && current.finished.contains(&choice.index)
            }) && api.has_chunks
    }
}

/// The id of the response that an event tells.
#[inline(always)]
fn id_of(api: ApiRef, fields: &Fields) -> Option<&Text> {
    if api.has_response {
        return fields.response_id.as_ref();
    }
    let id = fields.id.as_ref().filter(|_| api.has_chunks);
    id.filter(|id| !id.range.is_empty())
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
    let Some(api) = fields.api() else {
        return;
    };
    if stream.id.is_none()
        && let Some(id) = id_of(api, fields)
    {
        stream.id = Some(id.unescaped(payload, scratch).to_vec());
    }
    if !api.has_chunks {
        stream.is_complete |= fields.role() == Role::Ends;
        return;
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
