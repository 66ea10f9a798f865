//! From JSON to a plugin's settings type, with a path for whatever does not fit.
//!
//! A derive of `serde::Deserialize` is all that a settings type needs. Its structs name the keys there are; any other
//! key is a problem, and all of them are reported at once. A value of the wrong type ends the reading, as does a
//! missing key.

mod tree;

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::{self, Write};

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error, Expected, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;

use self::tree::Tree;
use crate::plugin::done_with;
use crate::{Problems, nearest};

/// The settings, if their shape fits, and what is wrong with them.
#[must_use]
pub fn parse<T: DeserializeOwned>(json: &str) -> (Option<T>, Problems) {
    let mut problems = Problems::default();
    let tree = match serde_json::from_str::<Tree<'_>>(json) {
        Ok(tree) => tree,
        Err(error) => {
            problems.add("", format!("the settings are no JSON: {error}"));
            return (None, problems);
        }
    };
    let problems = RefCell::new(problems);
    let result = T::deserialize(At {
        value: &tree,
        place: Place::Root,
        problems: &problems,
    });
    done_with(tree);
    let mut problems = problems.into_inner();
    match result {
        Ok(settings) => (Some(settings), problems),
        Err(misfit) => {
            let path = misfit.path.unwrap_or_default();
            match misfit.help {
                Some(help) => problems.add_with_help(path, misfit.message, help),
                None => problems.add(path, misfit.message),
            }
            (None, problems)
        }
    }
}

/// Why a value does not fit. The innermost place that sees it says where.
#[derive(Debug)]
struct Misfit {
    path: Option<String>,
    message: String,
    help: Option<String>,
}

impl Misfit {
    fn expected(what: &str, at: &At<'_, '_>) -> Self {
        Self {
            path: Some(at.place.path()),
            message: format!("expected {what}, found {}", at.value.kind()),
            help: None,
        }
    }

    fn at(mut self, place: Place<'_>) -> Self {
        self.path.get_or_insert_with(|| place.path());
        self
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Misfit {}

impl Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            path: None,
            message: message.to_string(),
            help: None,
        }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::custom(format_args!("`{field}` is missing"))
    }

    // The trait's own versions of these would bring the formatting of floats along, a fifth of a small plugin.
    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!(
            "expected {expected}, found {}",
            unexpected_kind(unexpected)
        ))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::custom(format_args!(
            "expected {expected}, found {} out of range",
            unexpected_kind(unexpected)
        ))
    }
}

fn unexpected_kind(unexpected: Unexpected<'_>) -> &'static str {
    match unexpected {
        Unexpected::Bool(_) => "true or false",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
        Unexpected::Str(_) | Unexpected::Char(_) => "a text",
        Unexpected::Seq => "a list",
        Unexpected::Map => "a table",
        Unexpected::Unit | Unexpected::Option => "nothing",
        _ => "something else",
    }
}

/// Where a value stands. Written out only when something is wrong there.
#[derive(Clone, Copy)]
enum Place<'p> {
    Root,
    Key(&'p Place<'p>, &'p str),
    Index(&'p Place<'p>, usize),
}

impl Place<'_> {
    /// `rows.0.title`.
    fn path(self) -> String {
        let (mut path, key, index) = match self {
            Self::Root => return String::new(),
            Self::Key(above, key) => (above.path(), key, None),
            Self::Index(above, index) => (above.path(), "", Some(index)),
        };
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
        if let Some(index) = index {
            // Writing to a text cannot fail.
            let _ = write!(path, "{index}");
        }
        path
    }
}

/// A value, and where it stands.
struct At<'de, 'p> {
    value: &'de Tree<'de>,
    place: Place<'p>,
    problems: &'de RefCell<Problems>,
}

impl<'de> At<'de, '_> {
    /// What stands beneath it.
    fn entries<'a>(&'a self, table: &'de [(Cow<'de, str>, Tree<'de>)]) -> Entries<'de, 'a> {
        Entries {
            entries: table.iter(),
            fields: None,
            value: None,
            above: &self.place,
            problems: self.problems,
        }
    }

    fn report_unknown_key(&self, key: &str, fields: &[&str]) {
        let help = match nearest(key, fields.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("known are {}", fields.join(", ")),
        };
        self.problems.borrow_mut().add_with_help(
            Place::Key(&self.place, key).path(),
            format!("unknown key `{key}`"),
            help,
        );
    }
}

