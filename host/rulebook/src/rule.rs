//! Reads one `[[rule]]`.

use std::collections::BTreeMap;

use model::{Language, NumberId, PluginName, RuleName, Span};
use serde_json::{Map, Value as Json, json};

use crate::condition::Condition;
use crate::findings::{Findings, Site};
use crate::head::Head;
use crate::keys::{RULE, suggestion};
use crate::options::Choices;
use crate::source::Names;
use crate::texts::{self, Reader, Texts, check_placeholders, too_long};
use crate::value::{Entry, Text, Value, refuse};
use crate::{Action, codes, limits, when};

/// What is known of the tenant when its rules are read.
pub(crate) struct Tenant<'a> {
    pub(crate) names: &'a Names,
    pub(crate) choices: &'a Choices,
    pub(crate) languages: Vec<Language>,
}

/// A rule as read, with its places.
#[derive(Debug)]
pub(crate) struct Draught {
    /// None if the name is missing or wrong.
    pub(crate) name: Option<(RuleName, Site)>,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) actions: Vec<Action>,
    /// For each action, where the parts of its settings stand.
    pub(crate) sites: Vec<Vec<(String, Site)>>,
    pub(crate) reply: Option<Texts>,
    pub(crate) also: bool,
    pub(crate) off: bool,
    pub(crate) once_per: Option<Span>,
    pub(crate) if_fails: Option<(String, Site)>,
    /// All that it does is shorthand: its plugins never pass, so that the search ends with it.
    pub(crate) ends_search: bool,
    /// Its header.
    pub(crate) at: Site,
    /// It was read without an error: only then do its conditions say all that it means.
    pub(crate) is_whole: bool,
}

impl Draught {
    /// What people call it.
    pub(crate) fn called(&self) -> &str {
        self.name.as_ref().map_or("this rule", |(name, _)| name.as_str())
    }

    /// Where to point when the rule as a whole is meant.
    pub(crate) fn pointer(&self) -> &Site {
        self.name.as_ref().map_or(&self.at, |(_, at)| at)
    }
}

impl Tenant<'_> {
    /// An option by its id.
    pub(crate) fn option(&self, text: &Text<'_>, findings: &mut Findings) -> Option<String> {
        if self.choices.contains_key(text.text) {
            return Some(text.text.to_owned());
        }
        let finding = findings.error(&text.at, codes::UNKNOWN_NAME, format!("unknown option \"{}\"", text.text)).absence();
        let near = suggestion(text.text, self.choices.keys().map(String::as_str));
        finding.help(format!("{near} (an option is defined by [option.NAME])"));
        None
    }

    /// A number by its alias.
    pub(crate) fn number(&self, text: &Text<'_>, findings: &mut Findings) -> Option<NumberId> {
        let number = self.names.numbers.get(text.text);
        if number.is_none() {
            let finding = findings.error(&text.at, codes::UNKNOWN_NAME, format!("unknown number \"{}\"", text.text));
            finding.help(format!("{} (aliases of numbers stand in tollgate.toml)", suggestion(text.text, self.names.numbers.keys().map(String::as_str))));
        }
        number.cloned()
    }

    fn plugin(&self, name: &str, at: &Site, what: &str, findings: &mut Findings) -> Option<PluginName> {
        let plugin = self.names.plugins.iter().find(|plugin| plugin.as_str() == name);
        if plugin.is_none() {
            let finding = findings.error(at, codes::UNKNOWN_NAME, format!("{what}plugin \"{name}\" is not defined in tollgate.toml"));
            finding.help(suggestion(name, self.names.plugins.iter().map(PluginName::as_str)));
        }
        plugin.cloned()
    }
}

/// Reads one rule.
pub(crate) fn read(value: Value<'_>, head: &Head, tenant: &Tenant<'_>, findings: &mut Findings) -> Option<Draught> {
    let before = findings.errors();
    let entries: BTreeMap<&str, Entry<'_>> = value.table(findings)?.into_iter().map(|entry| (entry.key, entry)).collect();
    for entry in entries.values().filter(|entry| !RULE.spoken.contains(&entry.key)) {
        refuse(entry, &RULE, None, findings);
    }
    let get = |key: &str| entries.get(key).copied();
    let mut reader = Doing { head, tenant, actions: Vec::new(), sites: Vec::new(), reply: None };
    let conditions = get("when").map_or_else(Vec::new, |entry| when::read(entry.value, head, tenant, findings));
    let wanted = answered_languages(&conditions, head);
    reader.answer(get("reply"), get("buttons"), &wanted, findings);
    reader.route(&get, findings);
    let ends_search = reader.use_plugin(get("use"), get("with"), findings);
    let Doing { actions, sites, reply, .. } = reader;
    // Anything wrong so far may be what it was to do.
    if findings.errors() == before && !["reply", "hand_to", "pause_bot", "tag", "untag", "use"].iter().any(|key| entries.contains_key(key)) {
        let at = get("name").map_or_else(|| value.at(), |name| name.value.at());
        findings.error(&at, codes::NOTHING_TO_DO, "this rule does nothing").help("add reply.… = \"…\", hand_to, tag, pause_bot or use").absence();
    }
    let mut truth = |key: &str| get(key).and_then(|entry| entry.value.truth(findings)).unwrap_or(false);
    let (also, off) = (truth("also"), truth("off"));
    let once_per = get("once_per").and_then(|entry| entry.value.span_of_time(findings));
    let if_fails = get("if_fails").and_then(|entry| entry.value.text(findings)).map(|text| (text.text.to_owned(), text.at));
    let name = match get("name") {
        Some(entry) => read_name(entry, findings),
        None => {
            if !RULE.meant("name", entries.keys().copied()) {
                findings.error(&value.at(), codes::MISSING, "this rule has no name").help("give it one: name = \"opening-hours\"").absence();
            }
            None
        }
    };
    let is_whole = findings.errors() == before;
    Some(Draught { name, conditions, actions, sites, reply, also, off, once_per, if_fails, ends_search, at: value.at(), is_whole })
}

