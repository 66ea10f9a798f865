//! Reads what a rule does: which plugins it uses with which settings. The shorthands are read beside, in `answer` and `routing`.

use serde_json::{Map, Value as Json};

use crate::findings::{Findings, Site};
use crate::head::Head;
use crate::placeholder::Nameable;
use crate::rule::Tenant;
use crate::texts::Texts;
use crate::value::Entry;
use crate::{Action, codes};

/// The entry of a rule under a key.
pub(crate) type Get<'e, 'f> = dyn Fn(&str) -> Option<Entry<'e>> + 'f;

/// What a rule does, as it is read.
pub(crate) struct Doing<'a> {
    pub(crate) head: &'a Head,
    pub(crate) tenant: &'a Tenant<'a>,
    pub(crate) nameable: Nameable<'a>,
    pub(crate) actions: Vec<Action>,
    pub(crate) sites: Vec<Vec<(String, Site)>>,
    pub(crate) reply: Option<Texts>,
}

impl Doing<'_> {
    /// `use` and `with`. True if the rule has none, so that the search surely ends with it.
    pub(crate) fn use_plugin(
        &mut self,
        used: Option<Entry<'_>>,
        with: Option<Entry<'_>>,
        shorthand: Option<&str>,
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
                    .absence_of_text();
            }
            return true;
        };
        if let Some(key) = shorthand {
            let message = format!(
                "`use` stands alone, and beside it stands `{key}`, which is short for another plugin"
            );
            findings
                .error(&used.at(), codes::TOGETHER, message)
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

    pub(crate) fn act(
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
