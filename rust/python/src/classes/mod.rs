//! One Python class a file; those of a log's handler, which are plain records, in one.

pub mod event;
pub mod event_type;
pub mod frame_reader;
pub mod log_objects;
pub mod log_reader;
pub mod typed_reader;
