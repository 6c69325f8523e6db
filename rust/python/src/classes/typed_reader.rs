//! `TypedReader`: the events of a stream as a Python callable decodes them.

use pyo3::exceptions::PyException;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyNotImplemented};
use rapidsse_core::frames::{TooLarge, event_name};
use rapidsse_core::input::{self, Part};
use rapidsse_core::like::{Member, Scalar};
use rapidsse_core::typed::{Caller, Cut, Event, Options, Payload, TypedStream};

use crate::classes::cut_hook::{CutDecoder, CutHook};
use crate::classes::deferred::Deferred;
use crate::py::bytes;
use crate::py::chunks::Chunk;
use crate::py::errors::{self, idle, unused};
use crate::py::input::{Input, Pull};
use crate::py::options::{Eof, MaxEventSize, Source};
use crate::py::place::Place;
use crate::py::prototype::{self, Prototype};
use crate::py::text::LastText;
use crate::spans::{to_keys, to_tuple};

/// Splits chunks into events and decodes each payload as soon as it is asked for.
#[pyclass(module = "rapidsse._rust")]
pub struct TypedReader {
    options: Options,
    stream: TypedStream,
    input: Input,
    decoding: Decoding,
}

/// What decodes the events.
struct Decoding {
    decode: Py<PyAny>,
    decode_lines: Option<Py<PyAny>>,
    prototype: Option<Py<PyAny>>,
    decode_cut: Option<Py<PyAny>>,
    handler: Py<PyAny>,
    /// What `decode_cut` returned.
    cut_decoder: Option<CutDecoder>,
    /// What events like the last ones are copied from.
    kept: Option<Prototype>,
    /// Values that were decoded together, if one is yet to be delivered.
    values: Option<Py<PyList>>,
    max_event_size: MaxEventSize,
    name: LastText,
}

impl TypedReader {
    fn of(source: Source, options: Options, decoding: Decoding) -> Self {
        TypedReader {
            stream: TypedStream::new(options.clone()),
            options,
            input: Input::new(source),
            decoding,
        }
    }
}

impl Decoding {
    /// The same of a stream at its start.
    fn of_another_stream(&self, py: Python<'_>) -> Self {
        let clone = |callable: &Option<Py<PyAny>>| callable.as_ref().map(|it| it.clone_ref(py));
        Decoding {
            decode: self.decode.clone_ref(py),
            decode_lines: clone(&self.decode_lines),
            prototype: clone(&self.prototype),
            decode_cut: clone(&self.decode_cut),
            handler: self.handler.clone_ref(py),
            cut_decoder: None,
            kept: None,
            values: None,
            max_event_size: self.max_event_size,
            name: LastText::default(),
        }
    }
}

