//! Fields: the members of an event's JSON that tell which stream it belongs to and what it adds.
//!
//! The whole payload is checked (see [`crate::json`]), the wanted members are remembered as ranges
//! of it: [`crate::logs::members`] reads them.

use crate::json::Text;
use crate::logs::answers::Answers;
use crate::logs::apis::{ERROR, HEADS};
use crate::logs::roles::{ApiRef, Role, TypeInfo};

/// What a payload says of itself beside its values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Which of [`crate::logs::apis::RESPONSES`] are objects, a bit each.
    pub responses: u8,
    /// Whether the member that says that something failed is an object or a text.
    pub has_error: bool,
    /// In which of [`crate::logs::apis::ERROR_PARENTS`] it is, a bit each.
    pub inner_errors: u8,
    /// What says that an event of no known API is an error in another form.
    pub failure: Failure,
    /// Which of [`crate::logs::apis::USAGES`] are objects, a bit each.
    pub usages: u8,
    /// Which of [`crate::logs::apis::IMAGE_FIELDS`] are strings, a bit each.
    pub images: u32,
}

/// See [`Marks::failure`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// Which of [`crate::logs::apis::FAILURES`] are a text, a list or an object that is not empty, a
    /// bit each.
    pub members: u8,
    /// Whether there is a text in [`crate::logs::apis::MESSAGE`],
    pub has_message: bool,
    /// and a code that says that something failed.
    pub has_code: bool,
    /// Whether its `object` says it.
    pub is_named: bool,
}

/// The members of these names, where they are integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// `sequence_number`.
    pub sequence_number: Option<i64>,
    /// `output_index`.
    pub output_index: Option<i64>,
    /// `content_index`.
    pub content_index: Option<i64>,
    /// `index`.
    pub index: Option<i64>,
}

impl Numbers {
    /// The number of the item of the output.
    #[inline(always)]
    pub fn item(&self) -> Option<i64> {
        self.output_index.or(self.index)
    }
}

/// The members of a payload. One of another type than expected counts as lacking; of several with
/// the same key the last one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    /// The values of [`crate::logs::apis::TYPE_KEYS`], and what each says.
    pub types: [Option<(Text, TypeInfo)>; 2],
    /// What the first of them says; without one, what the SSE field `event` does.
    pub kind: TypeInfo,
    /// Whether the SSE field `event` says more than that it is a message.
    pub is_named: bool,
    /// The API that `object` names, if it does.
    pub object_api: Option<ApiRef>,
    /// Those of [`crate::logs::apis::IDS`] that are there and not empty, by their number.
    pub ids: Vec<(u8, Text)>,
    /// `item_id`.
    pub item_id: Option<Text>,
    /// `delta`, if it is a string.
    pub delta: Option<Text>,
    /// Where it belongs in its stream.
    pub numbers: Numbers,
    /// What is there beside.
    pub marks: Marks,
    /// What it adds to the answers of its response.
    pub answers: Answers,
    /// Where the event begins whose fields these are: it may be a member of the payload's object.
    pub from: usize,
}

impl Fields {
    /// The API of the event, if it is known.
    #[inline(always)]
    pub fn api(&self) -> Option<ApiRef> {
        let named = self.object_api.or(self.kind.api);
        if named.is_none() && self.answers.heads != 0 {
            return ApiRef::of_shape(self.answers.heads);
        }
        named
    }

    /// Whether only its shape says whose event it is.
    pub fn is_known_by_shape(&self) -> bool {
        self.object_api.is_none() && self.kind.api.is_none()
    }

    /// Whether what it says of its response may differ from event to event.
    #[inline(always)]
    pub fn is_chunk(&self) -> bool {
        self.answers.heads != 0 || self.object_api.is_some()
    }

    /// What the event does by its type, whatever its `object` says.
    #[inline(always)]
    pub fn role(&self) -> Role {
        self.kind.role
    }

