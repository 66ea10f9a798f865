//! Whether a text is one emoji.

const JOINER: char = '\u{200d}';
const KEYCAP: char = '\u{20e3}';

/// Whether a text is one emoji, such as a reaction has to be: `👍`, `👍🏽`, `👩‍👧`, `🇧🇷`, `1️⃣`, but not `ok` or `👍👍`.
///
/// It looks at how emoji are put together, not at a list of them: what passes here may still be none to WhatsApp.
#[must_use]
pub fn is_emoji(text: &str) -> bool {
    text.split(JOINER).all(is_one_sign)
}

fn is_one_sign(text: &str) -> bool {
    let mut bare = text.chars().filter(|c| !is_mark(*c));
    let last = text.chars().next_back();
    match (bare.next(), bare.next(), bare.next()) {
        (Some(key), Some(KEYCAP), None) => matches!(key, '0'..='9' | '#' | '*'),
        (Some(a), Some(b), None) => is_regional(a) && is_regional(b),
        (Some(sign), None, None) => is_sign(sign) && last.is_some_and(|last| !is_open(last)),
        _ => false,
    }
}

/// What changes how a sign looks, and is none by itself: variation, skin, tags.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}')
}

/// A tag that another one has to follow.
fn is_open(c: char) -> bool {
    matches!(c, '\u{e0020}'..='\u{e007e}')
}

fn is_regional(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}')
}

fn is_sign(c: char) -> bool {
    let is_punctuation = matches!(c, '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}');
    let is_symbol = matches!(
        c,
        '\u{2122}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}'
    );
    is_punctuation || is_symbol || (matches!(c, '\u{1f000}'..='\u{1faff}') && !is_regional(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_emoji_is_told_from_words_and_from_two() {
        for one in [
            "👍",
            "👍🏽",
            "❤️",
            "❤",
            "👩‍👧",
            "🏳️‍🌈",
            "🇧🇷",
            "1️⃣",
            "#️⃣",
            "™️",
            "🧑🏿‍🚀",
        ] {
            assert!(is_emoji(one), "{one}");
        }
        for none in [
            "",
            "ok",
            "1",
            "👍👍",
            "👍 ",
            " 👍",
            "🇧",
            "🇧🇷🇧🇷",
            "👩‍",
            ":)",
            "é",
            "\u{fe0f}",
        ] {
            assert!(!is_emoji(none), "{none}");
        }
    }
}
