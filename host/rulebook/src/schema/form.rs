//! Texts of a certain form, as regular expressions that every validator of JSON Schema knows: no looking around.

use jiff::tz::TimeZoneDatabase;
use model::Period;
use serde_json::{Value as Json, json};

use crate::countries;
use crate::keys::DAYS;
use crate::keys::shape::{Form, Name};
use crate::keys::words::{Choice, STAGES};
use crate::limits;

/// A language code, as a key or a value.
pub(super) const LANGUAGE: &str = "^[a-z]{2,3}(_[A-Z]{2})?$";
const SPAN: &str = r"([0-9]+(ms|s|min|m|h|d)\s*)+";
const TIME: &str = "([01]?[0-9]|2[0-3]):[0-5][0-9]";
const DATE: &str = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";
/// More than 0 and less than 100, with at most two digits behind the dot.
const SHARE: &str = r"(0*[1-9][0-9]?(\.[0-9]{0,2})?|0+\.(0[1-9]|[1-9][0-9]?))";
/// Names of plugins and desks, as `tollgate.toml` has them.
const WORD: &str = "^[a-z0-9_-]{1,100}$";

pub(super) fn of(form: Form) -> Json {
    match form {
        Form::Span => text(&format!(r"^\s*{SPAN}$")),
        Form::Pause => text(&format!(r"^\s*(until\s*closed\s*,\s*max\s*)?{SPAN}$")),
        Form::Limit => {
            let per = Period::ALL.map(Period::word).join("|");
            let pattern = format!(
                r"^\s*0*[1-9][0-9]*\s+per\s+(contact\s+per\s+({per})|({per})(\s+per\s+contact)?)\s*$"
            );
            offered(&["5 per contact per hour", "200 per day"], &text(&pattern))
        }
        Form::Stage => {
            let words: Vec<_> = STAGES.choices().into_iter().map(|(word, _)| word).collect();
            let pattern = format!(r"^\s*({}|canary\s+{SHARE}%)\s*$", words.join("|"));
            offered(&["shadow", "canary 10%"], &text(&pattern))
        }
        Form::Date => text(&format!("^{DATE}$")),
        Form::Hours => {
            let interval = format!(r"\s*{TIME}\s*[-–]\s*({TIME}|24:00)\s*");
            offered(
                &["closed", "00:00-24:00"],
                &text(&format!("^(closed|{interval}(,{interval})*)$")),
            )
        }
        Form::Moment => {
            let day = DAYS.map(any_case).join("|");
            text(&format!(
                r"^\s*({DATE}(\s|T)|({day})\s)\s*[0-9]{{2}}:[0-9]{{2}}\s*$"
            ))
        }
        Form::Timezone => {
            let names: Vec<_> = cities();
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            offered(&names, &text("^[A-Za-z0-9_+/-]+$"))
        }
        Form::Language => text(LANGUAGE),
        Form::Country => {
            let mut codes: Vec<_> = countries::all().collect();
            codes.sort_unstable();
            codes.dedup();
            json!({ "type": "string", "enum": codes })
        }
        Form::Tag => {
            json!({ "type": "string", "pattern": r"^\S(.*\S)?$", "maxLength": limits::TAG_CHARS })
        }
        // Anything but letters and digits: how an emoji is made up is left to the check.
        Form::Emoji => {
            json!({ "type": "string", "pattern": r"[^\x00-\x7F]", "maxLength": limits::EMOJI_CHARS })
        }
        Form::Https => {
            json!({ "type": "string", "pattern": "^https://", "maxLength": limits::FILE_ADDRESS_CHARS })
        }
        Form::Phone => text("^[ +().-]*([0-9][ +().-]*){1,20}$"),
    }
}

/// The name of something that is defined elsewhere. Whether it is, the check knows.
pub(super) fn name(name: Name) -> Json {
    match name {
        Name::Desk | Name::Plugin => text(WORD),
        Name::TemplateThere => text(&format!("^[a-z0-9_]{{1,{}}}$", limits::TEMPLATE_NAME_CHARS)),
        Name::Option | Name::Hours | Name::Template | Name::Rule | Name::Thing => text(r"\S"),
    }
}

/// What a name looks like where it is a key; none if it may be anything.
pub(super) fn key(name: Name) -> Option<String> {
    match name {
        Name::Hours => Some(format!("^[A-Za-z0-9_-]{{1,{}}}$", limits::HOURS_NAME_CHARS)),
        Name::Option => Some(r"\S".to_owned()),
        _ => None,
    }
}

/// A day or a range of days.
pub(super) fn days() -> String {
    let day = DAYS.join("|");
    format!("^({day})(-({day}))?$")
}

/// The names of timezones that say where, as `America/Sao_Paulo` does. The reader knows more, and their old names.
fn cities() -> Vec<String> {
    const PARTS_OF_THE_WORLD: [&str; 10] = [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
    ];
    TimeZoneDatabase::bundled()
        .available()
        .map(|name| name.as_str().to_owned())
        .filter(|name| {
            let part = name.split_once('/').map(|(part, _)| part);
            part.is_some_and(|part| PARTS_OF_THE_WORLD.contains(&part))
        })
        .collect()
}

fn text(pattern: &str) -> Json {
    json!({ "type": "string", "pattern": pattern })
}

/// Some texts that an editor offers, of many that will do.
fn offered(words: &[&str], any: &Json) -> Json {
    json!({ "anyOf": [{ "type": "string", "enum": words }, any] })
}

/// A word in small letters or capitals.
fn any_case(word: &str) -> String {
    word.chars()
        .map(|letter| format!("[{}{letter}]", letter.to_ascii_uppercase()))
        .collect()
}
