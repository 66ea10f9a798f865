//! Templates: what fills them, part by part.

use model::{Template, TemplateButton, TemplateButtonFill, TemplateHeader, TemplateParameter};
use serde_json::{Value, json};

use super::{files, members};

pub(super) fn template(template: &Template) -> Value {
    let words: Vec<Value> = template.parameters.iter().map(parameter).collect();
    let words = (!words.is_empty()).then(|| json!({ "type": "body", "parameters": words }));
    let parts: Vec<Value> = template
        .header
        .iter()
        .map(header)
        .chain(words)
        .chain(template.buttons.iter().map(button))
        .collect();
    members([
        ("name", Some(json!(template.name))),
        ("language", Some(json!({ "code": template.language }))),
        ("components", (!parts.is_empty()).then(|| json!(parts))),
    ])
}

fn header(header: &TemplateHeader) -> Value {
    let parameter = match header {
        TemplateHeader::Text(text) => json!({ "type": "text", "text": text }),
        TemplateHeader::Media(media, source) => {
            let (kind, (key, source)) = (files::kind(*media), files::source(source));
            json!({ "type": kind, kind: { key: source } })
        }
    };
    json!({ "type": "header", "parameters": [parameter] })
}

fn parameter(parameter: &TemplateParameter) -> Value {
    members([
        ("type", Some(json!("text"))),
        (
            "parameter_name",
            parameter.name.as_ref().map(|name| json!(name)),
        ),
        ("text", Some(json!(parameter.text))),
    ])
}

fn button(button: &TemplateButton) -> Value {
    let (sort, parameter) = match &button.fill {
        TemplateButtonFill::Payload(payload) => (
            "quick_reply",
            json!({ "type": "payload", "payload": payload }),
        ),
        TemplateButtonFill::UrlSuffix(end) => ("url", json!({ "type": "text", "text": end })),
    };
    json!({
        "type": "button",
        "sub_type": sort,
        // Meta's own examples write it as a string.
        "index": button.index.to_string(),
        "parameters": [parameter],
    })
}
