//! What the events of each API mean, as data. Written by `scripts/generate_apis.py`, from
//! `python/rapidsse/_apis.py` and `_api_items.py`: change these.

/// A member of an event that holds what the event adds to its response. Paths begin in its value.
#[derive(Debug)]
pub struct Head {
    /// Its key.
    pub name: &'static str,
    /// Whether its value is a list of answers, each with its number in `index`.
    pub has_each: bool,
    /// Whether its value is a text; otherwise an object.
    pub is_text: bool,
    /// Whether its value says that the answer has ended,
    pub is_flag: bool,
    /// or is null until then, and a text from then on.
    pub is_whole: bool,
    /// What says why the answer ended: of several the first that says something counts.
    pub finishes: &'static [&'static [&'static str]],
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
    /// or, if they say neither, all of one of these groups of [`HEADS`], a bit each.
    pub shapes: &'static [u32],
    /// Those of [`HEADS`] that mean something in its events, a bit each.
    pub heads: u32,
    /// Whether each event is a chunk of the response.
    pub has_chunks: bool,
    /// Whether the first chunk of an answer is recognised by its role.
    pub has_roles: bool,
    /// Which of [`IDS`] are the response's id: the first that is there counts.
    pub ids: &'static [u8],
    /// Whether a member of the event, one of [`RESPONSES`], holds the response object.
    pub has_response: bool,
    /// Those of [`TYPE_KEYS`] that may name the type of its events, by their number.
    pub type_keys: &'static [u8],
    /// Types that begin with a prefix, but are what the client sends.
    pub requests: &'static [&'static str],
    /// The types of events that always begin a stream,
    pub begins: &'static [&'static str],
    /// that end one,
    pub ends: &'static [&'static str],
    /// that add a text,
    pub text_deltas: &'static [&'static str],
    /// and that hold a text as a whole.
    pub final_texts: &'static [&'static str],
    /// The types of the events that may hold items of the output as a whole.
    pub item_events: &'static [&'static str],
    /// What its events add to items.
    pub additions: &'static [Additions],
}

/// Objects in an event that add to items of the output.
#[derive(Debug)]
pub struct Additions {
    /// The types of the events that have them; without any, all events of the API may.
    pub types: &'static [&'static str],
    /// Leads to the objects: [`EACH`] stands for the elements of a list. Those of the first one are
    /// answers, those of the second one are items.
    pub path: &'static [&'static str],
    /// Of several sources that may say the same of an item, the one that comes first counts.
    pub source: u8,
    /// Whether items follow each other: a text goes on with the one before, and all else is
    /// another item. Otherwise an item has its number in `index`; or where that is lacking,
    pub runs: bool,
    /// an id,
    pub id: &'static [&'static str],
    /// or a name, begins another one.
    pub names: &'static [&'static [&'static str]],
    /// Whether the elements of the first list are items already.
    pub lists_items: bool,
    /// Whether there is one item: the event's numbers are of something else.
    pub is_only: bool,
    /// Leads to the number of the part of the item, from the event on.
    pub part: &'static [&'static str],
    /// The pieces in such an object.
    pub leaves: &'static [Leaf],
}

/// A value that is a piece of an item.
#[derive(Debug)]
pub struct Leaf {
    /// The type of the item; empty if the value tells nothing about it.
    pub item: &'static str,
    /// What of the item it is.
    pub column: &'static str,
    /// Of several paths the first that has a value counts.
    pub paths: &'static [&'static [&'static str]],
    /// How the value counts.
    pub how: How,
}

/// How a value counts that is a piece of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It is appended, if it is text of the output.
    Text,
    /// The same for a text that is marked as a thought.
    Thought,
    /// A string is appended, and any other value as its JSON stands in the event.
    Json,
    /// A string that is not empty, unless there is one already.
    First,
    /// A string, in the place of what there is.
    Whole,
    /// Only that there is a value.
    Mark,
    /// As `First`, unless it is a data URL.
    Link,
}

