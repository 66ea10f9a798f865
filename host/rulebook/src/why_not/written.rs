//! What conditions say in the words of their files: what is compared has lost its accents and capitals, and ids have lost their
//! names. Read again when somebody first asks, so that no rule has to carry it along.

use std::collections::BTreeMap;

use model::Language;
use toml::{Table, Value};

use crate::findings::Page;
use crate::fold::{Folded, fold};
use crate::{Rule, language};

/// The words of all rules, and the titles of all options.
#[derive(Debug, Default)]
pub(crate) struct Written {
    /// By the name of the rule, its `when`.
    when: BTreeMap<String, Table>,
    options: BTreeMap<String, Table>,
}

impl Written {
    pub(super) fn read(pages: &[Page]) -> Self {
        let mut written = Self::default();
        for page in pages {
            let Ok(mut table) = page.text.parse::<Table>() else {
                continue;
            };
            if let Some(Value::Table(options)) = table.remove("option") {
                written.options.extend(
                    options
                        .into_iter()
                        .filter_map(|(id, option)| Some((id, into_table(option)?))),
                );
            }
            let rules = match table.remove("rule") {
                Some(Value::Array(rules)) => rules,
                other => other.into_iter().collect(),
            };
            written
                .when
                .extend(rules.into_iter().filter_map(when_by_name));
        }
        written
    }

    /// What stands under a key of a rule's `when`, one or a list.
    pub(super) fn list(&self, rule: &Rule, key: &str) -> Vec<&str> {
        let when = self.when.get(rule.name.as_str());
        match when.and_then(|when| when.get(key.strip_prefix("when.").unwrap_or(key))) {
            Some(Value::String(one)) => vec![one.as_str()],
            Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// A phrase as it is written under a key of a rule.
    pub(super) fn phrase(&self, rule: &Rule, key: &str, phrase: &Folded) -> String {
        let written = self.list(rule, key);
        let written = written.into_iter().find(|text| fold(text) == *phrase);
        written.unwrap_or(phrase.as_str()).to_owned()
    }

    /// An option's title as the contact sees it; its id if it has none.
    pub(super) fn title<'a>(&'a self, id: &'a str, seen: &Language) -> &'a str {
        self.option(id, seen).unwrap_or(id)
    }

    /// The title of an option that there is.
    pub(super) fn option(&self, id: &str, seen: &Language) -> Option<&str> {
        let titles: Vec<(Language, &str)> = self
            .options
            .get(id)?
            .iter()
            .filter_map(|(code, title)| Some((Language::new(code).ok()?, title.as_str()?)))
            .collect();
        let same = titles.iter().find(|(code, _)| code == seen);
        let near = || {
            titles
                .iter()
                .find(|(code, _)| language::base(code) == language::base(seen))
        };
        same.or_else(near)
            .or(titles.first())
            .map(|(_, title)| *title)
    }

    /// The ids of all options.
    pub(super) fn options(&self) -> impl Iterator<Item = &str> {
        self.options.keys().map(String::as_str)
    }
}

fn when_by_name(rule: Value) -> Option<(String, Table)> {
    let mut rule = into_table(rule)?;
    let name = rule.get("name")?.as_str()?.to_owned();
    Some((name, into_table(rule.remove("when")?)?))
}

fn into_table(value: Value) -> Option<Table> {
    match value {
        Value::Table(table) => Some(table),
        _ => None,
    }
}
