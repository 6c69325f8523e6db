//! What a value is made of that is like another one.

use rapidsse_core::like::{Scalar, Step};
use serde_json::Value;

/// A value with other values of the members at these paths.
pub fn with(value: &Value, paths: &[Vec<Step>], payload: &[u8], values: &[Scalar]) -> Value {
    let mut value = value.clone();
    assert_eq!(paths.len(), values.len());
    for (path, scalar) in paths.iter().zip(values) {
        let place = path.iter().fold(&mut value, |value, step| match step {
            Step::Key(key) => &mut value[str::from_utf8(key).unwrap()],
            Step::Index(index) => &mut value[index],
        });
        *place = match scalar {
            Scalar::Text(range) => str::from_utf8(&payload[range.clone()]).unwrap().into(),
            Scalar::Unescaped(bytes) => str::from_utf8(bytes).unwrap().into(),
            Scalar::Integer(number) => (*number).into(),
        };
    }
    value
}