/// The members that hold what events add.
#[rustfmt::skip]
pub const HEADS: &[Head] = &[
    Head {
        name: "choices",
        has_each: true,
        is_text: false,
        is_flag: false,
        is_whole: false,
        finishes: &[&["finish_reason"]],
        role: &["delta", "role"],
        texts: &[&["delta", "content"], &["text"], &["message", "content"]],
        is_usage: false,
    },
    Head {
        name: "candidates",
        has_each: true,
        is_text: false,
        is_flag: false,
        is_whole: false,
        finishes: &[&["finishReason"], &["finish_reason"]],
        role: &[],
        texts: &[&["content", "parts"]],
        is_usage: false,
    },
    Head {
        name: "promptFeedback",
        has_each: false,
        is_text: false,
        is_flag: false,
        is_whole: false,
        finishes: &[&["blockReason"]],
        role: &[],
        texts: &[],
        is_usage: false,
    },
    Head {
        name: "prompt_feedback",
        has_each: false,
        is_text: false,
        is_flag: false,
        is_whole: false,
        finishes: &[&["block_reason"]],
        role: &[],
        texts: &[],
        is_usage: false,
    },
    Head {
        name: "usageMetadata",
        has_each: false,
        is_text: false,
        is_flag: false,
        is_whole: false,
        finishes: &[],
        role: &[],
        texts: &[],
        is_usage: true,
    },
    Head {
        name: "usage_metadata",
        has_each: false,
        is_text: false,
        is_flag: false,
        is_whole: false,
        finishes: &[],
        role: &[],
        texts: &[],
        is_usage: true,
    },
    Head {
        name: "delta",
        has_each: false,
        is_text: false,
        is_flag: false,
        is_whole: false,
        finishes: &[&["stop_reason"]],
        role: &[],
        texts: &[&[], &["message", "content"], &["content", "*", "text", "value"]],
        is_usage: false,
    },
    Head {
        name: "content_block",
        has_each: false,
        is_text: false,
        is_flag: false,
        is_whole: false,
        finishes: &[],
        role: &[],
        texts: &[&[]],
        is_usage: false,
    },
    Head {
        name: "messageStart",
        has_each: false,
        is_text: false,
        is_flag: false,
        is_whole: false,
        finishes: &[],
        role: &["role"],
        texts: &[],
        is_usage: false,
    },
    Head {
        name: "contentBlockStart",
        has_each: false,
        is_text: false,
        is_flag: false,
        is_whole: false,
        finishes: &[],
        role: &[],
        texts: &[],
        is_usage: false,
    },
    Head {
        name: "contentBlockDelta",
        has_each: false,
        is_text: false,
        is_flag: false,
        is_whole: false,
        finishes: &[],
        role: &[],
        texts: &[&["delta", "text"]],
        is_usage: false,
    },
    Head {
        name: "contentBlockStop",
        has_each: false,
        is_text: false,
        is_flag: false,
        is_whole: false,
        finishes: &[],
        role: &[],
        texts: &[],
        is_usage: false,
    },
    Head {
        name: "messageStop",
        has_each: false,
        is_text: false,
        is_flag: false,
        is_whole: false,
        finishes: &[&["stopReason"]],
        role: &[],
        texts: &[],
        is_usage: false,
    },
    Head {
        name: "metadata",
        has_each: false,
        is_text: false,
        is_flag: false,
        is_whole: false,
        finishes: &[],
        role: &[],
        texts: &[],
        is_usage: true,
    },
    Head {
        name: "message",
        has_each: false,
        is_text: false,
        is_flag: false,
        is_whole: false,
        finishes: &[],
        role: &[],
        texts: &[&["content"]],
        is_usage: false,
    },
    Head {
        name: "response",
        has_each: false,
        is_text: true,
        is_flag: false,
        is_whole: false,
        finishes: &[],
        role: &[],
        texts: &[],
        is_usage: false,
    },
    Head {
        name: "done",
        has_each: false,
        is_text: false,
        is_flag: true,
        is_whole: false,
        finishes: &[],
        role: &[],
        texts: &[],
        is_usage: false,
    },
    Head {
        name: "text",
        has_each: false,
        is_text: true,
        is_flag: false,
        is_whole: false,
        finishes: &[],
        role: &[],
        texts: &[],
        is_usage: false,
    },
    Head {
        name: "token",
        has_each: false,
        is_text: false,
        is_flag: false,
        is_whole: false,
        finishes: &[],
        role: &[],
        texts: &[&[]],
        is_usage: false,
    },
    Head {
        name: "generated_text",
        has_each: false,
        is_text: false,
        is_flag: false,
        is_whole: true,
        finishes: &[],
        role: &[],
        texts: &[],
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
        shapes: &[],
        heads: 0b0,
        has_chunks: false,
        has_roles: false,
        ids: &[0],
        has_response: true,
        type_keys: &[0, 1],
        requests: &["response.create", "response.cancel", "response.steer"],
        begins: &["response.created"],
        ends: &["response.completed", "response.done", "response.incomplete", "response.failed"],
        text_deltas: &["response.output_text.delta", "response.text.delta"],
        final_texts: &["response.output_text.done", "response.text.done"],
        item_events: &["response.output_item.added", "response.output_item.done", "response.in_progress", "response.completed", "response.done", "response.incomplete", "response.failed"],
        additions: &[
            Additions { types: &["response.output_text.delta", "response.text.delta"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "message", column: "text", paths: &[&["delta"]], how: How::Text }] },
            Additions { types: &["response.output_audio_transcript.delta", "response.audio_transcript.delta"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "message", column: "text", paths: &[&["delta"]], how: How::Text }] },
            Additions { types: &["response.function_call_arguments.delta"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "function_call", column: "arguments", paths: &[&["delta"]], how: How::Text }] },
            Additions { types: &["response.reasoning_text.delta"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "reasoning", column: "text", paths: &[&["delta"]], how: How::Text }] },
            Additions { types: &["response.reasoning_summary_text.delta"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["summary_index"], leaves: &[Leaf { item: "reasoning", column: "summary", paths: &[&["delta"]], how: How::Text }] },
            Additions { types: &["response.refusal.delta"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "message", column: "refusal", paths: &[&["delta"]], how: How::Text }] },
            Additions { types: &["response.mcp_call_arguments.delta"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "mcp_call", column: "arguments", paths: &[&["delta"]], how: How::Text }] },
            Additions { types: &["response.custom_tool_call_input.delta"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "custom_tool_call", column: "arguments", paths: &[&["delta"]], how: How::Text }] },
            Additions { types: &["response.code_interpreter_call_code.delta"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "code_interpreter_call", column: "arguments", paths: &[&["delta"]], how: How::Text }] },
            Additions { types: &["response.shell_call_command.delta"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["command_index"], leaves: &[Leaf { item: "shell_call", column: "commands", paths: &[&["delta"]], how: How::Text }] },
            Additions { types: &["response.output_text.done", "response.text.done"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "message", column: "text", paths: &[&["text"]], how: How::Whole }] },
            Additions { types: &["response.output_audio_transcript.done", "response.audio_transcript.done"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "message", column: "text", paths: &[&["transcript"]], how: How::Whole }] },
            Additions { types: &["response.function_call_arguments.done"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "function_call", column: "arguments", paths: &[&["arguments"]], how: How::Whole }] },
            Additions { types: &["response.reasoning_text.done"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "reasoning", column: "text", paths: &[&["text"]], how: How::Whole }] },
            Additions { types: &["response.reasoning_summary_text.done"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["summary_index"], leaves: &[Leaf { item: "reasoning", column: "summary", paths: &[&["text"]], how: How::Whole }] },
            Additions { types: &["response.refusal.done"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "message", column: "refusal", paths: &[&["refusal"]], how: How::Whole }] },
            Additions { types: &["response.mcp_call_arguments.done"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "mcp_call", column: "arguments", paths: &[&["arguments"]], how: How::Whole }] },
            Additions { types: &["response.custom_tool_call_input.done"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "custom_tool_call", column: "arguments", paths: &[&["input"]], how: How::Whole }] },
            Additions { types: &["response.shell_call_command.done"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["command_index"], leaves: &[Leaf { item: "shell_call", column: "commands", paths: &[&["command"]], how: How::Whole }] },
            Additions { types: &["response.code_interpreter_call_code.done"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "code_interpreter_call", column: "arguments", paths: &[&["code"]], how: How::Whole }] },],
    },
    Api {
        name: "images",
        prefixes: &["image_generation.", "image_edit."],
        objects: &[],
        shapes: &[],
        heads: 0b0,
        has_chunks: false,
        has_roles: false,
        ids: &[],
        has_response: false,
        type_keys: &[0, 1],
        requests: &[],
        begins: &[],
        ends: &["image_generation.completed", "image_edit.completed"],
        text_deltas: &[],
        final_texts: &[],
        item_events: &[],
        additions: &[
            Additions { types: &["image_generation.completed", "image_edit.completed"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "image", column: "end", paths: &[&["b64_json"], &["url"]], how: How::Mark }, Leaf { item: "image", column: "result", paths: &[&["url"]], how: How::Link }, Leaf { item: "image", column: "text", paths: &[&["revised_prompt"]], how: How::First }] },],
    },
    Api {
        name: "chat",
        prefixes: &[],
        objects: &["chat.completion.chunk", "chat.completion", "chat.completion.done"],
        shapes: &[0b1],
        heads: 0b1,
        has_chunks: true,
        has_roles: true,
        ids: &[1],
        has_response: false,
        type_keys: &[0, 1],
        requests: &[],
        begins: &[],
        ends: &[],
        text_deltas: &[],
        final_texts: &[],
        item_events: &[],
        additions: &[
            Additions { types: &[], path: &["choices", "*", "delta"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "reasoning", column: "text", paths: &[&["reasoning_content"], &["reasoning"], &["content", "*", "thinking"]], how: How::Text }, Leaf { item: "message", column: "text", paths: &[&["content"], &["audio", "transcript"]], how: How::Text }, Leaf { item: "message", column: "refusal", paths: &[&["refusal"]], how: How::Text }, Leaf { item: "function_call", column: "name", paths: &[&["function_call", "name"]], how: How::First }, Leaf { item: "function_call", column: "arguments", paths: &[&["function_call", "arguments"]], how: How::Json }] },
            Additions { types: &[], path: &["choices", "*", "delta", "tool_calls", "*"], source: 0, runs: false, lists_items: false, id: &["id"], names: &[&["function", "name"], &["custom", "name"]], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "tool_call", column: "call_id", paths: &[&["id"]], how: How::First }, Leaf { item: "tool_call", column: "name", paths: &[&["function", "name"], &["custom", "name"]], how: How::First }, Leaf { item: "tool_call", column: "arguments", paths: &[&["function", "arguments"], &["custom", "input"]], how: How::Json }] },
            Additions { types: &[], path: &["choices", "*", "delta", "images", "*"], source: 0, runs: true, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "image", column: "media", paths: &[&["image_url"], &["b64_json"]], how: How::Mark }, Leaf { item: "image", column: "result", paths: &[&["image_url", "url"], &["image_url"]], how: How::Link }] },
            Additions { types: &[], path: &["choices", "*", "message"], source: 1, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "reasoning", column: "text", paths: &[&["reasoning_content"], &["reasoning"], &["content", "*", "thinking"]], how: How::Text }, Leaf { item: "message", column: "text", paths: &[&["content"], &["audio", "transcript"]], how: How::Text }, Leaf { item: "message", column: "refusal", paths: &[&["refusal"]], how: How::Text }, Leaf { item: "function_call", column: "name", paths: &[&["function_call", "name"]], how: How::First }, Leaf { item: "function_call", column: "arguments", paths: &[&["function_call", "arguments"]], how: How::Json }] },
            Additions { types: &[], path: &["choices", "*", "message", "tool_calls", "*"], source: 1, runs: false, lists_items: false, id: &["id"], names: &[&["function", "name"], &["custom", "name"]], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "tool_call", column: "call_id", paths: &[&["id"]], how: How::First }, Leaf { item: "tool_call", column: "name", paths: &[&["function", "name"], &["custom", "name"]], how: How::First }, Leaf { item: "tool_call", column: "arguments", paths: &[&["function", "arguments"], &["custom", "input"]], how: How::Json }] },
            Additions { types: &[], path: &["choices", "*", "message", "images", "*"], source: 1, runs: true, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "image", column: "media", paths: &[&["image_url"], &["b64_json"]], how: How::Mark }, Leaf { item: "image", column: "result", paths: &[&["image_url", "url"], &["image_url"]], how: How::Link }] },
            Additions { types: &[], path: &["choices", "*"], source: 2, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "message", column: "text", paths: &[&["text"]], how: How::Text }] },
            Additions { types: &[], path: &["choices", "*"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "", column: "end", paths: &[&["finish_reason"]], how: How::First }] },],
    },
    Api {
        name: "completion",
        prefixes: &[],
        objects: &["text_completion"],
        shapes: &[],
        heads: 0b1,
        has_chunks: true,
        has_roles: true,
        ids: &[1],
        has_response: false,
        type_keys: &[0, 1],
        requests: &[],
        begins: &[],
        ends: &[],
        text_deltas: &[],
        final_texts: &[],
        item_events: &[],
        additions: &[
            Additions { types: &[], path: &["choices", "*", "delta"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "reasoning", column: "text", paths: &[&["reasoning_content"], &["reasoning"], &["content", "*", "thinking"]], how: How::Text }, Leaf { item: "message", column: "text", paths: &[&["content"], &["audio", "transcript"]], how: How::Text }, Leaf { item: "message", column: "refusal", paths: &[&["refusal"]], how: How::Text }, Leaf { item: "function_call", column: "name", paths: &[&["function_call", "name"]], how: How::First }, Leaf { item: "function_call", column: "arguments", paths: &[&["function_call", "arguments"]], how: How::Json }] },
            Additions { types: &[], path: &["choices", "*", "delta", "tool_calls", "*"], source: 0, runs: false, lists_items: false, id: &["id"], names: &[&["function", "name"], &["custom", "name"]], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "tool_call", column: "call_id", paths: &[&["id"]], how: How::First }, Leaf { item: "tool_call", column: "name", paths: &[&["function", "name"], &["custom", "name"]], how: How::First }, Leaf { item: "tool_call", column: "arguments", paths: &[&["function", "arguments"], &["custom", "input"]], how: How::Json }] },
            Additions { types: &[], path: &["choices", "*", "delta", "images", "*"], source: 0, runs: true, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "image", column: "media", paths: &[&["image_url"], &["b64_json"]], how: How::Mark }, Leaf { item: "image", column: "result", paths: &[&["image_url", "url"], &["image_url"]], how: How::Link }] },
            Additions { types: &[], path: &["choices", "*", "message"], source: 1, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "reasoning", column: "text", paths: &[&["reasoning_content"], &["reasoning"], &["content", "*", "thinking"]], how: How::Text }, Leaf { item: "message", column: "text", paths: &[&["content"], &["audio", "transcript"]], how: How::Text }, Leaf { item: "message", column: "refusal", paths: &[&["refusal"]], how: How::Text }, Leaf { item: "function_call", column: "name", paths: &[&["function_call", "name"]], how: How::First }, Leaf { item: "function_call", column: "arguments", paths: &[&["function_call", "arguments"]], how: How::Json }] },
            Additions { types: &[], path: &["choices", "*", "message", "tool_calls", "*"], source: 1, runs: false, lists_items: false, id: &["id"], names: &[&["function", "name"], &["custom", "name"]], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "tool_call", column: "call_id", paths: &[&["id"]], how: How::First }, Leaf { item: "tool_call", column: "name", paths: &[&["function", "name"], &["custom", "name"]], how: How::First }, Leaf { item: "tool_call", column: "arguments", paths: &[&["function", "arguments"], &["custom", "input"]], how: How::Json }] },
            Additions { types: &[], path: &["choices", "*", "message", "images", "*"], source: 1, runs: true, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "image", column: "media", paths: &[&["image_url"], &["b64_json"]], how: How::Mark }, Leaf { item: "image", column: "result", paths: &[&["image_url", "url"], &["image_url"]], how: How::Link }] },
            Additions { types: &[], path: &["choices", "*"], source: 2, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "message", column: "text", paths: &[&["text"]], how: How::Text }] },
            Additions { types: &[], path: &["choices", "*"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "", column: "end", paths: &[&["finish_reason"]], how: How::First }] },],
    },
    Api {
        name: "message",
        prefixes: &["message_start", "message_delta", "message_stop", "content_block_"],
        objects: &[],
        shapes: &[],
        heads: 0b11000000,
        has_chunks: false,
        has_roles: false,
        ids: &[2],
        has_response: true,
        type_keys: &[0, 1],
        requests: &[],
        begins: &["message_start"],
        ends: &["message_stop"],
        text_deltas: &["content_block_delta", "content_block_start"],
        final_texts: &[],
        item_events: &[],
        additions: &[
            Additions { types: &["content_block_delta"], path: &["delta"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "text", column: "text", paths: &[&["text"]], how: How::Text }, Leaf { item: "thinking", column: "text", paths: &[&["thinking"]], how: How::Text }, Leaf { item: "tool_use", column: "arguments", paths: &[&["partial_json"]], how: How::Text }] },
            Additions { types: &["content_block_start"], path: &["content_block"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "", column: "type", paths: &[&["type"]], how: How::First }, Leaf { item: "", column: "call_id", paths: &[&["id"], &["tool_use_id"]], how: How::First }, Leaf { item: "", column: "name", paths: &[&["name"]], how: How::First }, Leaf { item: "text", column: "text", paths: &[&["text"]], how: How::Text }, Leaf { item: "thinking", column: "text", paths: &[&["thinking"]], how: How::Text }, Leaf { item: "tool_use", column: "input", paths: &[&["input"]], how: How::Json }, Leaf { item: "", column: "result", paths: &[&["content"], &["file_id"]], how: How::Json }] },
            Additions { types: &["content_block_stop"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "", column: "end", paths: &[&[]], how: How::Mark }] },],
    },
    Api {
        name: "gemini",
        prefixes: &[],
        objects: &[],
        shapes: &[0b10, 0b100, 0b1000, 0b10000, 0b100000],
        heads: 0b111110,
        has_chunks: true,
        has_roles: false,
        ids: &[3, 4],
        has_response: false,
        type_keys: &[0, 1],
        requests: &[],
        begins: &[],
        ends: &[],
        text_deltas: &[],
        final_texts: &[],
        item_events: &[],
        additions: &[
            Additions { types: &[], path: &["candidates", "*", "content", "parts", "*"], source: 0, runs: true, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "thought", column: "text", paths: &[&[]], how: How::Thought }, Leaf { item: "text", column: "text", paths: &[&[]], how: How::Text }, Leaf { item: "functionCall", column: "call_id", paths: &[&["functionCall", "id"], &["function_call", "id"]], how: How::First }, Leaf { item: "functionCall", column: "name", paths: &[&["functionCall", "name"], &["function_call", "name"]], how: How::First }, Leaf { item: "functionCall", column: "arguments", paths: &[&["functionCall", "args"], &["function_call", "args"]], how: How::Json }, Leaf { item: "functionResponse", column: "call_id", paths: &[&["functionResponse", "id"], &["function_response", "id"]], how: How::First }, Leaf { item: "functionResponse", column: "name", paths: &[&["functionResponse", "name"], &["function_response", "name"]], how: How::First }, Leaf { item: "functionResponse", column: "result", paths: &[&["functionResponse", "response"], &["function_response", "response"]], how: How::Json }, Leaf { item: "executableCode", column: "arguments", paths: &[&["executableCode", "code"], &["executable_code", "code"]], how: How::Json }, Leaf { item: "codeExecutionResult", column: "result", paths: &[&["codeExecutionResult", "output"], &["codeExecutionResult", "outcome"], &["code_execution_result", "output"], &["code_execution_result", "outcome"]], how: How::Json }, Leaf { item: "inlineData", column: "media", paths: &[&["inlineData", "mimeType"], &["inlineData", "mime_type"], &["inline_data", "mimeType"], &["inline_data", "mime_type"]], how: How::First }, Leaf { item: "fileData", column: "result", paths: &[&["fileData", "fileUri"], &["fileData", "file_uri"], &["file_data", "fileUri"], &["file_data", "file_uri"]], how: How::Json }] },
            Additions { types: &[], path: &["candidates", "*"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "", column: "end", paths: &[&["finishReason"], &["finish_reason"]], how: How::First }] },],
    },
    Api {
        name: "interaction",
        prefixes: &["interaction.", "content.start", "content.delta", "content.stop", "step."],
        objects: &[],
        shapes: &[],
        heads: 0b1000000,
        has_chunks: false,
        has_roles: false,
        ids: &[5],
        has_response: true,
        type_keys: &[0, 1],
        requests: &[],
        begins: &["interaction.created", "interaction.start"],
        ends: &["interaction.completed", "interaction.complete", "interaction.cancelled"],
        text_deltas: &["step.delta", "content.delta"],
        final_texts: &[],
        item_events: &["interaction.completed", "interaction.complete"],
        additions: &[
            Additions { types: &["step.delta"], path: &["delta"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "model_output", column: "text", paths: &[&[]], how: How::Text }, Leaf { item: "thought", column: "text", paths: &[&["content"]], how: How::Text }, Leaf { item: "", column: "call_id", paths: &[&["id"], &["call_id"]], how: How::First }, Leaf { item: "", column: "name", paths: &[&["name"]], how: How::First }, Leaf { item: "function_call", column: "arguments", paths: &[&["arguments"]], how: How::Json }, Leaf { item: "function_result", column: "result", paths: &[&["result"]], how: How::Json }] },
            Additions { types: &["step.start"], path: &["step"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "", column: "type", paths: &[&["type"]], how: How::First }, Leaf { item: "", column: "call_id", paths: &[&["id"], &["call_id"]], how: How::First }, Leaf { item: "", column: "name", paths: &[&["name"]], how: How::First }, Leaf { item: "model_output", column: "text", paths: &[&["text"], &["content"], &["summary"]], how: How::Text }, Leaf { item: "function_call", column: "input", paths: &[&["arguments"]], how: How::Json }, Leaf { item: "function_result", column: "result", paths: &[&["result"]], how: How::Json }] },
            Additions { types: &["step.stop"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "", column: "end", paths: &[&[]], how: How::Mark }] },
            Additions { types: &["content.delta"], path: &["delta"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "model_output", column: "text", paths: &[&[]], how: How::Text }, Leaf { item: "thought", column: "text", paths: &[&["content"]], how: How::Text }, Leaf { item: "", column: "call_id", paths: &[&["id"], &["call_id"]], how: How::First }, Leaf { item: "", column: "name", paths: &[&["name"]], how: How::First }, Leaf { item: "function_call", column: "arguments", paths: &[&["arguments"]], how: How::Json }, Leaf { item: "function_result", column: "result", paths: &[&["result"]], how: How::Json }] },
            Additions { types: &["content.start"], path: &["content"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "", column: "type", paths: &[&["type"]], how: How::First }, Leaf { item: "", column: "call_id", paths: &[&["id"], &["call_id"]], how: How::First }, Leaf { item: "", column: "name", paths: &[&["name"]], how: How::First }, Leaf { item: "model_output", column: "text", paths: &[&["text"], &["content"], &["summary"]], how: How::Text }, Leaf { item: "function_call", column: "input", paths: &[&["arguments"]], how: How::Json }, Leaf { item: "function_result", column: "result", paths: &[&["result"]], how: How::Json }] },
            Additions { types: &["content.stop"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "", column: "end", paths: &[&[]], how: How::Mark }] },],
    },
    Api {
        name: "cohere",
        prefixes: &["message-start", "message-end", "content-start", "content-delta", "content-end", "tool-plan-delta", "tool-call-", "citation-start", "citation-end"],
        objects: &[],
        shapes: &[],
        heads: 0b1000000,
        has_chunks: false,
        has_roles: false,
        ids: &[1],
        has_response: false,
        type_keys: &[0, 1],
        requests: &[],
        begins: &["message-start"],
        ends: &["message-end"],
        text_deltas: &["content-delta", "content-start"],
        final_texts: &[],
        item_events: &[],
        additions: &[
            Additions { types: &["content-delta"], path: &["delta", "message", "content"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "", column: "type", paths: &[&["type"]], how: How::First }, Leaf { item: "text", column: "text", paths: &[&["text"]], how: How::Text }, Leaf { item: "thinking", column: "text", paths: &[&["thinking"]], how: How::Text }] },
            Additions { types: &["tool-call-delta"], path: &["delta", "message", "tool_calls"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "tool_call", column: "call_id", paths: &[&["id"]], how: How::First }, Leaf { item: "tool_call", column: "name", paths: &[&["function", "name"]], how: How::First }, Leaf { item: "tool_call", column: "arguments", paths: &[&["function", "arguments"]], how: How::Text }] },
            Additions { types: &["content-start"], path: &["delta", "message", "content"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "", column: "type", paths: &[&["type"]], how: How::First }, Leaf { item: "text", column: "text", paths: &[&["text"]], how: How::Text }, Leaf { item: "thinking", column: "text", paths: &[&["thinking"]], how: How::Text }] },
            Additions { types: &["tool-call-start"], path: &["delta", "message", "tool_calls"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "tool_call", column: "call_id", paths: &[&["id"]], how: How::First }, Leaf { item: "tool_call", column: "name", paths: &[&["function", "name"]], how: How::First }, Leaf { item: "tool_call", column: "arguments", paths: &[&["function", "arguments"]], how: How::Text }] },
            Additions { types: &["tool-plan-delta"], path: &["delta", "message"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "tool_plan", column: "text", paths: &[&["tool_plan"]], how: How::Text }] },
            Additions { types: &["content-end"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "", column: "end", paths: &[&[]], how: How::Mark }] },
            Additions { types: &["tool-call-end"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "tool_call", column: "end", paths: &[&[]], how: How::Mark }] },],
    },
    Api {
        name: "cohere_v1",
        prefixes: &["stream-start", "stream-end", "text-generation", "citation-generation", "search-queries-generation", "search-results", "tool-calls-"],
        objects: &[],
        shapes: &[],
        heads: 0b100000000000000000,
        has_chunks: false,
        has_roles: false,
        ids: &[6],
        has_response: true,
        type_keys: &[1],
        requests: &[],
        begins: &["stream-start"],
        ends: &["stream-end"],
        text_deltas: &["text-generation"],
        final_texts: &[],
        item_events: &[],
        additions: &[
            Additions { types: &["text-generation"], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "message", column: "text", paths: &[&["text"]], how: How::Text }] },
            Additions { types: &["tool-calls-generation"], path: &["tool_calls", "*"], source: 0, runs: true, lists_items: true, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "tool_call", column: "call_id", paths: &[&["id"]], how: How::First }, Leaf { item: "tool_call", column: "name", paths: &[&["name"]], how: How::First }, Leaf { item: "tool_call", column: "arguments", paths: &[&["parameters"]], how: How::Json }] },],
    },
    Api {
        name: "assistant",
        prefixes: &["thread.run.", "thread.message."],
        objects: &[],
        shapes: &[],
        heads: 0b1000000,
        has_chunks: false,
        has_roles: false,
        ids: &[7],
        has_response: false,
        type_keys: &[0, 1],
        requests: &[],
        begins: &["thread.run.created"],
        ends: &["thread.run.completed", "thread.run.requires_action", "thread.run.incomplete", "thread.run.failed", "thread.run.cancelled", "thread.run.expired"],
        text_deltas: &["thread.message.delta"],
        final_texts: &[],
        item_events: &[],
        additions: &[
            Additions { types: &["thread.message.delta"], path: &["delta"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "message", column: "text", paths: &[&["content", "*", "text", "value"]], how: How::Text }, Leaf { item: "message", column: "refusal", paths: &[&["content", "*", "refusal"]], how: How::Text }] },
            Additions { types: &["thread.run.step.delta"], path: &["delta", "step_details", "tool_calls", "*"], source: 0, runs: false, lists_items: true, id: &["id"], names: &[&["function", "name"], &["type"]], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "tool_call", column: "call_id", paths: &[&["id"]], how: How::First }, Leaf { item: "tool_call", column: "name", paths: &[&["function", "name"], &["type"]], how: How::First }, Leaf { item: "tool_call", column: "arguments", paths: &[&["function", "arguments"], &["code_interpreter", "input"]], how: How::Json }, Leaf { item: "tool_call", column: "result", paths: &[&["function", "output"], &["code_interpreter", "outputs", "*", "logs"]], how: How::Json }] },],
    },
    Api {
        name: "converse",
        prefixes: &[],
        objects: &[],
        shapes: &[0b100000000, 0b1000000000, 0b10000000000, 0b100000000000, 0b1000000000000],
        heads: 0b11111100000000,
        has_chunks: true,
        has_roles: true,
        ids: &[],
        has_response: false,
        type_keys: &[0, 1],
        requests: &[],
        begins: &[],
        ends: &[],
        text_deltas: &[],
        final_texts: &[],
        item_events: &[],
        additions: &[
            Additions { types: &[], path: &["contentBlockDelta", "delta"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["contentBlockDelta", "contentBlockIndex"], leaves: &[Leaf { item: "text", column: "text", paths: &[&["text"]], how: How::Text }, Leaf { item: "reasoningContent", column: "text", paths: &[&["reasoningContent", "text"]], how: How::Text }, Leaf { item: "toolUse", column: "arguments", paths: &[&["toolUse", "input"]], how: How::Json }] },
            Additions { types: &[], path: &["contentBlockStart", "start", "toolUse"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["contentBlockStart", "contentBlockIndex"], leaves: &[Leaf { item: "toolUse", column: "call_id", paths: &[&["toolUseId"]], how: How::First }, Leaf { item: "toolUse", column: "name", paths: &[&["name"]], how: How::First }] },
            Additions { types: &[], path: &["messageStop"], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "", column: "end", paths: &[&["stopReason"]], how: How::First }] },],
    },
    Api {
        name: "ollama",
        prefixes: &[],
        objects: &[],
        shapes: &[0b10100000000000000, 0b11000000000000000],
        heads: 0b11100000000000000,
        has_chunks: true,
        has_roles: false,
        ids: &[],
        has_response: false,
        type_keys: &[0, 1],
        requests: &[],
        begins: &[],
        ends: &[],
        text_deltas: &[],
        final_texts: &[],
        item_events: &[],
        additions: &[
            Additions { types: &[], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "reasoning", column: "text", paths: &[&["message", "thinking"], &["thinking"]], how: How::Text }, Leaf { item: "message", column: "text", paths: &[&["message", "content"], &["response"]], how: How::Text }, Leaf { item: "", column: "end", paths: &[&["done_reason"]], how: How::First }] },
            Additions { types: &[], path: &["message", "tool_calls", "*"], source: 0, runs: true, lists_items: true, id: &[], names: &[], is_only: false, part: &["content_index"], leaves: &[Leaf { item: "tool_call", column: "call_id", paths: &[&["id"]], how: How::First }, Leaf { item: "tool_call", column: "name", paths: &[&["function", "name"]], how: How::First }, Leaf { item: "tool_call", column: "arguments", paths: &[&["function", "arguments"]], how: How::Json }] },],
    },
    Api {
        name: "tgi",
        prefixes: &[],
        objects: &[],
        shapes: &[0b11000000000000000000],
        heads: 0b11000000000000000000,
        has_chunks: true,
        has_roles: false,
        ids: &[],
        has_response: false,
        type_keys: &[0, 1],
        requests: &[],
        begins: &[],
        ends: &[],
        text_deltas: &[],
        final_texts: &[],
        item_events: &[],
        additions: &[
            Additions { types: &[], path: &[], source: 0, runs: false, lists_items: false, id: &[], names: &[], is_only: true, part: &["content_index"], leaves: &[Leaf { item: "message", column: "text", paths: &[&["token"]], how: How::Text }, Leaf { item: "", column: "end", paths: &[&["details", "finish_reason"]], how: How::First }] },],
    },
];

