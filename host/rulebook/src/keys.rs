//! The keys of the language: those spoken, those not spoken yet, and what was probably meant.

use crate::codes;
use crate::findings::{Findings, Site};

/// The keys of one kind of table.
pub(crate) struct Keys {
    /// How people call the table.
    pub(crate) table: &'static str,
    /// Those that this version speaks.
    pub(crate) spoken: &'static [&'static str],
    /// Those of the language that it does not speak yet.
    pub(crate) later: &'static [&'static str],
}

/// The top of a file.
pub(crate) const FILE: Keys = Keys {
    table: "a file",
    spoken: &[
        "rules_version",
        "owner",
        "timezone",
        "languages",
        "hours",
        "option",
        "template",
        "rule",
        "opt_out",
        "opt_in",
        "test",
    ],
    later: &[],
};

/// `[[rule]]`.
pub(crate) const RULE: Keys = Keys {
    table: "a rule",
    spoken: &[
        "name",
        "when",
        "only",
        "reply",
        "buttons",
        "menu",
        "menu_label",
        "media",
        "template",
        "react",
        "quoting",
        "hand_to",
        "sticky",
        "pause_bot",
        "note",
        "tag",
        "untag",
        "use",
        "with",
        "call",
        "also",
        "once_per",
        "if_no_answer",
        "if_blocked",
        "if_slow",
        "if_fails",
        "if_refused",
        "draft_to",
        "limit",
        "stage",
        "off",
    ],
    later: &[],
};

/// Keys of a rule that name another rule, each with when that one follows.
pub(crate) const LEADS: &[&str] = &[
    "call",
    "if_no_answer",
    "if_blocked",
    "if_slow",
    "if_fails",
    "if_refused",
];

/// `when.…`
pub(crate) const WHEN: Keys = Keys {
    table: "`when`",
    spoken: &[
        "words",
        "says",
        "starts",
        "kind",
        "option",
        "language",
        "tags",
        "not_tags",
        "number",
        "first",
        "hours",
        "outside",
        "country",
        "ad",
        "after",
        "within",
        "quoting",
        "min_words",
        "max_words",
        "pattern",
        "from",
        "until",
        "channel",
    ],
    later: &[],
};

/// `[opt_out]` and `[opt_in]`.
pub(crate) const SECTION: Keys = Keys {
    table: "an opt-out or opt-in section",
    spoken: &["words", "except", "covers", "reply"],
    later: &[],
};

/// The days of the week, from Monday on.
pub(crate) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// `[hours.NAME]`.
pub(crate) const HOURS: Keys = Keys {
    table: "hours",
    spoken: &["mon", "tue", "wed", "thu", "fri", "sat", "sun", "closed"],
    later: &[],
};

/// `[template.NAME]`.
pub(crate) const TEMPLATE: Keys = Keys {
    table: "a template",
    spoken: &[
        "name",
        "languages",
        "category",
        "params",
        "header",
        "buttons",
    ],
    later: &[],
};

/// `[[test]]`.
pub(crate) const TEST: Keys = Keys {
    table: "a test",
    spoken: &[
        "name", "at", "lang", "from", "number", "says", "given", "expect",
    ],
    later: &[],
};

/// `given.…` of a test.
pub(crate) const GIVEN: Keys = Keys {
    table: "`given`",
    spoken: &[
        "tags",
        "opted",
        "paused",
        "knowledge",
        "last_seen",
        "lookup",
        "memory",
    ],
    later: &[],
};

/// `expect.…` of a test.
pub(crate) const EXPECT: Keys = Keys {
    table: "`expect`",
    spoken: &[
        "rules",
        "reply",
        "reply_has",
        "reply_lacks",
        "sends",
        "refused",
        "opted",
        "handed_to",
        "bot",
        "tags",
    ],
    later: &[],
};

impl Keys {
    /// Whether one of these keys was probably meant for this one.
    pub(crate) fn meant<'a>(&self, key: &str, written: impl IntoIterator<Item = &'a str>) -> bool {
        written
            .into_iter()
            .any(|slip| !self.has(slip) && nearest(slip, self.spoken.iter().copied()) == Some(key))
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.spoken.contains(&key) || self.later.contains(&key)
    }

    /// Says of a key that is not spoken why not.
    pub(crate) fn refuse(&self, key: &str, at: &Site, findings: &mut Findings) {
        let condition = self.table == WHEN.table;
        let shown = if condition {
            format!("when.{key}")
        } else {
            key.to_owned()
        };
        if self.later.contains(&key) {
            findings.error(at, codes::NOT_YET, format!("`{shown}` is not spoken by this version yet")).help(
                "the rule language has it and a later version will speak it: take it out for now, nothing is ignored silently",
            );
            return;
        }
        let (code, what) = if condition {
            (codes::CONDITION, "condition")
        } else {
            (codes::UNKNOWN_KEY, "key")
        };
        let message = if condition {
            format!("unknown condition `{key}`")
        } else {
            format!("unknown {what} `{key}` in {}", self.table)
        };
        let finding = findings.error(at, code, message);
        match nearest(key, self.spoken.iter().copied()) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help(format!("there is {}", listed(self.spoken.iter().copied()))),
        };
    }
}

/// The most similar of some names, if it is similar enough to have been meant.
pub(crate) fn nearest<'a>(name: &str, among: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    among
        .into_iter()
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, candidate)| {
            *distance
                <= lower
                    .chars()
                    .count()
                    .min(candidate.chars().count())
                    .div_ceil(3)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Names in a sentence: `a`, `b` and `c`; a long list is cut.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const SHOWN: usize = 20;
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => "none".to_owned(),
        [one] => one.clone(),
        many if many.len() > SHOWN => format!(
            "{} and {} more",
            many.iter()
                .take(SHOWN)
                .cloned()
                .collect::<Vec<_>>()
                .join(", "),
            many.len() - SHOWN
        ),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `did you mean …`, or what there is.
pub(crate) fn suggestion<'a>(
    name: &str,
    among: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    nearest(name, among.clone()).map_or_else(
        || format!("there is {}", listed(among)),
        |near| format!("did you mean `{near}`?"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_probably_meant() {
        assert_eq!(nearest("nmae", RULE.spoken.iter().copied()), Some("name"));
        assert_eq!(
            nearest("once-per", RULE.spoken.iter().copied()),
            Some("once_per")
        );
        assert_eq!(nearest("xyz", RULE.spoken.iter().copied()), None);
    }

    #[test]
    fn a_list_reads_as_a_sentence() {
        assert_eq!(listed(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(listed([]), "none");
    }
}
