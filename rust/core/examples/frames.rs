//! Lists the events of standard input: `cargo run --example frames < stream.sse`.
//!
//! Prints the offset of each event, its name, and the bytes of its data and of the base64 in it.

use std::io::{self, Read, Write};

use rapidsse_core::frames::FrameParser;
use rapidsse_core::lines::AnyValue;
use rapidsse_core::spans::{self, Keys, Span};

const CHUNK: usize = 64 << 10;
const MAX_EVENT_SIZE: usize = 256 << 20;
/// Shorter strings are ids and words, which may look like base64.
const MIN_BASE64: usize = 64;

fn main() -> io::Result<()> {
    list(&mut io::stdin().lock(), &mut io::stdout().lock())
}

fn list(input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let mut parser = FrameParser::new(Some(MAX_EVENT_SIZE));
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = input.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        let (chunk, mut pos) = (&buffer[..read], 0);
        while let Some(next) = parser.next(chunk, &mut pos, &mut AnyValue) {
            match next {
                Ok(frame) => {
                    let data = frame.data.bytes(chunk);
                    let name = String::from_utf8_lossy(frame.event.bytes(chunk));
                    let (length, base64) = (data.len(), base64_in(data));
                    writeln!(output, "{} {name:?} {length} {base64}", frame.offset)?;
                }
                Err(event) => writeln!(output, "{} is too large", event.offset)?,
            }
        }
    }
}

fn base64_in(data: &[u8]) -> usize {
    let found = spans::find(data, &Keys::Any);
    found
        .iter()
        .map(Span::len)
        .filter(|n| *n >= MIN_BASE64)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::list;

    /// Reads one byte at a time.
    struct Slow<'a>(&'a [u8]);

    impl std::io::Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let few = buffer.len().min(1);
            self.0.read(&mut buffer[..few])
        }
    }

    #[test]
    fn events_are_listed_however_they_are_cut() {
        let image = "A".repeat(100);
        let stream = format!("data: {{\"b64_json\":\"{image}\"}}\n\nevent: end\ndata: x\n\n");
        let expected = "0 \"\" 115 100\n123 \"end\" 1 0\n";
        let mut output = Vec::new();
        list(&mut stream.as_bytes(), &mut output).unwrap();
        assert_eq!(String::from_utf8(output).unwrap(), expected);
        let mut output = Vec::new();
        list(&mut Slow(stream.as_bytes()), &mut output).unwrap();
        assert_eq!(String::from_utf8(output).unwrap(), expected);
    }
}
