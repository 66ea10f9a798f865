//! Whether a text is one emoji: a reaction is one, or takes one away.
//!
//! By the grammar of Unicode's emoji sequences over the blocks that hold them. A character of those blocks that is no emoji
//! passes here and fails at WhatsApp; words, two emoji and stray marks do not pass.

const JOINER: char = '\u{200d}';
const AS_PICTURE: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';
const TAGS: std::ops::RangeInclusive<char> = '\u{e0020}'..='\u{e007e}';
const END_OF_TAGS: char = '\u{e007f}';

/// One emoji, or nothing at all.
pub(super) fn one_or_none(text: &str) -> Result<(), String> {
    if text.is_empty() || is_one(text) {
        return Ok(());
    }
    let count = text.chars().count();
    Err(format!(
        "the reaction has {count} characters that are not one emoji: send one, or nothing to take it away"
    ))
}

fn is_one(text: &str) -> bool {
    text.split(JOINER).all(is_element)
}

/// What joiners join: a picture with its marks, a flag, or a keycap.
fn is_element(text: &str) -> bool {
    let mut rest = text.chars().peekable();
    let Some(first) = rest.next() else {
        return false;
    };
    if is_regional(first) {
        return rest.next().is_some_and(is_regional) && rest.next().is_none();
    }
    let is_key = matches!(first, '0'..='9' | '#' | '*');
    if !is_key && !is_picture(first) {
        return false;
    }
    rest.next_if_eq(&AS_PICTURE);
    if is_key {
        return rest.next() == Some(KEYCAP) && rest.next().is_none();
    }
    rest.next_if(|c| ('\u{1f3fb}'..='\u{1f3ff}').contains(c));
    if rest.next_if(|c| TAGS.contains(c)).is_some() {
        while rest.next_if(|c| TAGS.contains(c)).is_some() {}
        return rest.next() == Some(END_OF_TAGS) && rest.next().is_none();
    }
    rest.next().is_none()
}

fn is_regional(c: char) -> bool {
    ('\u{1f1e6}'..='\u{1f1ff}').contains(&c)
}

/// The blocks and single characters that hold emoji.
fn is_picture(c: char) -> bool {
    matches!(c,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
        | '\u{2194}'..='\u{21aa}' | '\u{231a}'..='\u{23ff}' | '\u{24c2}' | '\u{25aa}'..='\u{25fe}'
        | '\u{2600}'..='\u{27bf}' | '\u{2934}' | '\u{2935}' | '\u{2b05}'..='\u{2b55}'
        | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
        | '\u{1f000}'..='\u{1f1e5}' | '\u{1f200}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reaction_is_one_emoji_however_it_is_put_together() {
        for one in [
            "",
            "👍",
            "❤️",
            "❤",
            "👍🏽",
            "👩‍👩‍👧‍👦",
            "🏳️‍🌈",
            "❤️‍🔥",
            "🇧🇷",
            "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
            "1️⃣",
            "#⃣",
            "🧑🏿‍🚀",
            "☺️",
            "™️",
        ] {
            assert_eq!(one_or_none(one), Ok(()), "{one}");
        }
        for other in [
            "ok",
            "a",
            "1",
            "👍👍",
            " 👍",
            "👍 ",
            "🇧",
            "🇧🇷🇧🇷",
            "👩‍",
            "‍👩",
            "\u{fe0f}",
            "❤️❤️",
            "👍a",
            "🏴󠁧󠁢",
            "1️⃣2️⃣",
            "\n",
        ] {
            let problem = one_or_none(other).unwrap_err();
            assert!(problem.contains("not one emoji"), "{other:?}: {problem}");
        }
    }
}
