//! What the events of each API mean, as data. Written by `scripts/generate_apis.py`, from
//! `python/rapidsse/_apis.py`: change that.

/// An API, by what its events look like.
#[derive(Debug)]
pub struct Api {
    /// As `StreamEnd.api` gives it.
    pub name: &'static str,
    /// Its events have a `type` that begins with one of these,
    pub prefixes: &'static [&'static str],
    /// or this `object`; empty if none does.
    pub object: &'static str,
    /// Whether each event is a chunk of the response, which adds to its `choices`.
    pub has_chunks: bool,
    /// Whether a member of the event, one of [`RESPONSES`], holds the response object.
    pub has_response: bool,
    /// The types of events that always begin a stream,
    pub begins: &'static [&'static str],
    /// that end one,
    pub ends: &'static [&'static str],
    /// that add the text in `delta`,
    pub text_deltas: &'static [&'static str],
    /// and that hold a text as a whole.
    pub final_texts: &'static [&'static str],
}

/// The APIs that are known.
pub const APIS: &[Api] = &[
    Api {
        name: "response",
        prefixes: &["response."],
        object: "",
        has_chunks: false,
        has_response: true,
        begins: &["response.created"],
        ends: &[
            "response.completed",
            "response.incomplete",
            "response.failed",
        ],
        text_deltas: &["response.output_text.delta"],
        final_texts: &["response.output_text.done"],
    },
    Api {
        name: "images",
        prefixes: &["image_generation.", "image_edit."],
        object: "",
        has_chunks: false,
        has_response: false,
        begins: &[],
        ends: &["image_generation.completed", "image_edit.completed"],
        text_deltas: &[],
        final_texts: &[],
    },
    Api {
        name: "chat",
        prefixes: &[],
        object: "chat.completion.chunk",
        has_chunks: true,
        has_response: false,
        begins: &[],
        ends: &[],
        text_deltas: &[],
        final_texts: &[],
    },
];

/// The `type` of an event that says that something failed, of any API.
pub const ERROR: &str = "error";

/// The members of an event that hold the response object.
pub const RESPONSES: &[&str] = &["response"];

/// The members of an event that are an image.
pub const IMAGE_FIELDS: &[&str] = &["partial_image_b64", "b64_json"];

/// The types of items that are an image.
pub const IMAGE_ITEMS: &[&str] = &["image_generation_call"];

/// The keys of strings that are base64.
pub const BASE64_KEYS: &[&str] = &["partial_image_b64", "b64_json", "result"];
