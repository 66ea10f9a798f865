//! A text in several languages, and which one to use.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use crate::limits::Limit;
use crate::{Known, Problems, Turn, nearest, placeholder};

/// A text: one for all languages (`"…"`) or one for each (`{"pt": "…", "en": "…"}`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Texts {
    /// The same for everybody.
    One(String),
    /// By language code, each once.
    // A list: a handful needs no tree, and a tree is a tenth of a small plugin.
    Each(Vec<(String, String)>),
}

impl Default for Texts {
    fn default() -> Self {
        Self::Each(Vec::new())
    }
}

impl Texts {
    /// The text for a turn: its language, else the same without region, else the first of the rule file's languages
    /// that has text, else any. Nothing if there is no text at all.
    #[must_use]
    pub fn choose(&self, turn: &Turn) -> Option<&str> {
        self.choose_in(&turn.language, &turn.languages)
    }

    /// As [`Texts::choose`], for readers of another language than the turn's: the people at a desk.
    #[must_use]
    pub fn choose_in(&self, language: &str, languages: &[String]) -> Option<&str> {
        self.choice(language, languages).map(|(_, text)| text)
    }

    /// As [`Texts::choose_in`], with the language that the text is in, if it is said: for what has to go with it.
    #[must_use]
    pub fn choice(&self, language: &str, languages: &[String]) -> Option<(Option<&str>, &str)> {
        let texts = match self {
            Self::One(text) => {
                return Some((None, text.as_str())).filter(|(_, text)| has_text(text));
            }
            Self::Each(texts) => texts,
        };
        let base = language.split('_').next().unwrap_or(language);
        [language, base]
            .into_iter()
            .chain(languages.iter().map(String::as_str))
            .filter_map(|language| texts.iter().find(|(listed, _)| listed == language))
            .chain(texts)
            .map(|(language, text)| (Some(language.as_str()), text.as_str()))
            .find(|(_, text)| has_text(text))
    }

    /// The text for a turn with its placeholders filled in, cut to what WhatsApp takes.
    ///
    /// ```
    /// let texts = sdk::Texts::One("You said: {message.text}".to_owned());
    /// let turn = sdk::testing::turn("en", "hello");
    /// assert_eq!(texts.say(&turn, sdk::limits::TEXT).as_deref(), Some("You said: hello"));
    /// ```
    #[must_use]
    pub fn say(&self, turn: &Turn, limit: Limit) -> Option<String> {
        self.choose(turn)
            .map(|text| limit.fit(&placeholder::render(text, turn)))
            .filter(|text| has_text(text))
    }

