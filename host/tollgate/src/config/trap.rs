//! TOML's own traps: what its parser says, in the words of somebody who meant well.

use std::ops::Range;

use super::keys::Config;
use super::problem::Problem;
use super::section::{Section, Shape};
use super::value::Value;

/// An error of the TOML parser, with the line that mends it where that is clear. `shown` is the source without its secrets.
pub(super) fn explain(text: &str, shown: &str, error: &toml::de::Error) -> Problem {
    let at = error.span().unwrap_or(0..0);
    let line = line_at(text, at.start);
    let said = error.message();
    if said.contains("duplicate key") {
        let what = if line.trim_start().starts_with('[') {
            "this table is defined twice"
        } else {
            "this key is defined twice in its table"
        };
        return Problem::new(at, what).fix("keep one of the two, with what both say");
    }
    if line != line_at(shown, at.start) {
        let key = line
            .split_once('=')
            .map(|(key, _)| format!("{} = ", key.trim()))
            .unwrap_or_default();
        let problem = Problem::new(
            at,
            "not TOML, and a secret: no secret stands in the configuration, only where it is found",
        );
        return problem.fix(format!("{key}\"env:NAME\""));
    }
    match mended(line) {
        Some((what, fix)) => Problem::new(at, what).fix(fix),
        None => Problem::new(at, format!("not TOML: {said}")),
    }
}

/// What people write that TOML does not read, and how it is written.
fn mended(line: &str) -> Option<(&'static str, String)> {
    let curly = |letter| matches!(letter, '“' | '”' | '„' | '‘' | '’');
    if line.contains(curly) {
        let straight: String = line
            .trim()
            .chars()
            .map(|letter| if curly(letter) { '"' } else { letter })
            .collect();
        return Some(("curly quotes: TOML knows straight ones alone", straight));
    }
    if line.trim_start().starts_with('[') && !line.contains([']', '=']) {
        let closing = if line.trim_start().starts_with("[[") {
            "]]"
        } else {
            "]"
        };
        return Some((
            "the bracket of this header is not closed",
            format!("{}{closing}", line.trim()),
        ));
    }
    let (key, value) = line.split_once('=')?;
    let (key, value) = (
        key.trim(),
        value.split(" #").next().unwrap_or_default().trim(),
    );
    if !key.is_ascii() && !key.contains(['"', '\'']) {
        return Some((
            "a key with letters beyond a-z stands in quotes",
            format!("\"{key}\" = {value}"),
        ));
    }
    if value.starts_with('"') && value.ends_with('"') && value.len() > 1 && value.contains('\\') {
        let inner = value.get(1..value.len() - 1)?;
        let meaning =
            "a backslash in double quotes begins an escape: single quotes take it as it is";
        return (!inner.contains('\'')).then(|| (meaning, format!("{key} = '{inner}'")));
    }
    if value.is_empty() || value.starts_with(['"', '\'', '[', '{']) {
        return None;
    }
    match value.to_lowercase().as_str() {
        "yes" | "on" | "true" => Some((
            "TOML's words for yes and no are true and false",
            format!("{key} = true"),
        )),
        "no" | "off" | "false" => Some((
            "TOML's words for yes and no are true and false",
            format!("{key} = false"),
        )),
        _ => Some((
            "a text stands in quotes",
            format!("{key} = {}", toml::Value::from(value)),
        )),
    }
}

fn line_at(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or(text);
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    text.get(start..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default()
}

/// The source as problems may show it: what these places hold is blotted out, and so is whatever stands behind the key of a
/// secret and is no reference, since a line that TOML cannot read is shown as well (I12).
pub(super) fn without_secrets(text: &str, known: &[Range<usize>]) -> String {
    let mut blots: Vec<Range<usize>> = known.to_vec();
    for key in secret_keys() {
        blots.extend(
            text.match_indices(key)
                .filter_map(|(at, _)| literal_after(text, at + key.len())),
        );
    }
    let hidden = |at: usize| blots.iter().any(|blot| blot.contains(&at));
    // As many bytes as before: places in the source stay what they are.
    let shown = |(at, letter): (usize, char)| {
        if letter != '\n' && hidden(at) {
            "*".repeat(letter.len_utf8())
        } else {
            letter.to_string()
        }
    };
    text.char_indices().map(shown).collect()
}

/// The value behind the key that ends here, unless it refers to secrets as it should.
fn literal_after(text: &str, key_end: usize) -> Option<Range<usize>> {
    let rest = text.get(key_end..)?;
    let (between, value) = rest.split_once('=')?;
    let is_key = |letter: char| {
        letter.is_ascii_alphanumeric()
            || matches!(letter, '.' | '_' | '-' | '"' | '\'' | ' ' | '\t')
    };
    if !between.chars().all(is_key)
        || between.starts_with(|first: char| first.is_ascii_alphanumeric())
    {
        return None;
    }
    let value = value.trim_start_matches([' ', '\t']);
    let start = text.len() - value.len();
    let upto = |end: &str| {
        value
            .get(1..)
            .and_then(|after| after.find(end))
            .map_or(value.len(), |at| at + 1)
    };
    let length = match value.get(..3) {
        Some(quotes @ ("\"\"\"" | "'''")) => value
            .get(3..)
            .and_then(|after| after.find(quotes))
            .map_or(value.len(), |at| at + 3),
        _ if value.starts_with('[') => upto("]"),
        _ => value.find('\n').unwrap_or(value.len()),
    };
    let written = value.get(..length)?;
    let mut words = written
        .lines()
        .flat_map(|line| line.split('#').next())
        .flat_map(|line| line.split(['"', '\'', '[', ']', ',', ' ', '\t', '\r']));
    let all_refer =
        words.all(|word| word.is_empty() || word.starts_with("env:") || word.starts_with("file:"));
    (!all_refer).then_some(start..start + length)
}

fn secret_keys() -> Vec<&'static str> {
    fn gather(section: &'static Section, found: &mut Vec<&'static str>) {
        for key in section.keys {
            match key.shape {
                Shape::Scalar { secret, .. } => found.extend(secret.then_some(key.name)),
                Shape::Table(inner) | Shape::Tables(inner) => gather(inner, found),
            }
        }
    }
    let mut found = Vec::new();
    if let Shape::Table(root) = Config::SHAPE {
        gather(root, &mut found);
    }
    found
}
