//! Logs: bodies of recorded streams, read to rows of the events table and to what is found beside.
//!
//! bytes → frames (or JSON lines) → fields → streams → columns, an event at a time and without an
//! allocation for it. Only what was asked for, what did not decode and the ends of streams are
//! returned as [`Output`].

pub mod answers;
pub mod apis;
pub mod arrow;
pub mod columns;
pub mod counts;
pub mod deliver;
pub mod elided;
pub mod evidence;
pub mod field_reader;
pub mod fields;
pub mod heads;
pub mod items;
pub mod json_lines;
mod leaves;
pub mod lookup;
pub mod members;
mod names;
pub mod order;
pub mod parser;
pub mod pictures;
pub mod roles;
pub mod sequence;
mod slots;
pub mod streams;
pub mod texts;
mod values;

pub use deliver::Deliver;
pub use parser::{LogParser, Step};

use crate::frames::Value;
use crate::logs::columns::{Columns, Place};
use crate::logs::fields::Refusal;
use crate::logs::pictures::Picture;
use crate::logs::streams::Stream;
use crate::spans::Span;

/// How the bytes of a body are divided into events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// An event stream.
    Sse,
    /// One event's JSON a line.
    Lines,
}

/// The default of [`Options::batch_rows`].
pub const BATCH_ROWS: usize = 16_384;
/// The default of [`Options::batch_bytes`].
pub const BATCH_BYTES: usize = 4 << 20;

/// How a log is read.
#[derive(Clone, Debug)]
pub struct Options {
    /// How a body is divided into events.
    pub framing: Framing,
    /// The columns of the events table.
    pub columns: Columns,
    /// Which events are delivered.
    pub deliver: Deliver,
    /// A larger event is a failure.
    pub max_event_size: Option<usize>,
    /// A batch is full when it has so many rows,
    pub batch_rows: usize,
    /// or so many bytes in its strings.
    pub batch_bytes: usize,
}

/// Why an event did not decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// Its payload was refused.
    Refused(Refusal),
    /// It is the last one and not whole.
    Truncated,
    /// It is larger than the limit.
    TooLarge,
}

/// What is passed to the caller.
#[derive(Debug)]
pub enum Output {
    /// An event that was asked for, and the base64 fields of its payload.
    Event {
        /// Its payload.
        payload: Value,
        /// The strings in it that are base64, or may be.
        spans: Vec<Span>,
        /// For each of them the number of its content, or none at all: see
        /// [`crate::spans::RepeatedSpans::contents`].
        contents: Vec<u32>,
        /// Where it lies.
        place: Place,
        /// Its name.
        event: Box<[u8]>,
        /// The id of its response.
        response_id: Option<Box<[u8]>>,
        /// The pictures in it, if events with pictures were asked for.
        pictures: Vec<Picture>,
    },
    /// An event that did not decode.
    Failure {
        /// Its payload, if it was kept.
        payload: Option<Value>,
        /// Where it lies.
        place: Place,
        /// Its name.
        event: Box<[u8]>,
        /// What was wrong.
        kind: FailureKind,
    },
    /// A stream has ended.
    Stream(Box<Stream>),
}