macro_rules! whole_numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            if self.value.is_number() {
                self.deserialize_any(visitor)
            } else {
                Err(Misfit::expected("a number", &self))
            }
        })*
    };
}

impl<'de> Deserializer<'de> for At<'de, '_> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let result = match self.value {
            Tree::Nothing => visitor.visit_unit(),
            Tree::Bool(value) => visitor.visit_bool(*value),
            Tree::Text(text) => visitor.visit_borrowed_str(text),
            Tree::Whole(number) => visitor.visit_u64(*number),
            Tree::Negative(number) => visitor.visit_i64(*number),
            Tree::Real(number) => visitor.visit_f64(*number),
            Tree::List(items) => visitor.visit_seq(Items {
                items: items.iter().enumerate(),
                above: &self.place,
                problems: self.problems,
            }),
            Tree::Table(table) => visitor.visit_map(self.entries(table)),
        };
        result.map_err(|misfit: Misfit| misfit.at(self.place))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let Tree::Table(table) = self.value else {
            return Err(Misfit::expected("a table", &self));
        };
        // All of them, before a value that does not fit ends the reading.
        let mut entries = self.entries(table);
        for (key, _) in table {
            if !fields.contains(&key.as_ref()) {
                self.report_unknown_key(key, fields);
                entries.fields = Some(fields);
            }
        }
        visitor
            .visit_map(entries)
            .map_err(|misfit| misfit.at(self.place))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.value {
            Tree::Text(word) if variants.contains(&word.as_ref()) => visitor
                .visit_enum(StrDeserializer::new(word))
                .map_err(|misfit: Misfit| misfit.at(self.place)),
            Tree::Text(word) => {
                let help = match nearest(word, variants.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("known are {}", variants.join(", ")),
                };
                Err(Misfit {
                    path: Some(self.place.path()),
                    message: format!("unknown word `{word}`"),
                    help: Some(help),
                })
            }
            Tree::Table(table) => visitor
                .visit_enum(MapAccessDeserializer::new(self.entries(table)))
                .map_err(|misfit| misfit.at(self.place)),
            _ => Err(Misfit::expected("a word", &self)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
            Tree::Nothing => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
            Tree::Text(_) => self.deserialize_any(visitor),
            _ => Err(Misfit::expected("a text", &self)),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
            Tree::Bool(_) => self.deserialize_any(visitor),
            _ => Err(Misfit::expected("true or false", &self)),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
            Tree::List(_) => self.deserialize_any(visitor),
            _ => Err(Misfit::expected("a list", &self)),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.value {
            Tree::Table(_) => self.deserialize_any(visitor),
            _ => Err(Misfit::expected("a table", &self)),
        }
    }

    whole_numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_f32 deserialize_f64
    }

    forward_to_deserialize_any! {
        char bytes byte_buf unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

struct Items<'de, 'p> {
    items: std::iter::Enumerate<std::slice::Iter<'de, Tree<'de>>>,
    above: &'p Place<'p>,
    problems: &'de RefCell<Problems>,
}

impl<'de> SeqAccess<'de> for Items<'de, '_> {
    type Error = Misfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        let Some((index, value)) = self.items.next() else {
            return Ok(None);
        };
        let item = At {
            value,
            place: Place::Index(self.above, index),
            problems: self.problems,
        };
        seed.deserialize(item).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

struct Entries<'de, 'p> {
    entries: std::slice::Iter<'de, (Cow<'de, str>, Tree<'de>)>,
    /// Which keys count, if not all.
    fields: Option<&'static [&'static str]>,
    /// The one whose key was given out last.
    value: Option<(&'de str, &'de Tree<'de>)>,
    above: &'p Place<'p>,
    problems: &'de RefCell<Problems>,
}

impl<'de> MapAccess<'de> for Entries<'de, '_> {
    type Error = Misfit;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Misfit> {
        let fields = self.fields;
        let counts = |key: &str| fields.is_none_or(|fields| fields.contains(&key));
        let Some((key, value)) = self.entries.find(|(key, _)| counts(key)) else {
            return Ok(None);
        };
        self.value = Some((key, value));
        seed.deserialize(StrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Misfit> {
        match self.value.take() {
            Some((key, value)) => seed.deserialize(At {
                value,
                place: Place::Key(self.above, key),
                problems: self.problems,
            }),
            None => Err(Misfit::custom("a value was asked for before its key")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::Texts;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Menu {
        title: Texts,
        #[serde(default)]
        rows: Vec<Row>,
        mood: Option<Mood>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Row {
        id: String,
        count: Option<u8>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Mood {
        Merry,
        Grave,
    }

    fn problems(json: &str) -> Vec<String> {
        let (_, problems) = parse::<Menu>(json);
        let shown = |problem: crate::Problem| {
            format!(
                "{} | {} | {}",
                problem.path,
                problem.message,
                problem.help.unwrap_or_default()
            )
        };
        problems.into_list().into_iter().map(shown).collect()
    }

    #[test]
    fn settings_that_fit_are_read() {
        let (menu, problems) = parse::<Menu>(
            r#"{"title": {"pt": "Olá"}, "rows": [{"id": "a", "count": 3}, {"id": "b"}], "mood": "grave"}"#,
        );
        let menu = menu.unwrap();
        assert!(problems.is_empty(), "{problems}");
        assert_eq!(
            menu.rows[1],
            Row {
                id: "b".to_owned(),
                count: None
            }
        );
        assert_eq!(menu.mood, Some(Mood::Grave));
        assert_eq!(
            menu.title.with_paths("title").collect::<Vec<_>>(),
            [("title.pt".to_owned(), "Olá")]
        );
    }

    #[test]
    fn all_unknown_keys_are_reported_at_once_with_the_nearest_spelling() {
        let json =
            r#"{"title": "x", "tilte": "y", "rows": [{"id": "a", "cuont": 1}], "colour": 1}"#;
        let mut found = problems(json);
        found.sort();
        assert_eq!(
            found,
            [
                "colour | unknown key `colour` | known are title, rows, mood",
                "rows.0.cuont | unknown key `cuont` | did you mean `count`?",
                "tilte | unknown key `tilte` | did you mean `title`?",
            ]
        );
    }

    #[test]
    fn what_does_not_fit_is_reported_where_it_stands() {
        for (json, expected) in [
            (
                r#"{"title": {"pt": 5}}"#,
                "title.pt | expected a text, found a number | ",
            ),
            (
                r#"{"title": 5}"#,
                "title | expected a text, or one for each language, found a number | ",
            ),
            (
                r#"{"title": "x", "rows": {}}"#,
                "rows | expected a list, found a table | ",
            ),
            (
                r#"{"title": "x", "rows": [{"id": "a"}, {}]}"#,
                "rows.1 | `id` is missing | ",
            ),
            (
                r#"{"title": "x", "rows": ["a"]}"#,
                "rows.0 | expected a table, found a text | ",
            ),
            (
                r#"{"title": "x", "rows": [{"id": "a", "count": "1"}]}"#,
                "rows.0.count | expected a number, found a text | ",
            ),
            (
                r#"{"title": "x", "mood": "mery"}"#,
                "mood | unknown word `mery` | did you mean `merry`?",
            ),
            (
                r#"{"title": "x", "mood": 1}"#,
                "mood | expected a word, found a number | ",
            ),
            ("[]", " | expected a table, found a list | "),
            ("{}", " | `title` is missing | "),
        ] {
            assert_eq!(problems(json), [expected], "{json}");
        }
    }

    #[test]
    fn a_number_that_does_not_fit_and_text_that_is_no_json_are_problems() {
        assert!(
            problems(r#"{"title": "x", "rows": [{"id": "a", "count": 300}]}"#)[0]
                .starts_with("rows.0.count | ")
        );
        assert!(problems("{")[0].contains("no JSON"));
    }
}
