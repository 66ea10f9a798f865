//! Conditions that exclude each other: a rule with two of them never holds, whatever anybody writes.

use crate::codes;
use crate::condition::{Condition, First};
use crate::findings::Findings;
use crate::fold::Folded;
use crate::limits;
use crate::review::quoted;
use crate::rule::Draught;

/// Kinds of message in which no word ever stands.
const WORDLESS: &[&str] = &[
    "audio",
    "voice",
    "sticker",
    "location",
    "contacts",
    "form",
    "reaction",
    "revoke",
    "welcome",
    "unsupported",
];
/// Kinds of message that are a tap.
const TAPS: &[&str] = &["button", "menu"];

/// Reports a rule that cannot hold: by the first two conditions that exclude each other, since more would say the same again.
pub(crate) fn check(rule: &Draught, findings: &mut Findings) -> bool {
    let Some((one, other, reason)) = find(rule) else {
        return false;
    };
    let message = format!(
        "{} never holds: `{one}` and `{other}` exclude each other, {reason}",
        quoted(rule)
    );
    findings
        .error(rule.pointer(), codes::NEVER, message)
        .help("take one of the two out, or make two rules of it");
    true
}

/// Two conditions that exclude each other, and why they do.
pub(crate) fn find(rule: &Draught) -> Option<(&'static str, &'static str, String)> {
    let conditions = rule.conditions.as_slice();
    conditions.iter().enumerate().find_map(|(index, one)| {
        let others = conditions.get(index + 1..).unwrap_or_default();
        others.iter().find_map(|other| {
            let reason = one.excludes(other).or_else(|| other.excludes(one))?;
            Some((one.key(), other.key(), reason))
        })
    })
}

impl Condition {
    /// Why no message can be of both, if that is certain.
    fn excludes(&self, other: &Self) -> Option<String> {
        match (self, other) {
            (Self::Kind(kinds), _) if other.needs_words() => {
                let mute = kinds.iter().all(|kind| WORDLESS.contains(&kind.as_str()));
                mute.then(|| {
                    format!(
                        "there are no words in a message of the kind {}",
                        named(kinds)
                    )
                })
            }
            (Self::Kind(kinds), Self::Option(_)) => {
                let no_tap = !kinds.iter().any(|kind| TAPS.contains(&kind.as_str()));
                no_tap.then(|| {
                    "an option is tapped with a message of the kind \"button\" or \"menu\""
                        .to_owned()
                })
            }
            (Self::Tags(tags), Self::NotTags(none)) => {
                let all = tags.iter().all(|tag| none.contains(tag));
                all.then(|| format!("nobody bears {} and does not", named(tags)))
            }
            (Self::Hours(open), Self::Outside(closed)) => {
                match (open.as_slice(), closed.as_slice()) {
                    ([open], [closed]) if open.name == closed.name => {
                        Some(format!("\"{}\" is open or closed, never both", open.name))
                    }
                    _ => None,
                }
            }
            (Self::Says(whole), Self::Words(_) | Self::Starts(_)) => {
                let none = !whole.iter().any(|text| other.hears(text));
                none.then(|| "none of the whole texts has one of the words".to_owned())
            }
            (Self::Says(whole), Self::MinWords(least)) => {
                let short = whole.iter().all(|text| text.words() < *least);
                short.then(|| format!("each of the whole texts has fewer than {least} words"))
            }
            (
                Self::Says(phrases) | Self::Words(phrases) | Self::Starts(phrases),
                Self::MaxWords(most),
            ) => {
                let long = |phrase: &Folded| phrase.words() > *most;
                phrases
                    .iter()
                    .all(long)
                    .then(|| format!("each of the phrases alone has more words than {most}"))
            }
            (Self::First(First::Ever), Self::After(..)) => {
                Some("no rule has answered somebody who writes for the first time".to_owned())
            }
            (Self::First(First::Since(silence)), Self::After(_, within)) => {
                // A rule may have answered long after the message that it answered.
                let longest = within.plus(limits::LONGEST_ANSWER);
                (*silence > longest).then(|| {
                    format!("a rule that answered {within} ago at most answered a message that is not {silence} old")
                })
            }
            _ => None,
        }
    }

    /// It cannot hold for a message without words.
    fn needs_words(&self) -> bool {
        match self {
            Self::Words(_) | Self::Says(_) | Self::Starts(_) | Self::Pattern(_) => true,
            Self::MinWords(least) => *least > 0,
            _ => false,
        }
    }
}

fn named(names: &[String]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(", ")
}
