//! Replies that tell people to write a word: is anybody listening for it?

use crate::codes;
use crate::findings::Findings;
use crate::fold::{Folded, fold};
use crate::rule::Draught;
use crate::section::Sectional;

/// What a text says before the word it asks for, folded.
const ASKING: &[&str] = &[
    // English
    "reply",
    "reply with",
    "type",
    "write",
    "send",
    "text",
    "answer",
    "say",
    // Portuguese
    "responda",
    "responda com",
    "envie",
    "digite",
    "escreva",
    "mande",
    // Spanish
    "responde",
    "responda con",
    "responde con",
    "envia",
    "escribe",
    "escriba",
    "manda",
    "mande",
];

/// Warns of words that a reply asks for and no rule hears.
pub(crate) fn check(
    rules: &[&Draught],
    out: &Sectional,
    back: &Sectional,
    findings: &mut Findings,
) {
    let heard = |word: &Folded| {
        out.hears(word)
            || back.hears(word)
            || rules.iter().any(|rule| {
                !rule.off
                    && rule
                        .conditions
                        .iter()
                        .any(|condition| condition.hears(word))
            })
    };
    let replies = rules
        .iter()
        .filter(|rule| !rule.off)
        .filter_map(|rule| rule.reply.as_ref());
    for (text, at) in replies
        .chain([&out.reply, &back.reply])
        .flat_map(|texts| texts.by_language.values())
    {
        for word in asked_for(text) {
            if !heard(&fold(word)) {
                let message =
                    format!("this tells people to write \"{word}\", and no rule listens for it");
                findings
                    .warning(at, codes::UNHEARD, message)
                    .help(format!(
                        "add a rule with when.says = [\"{}\"]",
                        word.to_lowercase()
                    ))
                    .absence_of(word);
            }
        }
    }
}

/// Words in capitals right after a verb that asks for them: `reply YES`, `digite 1`.
fn asked_for(text: &str) -> Vec<&str> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let bare = |word: &'_ str| -> std::ops::Range<usize> {
        let start = word.find(char::is_alphanumeric).unwrap_or(word.len());
        let end = word
            .char_indices()
            .rev()
            .find(|(_, character)| character.is_alphanumeric())
            .map_or(start, |(index, character)| index + character.len_utf8());
        start..end.max(start)
    };
    let mut asked = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let shown = word.get(bare(word)).unwrap_or_default();
        if !stands_out(shown) || word.starts_with('{') {
            continue;
        }
        let one = words
            .get(index.wrapping_sub(1))
            .map(|word| fold(word))
            .unwrap_or_default();
        let two = index
            .checked_sub(2)
            .and_then(|start| words.get(start..index))
            .map(|pair| fold(&pair.join(" ")))
            .unwrap_or_default();
        if ASKING.contains(&one.as_str()) || ASKING.contains(&two.as_str()) {
            asked.push(shown);
        }
    }
    asked
}

/// A word in capitals, or a digit alone.
fn stands_out(word: &str) -> bool {
    let letters = word
        .chars()
        .filter(|character| character.is_alphabetic())
        .count();
    let capitals = letters >= 2 && !word.chars().any(char::is_lowercase);
    let digit = word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_digit());
    capitals || digit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_asked_for_by_a_verb_before_it() {
        for (text, asked) in [
            ("Reply START to resume.", &["START"][..]),
            ("Responda com VOLTAR, por favor", &["VOLTAR"]),
            ("Digite 1 para falar conosco", &["1"]),
            ("We are OPEN today", &[]),
            ("Write to us in the app", &[]),
            ("Envía \"SÍ\".", &["SÍ"]),
            ("Send 250 g", &[]),
        ] {
            assert_eq!(asked_for(text), asked, "{text}");
        }
    }
}
