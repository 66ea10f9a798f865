//! Templates, as far as they can be checked without knowing any: every name is taken for an approved one.

use serde_json::Value;

use super::{at_most, files, text, within, within_if_any};
use crate::limits;

pub(super) fn check(template: &Value) -> Result<(), String> {
    within(template, "name", limits::TEMPLATE_NAME_CHARS)
        .and_then(|()| within(template, "language.code", limits::LANGUAGE_CHARS))
        .map_err(|wrong| format!("template.{wrong}"))?;
    let components = match template.get("components") {
        None => return Ok(()),
        Some(Value::Array(components)) => components,
        Some(_) => return Err("template.components is a list".to_owned()),
    };
    let mut buttons = Vec::new();
    for component in components {
        let within_it = |wrong: String| format!("template.components: {wrong}");
        match text(component, "type") {
            Some("header") => header(component).map_err(within_it)?,
            Some("body") => body(component).map_err(within_it)?,
            Some("button") => {
                let index = button(component).map_err(within_it)?;
                if buttons.contains(&index) {
                    return Err(within_it(format!("the button index {index} stands twice")));
                }
                buttons.push(index);
            }
            Some(kind) => return Err(within_it(format!("type {kind:?} is unknown"))),
            None => return Err(within_it("type is missing".to_owned())),
        }
    }
    Ok(())
}

fn header(component: &Value) -> Result<(), String> {
    for parameter in parameters(component)? {
        match text(parameter, "type") {
            Some("text") => within(parameter, "text", limits::FRAME_CHARS)?,
            Some(kind @ ("image" | "video" | "document")) => {
                let file = parameter.get(kind).ok_or(format!("{kind} is missing"))?;
                files::source(file)?;
            }
            Some("location") => {}
            kind => return Err(format!("a header parameter of type {kind:?}")),
        }
    }
    Ok(())
}

fn body(component: &Value) -> Result<(), String> {
    let mut words = String::new();
    let (mut named, mut count) = (0, 0);
    for parameter in parameters(component)? {
        // Sums of money and dates have shapes of their own, and a text to fall back on.
        if text(parameter, "type") == Some("text") {
            within(parameter, "text", limits::TEMPLATE_BODY_CHARS)?;
            words.push_str(text(parameter, "text").unwrap_or_default());
        }
        within_if_any(parameter, "parameter_name", limits::TEMPLATE_NAME_CHARS)?;
        named += usize::from(parameter.get("parameter_name").is_some());
        count += 1;
    }
    if named != 0 && named != count {
        return Err(format!(
            "{named} of {count} parameters have a parameter_name"
        ));
    }
    at_most(
        "the body's parameters together",
        &words,
        limits::TEMPLATE_BODY_CHARS,
    )
}

/// Its index.
fn button(component: &Value) -> Result<u64, String> {
    let index = component.get("index").ok_or("index is missing")?;
    let index = index
        .as_u64()
        .or_else(|| index.as_str()?.parse().ok())
        .filter(|index| *index < limits::TEMPLATE_BUTTONS)
        .ok_or_else(|| format!("index {index} is not 0 to {}", limits::TEMPLATE_BUTTONS - 1))?;
    let sort = text(component, "sub_type").ok_or("sub_type is missing")?;
    let filled = |key: &str, most| {
        let found = parameters(component)?;
        let [one] = found else {
            return Err(format!(
                "a {sort} button has {} parameters, not 1",
                found.len()
            ));
        };
        within(one, key, most)
    };
    match sort {
        "quick_reply" => filled("payload", limits::BUTTON_ID_CHARS)?,
        "url" => filled("text", limits::TEXT_CHARS)?,
        // There are more, and hosts of other kinds send them.
        _ => {}
    }
    Ok(index)
}

fn parameters(component: &Value) -> Result<&[Value], String> {
    match component.get("parameters") {
        Some(Value::Array(found)) => Ok(found),
        Some(_) => Err("parameters is a list".to_owned()),
        None => Ok(&[]),
    }
}
