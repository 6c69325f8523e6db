//! `LogReader`: the events of a log as columns, and the rest for a Python handler.

use std::collections::HashSet;
use std::iter;

use pyo3::exceptions::PyValueError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString, PyTuple};
use rapidsse_core::frames::Value;
use rapidsse_core::logs::columns::{Columns, Name, Place, Taken};
use rapidsse_core::logs::fields::Refusal;
use rapidsse_core::logs::streams::{Api, Stream};
use rapidsse_core::logs::{FailureKind, Found, Framing, HandsOver, LogParser, Options, Step};

use crate::py::buffers::{lend, with_spare};
use crate::py::chunks::Chunk;
use crate::py::options::MaxEventSize;

/// Reads a log's bodies to columns of the events table, and hands over the rest.
#[pyclass(module = "rapidsse._rust")]
pub struct LogReader {
    parser: LogParser,
    handler: Py<PyAny>,
    chunk: Option<Py<Chunk>>,
    pos: usize,
    body: Body,
}

/// Whether a body is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    None,
    Begun,
    Finished,
}

#[pymethods]
impl LogReader {
    #[new]
    #[pyo3(
        signature = (handler, *, framing="sse", columns=vec![], hands_over=HashSet::new(), max_event_size=MaxEventSize(None), batch_rows=8192, batch_bytes=4194304),
        text_signature = "(handler, *, framing='sse', columns=(), hands_over=..., max_event_size=None, batch_rows=8192, batch_bytes=4194304)"
    )]
    fn new(
        handler: Py<PyAny>,
        framing: &str,
        columns: Vec<String>,
        hands_over: HashSet<String>,
        max_event_size: MaxEventSize,
        batch_rows: usize,
        batch_bytes: usize,
    ) -> PyResult<Self> {
        if batch_rows == 0 || batch_bytes == 0 {
            return Err(PyValueError::new_err(
                "batch_rows and batch_bytes must be at least 1",
            ));
        }
        let names = columns
            .iter()
            .map(|name| column(name))
            .collect::<PyResult<Vec<_>>>()?;
        let parser = LogParser::new(Options {
            framing: to_framing(framing)?,
            columns: with_spare(|spare| Columns::new(&names, spare)),
            hands_over: to_hands_over(&hands_over)?,
            max_event_size: max_event_size.0,
            batch_rows,
            batch_bytes,
        });
        Ok(LogReader {
            parser,
            handler,
            chunk: None,
            pos: 0,
            body: Body::None,
        })
    }

    fn begin(&mut self, offset: u64) -> PyResult<()> {
        if self.body != Body::None {
            return Err(PyValueError::new_err(
                "a body is being read: finish() it and advance() to its end first",
            ));
        }
        self.parser.begin(offset);
        self.body = Body::Begun;
        Ok(())
    }

    fn push(&mut self, chunk: &Bound<'_, PyAny>) -> PyResult<()> {
        let chunk = Chunk::in_place(chunk)?.into_pyobject(chunk.py())?;
        self.check_used_up()?;
        self.chunk = Some(chunk.unbind());
        self.pos = 0;
        Ok(())
    }

    fn finish(&mut self) -> PyResult<()> {
        self.check_used_up()?;
        self.parser.finish();
        self.body = Body::Finished;
        Ok(())
    }

    fn advance(&mut self, py: Python<'_>) -> PyResult<bool> {
        let Some(chunk) = self.chunk.as_ref().map(|chunk| chunk.clone_ref(py)) else {
            self.deliver(py, None)?;
            if self.body == Body::Finished {
                self.body = Body::None;
            }
            return Ok(self.parser.is_full());
        };
        let chunk = chunk.bind(py);
        let bytes = chunk.get().bytes(py);
        let (parser, pos) = (&mut self.parser, &mut self.pos);
        let step = py.detach(|| parser.advance(bytes, pos));
        if step == Step::UsedUp {
            self.chunk = None;
            self.pos = 0;
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

    fn totals(&self) -> (u64, u64, u64, u64, u64) {
        let totals = self.parser.totals(self.pos);
        (
            totals.events,
            totals.failures,
            totals.event_bytes,
            totals.failure_bytes,
            totals.other_bytes,
        )
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
    fn check_used_up(&self) -> PyResult<()> {
        let problem = match self.body {
            Body::None => "no body is being read: begin() one first",
            Body::Finished => "the body is finished: advance() to its end and begin() another",
            Body::Begun if self.chunk.is_some() => {
                "the last chunk is not used up: advance() until it returns False"
            }
            Body::Begun => return Ok(()),
        };
        Err(PyValueError::new_err(problem))
    }

    /// Calls the handler for everything that was found.
    fn deliver(&mut self, py: Python<'_>, chunk: Option<&Bound<'_, Chunk>>) -> PyResult<()> {
        let handler = self.handler.bind(py);
        for found in self.parser.take_found() {
            match found {
                Found::Event {
                    payload,
                    spans,
                    contents,
                    place,
                    event,
                    response_id,
                } => {
                    let Place {
                        stream,
                        offset,
                        length,
                        index,
                    } = place;
                    let payload = to_object(py, chunk, payload)?;
                    let event = text(py, &event)?;
                    let contents = contents.into_iter().chain(iter::repeat(0));
                    let spans = spans.iter().map(|span| (span.start, span.end));
                    let spans = spans
                        .zip(contents)
                        .map(|((start, end), content)| (start, end, content));
                    let spans = spans.collect::<Vec<_>>();
                    let id = response_id.map(|id| text(py, &id)).transpose()?;
                    let arguments = (payload, spans, stream, offset, length, index, event, id);
                    handler.call_method1(intern!(py, "event"), arguments)?;
                }
                Found::Failure {
                    payload,
                    place,
                    event,
                    kind,
                } => {
                    let Place {
                        stream,
                        offset,
                        length,
                        index,
                    } = place;
                    let payload = payload.map(|payload| to_object(py, chunk, payload));
                    let payload = payload.transpose()?;
                    let (event, kind) = (text(py, &event)?, kind_name(kind));
                    let arguments = (payload, stream, offset, length, index, event, kind);
                    handler.call_method1(intern!(py, "failure"), arguments)?;
                }
                Found::Stream(stream) => {
                    handler.call_method1(intern!(py, "stream"), to_arguments(py, &stream)?)?;
                }
            }
        }
        Ok(())
    }
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

fn to_arguments<'py>(py: Python<'py>, stream: &Stream) -> PyResult<Bound<'py, PyTuple>> {
    let texts = stream.texts.parts.iter();
    let texts = texts
        .map(|(&(first, second), part)| Ok((first, second, text(py, part)?)))
        .collect::<PyResult<Vec<_>>>()?;
    let api = match stream.api {
        Api::Unclaimed => "",
        Api::Response => "response",
        Api::Images => "images",
        Api::Chat => "chat",
    };
    (
        stream.offset,
        api,
        stream.id.as_deref().map(|id| text(py, id)).transpose()?,
        stream.events - stream.failures,
        stream.failures,
        stream.sequence.missing(),
        stream.sequence.duplicates(),
        stream.is_complete,
        texts,
        !stream.texts.is_cut,
    )
        .into_pyobject(py)
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

const COLUMNS: [(&str, Name); 12] = [
    ("stream", Name::Stream),
    ("response_id", Name::ResponseId),
    ("offset", Name::Offset),
    ("length", Name::Length),
    ("index", Name::Index),
    ("event", Name::Event),
    ("sequence_number", Name::SequenceNumber),
    ("output_index", Name::OutputIndex),
    ("content_index", Name::ContentIndex),
    ("item_id", Name::ItemId),
    ("delta", Name::Delta),
    ("payload", Name::Payload),
];

fn column(text: &str) -> PyResult<Name> {
    let column = COLUMNS.iter().find(|(name, _)| *name == text);
    column
        .map(|&(_, name)| name)
        .ok_or_else(|| PyValueError::new_err(format!("no such column: {text:?}")))
}

fn column_name(name: Name) -> &'static str {
    let column = COLUMNS.iter().find(|(_, column)| *column == name);
    column.map_or("", |(text, _)| text)
}

fn to_framing(text: &str) -> PyResult<Framing> {
    match text {
        "sse" => Ok(Framing::Sse),
        "lines" => Ok(Framing::Lines),
        _ => Err(PyValueError::new_err(format!(
            "framing must be 'sse' or 'lines', not {text:?}"
        ))),
    }
}

fn to_hands_over(names: &HashSet<String>) -> PyResult<HandsOver> {
    let mut wanted = HandsOver::default();
    for name in names {
        match name.as_str() {
            "all" => wanted.all = true,
            "state" => wanted.state = true,
            "texts" => wanted.texts = true,
            "images" => wanted.images = true,
            _ => {
                return Err(PyValueError::new_err(format!(
                    "hands_over holds 'all', 'state', 'texts' or 'images', not {name:?}"
                )));
            }
        }
    }
    Ok(wanted)
}
