//! Files, and addresses.

use serde_json::Value;

use super::{is_id, text, within, within_if_any};
use crate::limits;

pub(super) fn check(kind: &str, file: &Value) -> Result<(), String> {
    source(file).map_err(|wrong| format!("{kind}.{wrong}"))?;
    let may_have = |key: &str, by: &[&str]| {
        if file.get(key).is_some() && !by.contains(&kind) {
            return Err(format!("{kind}.{key} is there, and {kind} has none"));
        }
        Ok(())
    };
    may_have("caption", &["image", "video", "document"])?;
    may_have("filename", &["document"])?;
    within_if_any(file, "caption", limits::CAPTION_CHARS)
        .and_then(|()| within_if_any(file, "filename", limits::TEXT_CHARS))
        .map_err(|wrong| format!("{kind}.{wrong}"))
}

/// Either the id of a file or a link to one.
pub(super) fn source(file: &Value) -> Result<(), String> {
    match (file.get("id"), file.get("link")) {
        (Some(_), Some(_)) => Err("id and link are both there: one of them is enough".to_owned()),
        (None, None) => Err("id or link is missing".to_owned()),
        (Some(_), None) if !text(file, "id").is_some_and(is_id) => {
            Err("id is no id of a file".to_owned())
        }
        (Some(_), None) => Ok(()),
        (None, Some(_)) => address(file, "link"),
    }
}

/// A web address at a dotted path.
pub(super) fn address(message: &Value, path: &str) -> Result<(), String> {
    within(message, path, limits::TEXT_CHARS)?;
    let pointer = format!("/{}", path.replace('.', "/"));
    let url = message.pointer(&pointer).and_then(Value::as_str);
    let is_web = url
        .and_then(|url| reqwest::Url::parse(url).ok())
        .is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if is_web {
        Ok(())
    } else {
        Err(format!("{path} is no web address"))
    }
}
