//! JSON as a tree that borrows from its text: settings are read in every turn, and most of a [`serde_json::Value`] is copies.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A value.
#[derive(Debug, PartialEq)]
pub(super) enum Tree<'t> {
    Nothing,
    Bool(bool),
    Whole(u64),
    Negative(i64),
    Real(f64),
    Text(Cow<'t, str>),
    List(Vec<Tree<'t>>),
    /// By key in ascending order, each once; of two the later one counts.
    Table(Vec<(Cow<'t, str>, Tree<'t>)>),
}

impl Tree<'_> {
    /// What it is, for people.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Bool(_) => "true or false",
            Self::Whole(_) | Self::Negative(_) | Self::Real(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Self::Whole(_) | Self::Negative(_) | Self::Real(_))
    }
}

impl<'de> Deserialize<'de> for Tree<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Read)
    }
}

struct Read;

impl<'de> Visitor<'de> for Read {
    type Value = Tree<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Tree<'de>, E> {
        Ok(Tree::Nothing)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Tree<'de>, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Tree<'de>, E> {
        Ok(Tree::Whole(number))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Tree<'de>, E> {
        Ok(Tree::Negative(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Tree<'de>, E> {
        Ok(Tree::Real(number))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Borrowed(text)))
    }

    /// A text with escapes in it.
    fn visit_str<E: Error>(self, text: &str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree<'de>, A::Error> {
        let mut table = Vec::new();
        // JSON has no keys but texts.
        while let Some(Tree::Text(key)) = entries.next_key()? {
            put(&mut table, key, entries.next_value()?);
        }
        Ok(Tree::Table(table))
    }
}

fn put<'t>(table: &mut Vec<(Cow<'t, str>, Tree<'t>)>, key: Cow<'t, str>, value: Tree<'t>) {
    // The host writes keys in order.
    if table.last().is_none_or(|(last, _)| *last < key) {
        table.push((key, value));
        return;
    }
    match table.binary_search_by(|(listed, _)| listed.cmp(&key)) {
        Ok(place) => {
            if let Some((_, listed)) = table.get_mut(place) {
                *listed = value;
            }
        }
        Err(place) => table.insert(place, (key, value)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// The same as `serde_json` has it.
    fn value(tree: Tree<'_>) -> Value {
        match tree {
            Tree::Nothing => Value::Null,
            Tree::Bool(value) => value.into(),
            Tree::Whole(number) => number.into(),
            Tree::Negative(number) => number.into(),
            Tree::Real(number) => number.into(),
            Tree::Text(text) => text.into(),
            Tree::List(items) => items.into_iter().map(value).collect(),
            Tree::Table(entries) => {
                assert!(entries.is_sorted_by(|(a, _), (b, _)| a < b), "{entries:?}");
                let entries = entries.into_iter();
                entries
                    .map(|(key, tree)| (key.into_owned(), value(tree)))
                    .collect()
            }
        }
    }

    #[test]
    fn a_tree_holds_what_a_json_value_holds_and_fails_where_that_fails() {
        for json in [
            r#"{"b": [1, -2, 2.5, -0, 18446744073709551615, 1e3], "a": {"z": null, "y": true, "x": "é"}}"#,
            r#"{"b": 1, "a": 2, "c": 3, "b": {"a": 4}, "": 5, "a": 6}"#,
            r#"{"with \"escapes\"": "one\ntwo \ud83d\udc4d", "\u0061": 1, "a": 2}"#,
            "[]",
            "{}",
            "1e999",
            "{",
            r#"{"a": 1,}"#,
            r#"{"a" 1}"#,
            "{1: 2}",
            "\"\n\"",
            "1 2",
            "",
            &"[".repeat(200),
        ] {
            let expected = serde_json::from_str::<Value>(json).map_err(|error| error.to_string());
            let tree = serde_json::from_str::<Tree<'_>>(json).map_err(|error| error.to_string());
            assert_eq!(tree.map(value), expected, "{json}");
        }
    }

    #[test]
    fn texts_without_escapes_are_not_copied() {
        let Tree::Table(entries) = serde_json::from_str(r#"{"key": "text"}"#).unwrap() else {
            panic!("a table is none");
        };
        assert!(matches!(
            entries[..],
            [(Cow::Borrowed("key"), Tree::Text(Cow::Borrowed("text")))]
        ));
    }
}
