//! Reads what gets people to take a conversation: `hand_to`, `sticky`, `note`, `pause_bot`, `tag`, `untag`. All of it is the
//! router plugin's.

use model::Span;
use serde_json::{Map, Value as Json};

use crate::doing::{Doing, Get};
use crate::findings::{Findings, Site};
use crate::keys::suggestion;
use crate::loose::Loose;
use crate::value::{Text, Value};
use crate::{codes, limits, when};

const KEYS: &[&str] = &["hand_to", "sticky", "note", "pause_bot", "tag", "untag"];

impl Doing<'_> {
    /// All keys of the router plugin.
    pub(crate) fn route<'e>(&mut self, get: &Get<'e, '_>, findings: &mut Findings) {
        let mut settings = Map::new();
        let mut sites = Vec::new();
        let mut at = None;
        for key in KEYS {
            let Some(entry) = get(key) else { continue };
            if at.is_none() {
                at = Some(entry.at());
                sites.push((String::new(), entry.at()));
            }
            let value = match *key {
                "hand_to" => self.desk(entry.value, findings),
                "sticky" => {
                    if get("hand_to").is_none() {
                        findings
                            .error(&entry.at(), codes::TOGETHER, "`sticky` prefers the desk that last had the conversation, and `hand_to` is missing")
                            .help("add hand_to = \"…\", for a contact whom no desk had yet")
                            .absence_of_text();
                    }
                    entry.value.truth(findings).map(Json::from)
                }
                "note" => self.note(entry.value, &mut sites, findings),
                "pause_bot" => pause(entry.value, findings),
                _ => tags(key, entry.value, &mut sites, findings),
            };
            sites.push(((*key).to_owned(), entry.value.at()));
            settings.extend(value.map(|value| ((*key).to_owned(), value)));
        }
        if let Some(at) = at {
            self.act(
                "router",
                &at,
                "`hand_to`, `pause_bot` and `tag` need it: ",
                Json::Object(settings),
                sites,
                findings,
            );
        }
    }

    fn desk(&self, value: Value<'_>, findings: &mut Findings) -> Option<Json> {
        self.tenant
            .desk(&value.text(findings)?, findings)
            .map(|desk| desk.as_str().into())
    }

    fn note(
        &self,
        value: Value<'_>,
        sites: &mut Vec<(String, Site)>,
        findings: &mut Findings,
    ) -> Option<Json> {
        let loose = Loose {
            languages: &self.head.languages,
            whose: "the file's languages",
            nameable: &self.nameable,
            most_chars: limits::NOTE_CHARS,
            because: "a note",
        };
        loose.read(value, "note", sites, findings)
    }
}

impl crate::rule::Tenant<'_> {
    /// A desk by its name.
    pub(crate) fn desk(&self, text: &Text<'_>, findings: &mut Findings) -> Option<model::DeskName> {
        let desks = &self.names.desks;
        let desk = desks.iter().find(|desk| desk.as_str() == text.text);
        if desk.is_none() {
            let finding = findings.error(
                &text.at,
                codes::UNKNOWN_NAME,
                format!("unknown desk \"{}\"", text.text),
            );
            finding.help(format!(
                "{} (desks stand in tollgate.toml)",
                suggestion(text.text, desks.iter().map(model::DeskName::as_str))
            ));
        }
        desk.cloned()
    }
}

/// A span, or `until closed, max SPAN`: until the people at the desk close the conversation, and no longer than that.
fn pause(value: Value<'_>, findings: &mut Findings) -> Option<Json> {
    let until = value.as_text().and_then(|text| {
        text.text
            .trim()
            .strip_prefix("until")
            .map(|rest| (text.clone(), rest))
    });
    let Some((text, rest)) = until else {
        return value
            .span_of_time(findings)
            .map(|span| span.to_string().into());
    };
    let most = rest
        .split_once(',')
        .filter(|(closed, _)| closed.trim() == "closed")
        .and_then(|(_, most)| most.trim().strip_prefix("max"))
        .and_then(|most| most.parse::<Span>().ok())
        .filter(|most| *most > Span::default());
    match most {
        Some(most) => Some(format!("until closed, max {most}").into()),
        None => {
            findings
                .error(&text.at, codes::SPAN, format!("\"{}\" is no pause", text.text))
                .help("write a span like \"2h\", or \"until closed, max 12h\": a conversation that nobody closes would silence the bot for ever");
            None
        }
    }
}

fn tags(
    key: &str,
    value: Value<'_>,
    sites: &mut Vec<(String, Site)>,
    findings: &mut Findings,
) -> Option<Json> {
    let texts = value.texts(findings)?;
    sites.extend(
        texts
            .iter()
            .enumerate()
            .map(|(index, text)| (format!("{key}.{index}"), text.at.clone())),
    );
    let tags: Vec<_> = texts.iter().map(|text| when::tag(text, findings)).collect();
    tags.into_iter()
        .map(|tag| tag.map(Json::from))
        .collect::<Option<Vec<_>>>()
        .map(Json::from)
}
