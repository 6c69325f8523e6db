//! Server-Sent Event streams of model output, read in place.
//!
//! The data flows one way: bytes → [`lines`] → [`frames`] → [`spans`]. Nothing here knows
//! Python, and nothing copies a payload that lies whole in the caller's chunk.
#![deny(unsafe_code)]

pub mod base64;
pub mod clean;
pub mod frames;
pub mod json;
pub mod lines;
pub mod logs;
pub mod spans;
pub mod template;
