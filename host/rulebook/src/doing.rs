//! Reads what a rule does: `reply` and `buttons`, `hand_to` and its like, `use` and `with`.

use model::Language;
use serde_json::{Map, Value as Json, json};

use crate::findings::{Findings, Site};
use crate::head::Head;
use crate::keys::{RULE, suggestion};
use crate::rule::Tenant;
use crate::texts::{self, Reader, Texts, check_placeholders, too_long};
use crate::value::{Entry, Value};
use crate::{Action, codes, limits, when};

/// What a rule does, as it is read.
pub(crate) struct Doing<'a> {
    pub(crate) head: &'a Head,
    pub(crate) tenant: &'a Tenant<'a>,
    pub(crate) actions: Vec<Action>,
    pub(crate) sites: Vec<Vec<(String, Site)>>,
    pub(crate) reply: Option<Texts>,
}

impl Doing<'_> {
    /// `reply` and `buttons`: the auto-reply plugin.
    pub(crate) fn answer(
        &mut self,
        reply: Option<Entry<'_>>,
        buttons: Option<Entry<'_>>,
        wanted: &[Language],
        findings: &mut Findings,
    ) {
        let Some(reply) = reply else {
            if let Some(buttons) = buttons {
                findings
                    .error(
                        &buttons.at(),
                        codes::TOGETHER,
                        "buttons stand beneath a text, and there is none",
                    )
                    .help("add reply.… = \"…\"")
                    .absence();
            }
            return;
        };
        let (most_chars, because) = match buttons {
            Some(_) => (limits::BUTTONS_BODY_CHARS, "a text with buttons"),
            None => (limits::TEXT_CHARS, "a text"),
        };
        let reader = Reader {
            key: "reply",
            table: "rule",
            above: &RULE,
            head: self.head,
            most_chars,
            because,
        };
        let mut sites = vec![
            (String::new(), reply.at()),
            ("reply".to_owned(), reply.at()),
        ];
        let before = findings.errors();
        let texts = reader.read(reply.value, findings);
        if let Some(texts) = &texts
            && findings.errors() == before
        {
            texts::missing(texts, wanted, "the reply", &reply.at(), findings);
        }
        let mut settings = Map::new();
        if let Some(texts) = &texts {
            sites.extend(
                texts
                    .by_language
                    .iter()
                    .map(|(language, (_, at))| (format!("reply.{language}"), at.clone())),
            );
            settings.insert("reply".into(), texts.json());
        }
        if let Some(buttons) = buttons {
            let list = self.buttons(buttons, wanted, &mut sites, findings);
            settings.insert("buttons".into(), list.into());
        }
        self.reply = texts;
        self.act(
            "auto-reply",
            &reply.at(),
            "`reply` needs it: ",
            Json::Object(settings),
            sites,
            findings,
        );
    }

    fn buttons(
        &self,
        entry: Entry<'_>,
        wanted: &[Language],
        sites: &mut Vec<(String, Site)>,
        findings: &mut Findings,
    ) -> Vec<Json> {
        sites.push(("buttons".into(), entry.value.at()));
        let ids = entry.value.texts(findings).unwrap_or_default();
        if ids.len() > limits::BUTTONS {
            let message = format!(
                "{} buttons, and a message has at most {}",
                ids.len(),
                limits::BUTTONS
            );
            findings
                .error(&entry.value.at(), codes::BUTTONS, message)
                .help("keep the three that matter most");
        }
        let mut list: Vec<Json> = Vec::new();
        let mut titles: Vec<(Language, String)> = Vec::new();
        for (index, id) in ids.iter().enumerate() {
            if ids
                .iter()
                .take(index)
                .any(|earlier| earlier.text == id.text)
            {
                findings.error(
                    &id.at,
                    codes::BUTTONS,
                    format!("the button \"{}\" is there twice", id.text),
                );
                continue;
            }
            let Some(choice) = self
                .tenant
                .option(id, findings)
                .and_then(|name| self.tenant.choices.get(&name))
            else {
                continue;
            };
            texts::missing(
                &choice.titles,
                wanted,
                &format!("the option `{}`", id.text),
                &id.at,
                findings,
            );
            for (language, (title, _)) in &choice.titles.by_language {
                let pair = (language.clone(), title.trim().to_owned());
                if titles.contains(&pair) {
                    findings
                        .error(
                            &id.at,
                            codes::BUTTONS,
                            format!("two buttons are called \"{title}\" in `{language}`"),
                        )
                        .help("WhatsApp refuses that: give one another title");
                }
                titles.push(pair);
            }
            let path = format!("buttons.{index}");
            sites.extend([
                (path.clone(), id.at.clone()),
                (format!("{path}.title"), choice.at.clone()),
            ]);
            sites.extend(
                choice
                    .titles
                    .by_language
                    .iter()
                    .map(|(language, (_, at))| (format!("{path}.title.{language}"), at.clone())),
            );
            list.push(json!({ "id": id.text, "title": choice.titles.json() }));
        }
        list
    }

    /// `hand_to`, `note`, `pause_bot`, `tag`, `untag`: the router plugin.
    pub(crate) fn route<'e>(
        &mut self,
        get: &dyn Fn(&str) -> Option<Entry<'e>>,
        findings: &mut Findings,
    ) {
        let mut settings = Map::new();
        let mut sites = Vec::new();
        let mut at = None;
        for key in ["hand_to", "note", "pause_bot", "tag", "untag"] {
            let Some(entry) = get(key) else { continue };
            if at.is_none() {
                at = Some(entry.at());
                sites.push((String::new(), entry.at()));
            }
            sites.push((key.to_owned(), entry.value.at()));
            let value = match key {
                "hand_to" => self.desk(entry.value, findings),
                "note" => self.note(entry, get("hand_to").is_some(), findings),
                "pause_bot" => pause(entry.value, findings),
                _ => tags(key, entry.value, &mut sites, findings),
            };
            if let Some(value) = value {
                settings.insert(key.to_owned(), value);
            }
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
        let text = value.text(findings)?;
        let desks = &self.tenant.names.desks;
        if !desks.iter().any(|desk| desk.as_str() == text.text) {
            let finding = findings.error(
                &text.at,
                codes::UNKNOWN_NAME,
                format!("unknown desk \"{}\"", text.text),
            );
            finding.help(format!(
                "{} (desks stand in tollgate.toml)",
                suggestion(text.text, desks.iter().map(model::DeskName::as_str))
            ));
            return None;
        }
        Some(text.text.into())
    }

    fn note(&self, entry: Entry<'_>, handed: bool, findings: &mut Findings) -> Option<Json> {
        if !handed {
            findings
                .error(
                    &entry.at(),
                    codes::TOGETHER,
                    "a note is for the people at a desk, and `hand_to` is missing",
                )
                .help("add hand_to = \"…\"")
                .absence();
        }
        let text = entry.value.text(findings)?;
        let literal = check_placeholders(&text, entry.value.raw(), self.head, findings);
        too_long(&text.at, literal, limits::NOTE_CHARS, "a note", findings);
        Some(text.text.into())
    }

    /// `use` and `with`. True if the rule has none, so that the search surely ends with it.
    pub(crate) fn use_plugin(
        &mut self,
        used: Option<Entry<'_>>,
        with: Option<Entry<'_>>,
        beside_shorthand: bool,
        findings: &mut Findings,
    ) -> bool {
        let Some(used) = used else {
            if let Some(with) = with {
                findings
                    .error(
                        &with.at(),
                        codes::TOGETHER,
                        "`with` holds the settings of a plugin, and `use` is missing",
                    )
                    .help("add use = \"…\"")
                    .absence();
            }
            return true;
        };
        if beside_shorthand {
            findings
                .error(&used.at(), codes::TOGETHER, "`use` stands alone: beside it there is no `reply`, `buttons`, `hand_to`, `note`, `pause_bot`, `tag` or `untag`")
                .help("split the rule in two, and give the first also = true");
        }
        let mut sites = vec![(String::new(), used.value.at())];
        let settings = match with {
            Some(with) => {
                sites.clear();
                with.value
                    .table(findings)
                    .and_then(|_| with.value.json("", &mut sites, findings))
            }
            None => Some(Json::Object(Map::new())),
        };
        if let (Some(name), Some(settings)) = (used.value.text(findings), settings) {
            self.act(name.text, &name.at, "", settings, sites, findings);
        }
        false
    }

    fn act(
        &mut self,
        plugin: &str,
        at: &Site,
        what: &str,
        settings: Json,
        sites: Vec<(String, Site)>,
        findings: &mut Findings,
    ) {
        if let Some(plugin) = self.tenant.plugin(plugin, at, what, findings) {
            self.actions.push(Action { plugin, settings });
            self.sites.push(sites);
        }
    }
}

fn pause(value: Value<'_>, findings: &mut Findings) -> Option<Json> {
    let text = value.text(findings)?;
    if text.text.contains("until") || text.text.contains("max") {
        let finding = findings.error(
            &text.at,
            codes::NOT_YET,
            "a pause until something is not spoken by this version yet",
        );
        finding.help("write a span of time, like \"2h\"");
        return None;
    }
    value
        .span_of_time(findings)
        .map(|span| span.to_string().into())
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
