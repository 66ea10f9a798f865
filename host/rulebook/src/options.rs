//! `[option.NAME]`: what a contact can tap.

use std::collections::BTreeMap;

use model::Language;

use crate::findings::{Findings, Site};
use crate::head;
use crate::keys::OPTION;
use crate::texts::{Texts, too_long};
use crate::value::{Entry, Text};
use crate::{codes, limits};

/// One option: its titles by language.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) titles: Texts,
    /// What stands beneath the title of a menu's row.
    pub(crate) description: Texts,
    /// Where its name stands.
    pub(crate) at: Site,
    /// All of it could be read.
    pub(crate) is_whole: bool,
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
                findings.dark_name(entry.key);
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
    let before = findings.errors();
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
    let mut description = Texts::default();
    for entry in option.value.table(findings)? {
        if entry.key == "description" {
            description = describe(&entry, languages, findings);
        } else if entry.value.as_table().is_some() {
            // Titles are texts: only what stands beneath them is a table.
            OPTION.refuse(entry.key, &entry.at(), findings);
        } else {
            read_title(&entry, languages, &mut titles, findings);
        }
    }
    Some(Choice {
        titles,
        description,
        is_whole: findings.errors() == before && !findings.is_dark_around(option.value.page, &at),
        at,
    })
}

fn read_title(
    entry: &Entry<'_>,
    languages: &[Language],
    into: &mut Texts,
    findings: &mut Findings,
) {
    // Where it is offered as a button it has to be shorter still.
    let most = limits::ROW_TITLE_CHARS;
    let because = "a button's title has at most 20, a menu row's";
    line(entry, languages, "title", most, because, into, findings);
}

fn describe(entry: &Entry<'_>, languages: &[Language], findings: &mut Findings) -> Texts {
    let mut description = Texts::default();
    if entry.value.as_text().is_some() {
        let first = languages.first().map_or("en", Language::as_str);
        findings
            .error(
                &entry.value.at(),
                codes::WRONG_TYPE,
                "a description has a text for each language",
            )
            .help(format!("write description.{first} = {}", entry.value.raw()));
        return description;
    }
    for entry in entry.value.table(findings).unwrap_or_default() {
        let most = limits::ROW_DESCRIPTION_CHARS;
        let because = "what stands beneath a title";
        line(
            &entry,
            languages,
            "description",
            most,
            because,
            &mut description,
            findings,
        );
    }
    description
}

/// One line in one language.
fn line(
    entry: &Entry<'_>,
    languages: &[Language],
    what: &str,
    most: usize,
    because: &str,
    into: &mut Texts,
    findings: &mut Findings,
) {
    let code = Text {
        text: entry.key,
        at: entry.at(),
    };
    let language = head::parse_among(&code, languages, "the languages of all files", findings);
    let Some(text) = entry.value.text(findings) else {
        return;
    };
    if text.text.trim().is_empty() {
        findings.error(&text.at, codes::BAD_VALUE, format!("the {what} is empty"));
    }
    if text.text.contains(['\n', '\r']) {
        findings.error(&text.at, codes::BAD_VALUE, format!("a {what} has one line"));
    }
    too_long(&text.at, text.text.chars().count(), most, because, findings);
    if let Some(language) = language {
        into.by_language
            .insert(language, (text.text.to_owned(), text.at));
    }
}