fn read_name(entry: Entry<'_>, findings: &mut Findings) -> Option<(RuleName, Site)> {
    let text = entry.value.text(findings)?;
    if matches!(text.text, "opt_out" | "opt_in" | "none") {
        findings.error(&text.at, codes::BAD_VALUE, format!("\"{}\" means something else already", text.text)).help("give the rule another name");
        return None;
    }
    match RuleName::new(text.text) {
        Ok(name) => Some((name, text.at)),
        Err(error) => {
            findings.error(&text.at, codes::BAD_VALUE, error.to_string());
            None
        }
    }
}

/// The languages in which the rule may have to answer: those it is confined to, else the file's.
fn answered_languages(conditions: &[Condition], head: &Head) -> Vec<Language> {
    let confined = conditions.iter().find_map(|condition| match condition {
        Condition::Language(languages) => Some(languages),
        _ => None,
    });
    let Some(confined) = confined else { return head.languages.clone() };
    head.languages.iter().filter(|language| confined.iter().any(|wanted| crate::language::means(wanted, language))).cloned().collect()
}

/// What a rule does, as it is read.
struct Doing<'a> {
    head: &'a Head,
    tenant: &'a Tenant<'a>,
    actions: Vec<Action>,
    sites: Vec<Vec<(String, Site)>>,
    reply: Option<Texts>,
}

