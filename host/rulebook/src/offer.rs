//! Reads what a reply offers to tap: `buttons`, `menu` and `menu_label`.

use model::Language;
use serde_json::{Value as Json, json};

use crate::doing::Doing;
use crate::findings::{Findings, Site};
use crate::options::Choice;
use crate::texts::{self, Texts};
use crate::value::{Entry, Text};
use crate::{codes, limits};

/// Which of the two, and what WhatsApp shows of it.
#[derive(Clone, Copy)]
pub(crate) struct Offer {
    key: &'static str,
    one: &'static str,
    most: usize,
    title_chars: usize,
}

pub(crate) const BUTTONS: Offer = Offer {
    key: "buttons",
    one: "button",
    most: limits::BUTTONS,
    title_chars: limits::BUTTON_TITLE_CHARS,
};

pub(crate) const MENU: Offer = Offer {
    key: "menu",
    one: "row",
    most: limits::MENU_ROWS,
    title_chars: limits::ROW_TITLE_CHARS,
};

impl Offer {
    /// The options by id, as plugins take them, with the place of each part below `path`.
    pub(crate) fn read(
        self,
        entry: Entry<'_>,
        path: &str,
        doing: &Doing<'_>,
        wanted: &[Language],
        sites: &mut Vec<(String, Site)>,
        findings: &mut Findings,
    ) -> Vec<Json> {
        sites.push((path.to_owned(), entry.value.at()));
        let ids = entry.value.texts(findings).unwrap_or_default();
        self.count(&entry, ids.len(), findings);
        let mut list: Vec<Json> = Vec::new();
        let mut titles: Vec<(Language, String)> = Vec::new();
        for (index, id) in ids.iter().enumerate() {
            let mut earlier = ids.iter().take(index);
            if earlier.any(|earlier| earlier.text == id.text) {
                let message = format!("the {} \"{}\" is there twice", self.one, id.text);
                findings.error(&id.at, codes::BUTTONS, message);
                continue;
            }
            let tenant = doing.tenant;
            let choice = tenant
                .option(id, findings)
                .and_then(|name| tenant.choices.get(&name));
            let Some(choice) = choice else { continue };
            self.check_titles(choice, id, wanted, &mut titles, findings);
            let path = format!("{path}.{index}");
            note_sites(choice, id, &path, sites);
            let languages = &doing.head.languages;
            let title = choice.titles.json_in(languages);
            let json = if self.key == MENU.key && !choice.description.by_language.is_empty() {
                let description = choice.description.json_in(languages);
                json!({ "id": id.text, "title": title, "description": description })
            } else {
                json!({ "id": id.text, "title": title })
            };
            list.push(json);
        }
        list
    }

    fn count(self, entry: &Entry<'_>, count: usize, findings: &mut Findings) {
        if count <= self.most {
            return;
        }
        let message = if self.key == MENU.key {
            format!("{count} rows, and a menu has at most {}", self.most)
        } else {
            format!("{count} buttons, and a message has at most {}", self.most)
        };
        let help = if self.key == BUTTONS.key && count <= limits::MENU_ROWS {
            "keep the three that matter most, or offer them in a `menu`, which holds ten"
        } else {
            "keep those that matter most"
        };
        findings
            .error(&entry.value.at(), codes::BUTTONS, message)
            .help(help);
    }

    fn check_titles(
        self,
        choice: &Choice,
        id: &Text<'_>,
        wanted: &[Language],
        titles: &mut Vec<(Language, String)>,
        findings: &mut Findings,
    ) {
        let what = format!("the option `{}`", id.text);
        if choice.is_whole {
            texts::missing(&choice.titles, wanted, &what, &id.at, findings);
        }
        for (language, (title, at)) in &choice.titles.by_language {
            let pair = (language.clone(), title.trim().to_owned());
            if titles.contains(&pair) {
                let message = format!("two {}s are called \"{title}\" in `{language}`", self.one);
                findings
                    .error(&id.at, codes::BUTTONS, message)
                    .help("WhatsApp refuses that: give one another title");
            }
            titles.push(pair);
            let chars = title.chars().count();
            // What is too long even for a row was reported where it stands.
            if chars > self.title_chars && chars <= limits::ROW_TITLE_CHARS {
                let message = format!(
                    "{chars} characters, and a button's title has at most {}",
                    self.title_chars
                );
                findings.error(at, codes::TOO_LONG, message).help(format!(
                    "shorten it by {}, or offer it in a `menu`, where {} fit",
                    chars - self.title_chars,
                    limits::ROW_TITLE_CHARS
                ));
            }
        }
    }
}

fn note_sites(choice: &Choice, id: &Text<'_>, path: &str, sites: &mut Vec<(String, Site)>) {
    sites.extend([
        (path.to_owned(), id.at.clone()),
        (format!("{path}.title"), choice.at.clone()),
    ]);
    let parts = [
        ("title", &choice.titles),
        ("description", &choice.description),
    ];
    for (part, texts) in parts {
        sites.extend(language_sites(texts, &format!("{path}.{part}")));
    }
}

/// The place of each text, below a path.
pub(crate) fn language_sites<'a>(
    texts: &'a Texts,
    path: &str,
) -> impl Iterator<Item = (String, Site)> + use<'a> {
    let path = path.to_owned();
    texts
        .by_language
        .iter()
        .map(move |(language, (_, at))| (format!("{path}.{language}"), at.clone()))
}
