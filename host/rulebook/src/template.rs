//! Reads `[template.NAME]`: a message that WhatsApp approved, and what fills it.

use std::collections::BTreeMap;

use model::{Language, MediaKind};
use serde_json::{Map, Value as Json, json};

use crate::findings::{Findings, Site};
use crate::head;
use crate::keys::words::CATEGORIES;
use crate::keys::{NAMED_PARAMETER, TEMPLATE};
use crate::loose::Loose;
use crate::placeholder::Nameable;
use crate::texts::Texts;
use crate::value::{Entry, Text, Value, refuse};
use crate::{codes, limits, media};

/// One template.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    /// As plugins take it, but for when it goes out.
    pub(crate) json: Map<String, Json>,
    /// WhatsApp's language codes by ours.
    pub(crate) languages: Texts,
    /// Where the parts of its settings stand.
    pub(crate) sites: Vec<(String, Site)>,
    /// Its name.
    pub(crate) at: Site,
}

impl Template {
    /// As plugins take it, without the languages that the rule's file does not speak.
    pub(crate) fn json_in(&self, languages: &[Language]) -> Map<String, Json> {
        let mut json = self.json.clone();
        let languages: Vec<&str> = languages.iter().map(Language::as_str).collect();
        for (key, value) in &mut json {
            match (key.as_str(), value) {
                ("languages", codes) => narrow(codes, &languages),
                ("params", Json::Array(params)) => {
                    for param in params {
                        match param.get_mut("text") {
                            Some(text) => narrow(text, &languages),
                            None => narrow(param, &languages),
                        }
                    }
                }
                ("header", header) => {
                    if let Some(text) = header.get_mut("text") {
                        narrow(text, &languages);
                    }
                }
                _ => {}
            }
        }
        json
    }
}

/// Leaves these languages of a table of texts.
fn narrow(texts: &mut Json, languages: &[&str]) {
    if let Some(by_language) = texts.as_object_mut() {
        by_language.retain(|language, _| languages.contains(&language.as_str()));
    }
}

/// The templates of a tenant by their name.
pub(crate) type Templates = BTreeMap<String, Template>;

/// Reads the templates of one file into those of the tenant.
pub(crate) fn read(
    top: &[Entry<'_>],
    languages: &[Language],
    nameable: &Nameable<'_>,
    into: &mut Templates,
    place: impl Fn(&Site) -> String,
    findings: &mut Findings,
) {
    for templates in top.iter().filter(|entry| entry.key == "template") {
        for entry in templates.value.table(findings).unwrap_or_default() {
            let reader = Reader {
                languages,
                nameable,
                sites: Vec::new(),
            };
            let Some(template) = reader.template(&entry, findings) else {
                findings.dark_name(entry.key);
                continue;
            };
            if let Some(earlier) = into.get(entry.key) {
                let message = format!(
                    "the template `{}` is defined twice, first in {}",
                    entry.key,
                    place(&earlier.at)
                );
                findings.error(&entry.at(), codes::DUPLICATE, message).help("templates are the tenant's, over all its files: use the first, or give this one another name");
            } else {
                into.insert(entry.key.to_owned(), template);
            }
        }
    }
}

struct Reader<'a> {
    languages: &'a [Language],
    nameable: &'a Nameable<'a>,
    sites: Vec<(String, Site)>,
}

