//! The schema for editors: it accepts what the rulebook reads, and refuses what can be seen in a file alone.

mod agreement;
mod toml_as_json;

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use rulebook::{Severity, Source, described, read, schema};
use serde_json::Value as Json;

use crate::golden::sources;
use crate::names::names;
use crate::pages::blocks;
use toml_as_json::Parsed;

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn validator() -> Validator {
    jsonschema::draft4::new(&schema()).unwrap()
}

mod generated {
    use super::{root, schema};
    use crate::pages::check_file;

    #[test]
    fn the_schema_is_current() {
        let mut text = serde_json::to_string_pretty(&schema()).unwrap();
        text.push('\n');
        check_file(&root().join("schema/rules.v1.json"), &text);
    }
}

#[test]
fn it_is_a_schema_of_draft_4() {
    let schema = schema();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-04/schema#");
    jsonschema::draft4::meta::validate(&schema).unwrap();
}

/// All of a schema's parts that are properties of this name.
fn properties<'a>(schema: &'a Json, key: &str, found: &mut Vec<&'a Json>) {
    match schema {
        Json::Object(parts) => {
            found.extend(parts.get("properties").and_then(|all| all.get(key)));
            for part in parts.values() {
                properties(part, key, found);
            }
        }
        Json::Array(parts) => {
            for part in parts {
                properties(part, key, found);
            }
        }
        _ => {}
    }
}

/// Whether an editor that looks at this part offers the word.
fn offers(schema: &Json, word: &str) -> bool {
    let here = schema["enum"].as_array().into_iter().flatten();
    let below = schema["anyOf"].as_array().into_iter().flatten();
    here.into_iter().any(|offered| offered == word)
        || below.into_iter().any(|part| offers(part, word))
        || schema.get("items").is_some_and(|items| offers(items, word))
        || schema
            .get("additionalProperties")
            .is_some_and(|part| part.is_object() && offers(part, word))
}

#[test]
fn every_key_and_every_word_of_the_language_is_offered() {
    let schema = schema();
    let all = described();
    assert!(all.len() > 100, "only {} keys", all.len());
    for key in all {
        let mut found = Vec::new();
        properties(&schema, key.key, &mut found);
        // The one of this table, of several with the same name: what it says is its own.
        let told = |part: &&&Json| {
            let text = part["description"].as_str().unwrap_or_default();
            text.to_lowercase().starts_with(&key.means.to_lowercase())
        };
        let part = found.iter().find(told);
        let part =
            part.unwrap_or_else(|| panic!("`{}` of {} is not in the schema", key.key, key.table));
        for word in key.words {
            assert!(
                offers(part, word),
                "`{word}` is not offered for `{}` of {}",
                key.key,
                key.table
            );
        }
    }
}

#[test]
fn every_rule_file_of_the_project_is_accepted() {
    let mut files = Vec::new();
    for folder in ["rules", "examples", "host/tollgate/templates"] {
        rule_files(&root().join(folder), &mut files);
    }
    assert!(files.len() >= 10, "{files:?}");
    let validator = validator();
    for path in files {
        // A template's own name is filled in when a plugin is begun.
        let text = fs::read_to_string(&path)
            .unwrap()
            .replace("{{name}}", "tried");
        let parsed =
            Parsed::new(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        accepted(&validator, &parsed.json, &path.display().to_string());
    }
}

fn rule_files(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if !matches!(name, "target" | "node_modules") {
                rule_files(&path, into);
            }
        } else if name.ends_with(".toml")
            && fs::read_to_string(&path).unwrap().contains("rules_version")
        {
            into.push(path);
        }
    }
}

#[track_caller]
fn accepted(validator: &Validator, json: &Json, what: &str) {
    let errors = refusals(validator, json);
    assert!(errors.is_empty(), "{what}\n{}", errors.join("\n"));
}

/// What the schema says against it.
fn refusals(validator: &Validator, json: &Json) -> Vec<String> {
    validator
        .iter_errors(json)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn every_example_on_the_page_is_accepted() {
    let validator = validator();
    let blocks = blocks("docs/rules.md");
    assert!(blocks.len() >= 8, "{} examples", blocks.len());
    for (line, block) in blocks {
        accepted(
            &validator,
            &Parsed::new(&block).unwrap().json,
            &format!("docs/rules.md:{line}"),
        );
    }
}

/// What a schema sees of what the rulebook refuses, by the code: unknown keys and conditions, values of the wrong kind, and spans,
/// hours, limits and stages of the wrong form. Each of these at its very line.
const SEEN: [&str; 7] = ["R003", "R005", "R012", "R013", "R025", "R028", "R029"];

/// And what of these codes it does not see, each with the words of the diagnostic by which it is known.
const UNSEEN: &[(&str, &str)] = &[
    // A date without quotes reaches an editor's validator as a text.
    ("R005", "a date or a time stands here"),
    // What takes arithmetic.
    ("R013", "a span of no time at all"),
    ("R025", "lies over hours before it"),
    ("R025", "is no time at all"),
];

#[test]
fn what_is_wrong_with_the_shape_of_a_file_is_refused_at_its_line() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let validator = validator();
    let (mut seen, mut accepted_files) = (0, 0);
    let mut unseen = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if !name.ends_with(".toml") {
            continue;
        }
        let sources = sources(name, &fs::read_to_string(&path).unwrap());
        let reading = read(&sources, &names());
        for source in &sources {
            let Ok(parsed) = Parsed::new(&source.text) else {
                continue;
            };
            if reading.draft.is_some() {
                accepted_files += 1;
                accepted(&validator, &parsed.json, &source.name);
            }
            let lines = parsed.lines_of_errors(&validator);
            let errors = reading.diagnostics.iter().filter(|found| {
                found.severity == Severity::Error
                    && found.file == source.name
                    && SEEN.contains(&found.code)
            });
            for error in errors {
                if lines.contains(&error.line) {
                    seen += 1;
                } else if !UNSEEN
                    .iter()
                    .any(|(code, words)| error.code == *code && error.message.contains(words))
                {
                    unseen.push(error.render(false));
                }
            }
        }
    }
    assert!(
        unseen.is_empty(),
        "the schema accepts:\n{}",
        unseen.join("\n")
    );
    assert!(
        seen >= 40 && accepted_files >= 3,
        "{seen} refused, {accepted_files} accepted"
    );
}

fn source(text: &str) -> Vec<Source> {
    vec![Source {
        name: "a.toml".to_owned(),
        text: text.to_owned(),
    }]
}
