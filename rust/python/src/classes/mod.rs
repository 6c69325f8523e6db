//! One Python class per file; those of a log's handler, which are plain records, in one.

pub mod deferred;
pub mod event;
pub mod event_type;
pub mod frame_reader;
pub mod log_objects;
pub mod log_reader;
mod record;
pub mod typed_reader;
