//! Settings on their way to the plugins that check them, and complaints on their way back to their line.

use std::borrow::Cow;
use std::collections::BTreeSet;

use model::{DeskName, Known, Problem};

use crate::findings::Site;
use crate::placeholder;
use crate::{Action, Diagnostic, Draft, Place, Section, codes};

impl Draft {
    /// All settings that a plugin has to check, each with its place. A section is among them if a file has it.
    pub fn actions(&self) -> impl Iterator<Item = (Place, Cow<'_, Action>)> {
        let of_rule = |(rule, of): (usize, &'_ crate::Rule)| -> Vec<(Place, Action)> {
            of.actions
                .iter()
                .enumerate()
                .map(|(action, settings)| (Place::Rule { rule, action }, settings.clone()))
                .collect()
        };
        let rules = self.rules.iter().enumerate().flat_map(of_rule);
        let sections = [
            (Place::OptOut, &self.opt_out, &self.stop),
            (Place::OptIn, &self.opt_in, &self.start),
        ];
        let sections = sections
            .into_iter()
            .filter(|(_, _, read)| read.at.is_some());
        let as_action = |section: &Section| Action {
            plugin: section.plugin.clone(),
            settings: section.settings.clone(),
        };
        rules
            .chain(sections.map(move |(place, section, _)| (place, as_action(section))))
            .map(|(place, action)| (place, Cow::Owned(action)))
    }

    /// What a plugin's `check` may know of the place its settings stand in. Which knowledge bases and endpoints there are is
    /// for the caller to add: each plugin is granted its own.
    #[must_use]
    pub fn known(&self, place: Place, desks: &BTreeSet<DeskName>) -> Known {
        let languages = match place {
            Place::Rule { rule, .. } => self.rules.get(rule).map(|rule| rule.languages.as_slice()),
            Place::OptOut => Some(self.opt_out.languages.as_slice()),
            Place::OptIn => Some(self.opt_in.languages.as_slice()),
        };
        Known {
            values: self.nameable(place),
            hours: self.hours.iter().map(|hours| hours.name.clone()).collect(),
            languages: languages.unwrap_or_else(|| self.languages()).to_vec(),
            desks: desks.iter().map(ToString::to_string).collect(),
            ..Known::default()
        }
    }

    /// What placeholders can name in a place.
    fn nameable(&self, place: Place) -> placeholder::Presences {
        let mut values = self.named.clone();
        if let Place::Rule { rule, .. } = place
            && let Some(rule) = self.rules.get(rule)
        {
            values.extend(placeholder::own(&rule.conditions, false));
        }
        values
    }

    /// A plugin's complaint about its settings, at the line they stand in.
    #[must_use]
    pub fn locate(&self, place: Place, problem: &Problem) -> Diagnostic {
        let site = self.site(place, &problem.path);
        let page = site
            .as_ref()
            .and_then(|site| self.pages.get(site.file))
            .or_else(|| self.pages.first());
        let span = site.map_or(0..0, |site| site.span);
        match page {
            Some(page) => page.complaint(
                codes::PLUGIN,
                span,
                problem.message.clone(),
                problem.help.clone(),
            ),
            // A draft is made of at least one page.
            None => {
                Diagnostic::nowhere(codes::PLUGIN, problem.message.clone(), problem.help.clone())
            }
        }
    }

    /// Where a part of some settings stands: the part itself, else the nearest one around it, else the rule.
    fn site(&self, place: Place, path: &str) -> Option<Site> {
        match place {
            Place::Rule { rule, action } => {
                let rule = self.rules.get(rule)?;
                let sites = rule.sites.get(action).map_or(&[][..], Vec::as_slice);
                let known = |path: &str| {
                    sites
                        .iter()
                        .find(|(of, _)| of == path)
                        .map(|(_, site)| site.clone())
                };
                Some(
                    around(path)
                        .find_map(known)
                        .unwrap_or_else(|| rule.at.clone()),
                )
            }
            Place::OptOut | Place::OptIn => {
                let section = if place == Place::OptOut {
                    &self.stop
                } else {
                    &self.start
                };
                let language = path.strip_prefix("reply.");
                let text = language.and_then(|wanted| {
                    section
                        .reply
                        .by_language
                        .iter()
                        .find(|(language, _)| language.as_str() == wanted)
                });
                text.map(|(_, (_, site))| site.clone())
                    .or_else(|| section.at.clone())
            }
        }
    }
}

/// A path, then each one around it, ending with the settings as a whole.
pub(crate) fn around(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| match path.rfind('.') {
        Some(dot) => path.get(..dot),
        None if path.is_empty() => None,
        None => Some(""),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_left_step_by_step() {
        assert_eq!(
            around("buttons.0.title").collect::<Vec<_>>(),
            ["buttons.0.title", "buttons.0", "buttons", ""]
        );
    }
}
