//! Server-Sent Event streams of model output, read in place: the compiled engine of rapidsse.
//!
//! The data flows one way, and a payload that lies whole in the caller's chunk is never copied:
//!
//! - A stream: bytes → [`lines`] → [`frames`] → [`spans`] of base64 → [`stream`], chunk by chunk of
//!   its [`input`] → [`events`] as they are, or [`typed`], which decodes each.
//! - A log: recorded streams → [`logs`], one row for each event in Arrow's columns.
//!
//! [`json`] reads the few members that logs need, [`base64`] decodes, and [`clean`] is the one loop
//! that looks at every byte of an image. Nothing here knows Python, and nothing outside [`logs`]
//! knows an API.
//!
//! Chunks may be cut anywhere; the parser keeps the event that the next one goes on with:
//!
//! ```
//! use rapidsse_core::{frames::FrameParser, lines::AnyValue};
//!
//! let mut parser = FrameParser::new(None);
//! let mut texts = Vec::new();
//! for chunk in [&b"event: greeting\ndata: Hel"[..], b"lo\n\ndata: bye\n\n"] {
//!     let mut pos = 0;
//!     while let Some(Ok(frame)) = parser.next(chunk, &mut pos, &mut AnyValue) {
//!         texts.push(frame.data.bytes(chunk).to_vec());
//!     }
//! }
//! assert_eq!(texts, [&b"Hello"[..], b"bye"]);
//! ```
#![deny(unsafe_code)]

mod ahead;
pub mod base64;
pub mod bytes;
pub mod clean;
pub mod events;
pub mod frames;
pub mod input;
pub mod json;
pub mod like;
pub mod limits;
pub mod lines;
pub mod logs;
pub mod segments;
pub mod spans;
pub mod stream;
pub mod template;
pub mod typed;

/// Runs the example of the crate's README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadMe;