/// Where the ids of responses lie.
#[rustfmt::skip]
pub const IDS: &[&[&str]] = &[&["response", "id"], &["id"], &["message", "id"], &["responseId"], &["response_id"], &["interaction", "id"], &["generation_id"], &["run_id"]];

/// The members that say what an event is; the first counts.
#[rustfmt::skip]
pub const TYPE_KEYS: &[&str] = &["type", "event_type"];

/// The members of an event that hold the response object.
#[rustfmt::skip]
pub const RESPONSES: &[&str] = &["response", "message", "interaction"];

/// The members of an event that may have [`ERROR_FIELD`], too.
#[rustfmt::skip]
pub const ERROR_PARENTS: &[&str] = &["x_groq"];

/// The members that say the same in an event of no known API without a type.
#[rustfmt::skip]
pub const FAILURES: &[&str] = &["detail", "errors"];

/// The members of an event that count its tokens, beside those of [`HEADS`].
#[rustfmt::skip]
pub const USAGES: &[&str] = &["usage"];

/// The types of objects whose `text` is text of the output,
#[rustfmt::skip]
pub const TEXT_PARTS: &[&str] = &["text", "text_delta", "output_text"];

/// unless one of these members is true.
#[rustfmt::skip]
pub const ASIDES: &[&str] = &["thought", "special"];

