//! A text as the words it is found by: lower case, without accents and inflection, and without those that say nothing.

use std::collections::HashSet;

use tantivy::tokenizer::{
    AsciiFoldingFilter, RawTokenizer, Stemmer, StopWordFilter, TextAnalyzer, TokenStream as _,
};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::filler;
use crate::tongue::Tongue;

/// One word, in each form that it is found by. The stem of a word typed without its accents is often another one, so both are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word(pub(crate) Vec<String>);

/// Takes texts of one language apart.
#[derive(Clone)]
pub(crate) struct Words {
    tongue: Option<Tongue>,
    stemmer: Option<TextAnalyzer>,
    stop: Option<TextAnalyzer>,
    folder: TextAnalyzer,
    filler: HashSet<&'static str>,
}

impl Words {
    /// For a language; without one, words are what they are.
    pub(crate) fn of(tongue: Option<Tongue>) -> Self {
        let raw = || TextAnalyzer::builder(RawTokenizer::default());
        let stemming = tongue.and_then(Tongue::stemming);
        let stop = stemming.and_then(StopWordFilter::new);
        Self {
            tongue,
            stemmer: stemming.map(|language| raw().filter(Stemmer::new(language)).build()),
            stop: stop.map(|stop| raw().filter(stop).build()),
            folder: raw().filter(AsciiFoldingFilter).build(),
            filler: tongue
                .map(|tongue| filler::of(tongue).split_ascii_whitespace().collect())
                .unwrap_or_default(),
        }
    }

    /// The words of a document.
    pub(crate) fn of_document(&mut self, text: &str) -> Vec<Word> {
        let mut words = whole_words(text);
        words.retain(|word| !self.is_stop(word));
        words.into_iter().map(|word| self.forms(word)).collect()
    }

    /// The words of a question, each once: those that it asks for, and those that people ask with.
    pub(crate) fn of_question(&mut self, text: &str) -> (Vec<Word>, Vec<Word>) {
        let (mut telling, mut filler) = (Vec::new(), Vec::new());
        for word in whole_words(text) {
            if self.is_stop(&word) {
                continue;
            }
            let folded = self.folded(&word);
            let list = if self.filler.contains(folded.as_str()) {
                &mut filler
            } else {
                &mut telling
            };
            let forms = self.forms(word);
            if !list.contains(&forms) {
                list.push(forms);
            }
        }
        (telling, filler)
    }

    fn is_stop(&mut self, word: &str) -> bool {
        self.stop
            .as_mut()
            .is_some_and(|stop| only_token(stop, word).is_none())
    }

    fn forms(&mut self, word: String) -> Word {
        let word = self.accented(word);
        let plain = self.folded(&word);
        let stems = [self.stemmed(&word), self.stemmed(&plain)];
        let [first, second] = stems.map(|stem| self.folded(&stem));
        if first == second {
            Word(vec![first])
        } else {
            Word(vec![first, second])
        }
    }

    /// Portuguese endings typed without their accents, which the stemmer would not know.
    fn accented(&self, word: String) -> String {
        if self.tongue.is_none_or(|tongue| tongue.code() != "pt") {
            return word;
        }
        for (typed, meant) in [("cao", "ção"), ("coes", "ções")] {
            match word.strip_suffix(typed) {
                Some(stem) if stem.len() > 1 => return format!("{stem}{meant}"),
                _ => {}
            }
        }
        word
    }

    fn stemmed(&mut self, word: &str) -> String {
        self.stemmer
            .as_mut()
            .and_then(|stemmer| only_token(stemmer, word))
            .unwrap_or_else(|| word.to_owned())
    }

    fn folded(&mut self, word: &str) -> String {
        let bare: String = word
            .nfd()
            .filter(|letter| !is_accent(*letter))
            .nfc()
            .collect();
        only_token(&mut self.folder, &bare).unwrap_or(bare)
    }
}

/// A text without case and accents, to compare marks by.
pub(crate) fn folded(text: &str) -> String {
    let lower = text.trim().to_lowercase();
    lower
        .nfd()
        .filter(|letter| !is_accent(*letter))
        .nfc()
        .collect()
}