impl Reader<'_> {
    fn template(mut self, template: &Entry<'_>, findings: &mut Findings) -> Option<Template> {
        let entries = template.value.table(findings)?;
        let mut json = Map::new();
        let mut languages = None;
        let mut category = false;
        for entry in &entries {
            let value = match entry.key {
                "name" => name(entry.value, findings),
                "languages" => {
                    languages = self.codes(entry.value, findings);
                    languages.as_ref().map(Texts::json)
                }
                "category" => {
                    category = true;
                    categorised(entry.value, findings)
                }
                "params" => self.params(entry.value, findings),
                "header" => self.header(entry.value, findings),
                "buttons" => self.buttons(entry.value, findings),
                _ => {
                    refuse(entry, &TEMPLATE, None, findings);
                    None
                }
            };
            self.sites.push((entry.key.to_owned(), entry.value.at()));
            json.extend(value.map(|value| (entry.key.to_owned(), value)));
        }
        let written = || entries.iter().map(|entry| entry.key);
        if !category && !TEMPLATE.meant("category", written()) {
            findings
                .error(&template.at(), codes::MISSING, "the template has no category")
                .help("write category = \"utility\", or what WhatsApp approved it as: one that advertises needs a consent of its own")
                .absence();
        }
        let has_languages = entries.iter().any(|entry| entry.key == "languages");
        if !has_languages && !TEMPLATE.meant("languages", written()) {
            let first = self.languages.first().map_or("en", Language::as_str);
            findings
                .error(
                    &template.at(),
                    codes::MISSING,
                    "the template has no languages",
                )
                .help(format!(
                    "write languages.{first} = \"{first}\", the code that WhatsApp approved"
                ))
                .absence();
        }
        // What rules call it is what WhatsApp calls it, unless it says otherwise.
        if !json.contains_key("name") && !entries.iter().any(|entry| entry.key == "name") {
            json.extend(own_name(template, findings).map(|name| ("name".to_owned(), name)));
        }
        json.entry("params").or_insert_with(|| json!([]));
        Some(Template {
            json,
            languages: languages.unwrap_or_default(),
            sites: self.sites,
            at: template.at(),
        })
    }

    /// `{ pt = "pt_BR", en = "en" }`, or a list where both are the same.
    fn codes(&self, value: Value<'_>, findings: &mut Findings) -> Option<Texts> {
        let mut texts = Texts::default();
        let mut insert = |ours: &Text<'_>, code: Text<'_>, findings: &mut Findings| {
            let language =
                head::parse_among(ours, self.languages, "the languages of all files", findings);
            if head::parse(&code, findings).is_some()
                && let Some(language) = language
            {
                texts
                    .by_language
                    .insert(language, (code.text.to_owned(), code.at));
            }
        };
        if value.is_list() || value.as_text().is_some() {
            for text in value.texts(findings)? {
                insert(&text.clone(), text, findings);
            }
            return Some(texts);
        }
        for entry in value.table(findings)? {
            let ours = Text {
                text: entry.key,
                at: entry.at(),
            };
            if let Some(code) = entry.value.text(findings) {
                insert(&ours, code, findings);
            }
        }
        Some(texts)
    }

    fn loose(&self, most_chars: usize, because: &'static str) -> Loose<'_> {
        Loose {
            languages: self.languages,
            whose: "the languages of all files",
            nameable: self.nameable,
            most_chars,
            because,
        }
    }

    /// Texts in order, or `{ name = "…", text = "…" }` where WhatsApp knows the places by name.
    fn params(&mut self, value: Value<'_>, findings: &mut Findings) -> Option<Json> {
        let Some(list) = value.as_list() else {
            return value.wrong("a list of texts", findings);
        };
        if list.len() > limits::PARAMETERS {
            too_many(value, list.len(), limits::PARAMETERS, "params", findings);
            return None;
        }
        let mut sites = Vec::new();
        let loose = self.loose(limits::PARAMETER_CHARS, "what fills a template");
        let read = |(index, value): (usize, Value<'_>)| {
            let path = format!("params.{index}");
            let get = |key: &str| {
                let entries = value.as_table()?;
                entries.into_iter().find(|entry| entry.key == key)
            };
            match (get("name"), get("text")) {
                (None, None) => loose.read(value, &path, &mut sites, findings),
                (Some(name), Some(text)) => {
                    for entry in value.as_table().unwrap_or_default() {
                        if !NAMED_PARAMETER.has(entry.key) {
                            refuse(&entry, &NAMED_PARAMETER, None, findings);
                        }
                    }
                    let name = name.value.text(findings)?;
                    let text =
                        loose.read(text.value, &format!("{path}.text"), &mut sites, findings)?;
                    Some(json!({ "name": name.text, "text": text }))
                }
                _ => value.wrong("{ name = \"…\", text = \"…\" }", findings),
            }
        };
        let params: Vec<_> = list.into_iter().enumerate().map(read).collect();
        self.sites.extend(sites);
        params
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .map(Json::from)
    }

    /// `{ text = "…" }`, or a picture, film or document.
    fn header(&mut self, value: Value<'_>, findings: &mut Findings) -> Option<Json> {
        let mut sites = Vec::new();
        let text = value
            .as_table()
            .and_then(|entries| match entries.as_slice() {
                [entry] if entry.key == "text" => Some(entry.value),
                _ => None,
            });
        let header = match text {
            Some(text) => self
                .loose(limits::TEMPLATE_HEADER_CHARS, "a template's header")
                .read(text, "header.text", &mut sites, findings)
                .map(|text| json!({ "text": text })),
            None => media::read(value, "header", &mut sites, findings)
                .filter(|file| {
                    let fits = matches!(file.kind, MediaKind::Image | MediaKind::Video | MediaKind::Document);
                    if !fits {
                        findings
                            .error(&value.at(), codes::BAD_VALUE, "a template's header is a text, an image, a video or a document")
                            .help("write header.text = \"…\", or { kind = \"image\", link = \"https://…\" }");
                    }
                    fits
                })
                .map(|file| file.json),
        };
        self.sites.extend(sites);
        header
    }

    /// `{ index = 0, payload = "…" }` or `{ index = 1, url_suffix = "…" }`.
    fn buttons(&mut self, value: Value<'_>, findings: &mut Findings) -> Option<Json> {
        let Some(list) = value.as_list() else {
            return value.wrong("a list of buttons", findings);
        };
        if list.len() > limits::TEMPLATE_BUTTONS {
            too_many(
                value,
                list.len(),
                limits::TEMPLATE_BUTTONS,
                "buttons",
                findings,
            );
            return None;
        }
        let mut sites = Vec::new();
        let buttons: Vec<_> = list
            .into_iter()
            .enumerate()
            .map(|(position, value)| {
                let json = value.json(&format!("buttons.{position}"), &mut sites, findings)?;
                let index = json.get("index").and_then(Json::as_u64);
                let fills =
                    ["payload", "url_suffix"].map(|key| json.get(key).is_some_and(Json::is_string));
                let count = json.as_object().map_or(0, Map::len);
                let good =
                    index.is_some_and(|index| index < 10) && fills[0] != fills[1] && count == 2;
                if !good {
                    return value.wrong(
                        "{ index = 0, payload = \"…\" } or { index = 0, url_suffix = \"…\" }",
                        findings,
                    );
                }
                Some(json)
            })
            .collect();
        self.sites.extend(sites);
        buttons
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .map(Json::from)
    }
}

