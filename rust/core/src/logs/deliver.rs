//! Which events are delivered to the caller.

use memchr::memmem;

use crate::logs::answers::Finish;
use crate::logs::apis::IMAGE_ITEMS;
use crate::logs::fields::Fields;
use crate::logs::roles::Role;
use crate::spans::Span;

/// Which events are delivered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Deliver {
    /// All of them.
    pub all: bool,
    /// Those that say how their response began, went on and ended.
    pub state: bool,
    /// Those that hold a text as a whole. Only with these, or with the others above, are the
    /// texts of the streams kept.
    pub texts: bool,
    /// Those that may hold an image.
    pub images: bool,
}

impl Deliver {
    /// Whether the texts of the streams are kept.
    pub fn keeps_texts(self) -> bool {
        self.all || self.state || self.texts
    }

    /// Whether an event is delivered: its payload, the spans of a long one, and whether it is the
    /// first of its API in its stream.
    #[inline(always)]
    pub fn takes(self, fields: &Fields, payload: &[u8], spans: &[Span], began: bool) -> bool {
        self.all
            || self.state && has_state(fields, began)
            || self.texts && fields.role() == Role::FinalText
            || self.images && may_hold_image(fields, payload, spans)
    }
}

fn has_state(fields: &Fields, began: bool) -> bool {
    if fields.has_response() || fields.has_error() || fields.has_usage() {
        return true;
    }
    let Some(api) = fields.api() else {
        return false;
    };
    let mut answers = fields.answers.of(api.heads);
    if api.has_chunks && began || answers.any(|answer| answer.finish != Finish::No) {
        return true;
    }
    // Without a response object the last event says what one would.
    fields.role() == Role::Ends && !api.has_response
}

fn may_hold_image(fields: &Fields, payload: &[u8], spans: &[Span]) -> bool {
    fields.marks.images != 0
        || (fields.marks.has_item || fields.has_response()) && names_image_item(payload, spans)
}

/// Whether the payload names the type of an image item outside of the long strings.
fn names_image_item(payload: &[u8], spans: &[Span]) -> bool {
    IMAGE_ITEMS.iter().any(|item| {
        let finder = memmem::Finder::new(item);
        let starts = std::iter::once(0).chain(spans.iter().map(|span| span.end));
        let ends = spans.iter().map(|span| span.start).chain([payload.len()]);
        starts
            .zip(ends)
            .any(|(start, end)| finder.find(&payload[start..end]).is_some())
    })
}