#[pymethods]
impl TypedReader {
    #[new]
    #[pyo3(
        signature = (source=Source(None), *, decode, decode_lines=None, prototype=None, decode_cut=None, handler, keys, max_event_size=MaxEventSize(None), eof=Eof::DISPATCH, defer_if_contains=None, dataless=false),
        text_signature = "(source=None, *, decode, decode_lines=None, prototype=None, decode_cut=None, handler, keys, max_event_size=None, eof='dispatch', defer_if_contains=None, dataless=False)"
    )]
    #[expect(clippy::too_many_arguments, reason = "keywords of the Python class")]
    fn new(
        source: Source,
        decode: Py<PyAny>,
        decode_lines: Option<Py<PyAny>>,
        prototype: Option<Py<PyAny>>,
        decode_cut: Option<Py<PyAny>>,
        handler: Py<PyAny>,
        keys: Option<&Bound<'_, PyAny>>,
        max_event_size: MaxEventSize,
        eof: Eof,
        defer_if_contains: Option<&[u8]>,
        dataless: bool,
    ) -> PyResult<Self> {
        let options = Options {
            keys: to_keys(keys)?,
            max_event_size: max_event_size.0,
            eof: eof.0,
            dataless,
            defer_if_contains: defer_if_contains.map(<[u8]>::to_vec),
            batches: decode_lines.is_some(),
            cuts: decode_cut.is_some(),
        };
        let decoding = Decoding {
            decode,
            decode_lines,
            prototype,
            decode_cut,
            handler,
            cut_decoder: None,
            kept: None,
            values: None,
            max_event_size,
            name: LastText::default(),
        };
        Ok(TypedReader::of(source, options, decoding))
    }

    #[pyo3(signature = (source=Source(None)), text_signature = "($self, source=None)")]
    fn another(slf: &Bound<'_, Self>, source: Source) -> PyResult<TypedReader> {
        let reader = idle(slf)?;
        let decoding = reader.decoding.of_another_stream(slf.py());
        Ok(TypedReader::of(source, reader.options.clone(), decoding))
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.decoding.decode)?;
        visit.call(&self.decoding.decode_lines)?;
        visit.call(&self.decoding.prototype)?;
        visit.call(&self.decoding.decode_cut)?;
        visit.call(&self.decoding.handler)?;
        if let Some(cut_decoder) = &self.decoding.cut_decoder {
            cut_decoder.traverse(&visit)?;
        }
        if let Some(kept) = &self.decoding.kept {
            kept.traverse(&visit)?;
        }
        visit.call(&self.decoding.values)?;
        self.input.traverse(&visit)
    }

    fn __clear__(&mut self, py: Python<'_>) {
        self.decoding.decode = py.None();
        self.decoding.decode_lines = None;
        self.decoding.prototype = None;
        self.decoding.decode_cut = None;
        self.decoding.cut_decoder = None;
        self.decoding.kept = None;
        self.decoding.handler = py.None();
        self.decoding.values = None;
        self.input.clear();
    }

    fn push(slf: &Bound<'_, Self>, chunk: &Bound<'_, PyAny>) -> PyResult<()> {
        unused(slf)?.input.push(chunk)
    }

    fn finish(slf: &Bound<'_, Self>) -> PyResult<()> {
        unused(slf)?.input.chunks.close();
        Ok(())
    }

    fn __iter__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    fn __next__<'py>(slf: &Bound<'py, Self>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let reader = &mut *unused(slf)?;
        let (chunks, pull) = reader.input.parts(slf.py());
        let mut calls = Calls {
            pull,
            decoding: &mut reader.decoding,
        };
        reader.stream.next(chunks, &mut calls)
    }
}

/// Calls of Python's callables.
struct Calls<'a, 'py> {
    pull: Pull<'a, 'py>,
    decoding: &'a mut Decoding,
}

impl input::Source for Calls<'_, '_> {
    type Chunk = Py<Chunk>;
    type Error = PyErr;

    #[inline(always)]
    fn bytes<'a>(&'a self, chunk: &'a Py<Chunk>) -> &'a [u8] {
        self.pull.bytes(chunk)
    }

    fn pull(&mut self) -> PyResult<Option<Py<Chunk>>> {
        self.pull.pull()
    }
}