impl Doing<'_> {
    /// `reply` and `buttons`: the auto-reply plugin.
    fn answer(&mut self, reply: Option<Entry<'_>>, buttons: Option<Entry<'_>>, wanted: &[Language], findings: &mut Findings) {
        let Some(reply) = reply else {
            if let Some(buttons) = buttons {
                findings.error(&buttons.at(), codes::TOGETHER, "buttons stand beneath a text, and there is none").help("add reply.… = \"…\"").absence();
            }
            return;
        };
        let (most_chars, because) = match buttons {
            Some(_) => (limits::BUTTONS_BODY_CHARS, "a text with buttons"),
            None => (limits::TEXT_CHARS, "a text"),
        };
        let reader = Reader { key: "reply", table: "rule", above: &RULE, head: self.head, most_chars, because };
        let mut sites = vec![(String::new(), reply.at()), ("reply".to_owned(), reply.at())];
        let before = findings.errors();
        let texts = reader.read(reply.value, findings);
        if let Some(texts) = &texts
            && findings.errors() == before
        {
            texts::missing(texts, wanted, "the reply", &reply.at(), findings);
        }
        let mut settings = Map::new();
        if let Some(texts) = &texts {
            sites.extend(texts.by_language.iter().map(|(language, (_, at))| (format!("reply.{language}"), at.clone())));
            settings.insert("reply".into(), texts.json());
        }
        if let Some(buttons) = buttons {
            let list = self.buttons(buttons, wanted, &mut sites, findings);
            settings.insert("buttons".into(), list.into());
        }
        self.reply = texts;
        self.act("auto-reply", &reply.at(), "`reply` needs it: ", Json::Object(settings), sites, findings);
    }

    fn buttons(&self, entry: Entry<'_>, wanted: &[Language], sites: &mut Vec<(String, Site)>, findings: &mut Findings) -> Vec<Json> {
        sites.push(("buttons".into(), entry.value.at()));
        let ids = entry.value.texts(findings).unwrap_or_default();
        if ids.len() > limits::BUTTONS {
            let message = format!("{} buttons, and a message has at most {}", ids.len(), limits::BUTTONS);
            findings.error(&entry.value.at(), codes::BUTTONS, message).help("keep the three that matter most");
        }
        let mut list: Vec<Json> = Vec::new();
        let mut titles: Vec<(Language, String)> = Vec::new();
        for (index, id) in ids.iter().enumerate() {
            if ids.iter().take(index).any(|earlier| earlier.text == id.text) {
                findings.error(&id.at, codes::BUTTONS, format!("the button \"{}\" is there twice", id.text));
                continue;
            }
            let Some(choice) = self.tenant.option(id, findings).and_then(|name| self.tenant.choices.get(&name)) else { continue };
            texts::missing(&choice.titles, wanted, &format!("the option `{}`", id.text), &id.at, findings);
            for (language, (title, _)) in &choice.titles.by_language {
                let pair = (language.clone(), title.trim().to_owned());
                if titles.contains(&pair) {
                    findings.error(&id.at, codes::BUTTONS, format!("two buttons are called \"{title}\" in `{language}`")).help("WhatsApp refuses that: give one another title");
                }
                titles.push(pair);
            }
            let path = format!("buttons.{index}");
            sites.extend([(path.clone(), id.at.clone()), (format!("{path}.title"), choice.at.clone())]);
            sites.extend(choice.titles.by_language.iter().map(|(language, (_, at))| (format!("{path}.title.{language}"), at.clone())));
            list.push(json!({ "id": id.text, "title": choice.titles.json() }));
        }
        list
    }

    /// `hand_to`, `note`, `pause_bot`, `tag`, `untag`: the router plugin.
    fn route<'e>(&mut self, get: &dyn Fn(&str) -> Option<Entry<'e>>, findings: &mut Findings) {
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
            self.act("router", &at, "`hand_to`, `pause_bot` and `tag` need it: ", Json::Object(settings), sites, findings);
        }
    }

    fn desk(&self, value: Value<'_>, findings: &mut Findings) -> Option<Json> {
        let text = value.text(findings)?;
        let desks = &self.tenant.names.desks;
        if !desks.iter().any(|desk| desk.as_str() == text.text) {
            let finding = findings.error(&text.at, codes::UNKNOWN_NAME, format!("unknown desk \"{}\"", text.text));
            finding.help(format!("{} (desks stand in tollgate.toml)", suggestion(text.text, desks.iter().map(model::DeskName::as_str))));
            return None;
        }
        Some(text.text.into())
    }

    fn note(&self, entry: Entry<'_>, handed: bool, findings: &mut Findings) -> Option<Json> {
        if !handed {
            findings.error(&entry.at(), codes::TOGETHER, "a note is for the people at a desk, and `hand_to` is missing").help("add hand_to = \"…\"").absence();
        }
        let text = entry.value.text(findings)?;
        let literal = check_placeholders(&text, entry.value.raw(), self.head, findings);
        too_long(&text.at, literal, limits::NOTE_CHARS, "a note", findings);
        Some(text.text.into())
    }

    /// `use` and `with`. True if the rule has none, so that the search surely ends with it.
    fn use_plugin(&mut self, used: Option<Entry<'_>>, with: Option<Entry<'_>>, findings: &mut Findings) -> bool {
        let Some(used) = used else {
            if let Some(with) = with {
                findings.error(&with.at(), codes::TOGETHER, "`with` holds the settings of a plugin, and `use` is missing").help("add use = \"…\"").absence();
            }
            return true;
        };
        if !self.actions.is_empty() {
            findings
                .error(&used.at(), codes::TOGETHER, "`use` stands alone: beside it there is no `reply`, `buttons`, `hand_to`, `note`, `pause_bot`, `tag` or `untag`")
                .help("split the rule in two, and give the first also = true");
        }
        let mut sites = vec![(String::new(), used.value.at())];
        let settings = match with {
            Some(with) => {
                sites.clear();
                with.value.table(findings).and_then(|_| with.value.json("", &mut sites, findings))
            }
            None => Some(Json::Object(Map::new())),
        };
        if let (Some(name), Some(settings)) = (used.value.text(findings), settings) {
            self.act(name.text, &name.at, "", settings, sites, findings);
        }
        false
    }

    fn act(&mut self, plugin: &str, at: &Site, what: &str, settings: Json, sites: Vec<(String, Site)>, findings: &mut Findings) {
        if let Some(plugin) = self.tenant.plugin(plugin, at, what, findings) {
            self.actions.push(Action { plugin, settings });
            self.sites.push(sites);
        }
    }
}

fn pause(value: Value<'_>, findings: &mut Findings) -> Option<Json> {
    let text = value.text(findings)?;
    if text.text.contains("until") || text.text.contains("max") {
        let finding = findings.error(&text.at, codes::NOT_YET, "a pause until something is not spoken by this version yet");
        finding.help("write a span of time, like \"2h\"");
        return None;
    }
    value.span_of_time(findings).map(|span| span.to_string().into())
}

fn tags(key: &str, value: Value<'_>, sites: &mut Vec<(String, Site)>, findings: &mut Findings) -> Option<Json> {
    let texts = value.texts(findings)?;
    sites.extend(texts.iter().enumerate().map(|(index, text)| (format!("{key}.{index}"), text.at.clone())));
    let tags: Vec<_> = texts.iter().map(|text| when::tag(text, findings)).collect();
    tags.into_iter().map(|tag| tag.map(Json::from)).collect::<Option<Vec<_>>>().map(Json::from)
}
