//! Which tests: by a part of their name, by a rule, by their file.

use std::collections::BTreeSet;

use clap::Args;
use engine::rehearsal::{self, Rehearsed};
use model::TenantId;
use rulebook::RuleTest;
use serde_json::json;

use super::Stage;
use crate::command::Failure;
use crate::command::rehearsed::Extent;

/// Which tests to run; all without any of these.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Choice {
    /// Tests with one of these in their name
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Tests that expect this rule, or in which it runs
    #[arg(long, value_name = "RULE")]
    rule: Vec<String>,
    /// Tests in files with this in their path
    #[arg(long, value_name = "FILE")]
    file: Vec<String>,
}

/// One line of a list.
pub(super) struct Listed {
    tenant: TenantId,
    name: String,
    file: String,
    line: usize,
}

impl Choice {
    /// The chosen tests, run.
    pub(super) async fn rehearsed(
        &self,
        stage: &Stage,
    ) -> Result<(Vec<Rehearsed>, Extent), Failure> {
        self.check(stage)?;
        let extent = match (&*self.names, &*self.rule, &*self.file) {
            ([], [], []) => Extent::All,
            _ => Extent::Chosen,
        };
        let mut tests = stage.rehearse(|_, test| self.has(test)).await;
        if !self.rule.is_empty() {
            // In which tests a rule runs is known once they have run.
            let expecting = self.expecting(stage);
            tests.retain(|test| {
                let mut steps = test.turns.iter().flat_map(|turn| &turn.decision.steps);
                expecting.contains(&(&test.tenant, test.name.as_str()))
                    || steps.any(|step| self.rule.iter().any(|rule| rule == step.rule.as_str()))
            });
            if tests.is_empty() {
                return Err(Failure::usage(format!(
                    "error: no test expects {0} or runs it\n  help: write one beside the rule: a `[[test]]` with expect.rules = \"{0}\"",
                    self.rule.join(" or ")
                )));
            }
        }
        Ok((tests, extent))
    }

    /// The chosen tests by name; run only where that tells which rules run in them.
    pub(super) async fn listed(&self, stage: &Stage) -> Result<Vec<Listed>, Failure> {
        let kept: Option<BTreeSet<_>> = if self.rule.is_empty() {
            self.check(stage)?;
            None
        } else {
            let (tests, _) = self.rehearsed(stage).await?;
            Some(
                tests
                    .into_iter()
                    .map(|test| (test.tenant, test.name))
                    .collect(),
            )
        };
        let tests = rehearsal::tests(&stage.edition).filter(|(_, test)| self.has(test));
        let listed = tests.map(|(tenant, test)| Listed {
            tenant: tenant.clone(),
            name: test.name.clone(),
            file: test.file.clone(),
            line: test.line,
        });
        Ok(listed
            .filter(|test| {
                kept.as_ref()
                    .is_none_or(|kept| kept.contains(&(test.tenant.clone(), test.name.clone())))
            })
            .collect())
    }

    fn has(&self, test: &RuleTest) -> bool {
        let has = |parts: &[String], whole: &str| {
            let whole = whole.to_lowercase();
            parts.is_empty()
                || parts
                    .iter()
                    .any(|part| whole.contains(&part.to_lowercase()))
        };
        has(&self.names, &test.name) && has(&self.file, &test.file)
    }

