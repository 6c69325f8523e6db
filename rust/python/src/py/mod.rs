//! What the classes share: chunks, buffers, options, errors.

pub mod buffers;
pub mod bytes;
pub mod chunks;
pub mod errors;
pub mod input;
pub mod options;
pub mod parts;
pub mod place;
pub mod prototype;
pub mod segments;
pub mod text;
