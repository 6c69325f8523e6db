//! The compiled engine: arguments in, objects out, errors mapped; the work is `rapidsse_core`'s.

mod base64;
mod batch;
mod buffers;
mod bytes;
mod chunk;
mod errors;
mod event;
mod frames;
mod input;
mod logs;
mod mapped;
mod options;
mod rope;
mod spans;
mod typed;

/// See `_rust.pyi` for the interface, which `rapidsse._pure` shares.
#[pyo3::pymodule(gil_used = false)]
mod _rust {
    #[pymodule_export]
    use super::base64::{base64_decode, base64_decode_into};
    #[pymodule_export]
    use super::event::ServerSentEvent;
    #[pymodule_export]
    use super::frames::FrameReader;
    #[pymodule_export]
    use super::logs::LogReader;
    #[pymodule_export]
    use super::mapped::MappingGuard;
    #[pymodule_export]
    use super::spans::find_spans;
    #[pymodule_export]
    use super::typed::TypedReader;

    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "the name that Python sees")]
    const engine: &str = "rust";
}
