//! Keys by the words that other tools, and people, have for them: what is offered where nobody wrote nearly the right one.

use crate::keys::{EXPECT, Keys, RULE, WHEN};

/// What somebody wrote, and what to write.
type Word = (&'static str, &'static str);

const OF_RULE: &[Word] = &[
    ("answer", "reply"),
    ("answers", "reply"),
    ("message", "reply"),
    ("respond", "reply"),
    ("response", "reply"),
    ("send", "reply"),
    ("text", "reply"),
    ("assign_to", "hand_to"),
    ("desk", "hand_to"),
    ("escalate_to", "hand_to"),
    ("forward_to", "hand_to"),
    ("hand_over", "hand_to"),
    ("handover", "hand_to"),
    ("transfer_to", "hand_to"),
    ("comment", "note"),
    ("condition", "when"),
    ("if", "when"),
    ("continue", "also"),
    ("cooldown", "once_per"),
    ("every", "once_per"),
    ("disabled", "off"),
    ("keyword", "when.words"),
    ("keywords", "when.words"),
    ("trigger", "when.words"),
    ("triggers", "when.words"),
    ("goto", "call"),
    ("next", "call"),
    ("plugin", "use"),
];

const OF_WHEN: &[Word] = &[
    ("any", "words"),
    ("contains", "words"),
    ("has", "words"),
    ("includes", "words"),
    ("keyword", "words"),
    ("keywords", "words"),
    ("equals", "says"),
    ("exact", "says"),
    ("is", "says"),
    ("text", "says"),
    ("begins", "starts"),
    ("regex", "pattern"),
    ("regexp", "pattern"),
    ("closed", "outside"),
    ("open", "hours"),
    ("lang", "language"),
    ("since", "from"),
    ("to", "until"),
    ("button", "option"),
    ("type", "kind"),
];

const OF_EXPECT: &[Word] = &[
    ("answer", "reply"),
    ("contains", "reply_has"),
    ("not_contains", "reply_lacks"),
    ("reply_contains", "reply_has"),
    ("desk", "handed_to"),
    ("hand_to", "handed_to"),
    ("draft_to", "drafted_to"),
];

/// What these keys have for that word.
pub(crate) fn meant(word: &str, keys: &Keys) -> Option<&'static str> {
    let words = match keys.table {
        table if table == RULE.table => OF_RULE,
        table if table == WHEN.table => OF_WHEN,
        table if table == EXPECT.table => OF_EXPECT,
        _ => return None,
    };
    let lower = word.to_lowercase().replace('-', "_");
    let found = words.iter().find(|(written, _)| *written == lower);
    found.map(|(_, key)| *key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_is_a_key_and_what_was_written_is_none() {
        for (keys, words) in [(&RULE, OF_RULE), (&WHEN, OF_WHEN), (&EXPECT, OF_EXPECT)] {
            for (written, key) in words {
                assert!(!keys.has(written), "{written}");
                let is_key =
                    keys.has(key) || key.strip_prefix("when.").is_some_and(|key| WHEN.has(key));
                assert!(is_key, "{key}");
            }
        }
    }
}
