//! Server-Sent Event streams of model output, read in place: the compiled engine of rapidsse.
//!
//! The data flows one way, and a payload that lies whole in the caller's chunk is never copied:
//!
//! - A stream: bytes → [`lines`] → [`frames`] → [`spans`] of base64 → [`stream`], chunk by chunk →
//!   [`typed`], which says how each event is decoded.
//! - A log: recorded streams → [`logs`], one row for each event in Arrow's columns.
//!
//! [`json`] reads the few members that logs need, [`base64`] decodes, and [`clean`] is the one loop
//! that looks at every byte of an image. Nothing here knows Python, and nothing outside [`logs`]
//! knows an API.
//!
//! ```
//! use rapidsse_core::frames::FrameParser;
//! use rapidsse_core::lines::AnyValue;
//!
//! let mut parser = FrameParser::new(None);
//! let mut events = Vec::new();
//! for chunk in [&b"event: greeting\ndata: Hel"[..], b"lo\n\ndata: bye\n\n"] {
//!     let mut pos = 0;
//!     while let Some(Ok(frame)) = parser.next(chunk, &mut pos, &mut AnyValue) {
//!         events.push((frame.event.bytes(chunk).to_vec(), frame.data.bytes(chunk).to_vec()));
//!     }
//! }
//! let expected = [(&b"greeting"[..], &b"Hello"[..]), (b"", b"bye")];
//! assert_eq!(events, expected.map(|(name, data)| (name.to_vec(), data.to_vec())));
//! ```
#![deny(unsafe_code)]

pub mod base64;
mod batch;
pub mod clean;
pub mod frames;
pub mod json;
pub mod limits;
pub mod lines;
pub mod logs;
pub mod segments;
pub mod spans;
pub mod stream;
pub mod template;
pub mod typed;
