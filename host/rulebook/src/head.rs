//! What stands at the top of a file and holds for all of it.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use model::Language;

use crate::findings::{Findings, Site};
use crate::keys::{FILE, listed, nearest};
use crate::value::{Entry, Text, Value};
use crate::{codes, language};

/// The version of the language that this version speaks.
pub(crate) const RULES_VERSION: usize = 1;

/// A file's own settings.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    /// The first is the fallback. Empty only after an error.
    pub(crate) languages: Vec<Language>,
    pub(crate) timezone: Option<TimeZone>,
    pub(crate) owner: Option<String>,
}

/// Reads the head of one file.
pub(crate) fn read(file: usize, top: &[Entry<'_>], findings: &mut Findings) -> Head {
    let mut head = Head::default();
    let (mut version, mut languages) = (false, false);
    for entry in top {
        let value = entry.value;
        match entry.key {
            "rules_version" => {
                version = true;
                check_version(value, findings);
            }
            "owner" => {
                head.owner = value.text(findings).map(|owner| owner.text.to_owned());
                if head
                    .owner
                    .as_deref()
                    .is_some_and(|owner| owner.trim().is_empty())
                {
                    findings
                        .error(&value.at(), codes::BAD_VALUE, "the owner is empty")
                        .help("say who looks after these rules: owner = \"store-support\", or leave it out");
                }
            }
            "timezone" => {
                let read = value
                    .text(findings)
                    .and_then(|name| timezone(&name, findings));
                // One that is not right is no reason to ask for one.
                head.timezone = Some(read.unwrap_or(TimeZone::UTC));
            }
            "languages" => {
                languages = true;
                head.languages = read_languages(value, findings);
            }
            _ => {}
        }
    }
    let meant = |key: &str| FILE.meant(key, top.iter().map(|entry| entry.key));
    if meant("timezone") {
        head.timezone.get_or_insert(TimeZone::UTC);
    }
    if !version && !meant("rules_version") {
        let finding = findings
            .error(
                &Site::start_of(file),
                codes::MISSING,
                "`rules_version` is missing",
            )
            .absence();
        finding.help("begin the file with: rules_version = 1");
    }
    if !languages && !meant("languages") {
        let finding = findings
            .error(
                &Site::start_of(file),
                codes::MISSING,
                "`languages` is missing",
            )
            .absence();
        finding.help("write near the top: languages = [\"en\"], the fallback first");
    }
    head
}

fn check_version(value: Value<'_>, findings: &mut Findings) {
    let before = findings.errors();
    let version = value.count(findings);
    if version != Some(RULES_VERSION) && findings.errors() == before {
        let message = format!("version {} of the rule language is not known", value.raw());
        findings
            .error(&value.at(), codes::BAD_VALUE, message)
            .help(format!(
                "this version of tollgate reads rules_version = {RULES_VERSION}"
            ));
    }
}

fn timezone(name: &Text<'_>, findings: &mut Findings) -> Option<TimeZone> {
    // The bundled database alone: what a rule means does not depend on the machine.
    let database = TimeZoneDatabase::bundled();
    let found = database.get(name.text).ok();
    if found.is_none() {
        let names: Vec<_> = database
            .available()
            .map(|name| name.as_str().to_owned())
            .collect();
        let city = |name: &str| name.rsplit('/').next().unwrap_or_default().to_lowercase();
        let wanted = name.text.replace(' ', "_");
        let near = names
            .iter()
            .find(|name| city(name) == city(&wanted))
            .map(String::as_str);
        // Not `Etc/GMT-3`: there it is three hours later than in Greenwich, and who writes `GMT-3` means three hours earlier.
        let cities = names
            .iter()
            .map(String::as_str)
            .filter(|name| !name.starts_with("Etc/"));
        let is_offset =
            ["gmt", "utc"].contains(&wanted.to_lowercase().get(..3).unwrap_or_default());
        let near = near
            .filter(|name| !name.starts_with("Etc/"))
            .or_else(|| nearest(&wanted, cities).filter(|_| !is_offset));
        let finding = findings.error(
            &name.at,
            codes::TIMEZONE,
            format!("unknown timezone \"{}\"", name.text),
        );
        match near {
            Some(near) => finding.help(format!("did you mean \"{near}\"?")),
            None => finding.help("write the name of a large city there, like \"America/Sao_Paulo\" or \"Europe/Lisbon\""),
        };
    }
    found
}

/// None after an error: what may be meant is not held against the texts below.
fn read_languages(value: Value<'_>, findings: &mut Findings) -> Vec<Language> {
    let before = findings.errors();
    if !value.is_list() && value.as_text().is_some() {
        findings
            .error(
                &value.at(),
                codes::WRONG_TYPE,
                "this takes a list of languages",
            )
            .help(format!("write {}", value.as_list_of_it()));
        return Vec::new();
    }
    let mut languages: Vec<Language> = Vec::new();
    for text in value.texts(findings).unwrap_or_default() {
        let Some(language) = parse(&text, findings) else {
            continue;
        };
        if languages.contains(&language) {
            findings.error(
                &text.at,
                codes::DUPLICATE,
                format!("`{language}` stands in the list twice"),
            );
        } else {
            languages.push(language);
        }
    }
    if findings.errors() > before {
        languages.clear();
    }
    languages
}

/// A language code, or why it is none.
pub(crate) fn parse(text: &Text<'_>, findings: &mut Findings) -> Option<Language> {
    let parsed = Language::new(text.text).ok();
    if let Some(language) = parsed.filter(language::exists) {
        return Some(language);
    }
    let repaired = text.text.replace('-', "_");
    let (word, region) = repaired
        .split_once('_')
        .map_or((repaired.as_str(), None), |(word, region)| {
            (word, Some(region.to_uppercase()))
        });
    let lower = word.to_lowercase();
    let code = match NAMES.iter().find(|(name, _)| *name == lower) {
        Some((_, code)) => (*code).to_owned(),
        None => lower,
    };
    let near = region.map_or(code.clone(), |region| format!("{code}_{region}"));
    let finding = findings.error(
        &text.at,
        codes::LANGUAGE,
        format!("unknown language \"{}\"", text.text),
    );
    match Language::new(near).ok().filter(language::exists) {
        Some(near) => finding.help(format!("did you mean \"{near}\"?")),
        None => {
            finding.help("write a two-letter code like \"pt\", with a region if need be: \"pt_BR\"")
        }
    };
    None
}

/// What people write instead of a code.
const NAMES: &[(&str, &str)] = &[
    ("portuguese", "pt"),
    ("português", "pt"),
    ("portugues", "pt"),
    ("english", "en"),
    ("inglês", "en"),
    ("spanish", "es"),
    ("español", "es"),
    ("espanol", "es"),
    ("french", "fr"),
    ("français", "fr"),
    ("german", "de"),
    ("deutsch", "de"),
    ("italian", "it"),
    ("italiano", "it"),
    ("por", "pt"),
    ("eng", "en"),
    ("spa", "es"),
    ("fra", "fr"),
    ("deu", "de"),
    ("ita", "it"),
    ("br", "pt_BR"),
    ("sp", "es"),
    ("jp", "ja"),
    ("cn", "zh"),
    ("gr", "el"),
    ("cz", "cs"),
    ("dk", "da"),
    ("ua", "uk"),
];

/// A language out of those that a file or tenant has.
pub(crate) fn parse_among(
    text: &Text<'_>,
    languages: &[Language],
    whose: &str,
    findings: &mut Findings,
) -> Option<Language> {
    let language = parse(text, findings)?;
    if languages.is_empty() || languages.contains(&language) {
        return Some(language);
    }
    let message = format!(
        "`{language}` is not among {whose}, {}",
        listed(languages.iter().map(Language::as_str))
    );
    findings
        .error(&text.at, codes::LANGUAGE, message)
        .help("add it to `languages` at the top of the file, or take this out")
        .absence();
    None
}
