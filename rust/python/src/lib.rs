//! The compiled engine: arguments in, objects out, errors mapped; the work is `rapidsse_core`'s.

mod base64;
mod classes;
mod py;
mod spans;

/// See `_rust.pyi` for the interface, which `rapidsse._pure` shares.
#[pyo3::pymodule(gil_used = false)]
mod _rust {
    #[pymodule_export]
    use super::base64::{base64_decode, base64_decode_into};
    #[pymodule_export]
    use super::classes::deferred::Deferred;
    #[pymodule_export]
    use super::classes::event::ServerSentEvent;
    #[pymodule_export]
    use super::classes::frame_reader::FrameReader;
    #[pymodule_export]
    use super::classes::log_objects::{
        Event, Failure, LogCounts, Picture, Piece, Place, Span, StreamEnd, Text,
    };
    #[pymodule_export]
    use super::classes::log_reader::LogReader;
    #[pymodule_export]
    use super::classes::typed_reader::TypedReader;
    #[pymodule_export]
    use super::spans::find_spans;

    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "the name that Python sees")]
    const engine: &str = "rust";
}
