//! `LogReader`: the events of a log as columns, and the rest for a Python handler.

use std::convert::Infallible;
use std::iter;

use pyo3::Borrowed;
use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};
use rapidsse_core::frames::Value;
use rapidsse_core::logs::arrow::Taken;
use rapidsse_core::logs::columns::{Columns, Name};
use rapidsse_core::logs::fields::Refusal;
use rapidsse_core::logs::items;
use rapidsse_core::logs::order::{Order, OutOfOrder};
use rapidsse_core::logs::streams::Stream;
use rapidsse_core::logs::texts::to_utf8;
use rapidsse_core::logs::{
    BATCH_BYTES, BATCH_ROWS, Deliver, FailureKind, Found, Framing, LogParser, Options, Step,
};
use rapidsse_core::spans;

use crate::classes::log_objects::{Event, Failure, LogCounts, Piece, Place, Span, StreamEnd, Text};
use crate::py::buffers::{lend, with_spare};
use crate::py::chunks::Chunk;
use crate::py::options::MaxEventSize;
use crate::py::text::LastText;

/// Reads a log's bodies to columns of the events table, and passes the rest to a handler.
#[pyclass(module = "rapidsse._rust")]
pub struct LogReader {
    parser: LogParser,
    handler: Option<Py<PyAny>>,
    name: LastText,
    response_id: LastText,
    chunk: Option<Py<Chunk>>,
    pos: usize,
    order: Order,
}

#[pymethods]
impl LogReader {
    #[new]
    #[pyo3(
        signature = (handler, *, framing=Given(None), columns=Given(None), deliver=Given(None), max_event_size=MaxEventSize(None), batch_rows=Given(None), batch_bytes=Given(None)),
        text_signature = "(handler, *, framing='sse', columns=(), deliver=..., max_event_size=None, batch_rows=16384, batch_bytes=4194304)"
    )]
    fn new(
        handler: Py<PyAny>,
        framing: Given<'_>,
        columns: Given<'_>,
        deliver: Given<'_>,
        max_event_size: MaxEventSize,
        batch_rows: Given<'_>,
        batch_bytes: Given<'_>,
    ) -> PyResult<Self> {
        let columns = columns.or(Vec::new(), to_columns)?;
        let parser = LogParser::new(Options {
            framing: framing.or(Framing::Sse, to_framing)?,
            deliver: deliver.or(Deliver::default(), to_deliver)?,
            max_event_size: max_event_size.0,
            batch_rows: batch_rows.or(BATCH_ROWS, |limit| to_limit("batch_rows", limit))?,
            batch_bytes: batch_bytes.or(BATCH_BYTES, |limit| to_limit("batch_bytes", limit))?,
            columns: with_spare(|spare| Columns::new(&columns, spare)),
        });
        Ok(LogReader {
            parser,
            handler: Some(handler),
            name: LastText::default(),
            response_id: LastText::default(),
            chunk: None,
            pos: 0,
            order: Order::default(),
        })
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.handler)?;
        visit.call(&self.chunk)
    }

    fn __clear__(&mut self) {
        self.handler = None;
        self.chunk = None;
    }

    #[pyo3(signature = (offset, *, one_response=false))]
    fn begin(&mut self, offset: &Bound<'_, PyAny>, one_response: bool) -> PyResult<()> {
        let offset = to_offset(offset)?;
        self.order.begin().map_err(out_of_order)?;
        self.parser.begin(offset, one_response);
        Ok(())
    }

    fn push(&mut self, chunk: &Bound<'_, PyAny>) -> PyResult<()> {
        let chunk = Chunk::in_place(chunk)?.into_pyobject(chunk.py())?;
        self.order.push().map_err(out_of_order)?;
        self.chunk = Some(chunk.unbind());
        self.pos = 0;
        Ok(())
    }

    fn finish(&mut self) -> PyResult<()> {
        self.order.finish().map_err(out_of_order)?;
        self.parser.finish();
        Ok(())
    }

    fn advance(&mut self, py: Python<'_>) -> PyResult<bool> {
        let Some(chunk) = self.chunk.as_ref().map(|chunk| chunk.clone_ref(py)) else {
            self.deliver(py, None)?;
            self.order.use_up();
            return Ok(self.parser.is_full());
        };
        let chunk = chunk.bind(py);
        let bytes = chunk.get().bytes(py);
        let (parser, pos) = (&mut self.parser, &mut self.pos);
        let step = py.detach(|| parser.advance(bytes, pos));
        if step == Step::UsedUp {
            self.chunk = None;
            self.pos = 0;
            self.order.use_up();
        }
        self.deliver(py, Some(chunk))?;
        Ok(step != Step::UsedUp)
    }

    fn take<'py>(&mut self, py: Python<'py>) -> PyResult<(usize, Bound<'py, PyDict>)> {
        let columns = self.parser.columns();
        let (rows, columns) = with_spare(|spare| columns.take(spare));
        let taken = PyDict::new(py);
        for (name, column) in columns {
            taken.set_item(column_name(name), buffers(py, column)?)?;
        }
        Ok((rows, taken))
    }

    #[getter]
    fn rows(&mut self) -> usize {
        self.parser.columns().rows()
    }

    #[getter]
    fn position(&self) -> u64 {
        self.parser.position(self.pos)
    }

    fn totals(&self) -> LogCounts {
        let totals = self.parser.totals(self.pos);
        LogCounts {
            events: totals.events,
            failures: totals.failures,
            event_bytes: totals.event_bytes,
            failure_bytes: totals.failure_bytes,
            other_bytes: totals.other_bytes,
            nonstandard: totals.nonstandard,
        }
    }

    fn types<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let types = PyDict::new(py);
        for count in self.parser.types() {
            types.set_item(text(py, &count.name)?, (count.events, count.bytes))?;
        }
        Ok(types)
    }
}

