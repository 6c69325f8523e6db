//! What the events of each API mean, as data. Written by `scripts/generate_apis.py`, from
//! `python/rapidsse/_apis.py`: change that.

/// A member of an event that holds what the event adds to its response. Paths begin in its value.
#[derive(Debug)]
pub struct Head {
    /// Its key.
    pub name: &'static str,
    /// Whether its value is a list of answers, each with its number in `index`.
    pub has_each: bool,
    /// What says why the answer ended; no path if nothing does.
    pub finish: &'static [&'static str],
    /// What only the first chunk of an answer has; no path if nothing has.
    pub role: &'static [&'static str],
    /// Where its texts lie.
    pub texts: &'static [&'static [&'static str]],
    /// Whether it is the count of tokens.
    pub is_usage: bool,
}

/// An API, by what its events look like.
#[derive(Debug)]
pub struct Api {
    /// As `StreamEnd.api` gives it.
    pub name: &'static str,
    /// Its events have a `type` that begins with one of these,
    pub prefixes: &'static [&'static str],
    /// or one of these `object`s,
    pub objects: &'static [&'static str],
    /// or, if they say neither, one of these of [`HEADS`], a bit each.
    pub shapes: u32,
    /// Those of [`HEADS`] that mean something in its events, a bit each.
    pub heads: u32,
    /// Whether each event is a chunk of the response.
    pub has_chunks: bool,
    /// Whether the first chunk of an answer is known by its role.
    pub has_roles: bool,
    /// Which of [`IDS`] is the response's id.
    pub id: Option<u8>,
    /// Whether a member of the event, one of [`RESPONSES`], holds the response object.
    pub has_response: bool,
    /// The types of events that always begin a stream,
    pub begins: &'static [&'static str],
    /// that end one,
    pub ends: &'static [&'static str],
    /// that add a text,
    pub text_deltas: &'static [&'static str],
    /// and that hold a text as a whole.
    pub final_texts: &'static [&'static str],
}

/// The members that hold what events add.
#[rustfmt::skip]
pub const HEADS: &[Head] = &[
    Head {
        name: "choices",
        has_each: true,
        finish: &["finish_reason"],
        role: &["delta", "role"],
        texts: &[&["delta", "content"], &["text"], &["message", "content"]],
        is_usage: false,
    },
    Head {
        name: "candidates",
        has_each: true,
        finish: &["finishReason"],
        role: &[],
        texts: &[&["content", "parts"]],
        is_usage: false,
    },
    Head {
        name: "promptFeedback",
        has_each: false,
        finish: &["blockReason"],
        role: &[],
        texts: &[],
        is_usage: false,
    },
    Head {
        name: "usageMetadata",
        has_each: false,
        finish: &[],
        role: &[],
        texts: &[],
        is_usage: true,
    },
    Head {
        name: "delta",
        has_each: false,
        finish: &["stop_reason"],
        role: &[],
        texts: &[&[]],
        is_usage: false,
    },
    Head {
        name: "content_block",
        has_each: false,
        finish: &[],
        role: &[],
        texts: &[&[]],
        is_usage: false,
    },
];

