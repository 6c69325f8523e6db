//! One Python class per file; those of a log's handler, which are plain records, in one.
//! `log_options` checks the arguments of `LogReader`, and `log_convert` makes its results.

pub mod cut_hook;
pub mod deferred;
pub mod event;
pub mod event_type;
pub mod frame_reader;
pub mod log_convert;
pub mod log_objects;
pub mod log_options;
pub mod log_reader;
mod record;
pub mod typed_reader;
