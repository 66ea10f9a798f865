//! `[option.NAME]`: what a contact can tap.

use std::collections::BTreeMap;

use model::Language;

use crate::findings::{Findings, Site};
use crate::head;
use crate::texts::{Texts, too_long};
use crate::value::{Entry, Text};
use crate::{codes, limits};

/// One option: its titles by language.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) titles: Texts,
    /// Where its name stands.
    pub(crate) at: Site,
}

/// The options of a tenant by their id.
pub(crate) type Choices = BTreeMap<String, Choice>;

/// Reads the options of one file into those of the tenant.
pub(crate) fn read(
    top: &[Entry<'_>],
    languages: &[Language],
    into: &mut Choices,
    place: impl Fn(&Site) -> String,
    findings: &mut Findings,
) {
    for options in top.iter().filter(|entry| entry.key == "option") {
        for entry in options.value.table(findings).unwrap_or_default() {
            let Some(choice) = read_one(&entry, languages, findings) else {
                continue;
            };
            if let Some(earlier) = into.get(entry.key) {
                let message = format!(
                    "the option `{}` is defined twice, first in {}",
                    entry.key,
                    place(&earlier.at)
                );
                findings.error(&entry.at(), codes::DUPLICATE, message).help("options are the tenant's, over all its files: use the first, or give this one another name");
            } else {
                into.insert(entry.key.to_owned(), choice);
            }
        }
    }
}

fn read_one(option: &Entry<'_>, languages: &[Language], findings: &mut Findings) -> Option<Choice> {
    let at = option.at();
    if option.key.trim().is_empty()
        || option.key.chars().any(char::is_control)
        || option.key.chars().count() > limits::OPTION_ID_CHARS
    {
        findings
            .error(&at, codes::BAD_VALUE, "this is no name for an option")
            .help(format!(
                "a word or two, at most {} characters",
                limits::OPTION_ID_CHARS
            ));
        return None;
    }
    let mut titles = Texts::default();
    if option.value.as_text().is_some() {
        let first = languages.first().map_or("en", Language::as_str);
        let finding = findings.error(
            &option.value.at(),
            codes::WRONG_TYPE,
            "an option has a title for each language",
        );
        finding.help(format!(
            "write {}.{first} = {}",
            option.key,
            option.value.raw()
        ));
        return None;
    }
    for entry in option.value.table(findings)? {
        let code = Text {
            text: entry.key,
            at: entry.at(),
        };
        let language = head::parse_among(&code, languages, "the languages of all files", findings);
        let Some(title) = entry.value.text(findings) else {
            continue;
        };
        if title.text.trim().is_empty() {
            findings.error(&title.at, codes::BAD_VALUE, "the title is empty");
        }
        if title.text.contains(['\n', '\r']) {
            findings.error(&title.at, codes::BAD_VALUE, "a title has one line");
        }
        too_long(
            &title.at,
            title.text.chars().count(),
            limits::BUTTON_TITLE_CHARS,
            "a button's title",
            findings,
        );
        if let Some(language) = language {
            titles
                .by_language
                .insert(language, (title.text.to_owned(), title.at));
        }
    }
    Some(Choice { titles, at })
}
