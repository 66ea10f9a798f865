//! The codes of diagnostics, and what there is to know about each.

/// A diagnostic's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code(pub(crate) &'static str);

macro_rules! codes {
    ($($name:ident $code:literal $about:literal;)*) => {
        $(pub(crate) const $name: Code = Code($code);)*

        /// What there is to know about a code of a diagnostic.
        #[must_use]
        pub fn explain(code: &str) -> Option<&'static str> {
            match code {
                $($code => Some($about),)*
                _ => None,
            }
        }

        #[cfg(test)]
        const ALL: &[&str] = &[$($code),*];
    };
}

codes! {
    SYNTAX "R001" "The file is not valid TOML at this place. Texts stand in straight quotes, lists in [ ], and each key has a line of its own.";
    TOO_MUCH "R002" "There is more than is read or shown: a file too large, too many files or rules, a list too long, or more findings than anybody reads.";
    UNKNOWN_KEY "R003" "Keys are strict: one that the rule language does not have is an error, so that a slip of the keyboard never turns into a rule that silently does something else.";
    NOT_YET "R004" "The rule language has this, and this version does not speak it yet. It is refused rather than ignored: a rule would otherwise do something else than what it says.";
    WRONG_TYPE "R005" "The value is of another kind than the key takes: a text stands in quotes, a list in [ ], true and false stand bare.";
    MISSING "R006" "Something that has to be there is not: a rule's name, a file's languages, the text in the fallback language.";
    BAD_VALUE "R007" "The key takes one of a few values, or a value of a certain shape, and this is none of them.";
    UNKNOWN_NAME "R008" "A name of something that is defined elsewhere (a plugin, desk or number in tollgate.toml; hours, an option, a template or a rule in the files of rules) and that nobody defines.";
    DUPLICATE "R009" "Names of rules, hours, options, templates and tests are the tenant's, over all its files: two of the same name could not be told apart in a decision or a report.";
    LANGUAGE "R010" "Languages are two-letter codes (pt, en, es), with a region if need be (pt_BR), and a text is written in one of the file's `languages`.";
    TIMEZONE "R011" "A timezone is a name like America/Sao_Paulo or Europe/Lisbon, not an abbreviation or an offset: those do not know daylight saving.";
    CONDITION "R012" "`when.` is followed by a condition: words, says, starts, kind, option, language, tags, not_tags, number, first, hours, outside, country, ad, after, within, quoting, min_words, max_words.";
    SPAN "R013" "A span of time is written 90s, 15m, 6h, 7d or combined: 1h 30m.";
    BUTTONS "R014" "A message carries one to three buttons, or a menu of one to ten rows. Each names an [option.NAME], once, and no two bear the same title.";
    TOO_LONG "R015" "WhatsApp takes 4096 characters of text, 1024 if there are buttons beneath it or a file above it, 20 of a button's title or a menu's label, 24 of a menu row's title and 72 of its description. Characters are counted, not bytes; a placeholder counts as nothing.";
    PLACEHOLDER "R016" "In a text, { opens a placeholder: {contact.name|…}, {contact.first_name|…}, {contact.phone|…}, {message.text|…}, {number.name}, {today}, {now}, {hours.NAME.opens_next}, {hours.NAME.closes_at|…}, {hours.NAME.open}. Write {{ for a brace.";
    DEFAULT "R017" "This value may be missing: somebody without a name, a picture without a text. Write what stands there instead behind a |: {contact.first_name|there}.";
    NOTHING_LEFT "R018" "Case, accents, punctuation and extra spaces do not count when text is compared. Of this entry nothing is left, so it could never be found.";
    NOTHING_TO_DO "R019" "A rule does something: it replies, hands over, tags, pauses or uses a plugin.";
    TOGETHER "R020" "These keys do not belong together, or one of them needs another.";
    SHADOWED "R021" "The first rule that holds answers, and the search ends there. A rule above holds whenever this one would, so this one is never reached: move it up, or narrow the one above.";
    CIRCLE "R022" "Rules that call each other, or turn to each other, in a circle would never come to an end.";
    BOTH_WAYS "R023" "A word cannot mean stop and start at once.";
    MISPLACED "R024" "In TOML a header like [rule.reply] takes in every line that follows it, up to the next header. Write reply.pt = \"…\" and so on as lines of the rule, without a header.";
    HOURS "R025" "Hours are written \"09:00-18:00\", several a day \"09:00-12:00, 13:00-18:00\", past midnight \"22:00-02:00\", around the clock \"00:00-24:00\", and a day off \"closed\"; dates \"2026-12-25\".";
    TEST_SHAPE "R026" "A test says what a contact writes and what is to come of it. This part of it cannot be played, or contradicts another part.";
    PATTERN "R027" "A pattern is a regular expression that takes time in proportion to the text: no looking ahead or back, no \\1. It is written in '…', finds something anywhere in the message, and capitals do not count.";
    LIMIT "R028" "A limit is written \"5 per contact per hour\" or \"200 per day\"; it counts by the minute, hour, day or week of the calendar.";
    STAGE "R029" "A stage is \"shadow\", which runs and records and sends nothing, or \"canary 10%\", which is for that share of contacts.";
    PLUGIN "R030" "The plugin that is to use these settings does not accept them.";
    RED_TEST "R031" "A test expects something else than what these rules do. Mend the rule, or the test.";
    NO_TEXT "R101" "There is no text in one of the file's languages: its people will read the fallback, the file's first language.";
    CATCH_ALL "R102" "This rule holds for nearly every message, and nothing bounds how often: somebody who writes five short lines is answered five times. `once_per` bounds it.";
    OPT_OUT_WORD "R103" "The host takes this word, when it is the whole message, as an opt-out before any rule is looked at. `except` in [opt_out] takes a built-in word out.";
    UNHEARD "R104" "The reply tells people to write a word, and no rule listens for it.";
    TURNED_OFF "R105" "The rule named here is off: nothing will follow.";
    UNTESTED "R106" "There are tests, and none expects this rule: a change elsewhere could silence it and nobody would notice.";
    NEVER_OPEN "R107" "Hours without a single open time: rules inside them never hold, rules outside them always do.";
    UNCALLED "R108" "The rule waits to be called by name, and no rule names it.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained_once() {
        let mut codes = ALL.to_vec();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), ALL.len());
        assert!(ALL.iter().all(|code| explain(code).is_some()));
        assert_eq!(explain("R999"), None);
    }
}
