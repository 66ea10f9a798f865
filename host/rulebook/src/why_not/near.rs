//! A word of the message that is nearly one of the rule's: a slip of the finger, a plural.

use crate::fold::Folded;
use crate::limits;

/// Below so many letters every word is near another.
const LETTERS: usize = 4;

/// The nearest of some phrases, with what stands in the message.
pub(super) fn near<'a>(text: &Folded, phrases: &'a [Folded]) -> Option<(String, &'a Folded)> {
    let words: Vec<&str> = text.as_str().split(' ').take(limits::NEAR_WORDS).collect();
    let mut best: Option<(usize, String, &Folded)> = None;
    for phrase in phrases {
        let many = phrase.as_str().split(' ').count();
        let letters = phrase.as_str().chars().count();
        if letters < LETTERS {
            continue;
        }
        for window in words.windows(many) {
            let said = window.join(" ");
            let length = said.chars().count();
            // One slip in a short word, two in a longer one.
            let most = if letters.min(length) < 8 { 1 } else { 2 };
            let is_plausible = length >= LETTERS && length.abs_diff(letters) <= most;
            if !is_plausible || said == phrase.as_str() {
                continue;
            }
            let distance = strsim::damerau_levenshtein(&said, phrase.as_str());
            if distance <= most && best.as_ref().is_none_or(|(least, _, _)| distance < *least) {
                best = Some((distance, said, phrase));
            }
        }
    }
    best.map(|(_, said, phrase)| (said, phrase))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::fold;

    #[test]
    fn a_slip_of_the_finger_is_near_and_another_word_is_not() {
        for (text, phrases, found) in [
            ("Qual o horaro de hoje", &["horário"][..], Some("horaro")),
            ("horarios", &["horário"], Some("horarios")),
            (
                "oppening hours pls",
                &["opening hours"],
                Some("oppening hours"),
            ),
            ("oi", &["ok"], None),
            ("casa", &["caso", "horário"], Some("casa")),
            ("quero pizza", &["horário"], None),
            ("", &["horário"], None),
        ] {
            let phrases: Vec<_> = phrases.iter().map(|phrase| fold(phrase)).collect();
            let near = near(&fold(text), &phrases);
            assert_eq!(
                near.as_ref().map(|(said, _)| said.as_str()),
                found,
                "{text}"
            );
        }
    }
}
