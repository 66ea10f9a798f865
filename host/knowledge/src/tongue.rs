//! The language of a document and of a question: which there are, how each is stemmed, and which one a text is in.

use tantivy::tokenizer::Language as Stemming;
use whatlang::{Detector, Lang};

/// A language without its region: `pt`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tongue(&'static str);

/// Every language that documents are told apart by: its code, the detector's name, and how it is stemmed if it can be.
const TONGUES: &[(&str, Lang, Option<Stemming>)] = &[
    ("ar", Lang::Ara, Some(Stemming::Arabic)),
    ("bg", Lang::Bul, None),
    ("bn", Lang::Ben, None),
    ("ca", Lang::Cat, None),
    ("cs", Lang::Ces, None),
    ("da", Lang::Dan, Some(Stemming::Danish)),
    ("de", Lang::Deu, Some(Stemming::German)),
    ("el", Lang::Ell, Some(Stemming::Greek)),
    ("en", Lang::Eng, Some(Stemming::English)),
    ("es", Lang::Spa, Some(Stemming::Spanish)),
    ("et", Lang::Est, None),
    ("fa", Lang::Pes, None),
    ("fi", Lang::Fin, Some(Stemming::Finnish)),
    ("fr", Lang::Fra, Some(Stemming::French)),
    ("gu", Lang::Guj, None),
    ("he", Lang::Heb, None),
    ("hi", Lang::Hin, None),
    ("hr", Lang::Hrv, None),
    ("hu", Lang::Hun, Some(Stemming::Hungarian)),
    ("id", Lang::Ind, None),
    ("it", Lang::Ita, Some(Stemming::Italian)),
    ("ja", Lang::Jpn, None),
    ("kn", Lang::Kan, None),
    ("ko", Lang::Kor, None),
    ("lt", Lang::Lit, None),
    ("lv", Lang::Lav, None),
    ("ml", Lang::Mal, None),
    ("mr", Lang::Mar, None),
    ("nb", Lang::Nob, Some(Stemming::Norwegian)),
    ("nl", Lang::Nld, Some(Stemming::Dutch)),
    ("pa", Lang::Pan, None),
    ("pl", Lang::Pol, None),
    ("pt", Lang::Por, Some(Stemming::Portuguese)),
    ("ro", Lang::Ron, Some(Stemming::Romanian)),
    ("ru", Lang::Rus, Some(Stemming::Russian)),
    ("sk", Lang::Slk, None),
    ("sl", Lang::Slv, None),
    ("sr", Lang::Srp, None),
    ("sv", Lang::Swe, Some(Stemming::Swedish)),
    ("ta", Lang::Tam, Some(Stemming::Tamil)),
    ("te", Lang::Tel, None),
    ("th", Lang::Tha, None),
    ("tl", Lang::Tgl, None),
    ("tr", Lang::Tur, Some(Stemming::Turkish)),
    ("uk", Lang::Ukr, None),
    ("ur", Lang::Urd, None),
    ("vi", Lang::Vie, None),
    ("zh", Lang::Cmn, None),
];

/// Other names of the same.
const ALSO: &[(&str, &str)] = &[("no", "nb"), ("nn", "nb"), ("fil", "tl"), ("iw", "he")];

/// Letters from which on a text is long enough to tell its language without help.
const SURE_FROM_LETTERS: usize = 60;

impl Tongue {
    /// By its code, with or without a region, in any spelling: `pt`, `pt_BR`, `pt-br`.
    pub(crate) fn parse(code: &str) -> Option<Self> {
        let (base, region) = code
            .split_once(['_', '-'])
            .map_or((code, None), |(base, region)| (base, Some(region)));
        let fits = |region: &str| {
            region.len() == 2 && region.bytes().all(|byte| byte.is_ascii_alphabetic())
        };
        if !region.is_none_or(fits) {
            return None;
        }
        let base = base.to_ascii_lowercase();
        let base = ALSO
            .iter()
            .find(|(other, _)| *other == base)
            .map_or(base.as_str(), |(_, code)| code);
        TONGUES
            .iter()
            .find(|(code, ..)| *code == base)
            .map(|(code, ..)| Self(code))
    }

    pub(crate) fn code(self) -> &'static str {
        self.0
    }

    /// How its words are stemmed.
    pub(crate) fn stemming(self) -> Option<Stemming> {
        let row = TONGUES.iter().find(|(code, ..)| *code == self.0)?;
        row.2
    }

    /// The language that a text is in; nothing if it has no words. A short text is taken to be in one of those that are `likely`,
    /// if there are any.
    pub(crate) fn detect(text: &str, likely: &[Self]) -> Option<Self> {
        let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
        let detected = |detector: Detector| {
            let found = detector.detect(text)?;
            let row = TONGUES.iter().find(|(_, lang, _)| *lang == found.lang())?;
            Some(Self(row.0))
        };
        let among = |tongues: &[Self]| {
            let allowed = TONGUES
                .iter()
                .filter(|(code, ..)| tongues.is_empty() || tongues.contains(&Self(code)))
                .map(|(_, lang, _)| *lang)
                .collect();
            detected(Detector::with_allowlist(allowed))
        };
        if letters == 0 {
            return None;
        }
        let best = among(&[])?;
        if likely.is_empty() || letters >= SURE_FROM_LETTERS {
            return Some(best);
        }
        among(likely).or(Some(best))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_by_its_code_in_any_spelling() {
        for (written, code) in [
            ("pt", Some("pt")),
            ("pt_BR", Some("pt")),
            ("pt-br", Some("pt")),
            ("PT", Some("pt")),
            ("no", Some("nb")),
            ("fil", Some("tl")),
            ("portuguese", None),
            ("pt_BRA", None),
            ("v2", None),
            ("faq", None),
            ("", None),
        ] {
            assert_eq!(Tongue::parse(written).map(Tongue::code), code, "{written}");
        }
    }

    #[test]
    fn a_text_shows_its_language_and_a_short_one_with_help() {
        let code = |text: &str, likely: &[&str]| {
            let likely: Vec<Tongue> = likely
                .iter()
                .filter_map(|code| Tongue::parse(code))
                .collect();
            Tongue::detect(text, &likely).map(Tongue::code)
        };
        for (text, expected) in [
            (
                "You can bring anything back within thirty days, as long as you have not used it.",
                "en",
            ),
            (
                "Pode devolver qualquer produto até trinta dias depois da compra, desde que não o tenha usado.",
                "pt",
            ),
            (
                "Puede devolver cualquier producto dentro de los treinta días, siempre que no lo haya usado.",
                "es",
            ),
        ] {
            assert_eq!(code(text, &[]), Some(expected), "{text}");
            assert_eq!(code(text, &["fr", "de"]), Some(expected), "{text}");
        }
        assert_eq!(code("Abrimos aos domingos.", &["en", "pt"]), Some("pt"));
        assert_eq!(code("12 · 34", &["en"]), None);
    }
}