/// The APIs that are known.
#[rustfmt::skip]
pub const APIS: &[Api] = &[
    Api {
        name: "response",
        prefixes: &["response."],
        objects: &[],
        shapes: 0b0,
        heads: 0b0,
        has_chunks: false,
        has_roles: false,
        id: Some(0),
        has_response: true,
        begins: &["response.created"],
        ends: &["response.completed", "response.done", "response.incomplete", "response.failed"],
        text_deltas: &["response.output_text.delta", "response.text.delta"],
        final_texts: &["response.output_text.done", "response.text.done"],
    },
    Api {
        name: "images",
        prefixes: &["image_generation.", "image_edit."],
        objects: &[],
        shapes: 0b0,
        heads: 0b0,
        has_chunks: false,
        has_roles: false,
        id: None,
        has_response: false,
        begins: &[],
        ends: &["image_generation.completed", "image_edit.completed"],
        text_deltas: &[],
        final_texts: &[],
    },
    Api {
        name: "chat",
        prefixes: &[],
        objects: &["chat.completion.chunk", "chat.completion", "chat.completion.done"],
        shapes: 0b1,
        heads: 0b1,
        has_chunks: true,
        has_roles: true,
        id: Some(1),
        has_response: false,
        begins: &[],
        ends: &[],
        text_deltas: &[],
        final_texts: &[],
    },
    Api {
        name: "completion",
        prefixes: &[],
        objects: &["text_completion"],
        shapes: 0b0,
        heads: 0b1,
        has_chunks: true,
        has_roles: true,
        id: Some(1),
        has_response: false,
        begins: &[],
        ends: &[],
        text_deltas: &[],
        final_texts: &[],
    },
    Api {
        name: "message",
        prefixes: &["message_start", "message_delta", "message_stop", "content_block_"],
        objects: &[],
        shapes: 0b0,
        heads: 0b110000,
        has_chunks: false,
        has_roles: false,
        id: Some(2),
        has_response: true,
        begins: &["message_start"],
        ends: &["message_stop"],
        text_deltas: &["content_block_delta", "content_block_start"],
        final_texts: &[],
    },
    Api {
        name: "gemini",
        prefixes: &[],
        objects: &[],
        shapes: 0b1110,
        heads: 0b1110,
        has_chunks: true,
        has_roles: false,
        id: Some(3),
        has_response: false,
        begins: &[],
        ends: &[],
        text_deltas: &[],
        final_texts: &[],
    },
    Api {
        name: "interaction",
        prefixes: &["interaction.", "content.start", "content.delta", "content.stop", "step."],
        objects: &[],
        shapes: 0b0,
        heads: 0b10000,
        has_chunks: false,
        has_roles: false,
        id: Some(4),
        has_response: true,
        begins: &["interaction.created", "interaction.start"],
        ends: &["interaction.completed", "interaction.complete", "interaction.cancelled"],
        text_deltas: &["step.delta", "content.delta"],
        final_texts: &[],
    },
];

/// Where the ids of responses lie.
#[rustfmt::skip]
pub const IDS: &[&[&str]] = &[&["response", "id"], &["id"], &["message", "id"], &["responseId"], &["interaction", "id"]];

/// The members that say what an event is; the first counts.
#[rustfmt::skip]
pub const TYPE_KEYS: &[&str] = &["type", "event_type"];

/// The members of an event that hold the response object.
#[rustfmt::skip]
pub const RESPONSES: &[&str] = &["response", "message", "interaction"];

/// The members of an event that count its tokens, beside those of [`HEADS`].
#[rustfmt::skip]
pub const USAGES: &[&str] = &["usage"];

/// The types of objects whose `text` is text of the output.
#[rustfmt::skip]
pub const TEXT_PARTS: &[&str] = &["text", "text_delta", "output_text"];

/// What does not say that an answer is complete, although it ends.
#[rustfmt::skip]
pub const FAILED_FINISHES: &[&str] = &["error"];

/// The members of an event that are an image.
#[rustfmt::skip]
pub const IMAGE_FIELDS: &[&str] = &["partial_image_b64", "b64_json"];

/// What stands in the JSON of an event with an image.
#[rustfmt::skip]
pub const IMAGE_MARKS: &[&str] = &["image/", "image\\/", "image_generation_call"];

/// The keys of strings that are base64.
#[rustfmt::skip]
pub const BASE64_KEYS: &[&str] = &["partial_image_b64", "b64_json", "result", "data", "url", "image_url"];

/// The `type` of an event that says that something failed, of any API.
#[rustfmt::skip]
pub const ERROR: &str = "error";

/// The member that says that something failed.
#[rustfmt::skip]
pub const ERROR_FIELD: &str = "error";

/// What an image's data URL begins with.
#[rustfmt::skip]
pub const IMAGE_URL: &str = "data:image/";

/// The member of an object that is a text.
#[rustfmt::skip]
pub const TEXT: &str = "text";

/// The member of such an object which, if it is true, says that it is none.
#[rustfmt::skip]
pub const THOUGHT: &str = "thought";
