//! What is read, and what comes of it.

use std::collections::{BTreeMap, BTreeSet};

use model::{DeskName, Language, NumberId, PluginName, Span};
use sha2::{Digest as _, Sha256};

use crate::draft::Parts;
use crate::findings::{Findings, Page, Site};
use crate::ground::{Ground, Tests};
use crate::head::{self, Head};
use crate::hours::{self, AllHours};
use crate::index::Patterns;
use crate::keys::{FILE, RULE};
use crate::options::{self, Choices};
use crate::placeholder::{self, Nameable};
use crate::rule::{self, Draught, Tenant};
use crate::section::{self, Sectional, Way};
use crate::template::{self, Templates};
use crate::value::{self, Entry};
use crate::{Diagnostic, Draft, Severity, codes, limits, review, syntax};

/// One file of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its path, as people see it.
    pub name: String,
    /// What stands in it.
    pub text: String,
}

/// What `tollgate.toml` defines for the tenant: the names that rules may use, and what else they rest on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Plugins.
    pub plugins: BTreeSet<PluginName>,
    /// Desks.
    pub desks: BTreeSet<DeskName>,
    /// Numbers by their alias.
    pub numbers: BTreeMap<String, NumberId>,
    /// How old a message may be to be answered.
    pub answer_within: Span,
}

/// What came of reading.
#[derive(Debug)]
pub struct Reading {
    /// The draft; none if there is any error.
    pub draft: Option<Draft>,
    /// All that was found, by file and place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads all files of a tenant, in the order of their names.
#[must_use]
pub fn read(sources: &[Source], names: &Names) -> Reading {
    let mut sorted: Vec<_> = sources.iter().collect();
    sorted.sort_by(|one, other| one.name.cmp(&other.name));
    if sorted.is_empty() {
        return nothing_to_read();
    }
    let mut findings = Findings::default();
    let mut pages: Vec<_> = sorted.iter().map(|source| Page::new(source)).collect();
    let readable = mend(&mut pages, &mut findings);
    let tables: Vec<_> = pages
        .iter()
        .zip(readable)
        .map(|(page, readable)| readable.then(|| syntax::parse(page)))
        .collect();
    let mut files: Vec<File<'_>> = Vec::new();
    for (index, (page, table)) in pages.iter().zip(&tables).enumerate() {
        let top = table.as_ref().map_or_else(Vec::new, |table| {
            value::entries(page, index, table.get_ref())
        });
        // Of a file that was not read nothing is missed.
        let head = if table.is_some() {
            head::read(index, &top, &mut findings)
        } else {
            Head::default()
        };
        files.push(File { index, top, head });
    }
    let parts = read_files(&pages, &files, names, &mut findings);
    let digest = digest(&sorted);
    let diagnostics = findings.into_diagnostics(&pages);
    let any_error = diagnostics
        .iter()
        .any(|diagnostic| diagnostic.severity == Severity::Error);
    let draft = if any_error {
        None
    } else {
        Draft::new(parts, digest, pages)
    };
    Reading { draft, diagnostics }
}

/// A file, parsed.
struct File<'a> {
    index: usize,
    top: Vec<Entry<'a>>,
    head: Head,
}

fn nothing_to_read() -> Reading {
    let help = "put a file like 10-service.toml into the folder of rules".to_owned();
    let diagnostic = Diagnostic::nowhere(
        codes::MISSING,
        "there is no file of rules".to_owned(),
        Some(help),
    );
    Reading {
        draft: None,
        diagnostics: vec![diagnostic],
    }
}

/// Which pages are read at all, and each of them as TOML.
fn mend(pages: &mut [Page], findings: &mut Findings) -> Vec<bool> {
    let mut mend_one = |(index, page): (usize, &mut Page)| {
        let at = Site::start_of(index);
        if index >= limits::FILES {
            findings
                .error(
                    &at,
                    codes::TOO_MUCH,
                    format!("more than {} files of rules", limits::FILES),
                )
                .help("put several rules into one file");
            return false;
        }
        if page.text.len() > limits::FILE_BYTES {
            let message = format!(
                "the file has {} bytes, {} are read",
                page.text.len(),
                limits::FILE_BYTES
            );
            findings
                .error(&at, codes::TOO_MUCH, message)
                .help("split it into several files");
            return false;
        }
        *page = syntax::mend(page.clone(), index, findings);
        true
    };
    pages.iter_mut().enumerate().map(&mut mend_one).collect()
}

