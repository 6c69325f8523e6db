//! A log read whole against one read in chunks, an event read in turn against one read alone.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rapidsse_core::logs::arrow::Spare;
use rapidsse_core::logs::columns::{Columns, Name};
use rapidsse_core::logs::field_reader::FieldReader;
use rapidsse_core::frames::Value;
use rapidsse_core::logs::{Output, Framing, Deliver, LogParser, Options, Step};

fn read(framing: Framing, limit: Option<usize>, all: bool, body: &[u8], size: usize) -> (Vec<String>, String) {
    let mut parser = LogParser::new(Options {
        framing,
        columns: Columns::new(
            &[Name::Stream, Name::Length, Name::Delta, Name::Payload],
            &mut Spare::new(),
        ),
        deliver: Deliver {
            all,
            state: true,
            texts: true,
            images: true,
            contents: all,
            items: false,
        },
        max_event_size: limit,
        batch_rows: usize::MAX,
        batch_bytes: usize::MAX,
    });
    let mut told = Vec::new();
    let mut tell = |found: Vec<Output>, chunk: &[u8]| {
        for found in found {
            if let Output::Event { payload, .. } = &found {
                let payload = payload.bytes(chunk);
                assert_eq!(FieldReader::default().read(payload, &[]), Ok(()));
            }
            told.push(match found {
                Output::Event {
                    payload,
                    spans,
                    place,
                    event,
                    response_id,
                    mut pictures,
                    // Which contents are compared depends on the chunks.
                    contents: _,
                } => {
                    let payload = payload.bytes(chunk);
                    pictures.iter_mut().for_each(|picture| picture.content = 0);
                    format!("{payload:?} {spans:?} {place:?} {event:?} {response_id:?} {pictures:?}")
                }
                Output::Failure {
                    payload,
                    place,
                    event,
                    kind,
                } => {
                    let payload = payload.as_ref().map(|payload: &Value| payload.bytes(chunk));
                    format!("{payload:?} {place:?} {event:?} {kind:?}")
                }
                Output::Stream(stream) => format!("{stream:?}"),
            });
        }
    };
    parser.begin(0, false);
    let mut earlier = &[][..];
    for chunk in body.chunks(size) {
        let mut pos = 0;
        loop {
            let step = parser.advance_after(earlier, chunk, &mut pos);
            tell(parser.take_outputs(), chunk);
            if step == Step::UsedUp {
                break;
            }
        }
        if parser.refers_to_last_chunk() {
            earlier = chunk;
        }
    }
    parser.finish();
    tell(parser.take_outputs(), &[]);
    let totals = parser.totals(0);
    let counted = totals.event_bytes + totals.failure_bytes + totals.other_bytes;
    assert_eq!(counted, body.len() as u64);
    (
        told,
        format!("{:?}", parser.columns().take(&mut Spare::new())),
    )
}

fuzz_target!(|input: (bool, Option<u8>, u8, &[u8])| {
    let (is_sse, limit, size, body) = input;
    let framing = if is_sse { Framing::Sse } else { Framing::Lines };
    let limit = limit.map(usize::from);
    // What is delivered decides which events are looked at closely.
    let all = size % 2 == 1;
    let whole = read(framing, limit, all, body, usize::MAX);
    assert_eq!(whole, read(framing, limit, all, body, usize::from(size) + 1));
});
