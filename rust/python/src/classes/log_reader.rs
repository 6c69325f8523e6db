//! `LogReader`: the events of a log as columns, and the rest for a Python handler.

use pyo3::exceptions::PyValueError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use rapidsse_core::logs::columns::Columns;
use rapidsse_core::logs::order::{Order, OutOfOrder};
use rapidsse_core::logs::{
    BATCH_BYTES, BATCH_ROWS, Deliver, Framing, LogParser, Options, Output, Step,
};

use crate::classes::log_convert::{
    buffers, column_name, kind_name, to_object, to_pictures, to_spans, to_stream_end,
};
use crate::classes::log_objects::{Event, Failure, LogCounts, Place};
use crate::classes::log_options::{Given, to_columns, to_deliver, to_framing, to_limit, to_offset};
use crate::py::buffers::with_spare;
use crate::py::chunks::Chunk;
use crate::py::options::MaxEventSize;
use crate::py::text::{LastText, utf8};

/// Reads a log's bodies to columns of the events table, and passes the rest to a handler.
#[pyclass(module = "rapidsse._rust")]
pub struct LogReader {
    parser: LogParser,
    handler: Option<Py<PyAny>>,
    name: LastText,
    response_id: LastText,
    chunk: Option<Py<Chunk>>,
    /// The chunk that holds the last long base64 field, where that is not `chunk`.
    earlier: Option<Py<Chunk>>,
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
            earlier: None,
            pos: 0,
            order: Order::default(),
        })
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.handler)?;
        visit.call(&self.chunk)?;
        visit.call(&self.earlier)
    }

    fn __clear__(&mut self) {
        self.handler = None;
        self.chunk = None;
        self.earlier = None;
    }

    #[pyo3(signature = (offset, *, one_response=false))]
    fn begin(&mut self, offset: &Bound<'_, PyAny>, one_response: bool) -> PyResult<()> {
        let offset = to_offset(offset)?;
        self.order.begin().map_err(out_of_order)?;
        self.parser.begin(offset, one_response);
        self.earlier = None;
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
        self.earlier = None;
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
        let earlier = self.earlier.as_ref().map(|chunk| chunk.clone_ref(py));
        let earlier = earlier
            .as_ref()
            .map_or(&[][..], |chunk| chunk.get().bytes(py));
        let (parser, pos) = (&mut self.parser, &mut self.pos);
        let step = if chunk.get().can_change() {
            // Text that was found to be UTF-8 must still be that when it is copied.
            parser.advance_after(earlier, bytes, pos)
        } else {
            py.detach(|| parser.advance_after(earlier, bytes, pos))
        };
        if step == Step::UsedUp {
            self.chunk = None;
            if self.parser.refers_to_last_chunk() {
                // Clean is what equals clean bytes, if they still are.
                let stays = !chunk.get().can_change();
                self.earlier = stays.then(|| chunk.clone().unbind());
            }
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
            unknown_lines: totals.unknown_lines,
        }
    }

    fn types<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let types = PyDict::new(py);
        for count in self.parser.types() {
            types.set_item(utf8(py, &count.name)?, (count.events, count.bytes))?;
        }
        Ok(types)
    }
}

impl LogReader {
    /// Calls the handler for everything that was found.
    fn deliver(&mut self, py: Python<'_>, chunk: Option<&Bound<'_, Chunk>>) -> PyResult<()> {
        let found = self.parser.take_outputs();
        // Without a handler the garbage collector has taken the reader apart.
        let Some(handler) = self.handler.as_ref().map(|handler| handler.clone_ref(py)) else {
            return Ok(());
        };
        let handler = handler.bind(py);
        for found in found {
            match found {
                Output::Event {
                    payload,
                    spans,
                    contents,
                    place,
                    event,
                    response_id,
                    pictures,
                } => {
                    let payload = to_object(py, chunk, payload)?;
                    let pictures = to_pictures(&payload, &pictures)?;
                    let event = Event {
                        place: Py::new(py, Place::of(place))?,
                        name: self.name.of(py, &event)?,
                        response_id: response_id
                            .map(|id| self.response_id.of(py, &id))
                            .transpose()?,
                        payload: payload.unbind(),
                        spans: to_spans(py, &spans, &contents)?,
                        pictures,
                    };
                    handler.call_method1(intern!(py, "event"), (event,))?;
                }
                Output::Failure {
                    payload,
                    place,
                    event,
                    kind,
                } => {
                    let payload = payload.map(|payload| to_object(py, chunk, payload));
                    let failure = Failure {
                        place: Py::new(py, Place::of(place))?,
                        name: self.name.of(py, &event)?,
                        kind: PyString::intern(py, kind_name(kind)).unbind(),
                        payload: payload
                            .transpose()?
                            .map_or_else(|| py.None(), Bound::unbind),
                    };
                    handler.call_method1(intern!(py, "failure"), (failure,))?;
                }
                Output::Stream(stream) => {
                    let end = to_stream_end(py, *stream)?;
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