fn read_files(pages: &[Page], files: &[File<'_>], names: &Names, findings: &mut Findings) -> Parts {
    let place = |at: &Site| {
        pages.get(at.file).map_or_else(String::new, |page| {
            format!("{}:{}", page.name, page.line(at.span.start))
        })
    };
    let mut languages: Vec<Language> = Vec::new();
    for language in files.iter().flat_map(|file| &file.head.languages) {
        if !languages.contains(language) {
            languages.push(language.clone());
        }
    }
    let mut hours = AllHours::new();
    for File { top, head, .. } in files {
        hours::read(top, head, &mut hours, place, findings);
    }
    let common = placeholder::common(&hours);
    let mut choices = Choices::new();
    let mut templates = Templates::new();
    let mut out = Sectional::built_in(Way::Out);
    let mut back = Sectional::built_in(Way::In);
    for File { top, head, .. } in files {
        let nameable = Nameable::everywhere(head, &common);
        options::read(top, &languages, &mut choices, place, findings);
        template::read(top, &languages, &nameable, &mut templates, place, findings);
        section::read(Way::Out, top, &nameable, &mut out, place, findings);
        section::read(Way::In, top, &nameable, &mut back, place, findings);
    }
    let tenant = Tenant {
        names,
        choices: &choices,
        hours: &hours,
        templates: &templates,
        common: &common,
        languages: languages.clone(),
    };
    let mut rules: Vec<(Draught, Head)> = Vec::new();
    for file in files {
        for entry in &file.top {
            if !FILE.has(entry.key) {
                refuse_at_top(entry, findings);
            } else if entry.key == "rule" {
                let read = read_rules(entry, &file.head, &tenant, findings);
                rules.extend(read.into_iter().map(|rule| (rule, file.head.clone())));
            }
        }
        if rules.len() > limits::RULES {
            let message = format!(
                "{} rules up to here, {} are read",
                rules.len(),
                limits::RULES
            );
            findings
                .error(&Site::start_of(file.index), codes::TOO_MUCH, message)
                .help("retire some, or listen for several words in one");
            break;
        }
    }
    for section in [&out, &back] {
        if let Some(at) = section.at.as_ref().filter(|_| {
            !names
                .plugins
                .iter()
                .any(|plugin| plugin.as_str() == "opt-out")
        }) {
            let finding = findings.error(at, codes::UNKNOWN_NAME, "the plugin \"opt-out\" words the confirmation, and tollgate.toml does not define it");
            finding.help(
                "define it in tollgate.toml; without this section a built-in sentence goes out",
            );
        }
    }
    section::check_both_ways(&out, &back, findings);
    review::review(
        &rules,
        &choices,
        &out,
        &back,
        names.answer_within,
        place,
        findings,
    );
    let ground = Ground::new(&tenant, &rules);
    let mut tests = Tests::default();
    for File { top, head, .. } in files {
        ground.read(top, head, &mut tests, place, findings);
    }
    ground.untested(&tests, findings);
    Parts {
        patterns: Patterns::read(&rules, findings),
        rules,
        tests: tests.list,
        hours: hours.into_values().map(|(hours, _)| hours).collect(),
        values: common,
        languages,
        out,
        back,
    }
}

fn read_rules(
    entry: &Entry<'_>,
    head: &Head,
    tenant: &Tenant<'_>,
    findings: &mut Findings,
) -> Vec<Draught> {
    if entry.value.as_table().is_some() {
        let finding = findings.error(
            &entry.at(),
            codes::WRONG_TYPE,
            "a rule begins with double brackets: there are many of them",
        );
        finding.help("write [[rule]]");
        return rule::read(entry.value, head, tenant, findings)
            .into_iter()
            .collect();
    }
    let Some(list) = entry.value.as_list() else {
        entry
            .value
            .wrong::<()>("rules, each under [[rule]]", findings);
        return Vec::new();
    };
    list.into_iter()
        .filter_map(|value| rule::read(value, head, tenant, findings))
        .collect()
}

fn refuse_at_top(entry: &Entry<'_>, findings: &mut Findings) {
    findings.dark_name(&entry.value.words());
    if RULE.has(entry.key) && !FILE.has(entry.key) {
        let message = format!(
            "`{}` belongs to a rule, and stands outside of one",
            entry.key
        );
        let under_header = entry.value.is_under_header();
        if under_header {
            // The rule that it was meant for ends where this header begins.
            let at = entry.at();
            let start = at.span.start.saturating_sub(2);
            findings.refused(&Site {
                file: at.file,
                span: start..start,
            });
        }
        let help = if under_header {
            format!(
                "delete the line [{0}] and write {0}.… = … as lines of the rule",
                entry.key
            )
        } else {
            "put it under a line [[rule]]".to_owned()
        };
        findings
            .error(&entry.at(), codes::MISPLACED, message)
            .help(help);
    } else {
        FILE.refuse(entry.key, &entry.at(), findings);
    }
}

/// Over names, lengths and texts: two sets of files never look alike.
fn digest(sources: &[&Source]) -> String {
    let mut digest = Sha256::new();
    for source in sources {
        for part in [&source.name, &source.text] {
            digest.update(part.len().to_le_bytes());
            digest.update(part.as_bytes());
        }
    }
    hex::encode(digest.finalize())
}