    /// Whether no language has text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.entries().any(|(_, text)| has_text(text))
    }

    /// Each text with its path below `path`: `reply.pt`, or `reply` itself for one text.
    pub fn with_paths<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (String, &'a str)> {
        self.entries().map(move |(language, text)| match language {
            Some(language) => (format!("{path}.{language}"), text),
            None => (path.to_owned(), text),
        })
    }

    /// Adds problems for languages that the rule's file does not list and for texts without a letter in them.
    pub fn check(&self, path: &str, known: &Known, problems: &mut Problems) {
        for (language, text) in self.entries() {
            let place =
                language.map_or_else(|| path.to_owned(), |language| format!("{path}.{language}"));
            if let Some(language) = language
                && !known.languages.is_empty()
                && !known.languages.iter().any(|listed| listed == language)
            {
                let listed = known.languages.join(", ");
                let help = match nearest(language, known.languages.iter().map(String::as_str)) {
                    Some(meant) => {
                        format!("did you mean `{meant}`? The languages of this file are {listed}")
                    }
                    None => format!(
                        "the languages of this file are {listed}: add it there, or take this text out"
                    ),
                };
                problems.add_with_help(
                    &place,
                    format!("`{language}` is no language of this rule file"),
                    help,
                );
            }
            if !has_text(text) {
                problems.add_with_help(
                    place,
                    "the text is empty",
                    "write the text, or take the key out",
                );
            }
        }
    }

    /// Adds a problem for everything that can be known to be wrong beforehand: languages, blanks, placeholders, length.
    pub fn check_all(&self, path: &str, limit: Limit, known: &Known, problems: &mut Problems) {
        self.check(path, known, problems);
        for (path, text) in self.with_paths(path) {
            limit.check(text, &path, problems);
            let before = problems.len();
            placeholder::check(text, &path, known, problems);
            let is_sound = problems.len() == before;
            if is_sound && has_text(text) && !has_text(&placeholder::render_poorest(text, known)) {
                let help = "write a default that says something: `{contact.name|you}`";
                problems.add_with_help(path, "nothing is left of it if a value is missing", help);
            }
        }
    }

    /// As [`Texts::check_all`], and adds a problem if there is no text at all.
    pub fn check_needed(
        &self,
        path: &str,
        what: &str,
        limit: Limit,
        known: &Known,
        problems: &mut Problems,
    ) {
        if self.with_paths(path).next().is_none() {
            let language = known.languages.first().map_or("en", String::as_str);
            let help = format!("add `{path}.{language} = \"…\"`");
            problems.add_with_help(path, format!("there is no {what}"), help);
        }
        self.check_all(path, limit, known, problems);
    }

    fn entries(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        let (one, each) = match self {
            Self::One(text) => (Some((None, text.as_str())), None),
            Self::Each(texts) => (None, Some(texts)),
        };
        let each = each
            .into_iter()
            .flatten()
            .map(|(language, text)| (Some(language.as_str()), text.as_str()));
        one.into_iter().chain(each)
    }
}

fn has_text(text: &str) -> bool {
    !text.trim().is_empty()
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or one for each language")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Texts, E> {
                Ok(Texts::One(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    texts.push(entry);
                }
                Ok(Texts::Each(texts))
            }
        }
        deserializer.deserialize_any(Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(language: &str, languages: &[&str]) -> Turn {
        let languages = languages
            .iter()
            .map(|&language| language.to_owned())
            .collect();
        Turn {
            languages,
            ..crate::testing::turn(language, "oi")
        }
    }

    fn each(texts: &[(&str, &str)]) -> Texts {
        Texts::Each(
            texts
                .iter()
                .map(|&(language, text)| (language.into(), text.into()))
                .collect(),
        )
    }

    #[test]
    fn the_language_falls_back_step_by_step() {
        let texts = each(&[("en", "hello"), ("es", "hola"), ("fr", ""), ("pt", "olá")]);
        for (language, languages, expected) in [
            ("pt", &["en"][..], "olá"),
            ("pt_BR", &["en"], "olá"),
            ("de", &["es", "en"], "hola"),
            ("de", &["it", "en"], "hello"),
            ("de", &[], "hello"),
            ("fr", &["es"], "hola"),
        ] {
            assert_eq!(
                texts.choose(&turn(language, languages)),
                Some(expected),
                "{language} {languages:?}"
            );
        }
    }

    #[test]
    fn no_text_is_no_text() {
        assert_eq!(Texts::default().choose(&turn("pt", &["pt"])), None);
        assert_eq!(each(&[("pt", " ")]).choose(&turn("pt", &["pt"])), None);
        assert!(each(&[("pt", " ")]).is_empty());
        assert_eq!(Texts::One("x".into()).choose(&turn("pt", &[])), Some("x"));
    }

    #[test]
    fn a_language_that_the_file_does_not_list_is_a_problem() {
        let known = Known {
            values: vec![],
            languages: vec!["pt".into(), "en".into()],
            ..crate::testing::known()
        };
        let mut problems = Problems::default();
        each(&[("pt", "olá"), ("es", "hola"), ("en", "")]).check("reply", &known, &mut problems);
        let paths: Vec<_> = problems
            .into_list()
            .into_iter()
            .map(|problem| problem.path)
            .collect();
        assert_eq!(paths, ["reply.es", "reply.en"]);
    }
}
