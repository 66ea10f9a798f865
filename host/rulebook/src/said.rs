//! Reads what the contact of a test does: `says`.

use model::MediaKind;

use crate::findings::Findings;
use crate::keys::suggestion;
use crate::rule_test::Said;
use crate::trial::Trial;
use crate::value::{Entry, Value};
use crate::{codes, limits};

/// What a turn may be.
const TURN: &str = "a text in quotes, or { option = \"…\" }, { image = \"caption\" }, { wait = \"3h\" }, { text = \"…\", ad = \"…\" }";

impl Trial<'_> {
    /// One thing that the contact does, or a list of them.
    pub(crate) fn says(&mut self, value: Value<'_>, findings: &mut Findings) -> Option<Vec<Said>> {
        let list = value.as_list().unwrap_or_else(|| vec![value]);
        if list.len() > limits::TURNS {
            let message = format!(
                "{} turns, and a test has at most {}",
                list.len(),
                limits::TURNS
            );
            findings
                .error(&value.at(), codes::TOO_MUCH, message)
                .help("split it into several tests");
            return None;
        }
        let mut says = Vec::new();
        for (index, value) in list.into_iter().enumerate() {
            self.note(format!("says.{index}"), value.at());
            says.push(self.said(value, findings));
        }
        let says = says.into_iter().collect::<Option<Vec<_>>>()?;
        if says.last().is_none_or(|last| matches!(last, Said::Wait(_))) {
            findings
                .error(
                    &value.at(),
                    codes::TEST_SHAPE,
                    "the last thing that a test does is a message",
                )
                .help("add what the contact writes");
            return None;
        }
        Some(says)
    }

    fn said(&self, value: Value<'_>, findings: &mut Findings) -> Option<Said> {
        if let Some(text) = value.as_text() {
            let (text, ad) = (text.text.to_owned(), None);
            return Some(Said::Text { text, ad });
        }
        let entries = value.as_table().unwrap_or_default();
        match entries.as_slice() {
            [entry] => self.special(entry, findings),
            [one, two] => {
                let part = |key: &str| [one, two].into_iter().find(|entry| entry.key == key);
                match (part("text"), part("ad")) {
                    (Some(text), Some(ad)) => Some(Said::Text {
                        text: text.value.text(findings)?.text.to_owned(),
                        ad: Some(ad.value.text(findings)?.text.to_owned()),
                    }),
                    _ => value.wrong(TURN, findings),
                }
            }
            _ => value.wrong(TURN, findings),
        }
    }

    fn special(&self, entry: &Entry<'_>, findings: &mut Findings) -> Option<Said> {
        if let Some(kind) = MediaKind::parse(entry.key) {
            let caption = Some(entry.value.text(findings)?.text)
                .filter(|caption| !caption.is_empty())
                .map(str::to_owned);
            return Some(Said::File { kind, caption });
        }
        match entry.key {
            "text" => {
                let text = entry.value.text(findings)?.text.to_owned();
                Some(Said::Text { text, ad: None })
            }
            "wait" => entry.value.span_of_time(findings).map(Said::Wait),
            "option" => {
                let id = self
                    .ground
                    .tenant
                    .option(&entry.value.text(findings)?, findings)?;
                let choice = self.ground.tenant.choices.get(&id)?;
                let titles = choice.titles.by_language.iter();
                Some(Said::Tap {
                    in_menu: self.ground.only_in_menus(&id),
                    titles: titles
                        .map(|(language, (title, _))| (language.clone(), title.clone()))
                        .collect(),
                    id,
                })
            }
            "kind" => kind(entry.value, findings),
            _ => {
                let keys = ["text", "option", "wait", "kind", "ad"];
                let all = keys.into_iter().chain(MediaKind::ALL.map(MediaKind::word));
                let message = format!("unknown key `{}` in a turn", entry.key);
                findings
                    .error(&entry.at(), codes::UNKNOWN_KEY, message)
                    .help(suggestion(entry.key, all));
                None
            }
        }
    }
}

fn kind(value: Value<'_>, findings: &mut Findings) -> Option<Said> {
    let text = value.text(findings)?;
    match text.text {
        "location" => Some(Said::Location),
        "welcome" => Some(Said::Welcome),
        "unsupported" => Some(Said::Unsupported),
        other => {
            findings
                .error(&text.at, codes::BAD_VALUE, format!("a test cannot play a message of the kind \"{other}\""))
                .help("there is `location`, `welcome` and `unsupported`; files are written { image = \"caption\" }");
            None
        }
    }
}
