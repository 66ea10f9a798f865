//! The rule language as a JSON Schema, for editors: completion, what each key means, and a red line beneath a slip while it is typed.
//!
//! Draft 4 is what Taplo and Even Better TOML read. Everything stands where it is used, without `$ref`: a description beside a
//! reference is not shown. What an editor cannot know (whether an option exists, whether two keys go together) is left to the check.

mod form;

use serde_json::{Map, Value as Json, json};

use crate::keys::shape::{Name, Shape};
use crate::keys::{EXPECT, FILE, HOURS, Key, Keys, OF_DAYS, OPTION, RANGES, TITLE_OF_OPTION, TURN};

/// The schema of a rule file.
#[must_use]
pub fn schema() -> Json {
    let mut schema = table(&FILE);
    schema.insert(
        "$schema".to_owned(),
        json!("http://json-schema.org/draft-04/schema#"),
    );
    schema.insert("title".to_owned(), json!("Tollgate rules, version 1"));
    schema.insert(
        "description".to_owned(),
        json!("A file of rules. Rules are read from top to bottom, file after file; the first one whose conditions all hold answers."),
    );
    Json::Object(schema)
}

/// A table of the language: strict about its keys.
fn table(keys: &'static Keys) -> Map<String, Json> {
    let properties: Map<_, _> = keys.all().map(|key| property(key, keys)).collect();
    let needed: Vec<&str> = keys
        .all()
        .filter(|key| key.is_needed)
        .map(|key| key.name)
        .collect();
    let mut table = object(
        json!({ "type": "object", "properties": properties, "additionalProperties": false }),
    );
    if !needed.is_empty() {
        table.insert("required".to_owned(), json!(needed));
        // What an editor writes when a table of this kind is begun.
        table.insert("x-taplo".to_owned(), json!({ "initKeys": needed }));
    }
    // Beside their keys these two have names that people choose.
    if std::ptr::eq(keys, &HOURS) {
        days(&mut table);
    }
    if std::ptr::eq(keys, &OPTION) {
        table.insert(
            "patternProperties".to_owned(),
            json!({ form::LANGUAGE: value(TITLE_OF_OPTION) }),
        );
    }
    // A turn is something, and a test expects something.
    if std::ptr::eq(keys, &TURN) || std::ptr::eq(keys, &EXPECT) {
        table.insert("minProperties".to_owned(), json!(1));
    }
    table
}

fn property(key: &Key, keys: &Keys) -> (String, Json) {
    let mut described = value(&key.shape);
    let example = if key.example.is_empty() {
        String::new()
    } else {
        format!("\n\nExample: `{}`", key.line(keys.prefix))
    };
    let text = format!("{}.{example}", sentence(keys.lead, key.means));
    described.insert("description".to_owned(), text.into());
    (key.name.to_owned(), Json::Object(described))
}

fn sentence(lead: &str, means: &str) -> String {
    let whole = format!("{lead}{means}");
    let mut chars = whole.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// Days by name are properties already; ranges of them are what a pattern tells.
fn days(table: &mut Map<String, Json>) {
    if let Some(properties) = table.get_mut("properties").and_then(Json::as_object_mut) {
        for (range, means) in RANGES {
            let mut described = value(&OF_DAYS);
            described.insert(
                "description".to_owned(),
                format!("{}.", sentence("", means)).into(),
            );
            properties.insert((*range).to_owned(), Json::Object(described));
        }
    }
    table.insert(
        "patternProperties".to_owned(),
        json!({ form::days(): value(&OF_DAYS) }),
    );
}

fn value(shape: &Shape) -> Map<String, Json> {
    object(match shape {
        Shape::Text(most) => text(*most, None),
        Shape::Words(most) => text(*most, Some(r"\S")),
        Shape::OneOf(choice) => one_of(&choice.choices()),
        Shape::Offered(choice) => {
            json!({ "anyOf": [one_of(&choice.choices()), { "type": "string" }] })
        }
        Shape::Form(form) => form::of(*form),
        Shape::Name(name) => form::name(*name),
        Shape::Truth => json!({ "type": "boolean" }),
        Shape::Count(least, most) => {
            let mut count = object(json!({ "type": "integer", "minimum": least }));
            if *most < usize::MAX {
                count.insert("maximum".to_owned(), json!(most));
            }
            Json::Object(count)
        }
        Shape::Exactly(number) => json!({ "type": "integer", "enum": [number] }),
        Shape::Either(shapes) => either(shapes.iter().map(value)),
        Shape::List(of, least, most) => list(of, *least, *most),
        Shape::OneOrMany(of, least, most) => {
            either([value(of), object(list(of, *least, *most))].into_iter())
        }
        Shape::ByLanguage(of) => json!({
            "type": "object",
            "patternProperties": { form::LANGUAGE: value(of) },
            "additionalProperties": false,
        }),
        Shape::ByName(_, name, of) => by_name(*name, of),
        Shape::Table(keys) => Json::Object(table(keys)),
        Shape::Tables(keys) => json!({ "type": "array", "items": table(keys) }),
        Shape::AnyTable => json!({ "type": "object" }),
        Shape::Anything => json!({}),
    })
}

fn text(most: Option<usize>, pattern: Option<&str>) -> Json {
    let mut text = object(json!({ "type": "string" }));
    text.extend(most.map(|most| ("maxLength".to_owned(), json!(most))));
    text.extend(pattern.map(|pattern| ("pattern".to_owned(), json!(pattern))));
    Json::Object(text)
}

/// Words, each with what it means where an editor offers it.
fn one_of(choices: &[(&'static str, &'static str)]) -> Json {
    let (words, means): (Vec<_>, Vec<_>) = choices.iter().copied().unzip();
    json!({ "type": "string", "enum": words, "x-taplo": { "docs": { "enumValues": means } } })
}

fn list(of: &Shape, least: usize, most: usize) -> Json {
    let mut list = object(json!({ "type": "array", "items": value(of), "maxItems": most }));
    if least > 0 {
        list.insert("minItems".to_owned(), json!(least));
    }
    Json::Object(list)
}

fn either(shapes: impl Iterator<Item = Map<String, Json>>) -> Json {
    // One level: what may be one of several things, or a list of them, is offered side by side.
    let mut all = Vec::new();
    for mut shape in shapes {
        match shape.remove("anyOf") {
            Some(Json::Array(inner)) if shape.is_empty() => all.extend(inner),
            Some(inner) => {
                shape.insert("anyOf".to_owned(), inner);
                all.push(Json::Object(shape));
            }
            None => all.push(Json::Object(shape)),
        }
    }
    json!({ "anyOf": all })
}

fn by_name(name: Name, of: &Shape) -> Json {
    match form::key(name) {
        Some(pattern) => json!({
            "type": "object",
            "patternProperties": { pattern: value(of) },
            "additionalProperties": false,
        }),
        None => json!({ "type": "object", "additionalProperties": value(of) }),
    }
}

fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(object) => object,
        _ => Map::new(),
    }
}
