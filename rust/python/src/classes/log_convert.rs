//! What the core finds in a log, as Python's objects.

use std::borrow::Cow;
use std::iter;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString, PyTuple};
use rapidsse_core::frames::Value;
use rapidsse_core::logs::FailureKind;
use rapidsse_core::logs::arrow::Taken;
use rapidsse_core::logs::columns::Name;
use rapidsse_core::logs::fields::Refusal;
use rapidsse_core::logs::items;
use rapidsse_core::logs::pictures;
use rapidsse_core::logs::streams::Stream;
use rapidsse_core::logs::texts::to_utf8;
use rapidsse_core::spans;

use crate::classes::log_objects::{Picture, Piece, Span, StreamEnd, Text};
use crate::py::buffers::lend;
use crate::py::chunks::{Chunk, slice_of};
use crate::py::text::{Utf8Text, utf8};

pub fn buffers<'py>(py: Python<'py>, column: Taken) -> PyResult<Bound<'py, PyTuple>> {
    let validity = column.validity.map(|bits| PyBytes::new(py, &bits));
    let nulls = column.nulls;
    match lend(column.values) {
        (Some(offsets), bytes) => (validity, offsets, bytes, nulls).into_pyobject(py),
        (None, values) => (validity, values, nulls).into_pyobject(py),
    }
}

/// A payload as `bytes`, or in its chunk.
pub fn to_object<'py>(
    py: Python<'py>,
    chunk: Option<&Bound<'py, Chunk>>,
    payload: Value,
) -> PyResult<Bound<'py, PyAny>> {
    match (payload, chunk) {
        (Value::InChunk(range), Some(chunk)) => Chunk::view(chunk, range),
        (Value::InChunk(_), None) => Ok(PyBytes::new(py, b"").into_any()),
        (Value::Owned(bytes), _) => {
            let range = 0..bytes.len();
            Chunk::view(&Bound::new(py, Chunk::joined(bytes))?, range)
        }
    }
}

pub fn to_spans(py: Python<'_>, spans: &[spans::Span], contents: &[u32]) -> PyResult<Py<PyTuple>> {
    let contents = contents.iter().copied().chain(iter::repeat(0));
    let spans = spans.iter().zip(contents).map(|(span, content)| {
        let (start, end) = (span.start, span.end);
        Py::new(
            py,
            Span {
                start,
                end,
                content,
            },
        )
    });
    Ok(PyTuple::new(py, spans.collect::<PyResult<Vec<_>>>()?)?.unbind())
}

/// The pictures of a payload, of which their texts are views.
pub fn to_pictures(
    payload: &Bound<'_, PyAny>,
    pictures: &[pictures::Picture],
) -> PyResult<Py<PyAny>> {
    let py = payload.py();
    let pictures = pictures.iter().map(|picture| {
        let data = match &picture.unescaped {
            Some(text) => PyBytes::new(py, text).into_any(),
            None => payload.get_item(slice_of(py, picture.range.clone())?)?,
        };
        let kind = if picture.is_partial {
            "partial"
        } else {
            "final"
        };
        let id = picture.item_id.as_deref();
        let picture = Picture {
            item_id: id.map(|id| utf8(py, id)).transpose()?.map(Bound::unbind),
            kind: PyString::intern(py, kind).unbind(),
            partial: picture.number,
            data: data.unbind(),
            content: picture.content,
        };
        Py::new(py, picture)
    });
    let pictures = pictures.collect::<PyResult<Vec<_>>>()?;
    Ok(PyTuple::new(py, pictures)?.into_any().unbind())
}

pub fn to_stream_end(py: Python<'_>, stream: Stream) -> PyResult<StreamEnd> {
    let complete = stream.is_complete();
    let texts = stream.texts.parts.into_iter();
    let texts = texts
        .map(|((number, part), utf8)| {
            let text = utf8_text(utf8);
            Py::new(py, Text { number, part, text })
        })
        .collect::<PyResult<Vec<_>>>()?;
    let items = stream.items.map(|items| *items).unwrap_or_default();
    let pieces = items.pieces.into_iter();
    let pieces = pieces
        .map(|piece| to_piece(py, piece))
        .collect::<PyResult<Vec<_>>>()?;
    let api = stream.api.map_or("", |api| api.name);
    let id = stream.id.as_deref().map(|id| utf8(py, id)).transpose()?;
    Ok(StreamEnd {
        stream: stream.offset,
        api: PyString::intern(py, api).unbind(),
        response_id: id.map(Bound::unbind),
        events: stream.events - stream.failures,
        failures: stream.failures,
        missing: stream.sequence.missing(),
        duplicates: stream.sequence.duplicates(),
        complete,
        texts: PyTuple::new(py, texts)?.unbind(),
        texts_whole: !stream.texts.is_cut,
        pieces: PyTuple::new(py, pieces)?.unbind(),
        pieces_whole: !items.is_cut,
    })
}

fn to_piece(py: Python<'_>, piece: items::Piece) -> PyResult<Py<Piece>> {
    let key = piece.key;
    let item_id = key.item_id.as_deref().map(|id| utf8(py, id)).transpose()?;
    let piece = Piece {
        item: PyString::intern(py, key.item).unbind(),
        column: PyString::intern(py, key.column).unbind(),
        number: key.number,
        item_id: item_id.map(Bound::unbind),
        part: key.part,
        text: utf8_text(piece.text),
    };
    Py::new(py, piece)
}

/// The text of a part: see `to_utf8`.
fn utf8_text(part: Vec<u8>) -> Utf8Text {
    if let Cow::Owned(text) = to_utf8(&part) {
        return Utf8Text::from(text);
    }
    Utf8Text::from(part)
}

pub fn kind_name(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Refused(Refusal::Utf8) => "utf8",
        FailureKind::Refused(Refusal::Depth) => "depth",
        FailureKind::Refused(Refusal::Json) => "json",
        FailureKind::Refused(Refusal::Schema) => "schema",
        FailureKind::Truncated => "truncated",
        FailureKind::TooLarge => "too_large",
    }
}

pub fn column_name(name: Name) -> &'static str {
    let column = Name::ALL.iter().find(|(_, column)| *column == name);
    column.map_or("", |(text, _)| text)
}
