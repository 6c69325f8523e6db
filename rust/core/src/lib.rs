//! Server-Sent Event streams of model output, read in place.
//!
//! The data flows one way: bytes → [`lines`] → [`frames`] → [`spans`]. Nothing here knows
//! Python, and nothing copies a payload that lies whole in the caller's chunk.
#![deny(unsafe_code)]

pub mod base64;
pub mod clean;
pub mod frames;
pub mod lines;
pub mod spans;