    fn expecting<'s>(&self, stage: &'s Stage) -> BTreeSet<(&'s TenantId, &'s str)> {
        let expects = |test: &RuleTest| {
            let mut rules = test.expect.rules.iter().flatten().flatten();
            rules.any(|rule| self.rule.iter().any(|wanted| wanted == rule.as_str()))
        };
        rehearsal::tests(&stage.edition)
            .filter(|(_, test)| expects(test))
            .map(|(tenant, test)| (tenant, test.name.as_str()))
            .collect()
    }

    /// Every part that is asked for is there.
    fn check(&self, stage: &Stage) -> Result<(), Failure> {
        let tests: Vec<_> = rehearsal::tests(&stage.edition)
            .map(|(_, test)| test)
            .collect();
        let names = tests.iter().map(|test| test.name.as_str());
        demand(&self.names, names, "no test has", "in its name", "test")?;
        let files: BTreeSet<_> = tests.iter().map(|test| test.file.as_str()).collect();
        demand(
            &self.file,
            files.iter().copied(),
            "no file with tests has",
            "in its path",
            "file",
        )?;
        let rules = stage
            .edition
            .rulebooks()
            .flat_map(|(_, draft)| draft.rules());
        let rules: Vec<_> = rules.map(|rule| rule.name.as_str()).collect();
        let all = || rules.iter().copied().chain(["opt_out", "opt_in"]);
        if let Some(unknown) = self
            .rule
            .iter()
            .find(|rule| all().all(|name| name != *rule))
        {
            return Err(none(
                &format!("there is no rule {unknown:?}"),
                unknown,
                all(),
                "rule",
            ));
        }
        if !tests.is_empty() && !tests.iter().any(|test| self.has(test)) {
            return Err(Failure::usage(
                "error: no test is both of that name and in that file\n  help: leave one of the two out",
            ));
        }
        Ok(())
    }
}

fn demand<'a>(
    parts: &[String],
    among: impl Iterator<Item = &'a str> + Clone,
    before: &str,
    after: &str,
    what: &str,
) -> Result<(), Failure> {
    let is_in = |part: &str| {
        let part = part.to_lowercase();
        among
            .clone()
            .any(|whole| whole.to_lowercase().contains(&part))
    };
    match parts.iter().find(|part| !is_in(part)) {
        Some(missing) => Err(none(
            &format!("{before} {missing:?} {after}"),
            missing,
            among,
            what,
        )),
        None => Ok(()),
    }
}

fn none<'a>(
    message: &str,
    asked: &str,
    among: impl Iterator<Item = &'a str>,
    what: &str,
) -> Failure {
    let help = match nearest(asked, among) {
        Some(near) => format!("the nearest {what} is {near:?}; --list shows all tests"),
        None => "there is no test yet: add a `[[test]]` with `says` and `expect.…` to a rule file"
            .to_owned(),
    };
    Failure::usage(format!("error: {message}\n  help: {help}"))
}

/// The name that is most like what was asked for, as a whole or in some of its words.
fn nearest<'a>(asked: &str, among: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let asked = asked.to_lowercase();
    let width = asked.split_whitespace().count().max(1);
    let likeness = |name: &str| {
        let name = name.to_lowercase();
        let words: Vec<_> = name.split([' ', '/']).collect();
        let parts = words.windows(width).map(|words| words.join(" "));
        parts
            .chain([name.clone()])
            .map(|part| strsim::jaro_winkler(&asked, &part))
            .fold(0.0, f64::max)
    };
    among
        .map(|name| (likeness(name), name))
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, name)| name)
}

/// The list, in lines or as one JSON object each.
pub(super) fn list(tests: &[Listed], as_json: bool) -> String {
    let line = |test: &Listed| {
        if as_json {
            let object = json!({
                "kind": "listed", "tenant": test.tenant, "test": test.name, "file": test.file, "line": test.line,
            });
            return format!("{object}\n");
        }
        format!(
            "{}:{}  {}\n",
            test.file,
            test.line,
            crate::shown::tame(&test.name)
        )
    };
    tests.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_is_found_also_by_a_word_of_it() {
        let names = [
            "on Sunday nobody answers",
            "a picture is thanked for",
            "greeting once a day",
        ];
        for (asked, found) in [
            ("greting", 2),
            ("pictrue is", 1),
            ("On sunday nobdy answers", 0),
        ] {
            assert_eq!(
                nearest(asked, names.into_iter()),
                names.get(found).copied(),
                "{asked}"
            );
        }
        assert_eq!(nearest("x", [].into_iter()), None);
    }
}