/// What does not say that an answer is complete, although it ends.
#[rustfmt::skip]
pub const FAILED_FINISHES: &[&str] = &["error"];

/// The members of an event that are an image,
#[rustfmt::skip]
pub const IMAGE_FIELDS: &[&str] = &["partial_image_b64", "b64_json"];

/// of which these are a partial one,
#[rustfmt::skip]
pub const PARTIAL_FIELDS: &[&str] = &["partial_image_b64"];

/// and so are all in events of these types.
#[rustfmt::skip]
pub const PARTIAL_IMAGES: &[&str] = &["image_edit.partial_image", "image_generation.partial_image", "response.image_generation_call.partial_image"];

/// The members that say of what type the data beside them is.
#[rustfmt::skip]
pub const MEDIA_TYPES: &[&str] = &["mimeType", "mime_type", "media_type"];

/// What stands in the JSON of an event with an image.
#[rustfmt::skip]
pub const IMAGE_MARKS: &[&str] = &["image/", "image\\", "image_generation_call", "b64_json"];

/// The keys of strings that are base64.
#[rustfmt::skip]
pub const BASE64_KEYS: &[&str] = &["partial_image_b64", "b64_json", "result", "data", "url", "image_url"];

/// The `type` of an event that says that something failed, of any API.
#[rustfmt::skip]
pub const ERROR: &str = "error";