impl<'py> Caller for Calls<'_, 'py> {
    type Value = Bound<'py, PyAny>;
    type Copy = Bound<'py, PyBytes>;
    type Place = Place;

    #[inline(always)]
    fn copy(&self, size: usize, write: impl FnOnce(&mut [u8])) -> PyResult<Self::Copy> {
        let (copy, ()) = bytes::written_by(self.pull.py, size, write)?;
        Ok(copy)
    }

    #[inline(always)]
    fn decode(&mut self, payload: Self::Copy) -> PyResult<Option<Self::Value>> {
        let decode = self.decoding.decode.bind(self.pull.py);
        if_decoded(self.pull.py, decode.call1((payload,)))
    }

    fn decode_lines(&mut self, lines: Self::Copy) -> PyResult<Option<usize>> {
        let Some(decode_lines) = &self.decoding.decode_lines else {
            return Ok(None);
        };
        let values = decode_lines.bind(self.pull.py).call1((lines,));
        let Some(values) = if_decoded(self.pull.py, values)? else {
            return Ok(None);
        };
        let values = values.cast_into::<PyList>()?;
        let count = values.len();
        self.decoding.values = Some(values.unbind());
        Ok(Some(count))
    }

    #[inline(always)]
    fn value(&mut self, number: usize) -> PyResult<Self::Value> {
        let Some(values) = &self.decoding.values else {
            return Ok(self.pull.py.None().into_bound(self.pull.py));
        };
        let values = values.bind(self.pull.py);
        let value = values.get_item(number)?;
        if number + 1 == values.len() {
            self.decoding.values = None;
        }
        Ok(value)
    }

    fn keeps(&mut self, number: usize, members: &[Member]) -> PyResult<bool> {
        let (Some(prototype), Some(values)) = (&self.decoding.prototype, &self.decoding.values)
        else {
            return Ok(false);
        };
        let py = self.pull.py;
        let value = values.bind(py).get_item(number)?;
        let arguments = (value, prototype::described(py, members)?);
        let made = prototype.bind(py).call1(arguments)?;
        self.decoding.kept = Prototype::of(&made, members.len())?;
        Ok(self.decoding.kept.is_some())
    }

    #[inline(always)]
    fn like(&self, payload: &[u8], values: &[Scalar]) -> PyResult<Self::Value> {
        let py = self.pull.py;
        match &self.decoding.kept {
            Some(kept) => kept.with(py, payload, values),
            None => Ok(py.None().into_bound(py)),
        }
    }

    fn place(
        &self,
        payload: Payload,
        chunk: Option<&Py<Chunk>>,
        kept: &[Part<Py<Chunk>>],
    ) -> PyResult<Place> {
        Place::of(self.pull.py, payload, chunk, kept)
    }

    fn decode_cut(
        &mut self,
        json: Bound<'py, PyBytes>,
        cut: Cut,
        place: &Place,
    ) -> PyResult<Option<(Self::Value, Cut)>> {
        let py = self.pull.py;
        let Some(new) = &self.decoding.decode_cut else {
            return Ok(None);
        };
        let decoder = match &mut self.decoding.cut_decoder {
            Some(decoder) => decoder,
            empty => {
                let made = new.bind(py).call1((py.get_type::<CutHook>(),))?;
                empty.insert(CutDecoder::of(&made)?)
            }
        };
        let Some((value, cut)) = decoder.decode(&json, cut, place)? else {
            return Ok(None);
        };
        Ok(if_decoded(py, value)?.map(|value| (value, cut)))
    }

    #[cold]
    fn deferred(
        &mut self,
        event: Event<Place>,
        chunk: Option<&Py<Chunk>>,
    ) -> PyResult<Option<Self::Value>> {
        let py = self.pull.py;
        let bytes = chunk.map_or(&[][..], |chunk| chunk.get().bytes(py));
        let name = self
            .decoding
            .name
            .of(py, event_name(event.name.bytes(bytes)))?;
        let deferred = Deferred {
            payload: event.payload.whole(py)?.unbind(),
            spans: to_tuple(py, &event.spans)?.unbind(),
            offset: Some(event.offset),
            index: Some(event.index),
            name,
            complete: event.is_complete,
        };
        let handler = self.decoding.handler.bind(py);
        delivered(handler.call_method1(intern!(py, "deferred"), (deferred,)))
    }

    fn done(&mut self) -> PyResult<Option<Self::Value>> {
        let py = self.pull.py;
        delivered(
            self.decoding
                .handler
                .bind(py)
                .call_method0(intern!(py, "done")),
        )
    }

    fn too_large(&mut self, error: TooLarge, index: u64) -> PyResult<Option<Self::Value>> {
        let py = self.pull.py;
        let limit = self.decoding.max_event_size.0;
        let error = errors::event_too_large(py, error, index, limit)?;
        let handler = self.decoding.handler.bind(py);
        delivered(handler.call_method1(intern!(py, "too_large"), (error,)))
    }
}

/// What a decoder returned; `None` if it raised an `Exception`, and not a `KeyboardInterrupt`.
#[inline(always)]
fn if_decoded<'py>(
    py: Python<'py>,
    result: PyResult<Bound<'py, PyAny>>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_instance_of::<PyException>(py) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a handler returned; `None` for `NotImplemented`, which delivers nothing.
fn delivered(result: PyResult<Bound<'_, PyAny>>) -> PyResult<Option<Bound<'_, PyAny>>> {
    let value = result?;
    let is_nothing = value.is(PyNotImplemented::get(value.py()));
    Ok((!is_nothing).then_some(value))
}
