//! Which events are delivered to the caller.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::logs::answers::Finish;
use crate::logs::apis::{APIS, IMAGE_MARKS, IMAGE_URL};
use crate::logs::fields::Fields;
use crate::logs::lookup::Lookup;
use crate::logs::pictures::{self, Picture};
use crate::logs::roles::Role;
use crate::spans::{Comparison, Span};

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
    /// Those that hold pictures, which are passed with them.
    pub images: bool,
    /// With these: whether pictures under different keys are compared as well. That is worth it
    /// where a picture costs more than to be read twice.
    pub contents: bool,
    /// Those that may hold items of the output as a whole. Only with these the pieces of the items
    /// are kept.
    pub items: bool,
}

impl Deliver {
    /// Which pictures are compared.
    pub fn comparison(self) -> Comparison {
        match self {
            Deliver { images: false, .. } => Comparison::Off,
            Deliver {
                contents: false, ..
            } => Comparison::SameKey,
            _ => Comparison::Last,
        }
    }

    /// Whether the texts of the streams are kept.
    pub fn keeps_texts(self) -> bool {
        self.all || self.state || self.texts
    }

    /// Why an event is delivered, if it is: its payload, the spans of a long one, whether it is the
    /// first of its API in its stream or comes after all of it, and whether it may hold items that
    /// were asked for.
    #[inline(always)]
    pub fn takes(
        self,
        fields: &Fields,
        payload: &[u8],
        spans: &[Span],
        is_edge: bool,
        may_hold_items: bool,
    ) -> Option<Delivery> {
        if !(self.all | self.state | self.texts | self.images | self.items) {
            return None;
        }
        let mut pictures = Vec::new();
        if self.images && may_hold_image(fields, payload, spans) {
            let clean = spans;
            pictures = pictures::find(&Lookup {
                payload,
                clean,
                from: 0,
            });
        }
        let is_taken = !pictures.is_empty()
            || may_hold_items
            || self.all
            || self.state && has_state(fields, is_edge)
            || self.texts && fields.role() == Role::FinalText;
        is_taken.then_some(Delivery { pictures })
    }
}

/// Of an event that is delivered.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The pictures in it, if events with pictures are delivered.
    pub pictures: Vec<Picture>,
}

fn has_state(fields: &Fields, is_edge: bool) -> bool {
    if fields.has_response() || fields.has_error() || fields.has_usage() {
        return true;
    }
    let Some(api) = fields.api() else {
        return false;
    };
    let mut answers = fields.answers.of(api.heads);
    if api.has_chunks && is_edge || answers.any(|answer| answer.finish != Finish::No) {
        return true;
    }
    // Without a response object the last event says what one would.
    fields.role() == Role::Ends && !api.has_response
}

/// Whether an event of this type may hold items of the output as a whole.
pub fn may_hold_items(type_: &[u8]) -> bool {
    let mut types = APIS.iter().flat_map(|api| api.item_events);
    types.any(|each| each.as_bytes() == type_)
}

fn may_hold_image(fields: &Fields, payload: &[u8], spans: &[Span]) -> bool {
    // A delta of a text is too short to hold one.
    fields.marks.images != 0 || !fields.is_text_delta() && names_image(payload, spans)
}

/// Whether the payload names an image outside of the long strings, or in a data URL.
fn names_image(payload: &[u8], spans: &[Span]) -> bool {
    let starts = std::iter::once(0).chain(spans.iter().map(|span| span.end));
    let ends = spans.iter().map(|span| span.start).chain([payload.len()]);
    let begins_url = |span: &Span| payload[span.start..span.end].starts_with(IMAGE_URL.as_bytes());
    starts
        .zip(ends)
        .any(|(start, end)| has_mark(&payload[start..end]))
        || spans.iter().any(begins_url)
}

static MARKS: LazyLock<Vec<Finder<'static>>> = LazyLock::new(|| {
    let marks = IMAGE_MARKS.iter();
    marks.map(|mark| Finder::new(mark.as_bytes())).collect()
});

fn has_mark(text: &[u8]) -> bool {
    MARKS.iter().any(|mark| mark.find(text).is_some())
}