/// The member that says that something failed.
#[rustfmt::skip]
pub const ERROR_FIELD: &str = "error";

/// So does this one, if it is a text,
#[rustfmt::skip]
pub const MESSAGE: &str = "message";

/// beside this one.
#[rustfmt::skip]
pub const CODE: &str = "code";

/// What an image's data URL begins with.
#[rustfmt::skip]
pub const IMAGE_URL: &str = "data:image/";

/// The member of an object that is an image, if one of [`MEDIA_TYPES`] says so.
#[rustfmt::skip]
pub const IMAGE_DATA: &str = "data";

/// What the media type of an image begins with.
#[rustfmt::skip]
pub const IMAGE_MEDIA: &str = "image/";

/// What stands in a path for the elements of a list.
#[rustfmt::skip]
pub const EACH: &str = "*";

/// The member that says what an event is, if no type does.
#[rustfmt::skip]
pub const OBJECT: &str = "object";

/// The member that an event adds.
#[rustfmt::skip]
pub const DELTA: &str = "delta";

/// The number of an element of a list.
#[rustfmt::skip]
pub const INDEX: &str = "index";

/// The number of an item of the output.
#[rustfmt::skip]
pub const OUTPUT_INDEX: &str = "output_index";

/// The number of a part of such an item.
#[rustfmt::skip]
pub const CONTENT_INDEX: &str = "content_index";

/// The id of the item to which an event adds.
#[rustfmt::skip]
pub const ITEM_ID: &str = "item_id";

/// The number of an event in its stream.
#[rustfmt::skip]
pub const SEQUENCE_NUMBER: &str = "sequence_number";

/// The number of a partial image.
#[rustfmt::skip]
pub const PARTIAL_INDEX: &str = "partial_image_index";

/// The member of an object that is a text.
#[rustfmt::skip]
pub const TEXT: &str = "text";

/// The member of such an object which, if it is true, says that it is a thought.
#[rustfmt::skip]
pub const THOUGHT: &str = "thought";

/// The first code that says that something failed.
#[rustfmt::skip]
pub const FIRST_FAILED_CODE: i64 = 400;

/// The types of objects with an image, and which member it is.
#[rustfmt::skip]
pub const IMAGE_ITEMS: &[(&str, &str)] = &[("image_generation_call", "result")];
