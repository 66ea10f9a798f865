//! All tests of a tenant: what they are read against, and what only shows when all are seen together.

use std::collections::{BTreeMap, BTreeSet};

use model::RuleName;
use serde_json::Value as Json;

use crate::bound::Stage;
use crate::findings::{Findings, Site};
use crate::head::Head;
use crate::rule::{Draught, Tenant};
use crate::rule_test::RuleTest;
use crate::trial::Trial;
use crate::value::Entry;
use crate::{codes, limits};

/// What tests are read against.
pub(crate) struct Ground<'a> {
    pub(crate) tenant: &'a Tenant<'a>,
    rules: &'a [(Draught, Head)],
    /// What can be expected to answer, and whether it is off: the rules, the two sections, and none.
    pub(crate) is_off: BTreeMap<&'a str, bool>,
    /// Options that are offered as buttons, and as rows of menus.
    buttons: BTreeSet<&'a str>,
    rows: BTreeSet<&'a str>,
}

/// The tests of a tenant.
#[derive(Default)]
pub(crate) struct Tests {
    pub(crate) list: Vec<RuleTest>,
    /// Some could not be read: nothing is concluded from what the others leave out.
    incomplete: bool,
    names: BTreeMap<String, Site>,
}

impl<'a> Ground<'a> {
    pub(crate) fn new(tenant: &'a Tenant<'a>, rules: &'a [(Draught, Head)]) -> Self {
        let named = rules
            .iter()
            .filter_map(|(rule, _)| Some((rule.name.as_ref()?.0.as_str(), rule.off)));
        let others = ["opt_out", "opt_in", "none"].map(|name| (name, false));
        Self {
            tenant,
            rules,
            is_off: named.chain(others).collect(),
            buttons: offered(rules, "/buttons"),
            rows: offered(rules, "/menu/rows"),
        }
    }

    /// Whether an option is only ever offered as a row of a menu.
    pub(crate) fn only_in_menus(&self, id: &str) -> bool {
        self.rows.contains(id) && !self.buttons.contains(id)
    }

    /// Reads the tests of one file after those of the files before.
    pub(crate) fn read(
        &self,
        top: &[Entry<'_>],
        head: &Head,
        into: &mut Tests,
        place: impl Fn(&Site) -> String,
        findings: &mut Findings,
    ) {
        for tests in top.iter().filter(|entry| entry.key == "test") {
            if tests.value.as_table().is_some() {
                findings
                    .error(
                        &tests.at(),
                        codes::WRONG_TYPE,
                        "a test begins with double brackets: there are many of them",
                    )
                    .help("write [[test]]");
                continue;
            }
            let Some(list) = tests.value.as_list() else {
                tests
                    .value
                    .wrong::<()>("tests, each under [[test]]", findings);
                continue;
            };
            for value in list {
                let trial = Trial {
                    ground: self,
                    head,
                    sites: [(String::new(), value.at())].into(),
                };
                if into.list.len() >= limits::TESTS {
                    let message = format!("more than {} tests", limits::TESTS);
                    findings
                        .error(&value.at(), codes::TOO_MUCH, message)
                        .help("keep those that would fail if a rule broke");
                    return;
                }
                let Some(test) = trial.test(value, findings) else {
                    into.incomplete = true;
                    continue;
                };
                let at = test
                    .sites
                    .get("name")
                    .cloned()
                    .unwrap_or_else(|| value.at());
                if let Some(site) = into.names.get(&test.name) {
                    let message = format!(
                        "a test named \"{}\" stands in {} already",
                        test.name,
                        place(site)
                    );
                    findings
                        .error(&at, codes::DUPLICATE, message)
                        .help("give this one another name: reports tell tests apart by it");
                }
                into.names.entry(test.name.clone()).or_insert(at);
                into.list.push(test);
            }
        }
    }

    /// Warns of rules that no test expects, where there are tests at all.
    pub(crate) fn untested(&self, tests: &Tests, findings: &mut Findings) {
        if tests.list.is_empty() || tests.incomplete || findings.any_syntax() {
            return;
        }
        let expected = tests
            .list
            .iter()
            .flat_map(|test| test.expect.rules.iter().flatten().flatten());
        let expected: BTreeSet<&str> = expected.map(RuleName::as_str).collect();
        // Those that others lead to are seen by what they do.
        let led_to: BTreeSet<&str> = self
            .rules
            .iter()
            .flat_map(|(rule, _)| rule.leads.values())
            .map(|(name, _)| name.as_str())
            .collect();
        // What answers nobody cannot be expected.
        let answers = |rule: &Draught| !rule.off && rule.stage != Stage::Shadow;
        for (rule, _) in self
            .rules
            .iter()
            .filter(|(rule, _)| answers(rule) && rule.name.is_some())
        {
            let name = rule.called();
            if !expected.contains(name) && !led_to.contains(name) {
                findings
                    .warning(rule.pointer(), codes::UNTESTED, format!("no test expects \"{name}\""))
                    .help(format!("add a [[test]] with a message that it answers, and expect.rules = \"{name}\""))
                    .absence_of(name);
            }
        }
    }
}

/// The ids of all options that rules offer under a key of their settings.
fn offered<'a>(rules: &'a [(Draught, Head)], pointer: &str) -> BTreeSet<&'a str> {
    rules
        .iter()
        .flat_map(|(rule, _)| &rule.actions)
        .filter_map(|action| action.settings.pointer(pointer)?.as_array())
        .flatten()
        .filter_map(|offer| offer.get("id").and_then(Json::as_str))
        .collect()
}
