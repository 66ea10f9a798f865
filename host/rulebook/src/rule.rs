//! Reads one `[[rule]]`.

use std::collections::BTreeMap;

use model::{DeskName, Language, NumberId, PluginName, RuleName, Span};

use crate::bound::{self, Limit, Stage};
use crate::condition::Condition;
use crate::doing::Doing;
use crate::findings::{Findings, Site};
use crate::fold::Folded;
use crate::head::Head;
use crate::hours::AllHours;
use crate::keys::words::ONLY;
use crate::keys::{LEADS, RULE, suggestion};
use crate::options::Choices;
use crate::placeholder::{self, Nameable, Presences};
use crate::source::Names;
use crate::template::Templates;
use crate::texts::Texts;
use crate::value::{Entry, Text, Value, refuse};
use crate::when::{self, When};
use crate::{Action, codes};

/// What is known of the tenant when its rules are read.
pub(crate) struct Tenant<'a> {
    pub(crate) names: &'a Names,
    pub(crate) choices: &'a Choices,
    pub(crate) hours: &'a AllHours,
    pub(crate) templates: &'a Templates,
    /// What placeholders can name everywhere.
    pub(crate) common: &'a Presences,
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
    pub(crate) limits: Vec<Limit>,
    pub(crate) stage: Stage,
    pub(crate) draft_to: Option<DeskName>,
    /// The rules that it leads to, by the key that names them.
    pub(crate) leads: BTreeMap<&'static str, (String, Site)>,
    /// The words and phrases that it listens for, each with its place.
    pub(crate) heard: Vec<(Folded, Site)>,
    /// The rules that `when.after` names.
    pub(crate) after: Vec<(String, Site)>,
    /// It waits to be called by name.
    pub(crate) only_called: bool,
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
        self.name
            .as_ref()
            .map_or("this rule", |(name, _)| name.as_str())
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
        let finding = findings
            .error(
                &text.at,
                codes::UNKNOWN_NAME,
                format!("unknown option \"{}\"", text.text),
            )
            .absence_of(text.text);
        let near = suggestion(text.text, self.choices.keys().map(String::as_str));
        finding.help(format!("{near} (an option is defined by [option.NAME])"));
        None
    }

    /// A number by its alias.
    pub(crate) fn number(&self, text: &Text<'_>, findings: &mut Findings) -> Option<NumberId> {
        let number = self.names.numbers.get(text.text);
        if number.is_none() {
            let finding = findings.error(
                &text.at,
                codes::UNKNOWN_NAME,
                format!("unknown number \"{}\"", text.text),
            );
            finding.help(format!(
                "{} (aliases of numbers stand in tollgate.toml)",
                suggestion(text.text, self.names.numbers.keys().map(String::as_str))
            ));
        }
        number.cloned()
    }

    pub(crate) fn plugin(
        &self,
        name: &str,
        at: &Site,
        what: &str,
        findings: &mut Findings,
    ) -> Option<PluginName> {
        let plugin = self
            .names
            .plugins
            .iter()
            .find(|plugin| plugin.as_str() == name);
        if plugin.is_none() {
            let finding = findings.error(
                at,
                codes::UNKNOWN_NAME,
                format!("{what}plugin \"{name}\" is not defined in tollgate.toml"),
            );
            finding.help(suggestion(
                name,
                self.names.plugins.iter().map(PluginName::as_str),
            ));
        }
        plugin.cloned()
    }
}

/// Keys that are not short for a plugin.
const PLAIN: &[&str] = &[
    "name", "when", "only", "use", "with", "also", "once_per", "off", "draft_to", "limit", "stage",
];
/// Keys by any of which a rule does something.
const ACTS: &[&str] = &[
    "reply",
    "media",
    "react",
    "template",
    "hand_to",
    "pause_bot",
    "note",
    "tag",
    "untag",
    "use",
    "call",
];

