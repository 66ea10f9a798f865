//! Reads a file to send: `{ kind = "image", id = "…" }` or `{ kind = "document", link = "https://…", filename = "…" }`.

use model::MediaKind;
use serde_json::{Map, Value as Json};

use crate::findings::{Findings, Site};
use crate::keys::{FILE_TO_SEND, suggestion};
use crate::texts::too_long;
use crate::value::Value;
use crate::{codes, limits};

/// A file, as plugins take it.
pub(crate) struct File {
    pub(crate) kind: MediaKind,
    pub(crate) json: Json,
}

/// Reads it, with the place of each part below `path`.
pub(crate) fn read(
    value: Value<'_>,
    path: &str,
    sites: &mut Vec<(String, Site)>,
    findings: &mut Findings,
) -> Option<File> {
    let before = findings.errors();
    sites.push((path.to_owned(), value.at()));
    let mut json = Map::new();
    let mut kind = None;
    for entry in value.table(findings)? {
        sites.push((format!("{path}.{}", entry.key), entry.value.at()));
        let text = match entry.key {
            "kind" | "id" | "link" | "filename" => entry.value.text(findings),
            _ => {
                FILE_TO_SEND.refuse(entry.key, &entry.at(), findings);
                None
            }
        };
        let Some(text) = text else { continue };
        let most = if entry.key == "filename" {
            limits::FILENAME_CHARS
        } else {
            limits::FILE_ADDRESS_CHARS
        };
        too_long(&text.at, text.text.chars().count(), most, "this", findings);
        if text.text.trim().is_empty() {
            findings.error(
                &text.at,
                codes::BAD_VALUE,
                format!("the {} is empty", entry.key),
            );
        } else if entry.key == "kind" {
            kind = MediaKind::parse(text.text);
            if kind.is_none() {
                findings
                    .error(
                        &text.at,
                        codes::BAD_VALUE,
                        format!("unknown kind of file \"{}\"", text.text),
                    )
                    .help(suggestion(text.text, MediaKind::ALL.map(MediaKind::word)));
            }
        } else if entry.key == "link" && !text.text.starts_with("https://") {
            findings
                .error(
                    &text.at,
                    codes::BAD_VALUE,
                    "WhatsApp fetches files from https:// alone",
                )
                .help("write link = \"https://…\"");
        }
        json.insert(entry.key.to_owned(), text.text.into());
    }
    check_together(value, &json, kind, findings);
    (findings.errors() == before).then_some(())?;
    Some(File {
        kind: kind?,
        json: Json::Object(json),
    })
}

fn check_together(
    value: Value<'_>,
    json: &Map<String, Json>,
    kind: Option<MediaKind>,
    findings: &mut Findings,
) {
    if !json.contains_key("kind") {
        findings
            .error(&value.at(), codes::MISSING, "what kind of file is it?")
            .help("write { kind = \"image\", link = \"https://…\" }")
            .absence_of_text();
    }
    if json.contains_key("id") == json.contains_key("link") {
        findings
            .error(
                &value.at(),
                codes::TOGETHER,
                "a file is named by its `id` or by its `link`, by one of the two",
            )
            .help("an id is of a file that was uploaded; a link is of one that WhatsApp fetches");
    }
    if json.contains_key("filename") && kind.is_some_and(|kind| kind != MediaKind::Document) {
        findings
            .error(
                &value.at(),
                codes::TOGETHER,
                "only a document shows a file name",
            )
            .help("take `filename` out, or write kind = \"document\"");
    }
}
