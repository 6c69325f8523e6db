//! Server-Sent Event streams of model output, read in place.
//!
//! The data flows one way: bytes → [`lines`] → [`frames`] → [`spans`]. Nothing here knows
//! Python, and nothing copies a payload that lies whole in the caller's chunk.
#![deny(unsafe_code)]

pub mod base64;
pub mod clean;
pub mod columns;
pub mod fields;
pub mod frames;
pub mod json;
pub mod json_lines;
pub mod lines;
pub mod logs;
pub mod repeats;
pub mod sequence;
pub mod spans;
pub mod streams;
