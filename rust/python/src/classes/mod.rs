//! One Python class a file.

pub mod event;
pub mod frame_reader;
pub mod log_reader;
pub mod typed_reader;
