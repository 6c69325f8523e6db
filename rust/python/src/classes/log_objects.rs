//! `Place`, `Event` with its `Span`s and `Picture`s, `Failure`, and `StreamEnd` with its `Text`s and `Piece`s, which
//! `LogReader` passes to its handler, and `LogCounts`.

use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};
use rapidsse_core::logs::columns;

use crate::classes::record::{Refers, record};
use crate::py::text::Utf8Text;

record! {
    /// Where an event lies in a log.
    Place {
        /// The offset at which the event's stream begins.
        stream: u64,
        /// The event's own offset.
        offset: u64,
        /// The bytes of the event's lines.
        length: u64,
        /// The event's number in its stream, from 0.
        index: u64,
    }
}

// Of a string alone.
impl Refers for Utf8Text {}
// Of integers alone.
impl Refers for Py<Place> {}

impl Place {
    pub fn of(place: columns::Place) -> Place {
        let columns::Place {
            stream,
            offset,
            length,
            index,
        } = place;
        Place {
            stream,
            offset,
            length,
            index,
        }
    }
}

record! {
    /// A base64 field of a payload.
    Span {
        /// The index of its first byte, and that past its last one.
        start: usize,
        end: usize,
        /// The number of its text, or 0.
        content: u32,
    }
}

record! {
    /// Base64 in an event.
    Picture {
        /// The id of the item that it belongs to.
        item_id: Option<Py<PyString>>,
        /// `partial` or `final`.
        kind: Py<PyString>,
        /// Its index among the partial ones, if it has one.
        partial: Option<i64>,
        /// The text: `bytes`, or a view of the chunk.
        data: Py<PyAny>,
        /// The number of its text, or 0.
        content: u32,
    }
}

record! {
    /// An event that was asked for.
    Event {
        place: Py<Place>,
        /// The name of its `event` line, else its payload's `type`, else `message`.
        name: Py<PyString>,
        /// The id of its response, if it is known.
        response_id: Option<Py<PyString>>,
        /// `bytes`, or a view of the chunk.
        payload: Py<PyAny>,
        /// The base64 fields of the payload.
        spans: Py<PyTuple>,
        /// The pictures in it, if `deliver` has `images`.
        pictures: Py<PyAny>,
    }
}

record! {
    /// An event that did not decode.
    Failure {
        place: Py<Place>,
        name: Py<PyString>,
        /// Why: a kind of `DecodeError`, or `too_large`.
        kind: Py<PyString>,
        /// `None` if it was not kept.
        payload: Py<PyAny>,
    }
}

record! {
    /// The text of a part of a stream's output.
    Text {
        /// The number of the item or of the answer, and that of the part of the item.
        number: i64,
        part: i64,
        /// Decoded on first access: mostly an event repeats the whole text, and that one is used.
        text: Utf8Text,
    }
}

record! {
    /// A piece of an item of a stream's output.
    Piece {
        /// The type of the item, and what of it this is.
        item: Py<PyString>,
        column: Py<PyString>,
        /// The number of the item or of the answer; or the id of an item without one.
        number: Option<i64>,
        item_id: Option<Py<PyString>>,
        part: i64,
        /// See `Text`.
        text: Utf8Text,
    }
}

record! {
    /// A stream that has ended.
    StreamEnd {
        /// The offset at which it began.
        stream: u64,
        /// The API whose events it holds, `""` if none is known.
        api: Py<PyString>,
        response_id: Option<Py<PyString>>,
        /// The events that decoded, and those that did not.
        events: u64,
        failures: u64,
        /// Sequence numbers that never came, and that came again.
        missing: i64,
        duplicates: i64,
        /// Whether its last event came.
        complete: bool,
        /// Its text deltas, joined for each part of the output.
        texts: Py<PyTuple>,
        /// Whether `texts` has all of them.
        texts_whole: bool,
        /// The pieces of the items of its output, in the order in which they began.
        pieces: Py<PyTuple>,
        /// Whether `pieces` has all of them.
        pieces_whole: bool,
    }
}

record! {
    /// What a log has, counted.
    LogCounts {
        /// The events that decoded, and those that did not.
        events: u64,
        failures: u64,
        /// The bytes of their lines, and of the rest.
        event_bytes: u64,
        failure_bytes: u64,
        other_bytes: u64,
        /// The events that are JSON only as the SDKs read it.
        nonstandard: u64,
        /// The lines of event streams that are no comment and no field.
        unknown_lines: u64,
    }
}
