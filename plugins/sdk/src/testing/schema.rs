//! Whether a settings schema and a settings type say the same.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{Plugin, settings};

/// What differs between a plugin's settings type and its schema, as far as samples show it; nothing if they are in step.
///
/// Every sample has to fit the type and the schema, and every key of the schema has to stand in a sample. So a key that is
/// new in the type needs a sample, which needs a key in the schema, and the other way round.
#[must_use]
pub fn schema_differences<P: Plugin>(samples: &[&str]) -> Vec<String> {
    let schema: Value = match serde_json::from_str(&P::describe().settings_schema) {
        Ok(schema) => schema,
        Err(error) => return vec![format!("the schema is no JSON: {error}")],
    };
    let mut differences = Vec::new();
    let mut seen = BTreeSet::new();
    for sample in samples {
        let (parsed, problems) = settings::parse::<P::Settings>(sample);
        if parsed.is_none() || !problems.is_empty() {
            differences.push(format!("the type does not take {sample}: {problems}"));
        }
        match serde_json::from_str(sample) {
            Ok(value) => compare(&schema, &value, "", &mut seen, &mut differences),
            Err(error) => differences.push(format!("{sample} is no JSON: {error}")),
        }
    }
    let mut listed = BTreeSet::new();
    list(&schema, "", &mut listed);
    let unseen = listed.difference(&seen);
    differences.extend(unseen.map(|key| format!("no sample has the schema's key `{key}`")));
    differences
}

/// Every key that a schema names, with the keys above it.
fn list(schema: &Value, path: &str, into: &mut BTreeSet<String>) {
    for (key, below) in properties(schema) {
        let path = format!("{path}.{key}");
        list(below, &path, into);
        into.insert(path);
    }
    for below in alternatives(schema).chain(schema.get("items")) {
        list(below, path, into);
    }
}

fn compare(
    schema: &Value,
    value: &Value,
    path: &str,
    seen: &mut BTreeSet<String>,
    differences: &mut Vec<String>,
) {
    let kinds: Vec<_> = alternatives(schema).collect();
    if !kinds.is_empty() {
        let fits = |kind: &&Value| {
            let mut found = Vec::new();
            compare(kind, value, path, &mut BTreeSet::new(), &mut found);
            found.is_empty()
        };
        match kinds.into_iter().find(fits) {
            Some(kind) => compare(kind, value, path, seen, differences),
            None => differences.push(format!(
                "`{path}` fits no alternative of the schema: {value}"
            )),
        }
        return;
    }
    if let Some(kind) = schema.get("type").and_then(Value::as_str)
        && kind != type_of(value)
        && !(kind == "number" && type_of(value) == "integer")
    {
        differences.push(format!("`{path}` is to be {kind}: {value}"));
        return;
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array)
        && !words.contains(value)
    {
        differences.push(format!("`{path}` is no word of the schema: {value}"));
    }
    for item in value.as_array().into_iter().flatten() {
        compare(
            schema.get("items").unwrap_or(&Value::Null),
            item,
            path,
            seen,
            differences,
        );
    }
    let Some(table) = value.as_object() else {
        return;
    };
    for (key, below) in table {
        let path = format!("{path}.{key}");
        match (
            properties(schema).find(|(name, _)| *name == key),
            schema.get("additionalProperties"),
        ) {
            (Some((_, schema)), _) => {
                compare(schema, below, &path, seen, differences);
                seen.insert(path);
            }
            (None, Some(any @ Value::Object(_))) => compare(any, below, &path, seen, differences),
            (None, _) => differences.push(format!("the schema has no key `{path}`")),
        }
    }
    let required = schema.get("required").and_then(Value::as_array);
    for key in required.into_iter().flatten().filter_map(Value::as_str) {
        if !table.contains_key(key) {
            differences.push(format!("the schema requires `{path}.{key}`"));
        }
    }
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

fn alternatives(schema: &Value) -> impl Iterator<Item = &Value> {
    let lists = ["oneOf", "anyOf"]
        .into_iter()
        .filter_map(|key| schema.get(key));
    lists.filter_map(Value::as_array).flatten()
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
