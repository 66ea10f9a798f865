//! Text as it is compared: case, accents, punctuation, width and extra spaces do not count.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Folded text: words parted by single spaces. In scripts that write without spaces a run of characters is one word; an emoji
/// is a word by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Folded(String);

/// Folds a text.
pub(crate) fn fold(text: &str) -> Folded {
    // Lower case before and after: some capitals only appear when a compatibility character is taken apart.
    let characters = text
        .chars()
        .flat_map(char::to_lowercase)
        .nfkd()
        .filter(|character| !is_accent(*character))
        .nfc()
        .flat_map(char::to_lowercase)
        .filter(|character| !is_accent(*character));
    let mut folded = String::with_capacity(text.len());
    let mut previous = Class::Gap;
    let mut gap = false;
    for character in characters {
        let class = Class::of(character);
        match class {
            Class::Nothing => continue,
            Class::Gap => {
                gap = true;
                continue;
            }
            Class::Word | Class::Unspaced | Class::Symbol | Class::Flag => {}
        }
        let apart = match (previous, class) {
            (Class::Unspaced, Class::Unspaced) => false,
            (Class::Word, Class::Word) | (Class::Flag, Class::Flag) => gap,
            _ => true,
        };
        if apart && !folded.is_empty() {
            folded.push(' ');
        }
        spell(character, &mut folded);
        // Two regional letters make a flag; the third begins the next one.
        previous = if (previous, class, apart) == (Class::Flag, Class::Flag, false) {
            Class::Symbol
        } else {
            class
        };
        gap = false;
    }
    Folded(folded)
}

impl Folded {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a phrase stands in it as whole words; where a script has no spaces, anywhere.
    pub(crate) fn has(&self, phrase: &Self) -> bool {
        !phrase.is_empty()
            && self
                .0
                .match_indices(&phrase.0)
                .any(|(start, _)| self.begins_word(start) && self.ends_word(start + phrase.0.len()))
    }

    /// Whether it begins with a phrase, as whole words.
    pub(crate) fn starts_with(&self, phrase: &Self) -> bool {
        !phrase.is_empty() && self.0.starts_with(&phrase.0) && self.ends_word(phrase.0.len())
    }

    /// How many words; in a script without spaces every character counts as one.
    pub(crate) fn words(&self) -> usize {
        self.0
            .split(' ')
            .filter(|word| !word.is_empty())
            .map(|word| {
                if word.starts_with(is_unspaced) {
                    word.chars().count()
                } else {
                    1
                }
            })
            .sum()
    }

    /// Without emoji; nothing if there is nothing else.
    pub(crate) fn without_symbols(&self) -> Option<Self> {
        let is_symbol = |word: &&str| {
            word.chars()
                .all(|c| matches!(Class::of(c), Class::Symbol | Class::Flag))
        };
        let words: Vec<_> = self.0.split(' ').filter(|word| !is_symbol(word)).collect();
        if words.is_empty() {
            None
        } else {
            Some(Self(words.join(" ")))
        }
    }

    /// Every phrase that stands in it, itself included, as far as spaces show them.
    pub(crate) fn phrases(&self) -> impl Iterator<Item = &str> {
        let starts =
            std::iter::once(0).chain(self.0.match_indices(' ').map(|(index, _)| index + 1));
        starts.flat_map(move |start| {
            let rest = self.0.get(start..).unwrap_or_default();
            let ends = rest
                .match_indices(' ')
                .map(|(index, _)| index)
                .chain(std::iter::once(rest.len()));
            ends.filter_map(move |end| rest.get(..end))
        })
    }

    fn begins_word(&self, index: usize) -> bool {
        let before = self
            .0
            .get(..index)
            .and_then(|text| text.chars().next_back());
        let first = self.0.get(index..).and_then(|text| text.chars().next());
        before.is_none_or(|character| character == ' ') || first.is_some_and(is_unspaced)
    }