impl LogReader {
    /// Calls the handler for everything that was found.
    fn deliver(&mut self, py: Python<'_>, chunk: Option<&Bound<'_, Chunk>>) -> PyResult<()> {
        let found = self.parser.take_found();
        // Without a handler the garbage collector has taken the reader apart.
        let Some(handler) = self.handler.as_ref().map(|handler| handler.clone_ref(py)) else {
            return Ok(());
        };
        let handler = handler.bind(py);
        for found in found {
            match found {
                Found::Event {
                    payload,
                    spans,
                    contents,
                    place,
                    event,
                    response_id,
                } => {
                    let event = Event {
                        place: Py::new(py, Place::of(place))?,
                        name: self.name.of(py, &event),
                        response_id: response_id.map(|id| self.response_id.of(py, &id)),
                        payload: to_object(py, chunk, payload)?.unbind(),
                        spans: to_spans(py, &spans, &contents)?,
                    };
                    handler.call_method1(intern!(py, "event"), (event,))?;
                }
                Found::Failure {
                    payload,
                    place,
                    event,
                    kind,
                } => {
                    let payload = payload.map(|payload| to_object(py, chunk, payload));
                    let failure = Failure {
                        place: Py::new(py, Place::of(place))?,
                        name: self.name.of(py, &event),
                        kind: PyString::intern(py, kind_name(kind)).unbind(),
                        payload: payload
                            .transpose()?
                            .map_or_else(|| py.None(), Bound::unbind),
                    };
                    handler.call_method1(intern!(py, "failure"), (failure,))?;
                }
                Found::Stream(stream) => {
                    let end = to_stream_end(py, &stream)?;
                    handler.call_method1(intern!(py, "stream"), (end,))?;
                }
            }
        }
        Ok(())
    }
}

fn out_of_order(error: OutOfOrder) -> PyErr {
    PyValueError::new_err(error.to_string())
}

fn buffers<'py>(py: Python<'py>, column: Taken) -> PyResult<Bound<'py, PyTuple>> {
    let validity = column.validity.map(|bits| PyBytes::new(py, &bits));
    let nulls = column.nulls;
    match lend(column.values) {
        (Some(offsets), bytes) => (validity, offsets, bytes, nulls).into_pyobject(py),
        (None, values) => (validity, values, nulls).into_pyobject(py),
    }
}

/// A payload as `bytes`, or in its chunk.
fn to_object<'py>(
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

fn to_spans(py: Python<'_>, spans: &[spans::Span], contents: &[u32]) -> PyResult<Py<PyTuple>> {
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

fn to_stream_end(py: Python<'_>, stream: &Stream) -> PyResult<StreamEnd> {
    let texts = stream.texts.parts.iter();
    let texts = texts
        .map(|(&(number, part), utf8)| {
            let text = text(py, &to_utf8(utf8))?.unbind();
            Py::new(py, Text { number, part, text })
        })
        .collect::<PyResult<Vec<_>>>()?;
    let items = stream.items.as_deref();
    let pieces = items.map_or(&[][..], |items| &items.pieces).iter();
    let pieces = pieces
        .map(|piece| to_piece(py, piece))
        .collect::<PyResult<Vec<_>>>()?;
    let api = stream.api.map_or("", |api| api.name);
    let id = stream.id.as_deref().map(|id| text(py, id)).transpose()?;
    Ok(StreamEnd {
        stream: stream.offset,
        api: PyString::intern(py, api).unbind(),
        response_id: id.map(Bound::unbind),
        events: stream.events - stream.failures,
        failures: stream.failures,
        missing: stream.sequence.missing(),
        duplicates: stream.sequence.duplicates(),
        complete: stream.is_complete(),
        texts: PyTuple::new(py, texts)?.unbind(),
        texts_whole: !stream.texts.is_cut,
        pieces: PyTuple::new(py, pieces)?.unbind(),
        pieces_whole: !items.is_some_and(|items| items.is_cut),
    })
}

fn to_piece(py: Python<'_>, piece: &items::Piece) -> PyResult<Py<Piece>> {
    let key = &piece.key;
    let item_id = key.item_id.as_deref().map(|id| text(py, id)).transpose()?;
    let piece = Piece {
        item: PyString::intern(py, key.item).unbind(),
        column: PyString::intern(py, key.column).unbind(),
        number: key.number,
        item_id: item_id.map(Bound::unbind),
        part: key.part,
        text: text(py, &to_utf8(&piece.text))?.unbind(),
    };
    Py::new(py, piece)
}

/// The core checked that it is UTF-8.
fn text<'py>(py: Python<'py>, utf8: &[u8]) -> PyResult<Bound<'py, PyString>> {
    PyString::from_bytes(py, utf8)
}