fn name(value: Value<'_>, findings: &mut Findings) -> Option<Json> {
    check_name(&value.text(findings)?, findings)
}

fn own_name(template: &Entry<'_>, findings: &mut Findings) -> Option<Json> {
    let text = Text {
        text: template.key,
        at: template.at(),
    };
    check_name(&text, findings)
}

fn check_name(text: &Text<'_>, findings: &mut Findings) -> Option<Json> {
    let fits = |character: char| matches!(character, 'a'..='z' | '0'..='9' | '_');
    let good = !text.text.is_empty()
        && text.text.len() <= limits::TEMPLATE_NAME_CHARS
        && text.text.chars().all(fits);
    if !good {
        findings
            .error(
                &text.at,
                codes::BAD_VALUE,
                format!("\"{}\" is no name of a template", text.text),
            )
            .help(
                "WhatsApp's names hold letters from a to z, digits and _: write it as name = \"…\"",
            );
    }
    good.then(|| text.text.into())
}

fn categorised(value: Value<'_>, findings: &mut Findings) -> Option<Json> {
    let text = value.text(findings)?;
    let known = CATEGORIES.parse(text.text).is_some();
    if !known {
        findings
            .error(
                &text.at,
                codes::BAD_VALUE,
                format!("unknown category \"{}\"", text.text),
            )
            .help(CATEGORIES.suggestion(text.text));
    }
    known.then(|| text.text.into())
}

fn too_many(value: Value<'_>, count: usize, most: usize, what: &str, findings: &mut Findings) {
    findings
        .error(
            &value.at(),
            codes::TOO_MUCH,
            format!("{count} {what}, and a template has at most {most}"),
        )
        .help("write those that WhatsApp approved");
}
