//! Text as it is compared: case, accents, punctuation, width and extra spaces do not count.

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Folded text: words parted by single spaces. In scripts that write without spaces a run of characters is one word; an emoji
/// is a word by itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(crate) struct Folded(String);

/// Letters from À to ſ as they fold, where one of our own alphabet is all that is left; `?` where it is not.
const LATIN: &[u8; 192] = b"aaaaaa?ceeeeiiii?nooooo?ouuuuy??aaaaaa?ceeeeiiii?nooooo?ouuuuy?yaaaaaaccccccccddddeeeeeeeeeegggg\
    gggghh??iiiiiiiiii??jjkk?llllll??llnnnnnn???oooooo??rrrrrrsssssssstttt??uuuuuuuuuuuuwwyyyzzzzzzs";

/// Folds a text.
pub(crate) fn fold(text: &str) -> Folded {
    let mut folder = Folder {
        folded: String::with_capacity(text.len()),
        previous: Class::Gap,
        gap: false,
        may_compose: false,
    };
    let mut rest = text;
    while !rest.is_empty() {
        let (_, others) = rest.split_at(folder.take_plain(rest));
        // No letter of ASCII joins with what follows it, once accents are gone: what stands between two of them folds by itself.
        let end = others.find(|c: char| c.is_ascii()).unwrap_or(others.len());
        let (others, after) = others.split_at(end);
        folder.take_others(others);
        rest = after;
    }
    folder.folded()
}

/// Text that is being folded.
struct Folder {
    folded: String,
    /// What was taken last, and whether a gap followed it.
    previous: Class,
    gap: bool,
    /// Some of it may have to be put together as Unicode writes it.
    may_compose: bool,
}

impl Folder {
    /// Takes ASCII and the letters of [`LATIN`] from the beginning, and says how many bytes those were.
    fn take_plain(&mut self, text: &str) -> usize {
        for (index, character) in text.char_indices() {
            let letter = match u8::try_from(character) {
                Ok(byte) if byte.is_ascii_alphanumeric() => byte.to_ascii_lowercase(),
                Ok(byte) if byte.is_ascii() => {
                    self.gap = true;
                    continue;
                }
                _ => match latin(character) {
                    Some(letter) => letter,
                    None => return index,
                },
            };
            self.part(Class::Word);
            self.folded.push(char::from(letter));
        }
        text.len()
    }

    /// Takes anything, by the tables of Unicode.
    fn take_others(&mut self, text: &str) {
        // To capitals first: some small letters have a common capital, as both small sigmas do.
        let characters = text
            .nfkd()
            .flat_map(char::to_uppercase)
            .flat_map(char::to_lowercase)
            .filter(|character| !is_accent(*character));
        for character in characters {
            match Class::of(character) {
                Class::Nothing => {}
                Class::Gap => self.gap = true,
                class => {
                    self.part(class);
                    spell(character, &mut self.folded);
                    self.may_compose = true;
                }
            }
        }
    }

    /// Parts what comes next from what was there, if they are two words.
    fn part(&mut self, class: Class) {
        let apart = match (self.previous, class) {
            (Class::Unspaced, Class::Unspaced) => false,
            (Class::Word, Class::Word) | (Class::Flag, Class::Flag) => self.gap,
            _ => true,
        };
        if apart && !self.folded.is_empty() {
            self.folded.push(' ');
        }
        // Two regional letters make a flag; the third begins the next one.
        self.previous = if (self.previous, class, apart) == (Class::Flag, Class::Flag, false) {
            Class::Symbol
        } else {
            class
        };
        self.gap = false;
    }

    fn folded(self) -> Folded {
        // Only now: what was left out stood between parts of one letter.
        let is_composed =
            !self.may_compose || is_nfc_quick(self.folded.chars()) == IsNormalized::Yes;
        Folded(if is_composed {
            self.folded
        } else {
            self.folded.nfc().collect()
        })
    }
}

fn latin(character: char) -> Option<u8> {
    let index = u32::from(character).checked_sub(0xC0)?;
    let letter = LATIN.get(usize::try_from(index).ok()?)?;
    (*letter != b'?').then_some(*letter)
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
        let Some(first) = phrase.0.chars().next() else {
            return false;
        };
        let mut from = 0;
        while let Some(ahead) = self.0.get(from..).and_then(|rest| rest.find(&phrase.0)) {
            let start = from + ahead;
            if self.begins_word(start) && self.ends_word(start + phrase.0.len()) {
                return true;
            }
            // What ends within a word may have the phrase begin within it.
            from = start + first.len_utf8();
        }
        false
    }

    /// Whether it begins with a phrase, as whole words.
    pub(crate) fn starts_with(&self, phrase: &Self) -> bool {
        !phrase.is_empty() && self.0.starts_with(&phrase.0) && self.ends_word(phrase.0.len())
    }

    /// How many words; in a script without spaces every character counts as one.
    pub(crate) fn words(&self) -> usize {
        self.symbols().count()
    }

    /// Its words one by one; in a script without spaces every character.
    pub(crate) fn symbols(&self) -> impl Iterator<Item = &str> {
        self.0
            .split(' ')
            .filter(|word| !word.is_empty())
            .flat_map(|word| {
                let apart = word.starts_with(is_unspaced);
                let whole = (!apart).then_some(word);
                let characters = if apart { word } else { "" };
                whole
                    .into_iter()
                    .chain(characters.split_inclusive(|_: char| true))
            })
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
            | 0x200B..=0x200F
            | 0x202A..=0x202E
            | 0x2060..=0x206F
            | 0xFE00..=0xFE0F
            | 0xFEFF => Self::Nothing,
            // Fillers and inherent vowels that nobody sees, variants of Mongolian letters, notes of music.
            0x115F | 0x1160 | 0x17B4 | 0x17B5 | 0x180B..=0x180F | 0x1D173..=0x1D17A => {
                Self::Nothing
            }
            // Skin tones; tags, and variants of ideographs.
            0x1F3FB..=0x1F3FF | 0xE0000..=0xE0FFF => Self::Nothing,
            0x1F1E6..=0x1F1FF => Self::Flag,
            0x2190..=0x21FF
            | 0x2300..=0x23FF
            | 0x25A0..=0x27BF
            | 0x2900..=0x297F
            | 0x2B00..=0x2BFF
            | 0x3030
            | 0x303D => Self::Symbol,
            0x1F000..=0x1FAFF => Self::Symbol,
            // Apostrophes that are letters to Unicode, as in п’ять: people type whichever their keyboard has.
            0x02B9..=0x02BF | 0xA78B | 0xA78C => Self::Gap,
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
        other => into.push(other),
    }
}

#[cfg(test)]
mod tests;
