//! The strings of a JSON payload, byte by byte.

use rapidsse_core::spans::{Keys, Span};

struct Text {
    start: usize,
    end: usize,
    is_clean: bool,
}

pub fn expected(payload: &[u8], keys: &Keys) -> Vec<Span> {
    let texts = strings(payload);
    let mut spans = Vec::new();
    let mut wanted_at = None;
    for Text {
        start,
        end,
        is_clean,
    } in texts
    {
        let span = Span { start, end };
        if wanted_at.take() == Some(start - 1) {
            if is_clean {
                spans.push(span);
            }
            continue;
        }
        let after = skip_space(payload, end + 1);
        if payload.get(after) != Some(&b':') {
            if is_clean && matches!(keys, Keys::Any) {
                spans.push(span);
            }
            continue;
        }
        let key = &payload[start..end];
        let is_wanted = match keys {
            Keys::Any => true,
            Keys::Named(names) => names.contains(key) || key.contains(&b'\\'),
        };
        if is_wanted {
            wanted_at = Some(skip_space(payload, after + 1));
        }
    }
    if matches!(keys, Keys::Named(names) if names.is_empty()) {
        spans.clear();
    }
    spans
}

/// The strings up to the first that is not closed, or that holds a CR or an LF.
fn strings(payload: &[u8]) -> Vec<Text> {
    let mut texts = Vec::new();
    let mut at = 0;
    'next: while at < payload.len() {
        if payload[at] != b'"' {
            at += 1;
            continue;
        }
        let start = at + 1;
        let mut is_clean = true;
        at = start;
        while at < payload.len() {
            match payload[at] {
                b'"' => {
                    texts.push(Text {
                        start,
                        end: at,
                        is_clean,
                    });
                    at += 1;
                    continue 'next;
                }
                b'\r' | b'\n' => return texts,
                b'\\' => {
                    is_clean = false;
                    at += if matches!(payload.get(at + 1), Some(b'"' | b'\\')) {
                        2
                    } else {
                        1
                    };
                }
                byte => {
                    is_clean &= (0x20..=0x7F).contains(&byte);
                    at += 1;
                }
            }
        }
        return texts;
    }
    texts
}

fn skip_space(payload: &[u8], at: usize) -> usize {
    let rest = payload.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .take_while(|byte| b" \t\r\n".contains(byte))
        .count()
}
