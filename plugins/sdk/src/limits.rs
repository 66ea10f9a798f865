//! WhatsApp's limits on what is sent, and the host's on what is asked: plugins check their settings against them, and cut
//! what placeholders made too long. The gate counts everything again.

use crate::{Problems, placeholder};

/// How many characters a text may have, and what makes that the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The most characters.
    pub chars: usize,
    /// What holds no more, for people: `a button's title`.
    pub what: &'static str,
    /// Whether it stands on one line.
    pub one_line: bool,
}

const fn lines(chars: usize, what: &'static str) -> Limit {
    Limit {
        chars,
        what,
        one_line: false,
    }
}

const fn line(chars: usize, what: &'static str) -> Limit {
    Limit {
        chars,
        what,
        one_line: true,
    }
}

/// A text by itself.
pub const TEXT: Limit = lines(4096, "a text");
/// A text above buttons.
pub const BUTTONS_BODY: Limit = lines(1024, "a text with buttons beneath");
/// A text above a menu.
pub const MENU_BODY: Limit = lines(4096, "a text with a menu beneath");
/// A text above a link.
pub const LINK_BODY: Limit = lines(1024, "a text with a link beneath");
/// The words beneath a picture, a film or a document.
pub const CAPTION: Limit = lines(1024, "a caption");
/// The line above a message's words.
pub const HEADER: Limit = line(60, "a header");
/// The line beneath a message's words.
pub const FOOTER: Limit = line(60, "a footer");
/// What a button says.
pub const BUTTON_TITLE: Limit = line(20, "a button's title");
/// What comes back when a button is tapped.
pub const BUTTON_ID: Limit = line(256, "a button's id");
/// What opens a menu.
pub const MENU_LABEL: Limit = line(20, "a menu's label");
/// What a menu's row says.
pub const ROW_TITLE: Limit = line(24, "a row's title");
/// What stands beneath a row's title.
pub const ROW_DESCRIPTION: Limit = line(72, "a row's description");
/// What comes back when a row is tapped.
pub const ROW_ID: Limit = line(200, "a row's id");
/// What a link's button says.
pub const LINK_LABEL: Limit = line(20, "a link's label");
/// A template's name.
pub const TEMPLATE_NAME: Limit = line(512, "a template's name");
/// What fills one place of a template, which holds 1024 in all.
pub const TEMPLATE_PARAMETER: Limit = line(1024, "a template's parameter");
/// A note for the people at a desk.
pub const NOTE: Limit = lines(2000, "a note");
/// A tag.
pub const TAG: Limit = line(100, "a tag");

/// Buttons beneath a text.
pub const BUTTONS: usize = 3;
/// Rows of a menu.
pub const MENU_ROWS: usize = 10;
/// Buttons of a template.
pub const TEMPLATE_BUTTONS: usize = 10;
/// Characters of a question to a knowledge base.
pub const QUESTION_CHARS: usize = 1000;
/// Filters of a question to a knowledge base.
pub const QUESTION_FILTERS: usize = 8;

impl Limit {
    /// Adds a problem if a text with placeholders cannot fit.
    ///
    /// Counted are its own words and every default (`{contact.name|there}` counts as `there`): that is the text of a turn
    /// without values. What a value adds is not known before the turn, when [`Limit::fit`] cuts.
    pub fn check(&self, text: &str, path: &str, problems: &mut Problems) {
        let count = placeholder::chars(text);
        if count > self.chars {
            let help = format!(
                "{} holds at most {}: shorten it by {}",
                self.what,
                self.chars,
                count - self.chars
            );
            problems.add_with_help(path, format!("it has {count} characters"), help);
        }
        if self.one_line && text.contains(['\n', '\r']) {
            let help = format!("{} stands on one line", self.what);
            problems.add_with_help(path, "it has several lines", help);
        }
    }

    /// The text, cut to what fits; on one line, with single blanks, if it has to be.
    ///
    /// ```
    /// assert_eq!(sdk::limits::BUTTON_TITLE.fit("Talk to\nMaria Aparecida"), "Talk to Maria Apare…");
    /// ```
    #[must_use]
    pub fn fit(&self, text: &str) -> String {
        if !self.one_line && self.chars >= text.len() && is_plain(text) {
            return text.trim().to_owned();
        }
        let mut clean = if self.one_line {
            let is_gap = |c: char| c.is_whitespace() || c.is_control();
            let words: Vec<_> = text.split(is_gap).filter(|word| !word.is_empty()).collect();
            words.join(" ")
        } else {
            let is_kept = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
            text.trim().chars().filter(|c| is_kept(*c)).collect()
        };
        if clean.chars().count() > self.chars {
            let kept = clean.char_indices().nth(self.chars.saturating_sub(1));
            clean.truncate(kept.map_or(0, |(end, _)| end));
            clean.truncate(clean.trim_end().len());
            clean.push('…');
        }
        clean
    }
}

/// Whether there is certainly nothing in it to leave out, which most texts can be told by their bytes.
fn is_plain(text: &str) -> bool {
    // 0xc2 begins the control characters beyond ASCII, and some letters.
    text.bytes()
        .all(|byte| matches!(byte, b'\n' | b'\t') || (byte >= 0x20 && !matches!(byte, 0x7f | 0xc2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_by_characters_and_marked() {
        for (text, fitted) in [
            ("exactly twenty chars", "exactly twenty chars"),
            ("exactly twenty-one ch", "exactly twenty-one…"),
            ("éééééééééééééééééééé", "éééééééééééééééééééé"),
            ("ééééééééééééééééééééé", "ééééééééééééééééééé…"),
            ("  blank around ", "blank around"),
            (" two\nlines \u{7} ", "two lines"),
            ("", ""),
        ] {
            let fit = BUTTON_TITLE.fit(text);
            assert_eq!(fit, fitted, "{text:?}");
            assert!(fit.chars().count() <= 20);
        }
        for (text, fitted) in [
            (" two\nlines\tand more é… ", "two\nlines\tand more é…"),
            ("two\nlines\tand\u{0}nil", "two\nlines\tandnil"),
            ("\u{7f}a\u{85}b\u{9f}¿\r", "ab¿"),
        ] {
            assert_eq!(TEXT.fit(text), fitted, "{text:?}");
        }
        assert_eq!(TEXT.fit(&"x".repeat(5000)).chars().count(), 4096);
    }

    #[test]
    fn defaults_count_and_values_do_not() {
        let found = |text: &str| {
            let mut problems = Problems::default();
            BUTTON_TITLE.check(text, "title", &mut problems);
            problems.into_list()
        };
        assert!(found("{contact.first_name|} 123456789 123456789").is_empty());
        assert!(
            found("{contact.first_name|x} 123456789 123456789")[0]
                .message
                .contains("21")
        );
        assert!(
            found("{message.text} and quite a long name {{")[0]
                .message
                .contains("24")
        );
        assert!(found("two\nlines")[0].message.contains("several lines"));
    }
}
