//! Reads what the contact of a test does: `says`.

use model::MediaKind;

use crate::findings::Findings;
use crate::keys::words::KINDS;
use crate::keys::{self, nearest, suggestion};
use crate::rule_test::{Said, What};
use crate::trial::Trial;
use crate::value::{Entry, Value};
use crate::{codes, limits};

/// What a turn may be.
const TURN: &str = "a text in quotes, or { option = \"…\" }, { image = \"caption\" }, { kind = \"location\" }, { wait = \"3h\" }, { text = \"…\", ad = \"…\" }";

/// Keys that say more about a message; the others say what it is. `text` is the words of a `kind` where both stand.
const BESIDE: [&str; 3] = ["ad", "quoting", "payload"];

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
            return Some(Said::text(text.text));
        }
        let entries = value.as_table().unwrap_or_default();
        if entries.is_empty() {
            return value.wrong(TURN, findings);
        }
        let errors = findings.errors();
        for entry in &entries {
            known_key(entry, findings);
        }
        if findings.errors() > errors {
            return None;
        }
        let part = |key: &str| entries.iter().find(|entry| entry.key == key);
        let main: Vec<_> = entries
            .iter()
            .filter(|entry| !BESIDE.contains(&entry.key))
            .filter(|entry| entry.key != "text" || part("kind").is_none())
            .collect();
        let what = match main.as_slice() {
            [wait] if wait.key == "wait" && entries.len() == 1 => {
                return wait.value.span_of_time(findings).map(Said::Wait);
            }
            [one] if one.key != "wait" => {
                self.what(one, part("text"), part("payload"), findings)?
            }
            [] => {
                findings
                    .error(&value.at(), codes::TEST_SHAPE, "this turn sends nothing")
                    .help("say what is sent, too: { text = \"…\", quoting = true }");
                return None;
            }
            several => {
                let keys: Vec<_> = several.iter().map(|entry| entry.key).collect();
                let message = match keys.as_slice() {
                    ["wait"] => "`wait` stands alone: time passes, and nothing is sent".to_owned(),
                    keys => format!(
                        "a turn is one thing, and this is `{}`",
                        keys.join("` and `")
                    ),
                };
                findings
                    .error(&value.at(), codes::TEST_SHAPE, message)
                    .help("make several turns of it: says = [{ wait = \"1h\" }, { text = \"…\" }]");
                return None;
            }
        };
        let ad = match part("ad") {
            Some(ad) => Some(ad.value.text(findings)?.text.to_owned()),
            None => None,
        };
        let quoting = match part("quoting") {
            Some(quoting) => quoting.value.truth(findings)?,
            None => false,
        };
        Some(Said::Message { what, ad, quoting })
    }

    fn what(
        &self,
        entry: &Entry<'_>,
        text: Option<&Entry<'_>>,
        payload: Option<&Entry<'_>>,
        findings: &mut Findings,
    ) -> Option<What> {
        if let Some(payload) = payload
            && entry.key != "quick_reply"
        {
            findings
                .error(
                    &payload.at(),
                    codes::TEST_SHAPE,
                    "only a template's quick reply has a `payload`",
                )
                .help("write { quick_reply = \"…\", payload = \"…\" }, or take it out");
            return None;
        }
        if let Some(kind) = MediaKind::parse(entry.key) {
            let caption = Some(entry.value.text(findings)?.text)
                .filter(|caption| !caption.is_empty())
                .map(str::to_owned);
            return Some(What::File { kind, caption });
        }
        Some(match entry.key {
            "option" => {
                let id = self
                    .ground
                    .tenant
                    .option(&entry.value.text(findings)?, findings)?;
                let choice = self.ground.tenant.choices.get(&id)?;
                let titles = choice.titles.by_language.iter();
                What::Tap {
                    in_menu: self.ground.only_in_menus(&id),
                    titles: titles
                        .map(|(language, (title, _))| (language.clone(), title.clone()))
                        .collect(),
                    id,
                }
            }
            "quick_reply" => {
                let title = entry.value.text(findings)?.text.to_owned();
                let payload = match payload {
                    Some(payload) => payload.value.text(findings)?.text.to_owned(),
                    // As WhatsApp has it, if the sender of the template gave none.
                    None => title.clone(),
                };
                What::QuickReply { title, payload }
            }
            "form" => {
                entry.value.table(findings)?;
                let answers = entry.value.json("", &mut Vec::new(), findings)?;
                What::Form {
                    answers: answers.to_string(),
                }
            }
            "kind" => {
                let words = match text {
                    Some(text) => Some(text.value.text(findings)?.text.to_owned()),
                    None => None,
                };
                let what = kind(entry.value, words, findings)?;
                if let (Some(text), false) = (text, what.has_words()) {
                    findings
                        .error(
                            &text.at(),
                            codes::TEST_SHAPE,
                            "a message of this kind has no words",
                        )
                        .help("take `text` out");
                    return None;
                }
                what
            }
            _ => What::Text(entry.value.text(findings)?.text.to_owned()),
        })
    }
}

fn known_key(entry: &Entry<'_>, findings: &mut Findings) {
    if keys::TURN.has(entry.key) {
        return;
    }
    let message = format!("unknown key `{}` in a turn", entry.key);
    // A kind where a key belongs: `{ location = true }`.
    let help = match nearest(entry.key, keys::TURN.names()) {
        None if KINDS.parse(entry.key).is_some() => format!("write {{ kind = \"{}\" }}", entry.key),
        _ => suggestion(entry.key, keys::TURN.names()),
    };
    findings
        .error(&entry.at(), codes::UNKNOWN_KEY, message)
        .help(help);
}

/// A message of a kind, with the words that stand beside it.
fn kind(value: Value<'_>, words: Option<String>, findings: &mut Findings) -> Option<What> {
    let text = value.text(findings)?;
    if let Some(kind) = MediaKind::parse(text.text) {
        return Some(What::File {
            kind,
            caption: words.filter(|words| !words.is_empty()),
        });
    }
    let (message, help) = match text.text {
        "location" => return Some(What::Location),
        "contacts" => return Some(What::Contacts),
        "reaction" => return Some(What::Reaction { emoji: words }),
        "order" => return Some(What::Order { words }),
        "edit" => return Some(What::Edit { words }),
        "revoke" => return Some(What::Revoke),
        "welcome" => return Some(What::Welcome),
        "unsupported" => return Some(What::Unsupported),
        "form" => {
            let answers = "{}".to_owned();
            return Some(What::Form { answers });
        }
        "text" => (
            "a text needs its words".to_owned(),
            "write them: says = \"…\", or { text = \"…\" }".to_owned(),
        ),
        "button" | "menu" => (
            "a tap needs to say on what".to_owned(),
            "write { option = \"…\" }; for a template's button { quick_reply = \"…\" }".to_owned(),
        ),
        other => (
            format!("unknown kind of message \"{other}\""),
            KINDS.suggestion(other),
        ),
    };
    findings
        .error(&text.at, codes::BAD_VALUE, message)
        .help(help);
    None
}