fn kind_name(kind: FailureKind) -> &'static str {
    match kind {
        FailureKind::Refused(Refusal::Utf8) => "utf8",
        FailureKind::Refused(Refusal::Depth) => "depth",
        FailureKind::Refused(Refusal::Json) => "json",
        FailureKind::Refused(Refusal::Schema) => "schema",
        FailureKind::Truncated => "truncated",
        FailureKind::TooLarge => "too_large",
    }
}

fn column_name(name: Name) -> &'static str {
    let column = Name::ALL.iter().find(|(_, column)| *column == name);
    column.map_or("", |(text, _)| text)
}

/// An argument, or nothing where it has its default: `None` is an argument too.
struct Given<'py>(Option<Bound<'py, PyAny>>);

impl<'a, 'py> FromPyObject<'a, 'py> for Given<'py> {
    type Error = Infallible;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> Result<Self, Infallible> {
        Ok(Given(Some(object.to_owned())))
    }
}

impl<'py> Given<'py> {
    fn or<T>(
        self,
        default: T,
        convert: impl FnOnce(&Bound<'py, PyAny>) -> PyResult<T>,
    ) -> PyResult<T> {
        self.0.as_ref().map_or(Ok(default), convert)
    }
}

fn to_framing(framing: &Bound<'_, PyAny>) -> PyResult<Framing> {
    match framing.extract::<&str>() {
        Ok("sse") => Ok(Framing::Sse),
        Ok("lines") => Ok(Framing::Lines),
        _ => Err(PyValueError::new_err(format!(
            "framing must be 'sse' or 'lines', not {}",
            framing.repr()?
        ))),
    }
}

fn to_columns(names: &Bound<'_, PyAny>) -> PyResult<Vec<Name>> {
    let mut columns = Vec::new();
    for name in names.try_iter()? {
        let name = name?;
        let text = name.extract::<&str>().unwrap_or_default();
        let Some((_, column)) = Name::ALL.iter().find(|(known, _)| *known == text) else {
            let known: Vec<_> = Name::ALL.iter().map(|&(known, _)| known).collect();
            return Err(PyValueError::new_err(format!(
                "no such column: {}; the columns are {}",
                name.repr()?,
                known.join(", ")
            )));
        };
        columns.push(*column);
    }
    Ok(columns)
}

fn to_deliver(names: &Bound<'_, PyAny>) -> PyResult<Deliver> {
    let mut deliver = Deliver::default();
    for name in names.try_iter()? {
        let name = name?;
        match name.extract::<&str>() {
            Ok("all") => deliver.all = true,
            Ok("state") => deliver.state = true,
            Ok("texts") => deliver.texts = true,
            Ok("images") => deliver.images = true,
            Ok("items") => deliver.items = true,
            _ => {
                return Err(PyValueError::new_err(format!(
                    "deliver takes 'all', 'state', 'texts', 'images' and 'items', not {}",
                    name.repr()?
                )));
            }
        }
    }
    Ok(deliver)
}

/// The limit of a batch; one that is larger than memory is none.
fn to_limit(option: &str, limit: &Bound<'_, PyAny>) -> PyResult<usize> {
    let limit = index(limit)?;
    if limit.lt(1)? {
        return Err(PyValueError::new_err(format!(
            "{option} must be at least 1, not {limit}"
        )));
    }
    Ok(limit.extract().unwrap_or(usize::MAX))
}

fn to_offset(offset: &Bound<'_, PyAny>) -> PyResult<u64> {
    let offset = index(offset)?;
    match offset.extract::<i64>() {
        Ok(number @ 0..) => Ok(number.unsigned_abs()),
        _ => Err(PyValueError::new_err(format!(
            "offset must be from 0 to 2**63 - 1, not {offset}"
        ))),
    }
}

/// The integer that `operator.index` gives.
fn index<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: any live object; a new reference, or null with an exception set.
    unsafe {
        let integer = ffi::PyNumber_Index(object.as_ptr());
        Bound::from_owned_ptr_or_err(object.py(), integer)
    }
}