fn only_token(analyzer: &mut TextAnalyzer, word: &str) -> Option<String> {
    let mut stream = analyzer.token_stream(word);
    stream.next().map(|token| token.text.clone())
}

/// The accents of Latin, Greek and Cyrillic; the marks of other scripts make another word.
fn is_accent(letter: char) -> bool {
    matches!(u32::from(letter), 0x0300..=0x036F)
}

/// Runs of letters and digits in lower case; where a script has no spaces, every two characters in a row.
fn whole_words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut run: Vec<char> = Vec::new();
    let mut letters = text.nfkc().flat_map(char::to_lowercase).peekable();
    while let Some(letter) = letters.next() {
        if is_unspaced(letter) {
            end_word(&mut word, &mut words);
            run.push(letter);
        } else if letter.is_alphanumeric() || (is_combining_mark(letter) && !word.is_empty()) {
            end_run(&mut run, &mut words);
            word.push(letter);
        } else {
            let elided = matches!(letter, '\'' | '’') && word.chars().count() <= 2;
            let shortened = matches!(letter, '\'' | '’')
                && letters.peek().is_some_and(|next| next.is_alphabetic());
            end_run(&mut run, &mut words);
            if elided && shortened {
                // l'heure, d'accord: the word is what follows.
                word.clear();
            } else {
                end_word(&mut word, &mut words);
                if shortened {
                    // don't, it's: what follows is no word.
                    while letters.peek().is_some_and(|next| next.is_alphanumeric()) {
                        letters.next();
                    }
                }
            }
        }
    }
    end_word(&mut word, &mut words);
    end_run(&mut run, &mut words);
    words
}

fn end_word(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

fn end_run(run: &mut Vec<char>, words: &mut Vec<String>) {
    match run.as_slice() {
        [] => {}
        [one] => words.push(one.to_string()),
        several => words.extend(
            several
                .windows(2)
                .map(|pair| pair.iter().collect::<String>()),
        ),
    }
    run.clear();
}

/// Thai, Lao, Burmese, Khmer, Chinese, Japanese.
fn is_unspaced(letter: char) -> bool {
    matches!(u32::from(letter),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF
        | 0x20000..=0x323AF)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(code: &str) -> Words {
        Words::of(Tongue::parse(code))
    }

    /// Whether a document with the one is found by a question with the other.
    fn meet(code: &str, written: &str, asked: &str) -> bool {
        let document = words(code).of_document(written);
        let (question, _) = words(code).of_question(asked);
        question
            .iter()
            .flat_map(|word| &word.0)
            .any(|form| document.iter().any(|word| word.0.contains(form)))
    }

    #[test]
    fn inflection_case_and_accents_do_not_matter() {
        for (code, written, asked) in [
            ("en", "Returns", "RETURNING"),
            ("en", "deliveries", "delivery"),
            ("pt", "devolução", "DEVOLUÇÕES"),
            ("pt", "devolução", "devolucao"),
            ("pt", "devoluções", "devolucoes"),
            ("pt", "horário", "horarios"),
            ("pt", "garantia", "garantias"),
            ("es", "devolución", "devoluciones"),
            ("es", "devolución", "devolucion"),
            ("es", "envío", "envios"),
            ("fr", "l'échange", "echanges"),
            ("de", "Öffnungszeiten", "offnungszeiten"),
            ("cs", "Záruka", "zaruka"),
            ("ja", "営業時間", "営業"),
            ("el", "εγγύηση", "εγγυηση"),
        ] {
            assert!(meet(code, written, asked), "{written} / {asked}");
        }
        assert!(!meet("en", "return", "refuse"));
    }

    #[test]
    fn what_people_ask_with_is_not_what_they_ask_for() {
        for (code, asked, left) in [
            (
                "en",
                "Hi! Could you please tell me what your opening hours are?",
                2,
            ),
            (
                "pt",
                "Olá, boa tarde! Vocês poderiam me dizer qual é o horário?",
                1,
            ),
            (
                "es",
                "Hola, buenas tardes, ¿me podría decir cuál es el horario?",
                1,
            ),
            ("en", "don't you have it?", 0),
            ("en", "return return RETURN", 1),
        ] {
            let (words, _) = words(code).of_question(asked);
            assert_eq!(words.len(), left, "{asked}: {words:?}");
        }
    }
}
