//! Roles: what the `type` of an event says about its stream, by the table in [`crate::logs::apis`].

use std::ptr;

use crate::logs::apis::{APIS, Api, ERROR};

/// One of [`APIS`]; compared by which it is.
#[derive(Clone, Copy, Debug)]
pub struct ApiRef(&'static Api);

impl PartialEq for ApiRef {
    #[inline(always)]
    fn eq(&self, other: &ApiRef) -> bool {
        ptr::eq(self.0, other.0)
    }
}

impl Eq for ApiRef {}

impl std::ops::Deref for ApiRef {
    type Target = Api;

    #[inline(always)]
    fn deref(&self) -> &Api {
        self.0
    }
}

impl ApiRef {
    /// The API whose events have this `object`.
    pub fn of_object(object: &[u8]) -> Option<ApiRef> {
        let is_it = |name: &&str| name.as_bytes() == object;
        let api = APIS.iter().find(|api| api.objects.iter().any(is_it));
        api.map(ApiRef)
    }

    /// The API of events with one of these heads, a bit each.
    pub fn of_shape(heads: u32) -> Option<ApiRef> {
        let has_all = |shape: &u32| shape & heads == *shape;
        let api = APIS.iter().find(|api| api.shapes.iter().any(has_all));
        api.map(ApiRef)
    }

    /// The API that an event of this `type` is of, which the member with this number names.
    fn of_type(type_: &[u8], key: Option<u8>) -> Option<ApiRef> {
        let is_its = |prefix: &&str| type_.starts_with(prefix.as_bytes());
        let may_name = |api: &&Api| key.is_none_or(|key| api.type_keys.contains(&key));
        let mut apis = APIS.iter().filter(may_name);
        let api = apis.find(|api| api.prefixes.iter().any(is_its))?;
        let is_request = api.requests.iter().any(|each| each.as_bytes() == type_);
        (!is_request).then_some(ApiRef(api))
    }
}

/// What an event of a type does in its stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// It always begins one.
    Begins,
    /// It ends one.
    Ends,
    /// It adds the text in `delta`.
    TextDelta,
    /// It holds a text as a whole.
    FinalText,
    /// It says that something failed.
    Error,
    /// Nothing of these.
    #[default]
    Other,
}

/// What a `type` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TypeInfo {
    /// The API of the event, if it is known.
    pub api: Option<ApiRef>,
    /// What it does.
    pub role: Role,
}

impl TypeInfo {
    /// What this type says, if the member of [`crate::logs::apis::TYPE_KEYS`] with this number names
    /// it; `None`: the SSE field `event` does.
    pub fn of(type_: &[u8], key: Option<u8>) -> TypeInfo {
        if type_ == ERROR.as_bytes() {
            return TypeInfo {
                api: None,
                role: Role::Error,
            };
        }
        let Some(api) = ApiRef::of_type(type_, key) else {
            return TypeInfo::default();
        };
        let is_in = |types: &[&str]| types.iter().any(|each| each.as_bytes() == type_);
        let role = match type_ {
            _ if is_in(api.begins) => Role::Begins,
            _ if is_in(api.ends) => Role::Ends,
            _ if is_in(api.text_deltas) => Role::TextDelta,
            _ if is_in(api.final_texts) => Role::FinalText,
            _ => Role::Other,
        };
        TypeInfo {
            api: Some(api),
            role,
        }
    }
}
