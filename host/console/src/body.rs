//! The body of a call, parsed where it comes in. It is never repeated: it is what a person writes to a contact (I12). The name of a
//! field is, if nothing else fits.

use axum::body::{Body, to_bytes};
use rulebook::nearest;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::limits;
use crate::problem::{Problem, excerpt};

/// A body with these fields, which look like `example`. None at all is one without any field.
pub(crate) async fn read<T: DeserializeOwned>(
    body: Body,
    fields: &[&str],
    example: &str,
) -> Result<T, Problem> {
    let unlike = || Problem::body(format_args!("it is JSON like {example}"));
    let bytes = to_bytes(body, limits::BODY_BYTES)
        .await
        .map_err(|_| Problem::too_large(limits::BODY_BYTES))?;
    let value = if bytes.is_empty() {
        Value::Object(Map::new())
    } else {
        serde_json::from_slice(&bytes).map_err(|_| unlike())?
    };
    let Value::Object(object) = &value else {
        return Err(unlike());
    };
    for name in object.keys() {
        if !fields.contains(&name.as_str()) {
            return Err(stray(name, fields.iter().copied()));
        }
    }
    serde_json::from_value(value).map_err(|error| missing(&error).unwrap_or_else(unlike))
}

/// A part of a body, of a shape that somebody else defines: whatever is in it that this does not know is named.
pub(crate) fn part<T: DeserializeOwned + Serialize>(
    name: &str,
    value: &Value,
    example: &str,
) -> Result<T, Problem> {
    let parsed: T = T::deserialize(value).map_err(|error| {
        missing(&error)
            .unwrap_or_else(|| Problem::body(format_args!("`{name}` is JSON like {example}")))
    })?;
    let known = serde_json::to_value(&parsed).unwrap_or_default();
    match strayed(value, &known) {
        Some(problem) => Err(problem),
        None => Ok(parsed),
    }
}

/// What a person calls themselves: short, and not nothing.
pub(crate) fn by(by: Option<String>) -> Result<Option<String>, Problem> {
    let most = limits::BY_CHARS;
    let wrong = || Problem::body(format_args!("`by` is a name of 1 to {most} characters"));
    by.map(|by| bounded(&by, most).ok_or_else(wrong))
        .transpose()
}

/// Words that say why, for people who come later.
pub(crate) fn words(name: &str, text: &str) -> Result<String, Problem> {
    let most = limits::WHY_CHARS;
    let wrong = || Problem::body(format_args!("`{name}` is a text of 1 to {most} characters"));
    bounded(text, most).ok_or_else(wrong)
}

fn bounded(text: &str, most: usize) -> Option<String> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= most;
    fits.then(|| text.to_owned())
}

/// What is written but not understood, somewhere within.
fn strayed(written: &Value, known: &Value) -> Option<Problem> {
    match (written, known) {
        (Value::Object(written), Value::Object(known)) => {
            written
                .iter()
                .find_map(|(name, value)| match known.get(name) {
                    Some(known) => strayed(value, known),
                    None => Some(stray(name, known.keys().map(String::as_str))),
                })
        }
        (Value::Array(written), Value::Array(known)) => written
            .iter()
            .zip(known)
            .find_map(|(written, known)| strayed(written, known)),
        _ => None,
    }
}

fn stray<'a>(name: &str, fields: impl Iterator<Item = &'a str> + Clone) -> Problem {
    let meant = nearest(name, fields.clone());
    let said = match meant {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => {
            let fields: Vec<&str> = fields.collect();
            match fields.as_slice() {
                [] => "it takes none".to_owned(),
                fields => format!("it takes {}", fields.join(", ")),
            }
        }
    };
    Problem::body(format_args!("it has no field `{}`: {said}", excerpt(name)))
}

/// Which field is missing, if that is all that is wrong. Whatever else serde says may repeat the body.
fn missing(error: &serde_json::Error) -> Option<Problem> {
    let said = error.to_string();
    let field = said.strip_prefix("missing field `")?.split('`').next()?;
    Some(Problem::body(format_args!("`{field}` is missing")))
}