/// Reads one rule.
pub(crate) fn read(
    value: Value<'_>,
    head: &Head,
    tenant: &Tenant<'_>,
    findings: &mut Findings,
) -> Option<Draught> {
    let before = findings.errors();
    let entries: BTreeMap<&str, Entry<'_>> = value
        .table(findings)?
        .into_iter()
        .map(|entry| (entry.key, entry))
        .collect();
    for entry in entries.values().filter(|entry| !RULE.has(entry.key)) {
        refuse(entry, &RULE, None, findings);
    }
    let get = |key: &str| entries.get(key).copied();
    let when = get("when").map_or_else(When::nothing, |entry| {
        when::read(entry.value, head, tenant, findings)
    });
    let mut reader = Doing {
        head,
        tenant,
        nameable: Nameable {
            head,
            common: tenant.common,
            own: placeholder::own(&when.conditions, when.names_hours),
        },
        actions: Vec::new(),
        sites: Vec::new(),
        reply: None,
    };
    let wanted = answered_languages(&when.conditions, head);
    reader.answer(&get, &wanted, findings);
    reader.route(&get, findings);
    let is_shorthand = |key: &&str| RULE.has(key) && !PLAIN.contains(key) && !LEADS.contains(key);
    let shorthand = entries.keys().copied().find(is_shorthand);
    let ends_search = reader.use_plugin(get("use"), get("with"), shorthand, findings);
    let Doing {
        actions,
        sites,
        reply,
        ..
    } = reader;
    // Anything wrong so far may be what it was to do.
    if findings.errors() == before && !ACTS.iter().any(|key| entries.contains_key(key)) {
        let at = get("name").map_or_else(|| value.at(), |name| name.value.at());
        findings
            .error(&at, codes::NOTHING_TO_DO, "this rule does nothing")
            .help("add reply.… = \"…\", hand_to, tag, pause_bot, use or call")
            .absence_of_text();
    }
    let mut truth = |key: &str| {
        get(key)
            .and_then(|entry| entry.value.truth(findings))
            .unwrap_or(false)
    };
    let (also, off) = (truth("also"), truth("off"));
    let once_per = get("once_per").and_then(|entry| entry.value.span_of_time(findings));
    let limits = get("limit").map_or_else(Vec::new, |entry| bound::limits(entry.value, findings));
    let stage = get("stage").and_then(|entry| bound::stage(entry.value, findings));
    let draft_to = get("draft_to").and_then(|entry| {
        let desk = entry.value.text(findings)?;
        tenant.desk(&desk, findings)
    });
    let leads = LEADS
        .iter()
        .filter_map(|key| {
            let text = get(key)?.value.text(findings)?;
            Some((*key, (text.text.to_owned(), text.at)))
        })
        .collect::<BTreeMap<_, _>>();
    let only_called = get("only").is_some_and(|entry| only(entry, findings));
    let name = match get("name") {
        Some(entry) => read_name(entry, findings),
        None => {
            if !RULE.meant("name", entries.keys().copied()) {
                findings
                    .error(&value.at(), codes::MISSING, "this rule has no name")
                    .help("give it one: name = \"opening-hours\"")
                    .absence();
            }
            None
        }
    };
    if name.is_none() {
        findings.nameless();
    }
    let is_whole = findings.errors() == before && !findings.is_dark_around(value.page, &value.at());
    Some(Draught {
        name,
        conditions: when.conditions,
        actions,
        sites,
        reply,
        also,
        off,
        once_per,
        limits,
        stage: stage.unwrap_or_default(),
        draft_to,
        // What it calls may pass.
        ends_search: ends_search && !leads.contains_key("call"),
        leads,
        heard: when.heard,
        after: when.after,
        only_called,
        at: value.at(),
        is_whole,
    })
}

/// `only = "called"`.
fn only(entry: Entry<'_>, findings: &mut Findings) -> bool {
    let Some(text) = entry.value.text(findings) else {
        return false;
    };
    let is_called = ONLY.parse(text.text).is_some();
    if !is_called {
        findings
            .error(
                &text.at,
                codes::BAD_VALUE,
                format!("`only` is \"called\", not \"{}\"", text.text),
            )
            .help("write only = \"called\" for a rule that others call, or leave it out");
    }
    is_called
}

fn read_name(entry: Entry<'_>, findings: &mut Findings) -> Option<(RuleName, Site)> {
    let text = entry.value.text(findings)?;
    if matches!(text.text, "opt_out" | "opt_in" | "none") {
        findings
            .error(
                &text.at,
                codes::BAD_VALUE,
                format!("\"{}\" means something else already", text.text),
            )
            .help("give the rule another name");
        return None;
    }
    match RuleName::new(text.text) {
        Ok(name) => Some((name, text.at)),
        Err(error) => {
            findings
                .error(&text.at, codes::BAD_VALUE, error.to_string())
                .help("give it a short one: name = \"opening-hours\"");
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
    let Some(confined) = confined else {
        return head.languages.clone();
    };
    head.languages
        .iter()
        .filter(|language| {
            confined
                .iter()
                .any(|wanted| crate::language::means(wanted, language))
        })
        .cloned()
        .collect()
}
