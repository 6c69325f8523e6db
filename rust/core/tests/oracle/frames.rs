//! The event-stream grammar (WHATWG HTML, section 9.2.6), line by line over the whole stream.

use rapidsse_core::frames::{Frame, FrameParser, Rest, TooLarge};
use rapidsse_core::lines::DataLines;

/// What a stream brings, in its order.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    Event {
        offset: u64,
        event: Vec<u8>,
        data: Vec<u8>,
        id: Vec<u8>,
        retry: Option<u64>,
    },
    TooLarge(TooLarge),
    /// The end of the stream, with the id and the retry that stand then.
    End {
        unfinished: Unfinished,
        id: Vec<u8>,
        retry: Option<u64>,
    },
}

#[derive(Debug, PartialEq, Eq)]
pub enum Unfinished {
    Nothing,
    Event { offset: u64, data: Vec<u8> },
    Cut { offset: u64, event: Vec<u8> },
}

#[derive(Default)]
struct Block {
    offset: Option<u64>,
    event: Option<Vec<u8>>,
    data: Option<Vec<u8>>,
    id: Option<Vec<u8>>,
    retry: Option<u64>,
}

impl Block {
    fn size(&self) -> usize {
        let of = |field: &Option<Vec<u8>>| field.as_ref().map_or(0, Vec::len);
        of(&self.data) + of(&self.event) + of(&self.id)
    }
}

pub fn expected(stream: &[u8], limit: Option<usize>) -> Vec<Outcome> {
    let limit = limit.unwrap_or(usize::MAX);
    let mut outcomes = Vec::new();
    let (mut last_id, mut last_retry) = (Vec::new(), None);
    let mut block = Block::default();
    let mut dropping = false;
    let mut cut_line = false;
    for Line { start, text, ended } in lines(stream) {
        if text.is_empty() && ended {
            let done = std::mem::take(&mut block);
            dropping = false;
            last_id = done.id.unwrap_or(last_id);
            if let Some(data) = done.data {
                outcomes.push(Outcome::Event {
                    offset: done.offset.unwrap(),
                    event: done.event.unwrap_or_default(),
                    data,
                    id: last_id.clone(),
                    retry: done.retry,
                });
            }
            continue;
        }
        if dropping || text.first() == Some(&b':') {
            continue;
        }
        cut_line = !ended;
        block.offset.get_or_insert(start as u64);
        let colon = text.iter().position(|&byte| byte == b':');
        let name = &text[..colon.unwrap_or(text.len())];
        let value = &text[colon.map_or(text.len(), |colon| colon + 1)..];
        let value = value.strip_prefix(b" ").unwrap_or(value).to_vec();
        let mut size = None;
        match name {
            b"data" => match &mut block.data {
                None => block.data = Some(value),
                Some(data) => {
                    data.push(b'\n');
                    data.extend(value);
                }
            },
            b"event" => block.event = Some(value),
            b"id" => {
                let before = block.id.replace(value);
                size = Some(block.size());
                if block.id.as_ref().is_some_and(|id| id.contains(&0)) {
                    block.id = before;
                }
            }
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                let number = String::from_utf8(value)
                    .unwrap()
                    .parse()
                    .unwrap_or(u64::MAX);
                block.retry = Some(number);
                last_retry = Some(number);
            }
            _ => {}
        }
        if size.unwrap_or_else(|| block.size()) > limit {
            let offset = block.offset.unwrap();
            outcomes.push(Outcome::TooLarge(TooLarge { offset }));
            block = Block::default();
            dropping = true;
        }
    }
    let mut unfinished = Unfinished::Nothing;
    if !dropping {
        let offset = block.offset.unwrap_or(0);
        last_id = block.id.unwrap_or(last_id);
        unfinished = match (block.data, block.event) {
            (Some(data), _) => Unfinished::Event { offset, data },
            (None, Some(event)) => Unfinished::Cut { offset, event },
            (None, None) if cut_line => Unfinished::Cut {
                offset,
                event: Vec::new(),
            },
            (None, None) => Unfinished::Nothing,
        };
    }
    outcomes.push(Outcome::End {
        unfinished,
        id: last_id,
        retry: last_retry,
    });
    outcomes
}

struct Line<'a> {
    start: usize,
    text: &'a [u8],
    ended: bool,
}

fn lines(stream: &[u8]) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut start = if stream.starts_with(b"\xEF\xBB\xBF") {
        3
    } else {
        0
    };
    while start < stream.len() {
        let rest = &stream[start..];
        let end = rest.iter().position(|byte| b"\r\n".contains(byte));
        let text = &rest[..end.unwrap_or(rest.len())];
        let ended = end.is_some();
        lines.push(Line { start, text, ended });
        start += text.len();
        start += match &stream[start..] {
            [b'\r', b'\n', ..] => 2,
            [_, ..] => 1,
            [] => 0,
        };
    }
    lines
}

/// What the parser makes of a stream that comes in these chunks.
pub fn parsed<'a, L: DataLines>(
    chunks: impl IntoIterator<Item = &'a [u8]>,
    limit: Option<usize>,
    data_lines: &mut L,
) -> Vec<Outcome> {
    let mut parser = FrameParser::new(limit);
    let mut outcomes = Vec::new();
    for chunk in chunks {
        let mut pos = 0;
        while let Some(next) = parser.next(chunk, &mut pos, data_lines) {
            outcomes.push(match next {
                Ok(frame) => event(&frame, chunk, &parser),
                Err(too_large) => Outcome::TooLarge(too_large),
            });
        }
        assert_eq!(pos, chunk.len());
    }
    let unfinished = match parser.finish() {
        Rest::Nothing => Unfinished::Nothing,
        Rest::Frame(frame) => Unfinished::Event {
            offset: frame.offset,
            data: frame.data.bytes(&[]).to_vec(),
        },
        Rest::Cut(frame) => Unfinished::Cut {
            offset: frame.offset,
            event: frame.event.bytes(&[]).to_vec(),
        },
        Rest::TooLarge(too_large) => {
            outcomes.push(Outcome::TooLarge(too_large));
            Unfinished::Nothing
        }
    };
    assert_eq!(parser.pending(), 0);
    outcomes.push(Outcome::End {
        unfinished,
        id: parser.last_event_id().to_vec(),
        retry: parser.retry(),
    });
    outcomes
}

fn event(frame: &Frame, chunk: &[u8], parser: &FrameParser) -> Outcome {
    Outcome::Event {
        offset: frame.offset,
        event: frame.event.bytes(chunk).to_vec(),
        data: frame.data.bytes(chunk).to_vec(),
        id: parser.last_event_id().to_vec(),
        retry: frame.retry,
    }
}