    fn ends_word(&self, index: usize) -> bool {
        let last = self
            .0
            .get(..index)
            .and_then(|text| text.chars().next_back());
        let after = self.0.get(index..).and_then(|text| text.chars().next());
        after.is_none_or(|character| character == ' ') || last.is_some_and(is_unspaced)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Part of a word.
    Word,
    /// Part of a word in a script that puts no spaces between them.
    Unspaced,
    /// An emoji or a sign like it.
    Symbol,
    /// A regional letter: two make a flag.
    Flag,
    /// Space and punctuation.
    Gap,
    /// Joiners, variation selectors, skin tones, direction marks.
    Nothing,
}

impl Class {
    fn of(character: char) -> Self {
        match u32::from(character) {
            0x00AD
            | 0x0640
            | 0x061C
            | 0x180E
            | 0x200B..=0x200F
            | 0x202A..=0x202E
            | 0x2060..=0x2064
            | 0xFE00..=0xFE0F
            | 0xFEFF => Self::Nothing,
            0x1F3FB..=0x1F3FF | 0xE0000..=0xE007F => Self::Nothing,
            0x1F1E6..=0x1F1FF => Self::Flag,
            0x2190..=0x21FF
            | 0x2300..=0x23FF
            | 0x25A0..=0x27BF
            | 0x2900..=0x297F
            | 0x2B00..=0x2BFF
            | 0x3030
            | 0x303D => Self::Symbol,
            0x1F000..=0x1FAFF => Self::Symbol,
            _ if !character.is_alphanumeric() && !is_combining_mark(character) => Self::Gap,
            _ if is_unspaced(character) => Self::Unspaced,
            _ => Self::Word,
        }
    }
}

/// Thai, Lao, Tibetan, Burmese, Khmer, Chinese, Japanese.
fn is_unspaced(character: char) -> bool {
    matches!(u32::from(character),
        0x0E00..=0x0FFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x2E80..=0x2FDF | 0x3005..=0x3007 | 0x3021..=0x3029
        | 0x3040..=0x312F | 0x31A0..=0x31BF | 0x31F0..=0x31FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xA9E0..=0xA9FF
        | 0xAA60..=0xAA7F | 0xF900..=0xFAFF | 0x1B000..=0x1B16F | 0x20000..=0x323AF)
}

/// Marks that decorate a letter. The vowel signs of Indic scripts, Thai tones and Japanese voicing are marks to Unicode too, but
/// without them another word stands there: those stay.
fn is_accent(character: char) -> bool {
    matches!(u32::from(character),
        0x0300..=0x036F | 0x0483..=0x0489 | 0x0591..=0x05BD | 0x05BF | 0x05C1 | 0x05C2 | 0x05C4 | 0x05C5 | 0x05C7
        | 0x0610..=0x061A | 0x064B..=0x065F | 0x0670 | 0x06D6..=0x06DC | 0x06DF..=0x06E4 | 0x06E7 | 0x06E8 | 0x06EA..=0x06ED
        | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0xFE20..=0xFE2F)
}

/// Letters that people type without their stroke, and that Unicode does not take apart.
fn spell(character: char, into: &mut String) {
    match character {
        'ß' => into.push_str("ss"),
        'æ' => into.push_str("ae"),
        'œ' => into.push_str("oe"),
        'ø' => into.push('o'),
        'đ' => into.push('d'),
        'ł' => into.push('l'),
        'ı' => into.push('i'),
        'ς' => into.push('σ'),
        other => into.push(other),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_do_not_mean_does_not_count() {
        for (text, folded) in [
            ("  Olá,   MUNDO! ", "ola mundo"),
            ("Horário de Funcionamento?", "horario de funcionamento"),
            ("ＯＰＥＮ　ｎｏｗ", "open now"),
            ("opt-out", "opt out"),
            ("S\u{0301}im", "sim"),
            ("İstanbul", "istanbul"),
            ("Straße", "strasse"),
            ("ΌΛΟΣ", "ολοσ"),
            ("Łódź", "lodz"),
            ("d'accord", "d accord"),
            ("ﬁm", "fim"),
            ("مَرْحَبًا", "مرحبا"),
            ("", ""),
            ("?!… —", ""),
        ] {
            assert_eq!(fold(text).as_str(), folded, "{text}");
        }
    }

    #[test]
    fn emoji_survive_as_words() {
        for (text, folded) in [
            ("👍", "👍"),
            ("👍🏽", "👍"),
            ("ok👍obrigado", "ok 👍 obrigado"),
            ("❤️", "❤"),
            ("🇧🇷🇺🇸", "🇧🇷 🇺🇸"),
            ("1️⃣", "1"),
            ("👍👍", "👍 👍"),
        ] {
            assert_eq!(fold(text).as_str(), folded, "{text}");
        }
        assert!(!fold("🇧🇷🇺🇸").has(&fold("🇷🇺")));
    }

    #[test]
    fn a_phrase_is_found_as_whole_words() {
        for (text, phrase, found) in [
            ("Qual o horário, por favor?", "HORARIO", true),
            ("horários", "horário", false),
            ("what are your opening   hours", "opening hours", true),
            ("opening-hours", "opening hours", true),
            ("reopening hours", "opening hours", false),
            ("明日予約したいです", "予約", true),
            ("予 約", "予約", true),
            ("wifi予約", "予約", true),
            ("がっこう", "か", false),
            ("ผมอยากจองโต๊ะ", "จอง", true),
            ("ok 👍🏿", "👍", true),
            ("anything", "", false),
            ("하루 종일 영업", "종일", true),
            ("की", "का", false),
        ] {
            assert_eq!(fold(text).has(&fold(phrase)), found, "{phrase} in {text}");
        }
    }

    #[test]
    fn words_are_counted() {
        for (text, count) in [
            ("", 0),
            ("um dois três", 3),
            ("予約したい", 5),
            ("ok 👍", 2),
        ] {
            assert_eq!(fold(text).words(), count, "{text}");
        }
    }

    #[test]
    fn phrases_of_a_phrase() {
        assert_eq!(
            fold("a b c").phrases().collect::<Vec<_>>(),
            ["a", "a b", "a b c", "b", "b c", "c"]
        );
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(&fold(once.as_str()), &once);
        }

        #[test]
        fn a_text_has_itself_and_its_parts(text in "\\PC{0,30}") {
            let folded = fold(&text);
            for phrase in folded.phrases().filter(|phrase| !phrase.is_empty()) {
                prop_assert!(folded.has(&Folded(phrase.to_owned())));
            }
        }
    }
}