    /// Whether it adds to a text, and nothing else.
    #[inline(always)]
    pub fn is_text_delta(&self) -> bool {
        self.role() == Role::TextDelta && self.delta.is_some()
    }

    /// Whether an event of a known API adds to a text, and says nothing else of its stream.
    #[inline(always)]
    pub fn only_adds_text(&self) -> bool {
        self.kind.api.is_some()
            && self.role() == Role::TextDelta
            && self.ids.is_empty()
            && !self.is_chunk()
            && !self.has_response()
            && !self.has_error()
    }

    /// Whether its delta is a text.
    #[inline(always)]
    pub fn has_text_only(&self) -> bool {
        self.delta.is_some() && self.answers.heads == 0
    }

    /// Its type, if its payload says it.
    #[inline(always)]
    pub fn type_(&self) -> Option<&Text> {
        self.typed().map(|(text, _)| text)
    }

    /// The same with what it says.
    #[inline(always)]
    pub fn typed(&self) -> Option<&(Text, TypeInfo)> {
        let [first, second] = &self.types;
        first.as_ref().or(second.as_ref())
    }

    /// Takes its type from the SSE field `event`, if its payload does not say it, or if it says that
    /// the event is an error.
    #[inline(always)]
    pub fn take_name(&mut self, name: &[u8]) {
        self.is_named = !matches!(name, b"" | b"message");
        if self.type_().is_none() || is_error(name) {
            self.kind = match name {
                b"" => TypeInfo::default(),
                name => TypeInfo::of(name, None),
            };
        }
    }

    /// Whether a member of it may be the event itself.
    #[inline(always)]
    pub fn may_be_wrapped(&self) -> bool {
        self.marks.responses != 0
            && self.type_().is_none_or(|type_| type_.range.is_empty())
            && self.from == 0
    }

    /// Whether it holds the response object.
    #[inline(always)]
    pub fn has_response(&self) -> bool {
        self.marks.responses != 0
    }

    /// Whether it says that something failed.
    #[inline(always)]
    pub fn has_error(&self) -> bool {
        self.marks.has_error
            || self.marks.inner_errors != 0
            || self.role() == Role::Error
            || self.marks.failure != Failure::default() && self.says_failure()
    }

    #[cold]
    fn says_failure(&self) -> bool {
        let failure = &self.marks.failure;
        if self.api().is_some() {
            return false;
        }
        let is_untyped = !self.is_named && self.type_().is_none_or(|type_| type_.range.is_empty());
        let has_both = failure.has_message && failure.has_code;
        failure.is_named || is_untyped && (failure.members != 0 || has_both)
    }

    /// Whether it counts tokens.
    pub fn has_usage(&self) -> bool {
        if self.marks.usages != 0 {
            return true;
        }
        // Another API may mean something else by the same member.
        let heads = self.answers.heads & self.api().map_or(!0, |api| api.heads);
        let mut usages = HEADS.iter().enumerate().filter(|(_, head)| head.is_usage);
        usages.any(|(number, _)| heads >> number & 1 == 1)
    }

    /// The id of the response that an event of this API tells.
    #[inline(always)]
    pub fn response_id(&self, api: ApiRef) -> Option<&Text> {
        let id = self.ids.iter().find(|(number, _)| api.ids.contains(number));
        id.map(|(_, id)| id)
    }

    /// About as many bytes are in the strings that become values of columns.
    #[inline(always)]
    pub fn text_len(&self) -> usize {
        let len = |text: &Option<Text>| text.as_ref().map_or(0, |text| text.range.len());
        len(&self.item_id) + len(&self.delta)
    }
}

/// Whether an event of this name is an error.
#[inline(always)]
pub fn is_error(name: &[u8]) -> bool {
    name == ERROR.as_bytes()
}

/// Why a payload is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not UTF-8.
    Utf8,
    /// It is nested deeper than [`crate::json::MAX_DEPTH`].
    Depth,
    /// It is not JSON.
    Json,
    /// It is not an object.
    Schema,
}
