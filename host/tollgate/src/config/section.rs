//! The machinery behind `keys.rs`: one declaration per key gives its field, its parser and its line in the reference.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use model::NumberId;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::Config;
use super::problem::{Problem, Problems};
use super::trap;
use super::value::{Value, nearest};

/// What is known of a key: all of it is declared in `keys.rs`.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) about: &'static [&'static str],
    pub(super) shape: Shape,
    /// As TOML; the parser reads it like a written value.
    pub(super) default: Option<&'static str>,
    /// What holds if an optional key without default is absent, in words.
    pub(super) otherwise: Option<&'static str>,
    /// An example, as TOML.
    pub(super) like: &'static str,
    /// Whether its own parser reads a text.
    #[cfg(test)]
    pub(super) reads: fn(&str) -> bool,
}

/// What may stand behind a key.
pub(super) enum Shape {
    /// A value, with its type in words.
    Scalar { kind: &'static str, secret: bool },
    /// A table.
    Table(&'static Section),
    /// A table of named tables.
    Tables(&'static Section),
}

/// A table's meaning and keys.
pub(super) struct Section {
    pub(super) about: &'static [&'static str],
    pub(super) keys: &'static [Key],
}

/// Where a value stands, for its problems.
pub(super) struct Place<'p> {
    /// The table, as its header names it; empty at the top.
    pub(super) table: &'p str,
    pub(super) key: &'p str,
    /// A value that would do, as TOML.
    pub(super) like: &'p str,
    /// Where the table begins.
    pub(super) header: Range<usize>,
}

impl Place<'_> {
    /// The path of a table that stands here.
    pub(super) fn path(&self) -> String {
        if self.table.is_empty() {
            self.key.to_owned()
        } else {
            format!("{}.{}", self.table, self.key)
        }
    }

    pub(super) fn example(&self) -> String {
        format!("{} = {}", self.key, self.like)
    }
}

/// Declares a table: `name: Type = "default as TOML", like "example as TOML", else "what holds if it is absent";`.
/// `as "name"` says the key where it differs from the field, `then check` names what looks at the whole table.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $visible:vis struct $name:ident $(, then $check:path)? {
            $(
                $(#[doc = $doc:literal])+
                $field:ident $(as $key:literal)? : $type:ty $(= $default:literal)?, like $like:literal $(, else $otherwise:literal)?;
            )+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        $visible struct $name {
            $($(#[doc = $doc])+ pub $field: $type,)+
        }

        impl $name {
            const SECTION: $crate::config::section::Section = $crate::config::section::Section {
                about: &[$($about),+],
                keys: &[$($crate::config::section::Key {
                    name: $crate::config::section::section!(@name $field $($key)?),
                    about: &[$($doc),+],
                    shape: <$type as $crate::config::value::Value>::SHAPE,
                    default: $crate::config::section::section!(@option $($default)?),
                    otherwise: $crate::config::section::section!(@option $($otherwise)?),
                    like: $like,
                    #[cfg(test)]
                    reads: <$type as $crate::config::value::Value>::reads,
                }),+],
            };
        }

        impl $crate::config::value::Value for $name {
            const SHAPE: $crate::config::section::Shape = $crate::config::section::Shape::Table(&Self::SECTION);

            fn read(
                value: &toml::Spanned<toml::de::DeValue<'_>>,
                place: &$crate::config::section::Place<'_>,
                reader: &mut $crate::config::section::Reader<'_>,
            ) -> Option<Self> {
                let mut table = $crate::config::section::TableReader::new(value, place, &Self::SECTION, reader)?;
                $(let $field = table.key::<$type>($crate::config::section::section!(@name $field $($key)?));)+
                table.refuse_unknown();
                let read = Self { $($field: $field?),+ };
                $(let read = $check(read, value, place, reader);)?
                Some(read)
            }

            fn absent(place: &$crate::config::section::Place<'_>, reader: &mut $crate::config::section::Reader<'_>) -> Option<Self> {
                let empty = toml::Spanned::new(place.header.clone(), toml::de::DeValue::Table(toml::de::DeTable::new()));
                <Self as $crate::config::value::Value>::read(&empty, place, reader)
            }
        }
    };
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $key:literal) => { $key };
    (@option) => { None };
    (@option $some:literal) => { Some($some) };
}
pub(super) use section;

/// Walks the file and gathers what is wrong with it.
pub(super) struct Reader<'t> {
    pub(super) base: &'t Path,
    text: &'t str,
    /// The text without what TOML could not read and may be a secret.
    shown: String,
    root: &'t DeTable<'t>,
    problems: Vec<Problem>,
    syntax: Vec<Problem>,
    secrets: Vec<Range<usize>>,
    /// Numbers seen so far, and whose they are.
    pub(super) numbers: BTreeMap<NumberId, String>,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, base: &'t Path, root: &'t DeTable<'t>) -> Self {
        let shown = trap::without_secrets(text, &[]);
        Self {
            base,
            text,
            shown,
            root,
            problems: Vec::new(),
            syntax: Vec::new(),
            secrets: Vec::new(),
            numbers: BTreeMap::new(),
        }
    }

    pub(super) fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// What TOML itself refused; one problem a line, since the first upsets the rest of it.
    pub(super) fn syntax(&mut self, error: &toml::de::Error) {
        let problem = trap::explain(self.text, &self.shown, error);
        let line = self.line_of(&problem);
        if self.syntax.iter().all(|known| self.line_of(known) != line) {
            self.syntax.push(problem);
        }
    }

    /// The whole file.
    pub(super) fn root(&mut self) -> Option<Config> {
        let whole = Spanned::new(0..0, DeValue::Table(self.root.clone()));
        let place = Place {
            table: "",
            key: "",
            like: "",
            header: 0..0,
        };
        <Config as Value>::read(&whole, &place, self)
    }

    /// The text between two places of the source.
    pub(super) fn source(&self, at: &Range<usize>) -> &'t str {
        self.text.get(at.clone()).unwrap_or_default()
    }

    /// This must not be shown: a secret stands there, at whatever depth.
    pub(super) fn blot_out(&mut self, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => table.values().for_each(|inner| self.blot_out(inner)),
            DeValue::Array(list) => list.iter().for_each(|inner| self.blot_out(inner)),
            _ => self.secrets.push(value.span()),
        }
    }

    /// The names of the tables under a key of the root, whether or not they are sound.
    pub(super) fn names(&self, key: &str) -> Vec<String> {
        let table = self
            .root
            .get(key)
            .and_then(|value| value.get_ref().as_table());
        table
            .map(|table| {
                table
                    .keys()
                    .map(|name| name.get_ref().to_string())
                    .collect()
            })
            .unwrap_or_default()
    }

    /// A value anywhere in the file.
    pub(super) fn value(&self, path: &[&str]) -> Option<&'t Spanned<DeValue<'t>>> {
        let (last, tables) = path.split_last()?;
        let mut table = self.root;
        for key in tables {
            table = table.get(*key)?.get_ref().as_table()?;
        }
        table.get(*last)
    }

    pub(super) fn finish(mut self, name: &str) -> Problems {
        if !self.syntax.is_empty() {
            // What could not be parsed is also missing, or of a wrong type: saying so again would hide the cause.
            let broken: Vec<usize> = self
                .syntax
                .iter()
                .map(|problem| self.line_of(problem))
                .collect();
            let kept = |problem: &Problem| {
                !problem.from_absence && !broken.contains(&self.line_of(problem))
            };
            let problems = self
                .problems
                .iter()
                .filter(|problem| kept(problem))
                .cloned()
                .collect();
            self.problems = problems;
        }
        let mut list = self.syntax;
        list.append(&mut self.problems);
        Problems::new(name, trap::without_secrets(self.text, &self.secrets), list)
    }

    fn line_of(&self, problem: &Problem) -> usize {
        let start = problem.at.as_ref().map_or(0, |at| at.start);
        self.text
            .bytes()
            .take(start)
            .filter(|byte| *byte == b'\n')
            .count()
    }
}

/// One table while its keys are read.
pub(super) struct TableReader<'v, 'r, 't> {
    table: &'v DeTable<'v>,
    path: String,
    header: Range<usize>,
    section: &'static Section,
    reader: &'r mut Reader<'t>,
}

impl<'v, 'r, 't> TableReader<'v, 'r, 't> {
    pub(super) fn new(
        value: &'v Spanned<DeValue<'v>>,
        place: &Place<'_>,
        section: &'static Section,
        reader: &'r mut Reader<'t>,
    ) -> Option<Self> {
        let path = place.path();
        let Some(table) = value.get_ref().as_table() else {
            let what = format!(
                "`{path}` is a table of its own, not {}",
                super::value::kind_of(value.get_ref())
            );
            reader.report(Problem::new(value.span(), what).fix(format!("[{path}]")));
            return None;
        };
        Some(Self {
            table,
            path,
            header: value.span(),
            section,
            reader,
        })
    }

    /// The value of a key, its default, or a problem.
    pub(super) fn key<T: Value>(&mut self, name: &str) -> Option<T> {
        let key = self.section.keys.iter().find(|key| key.name == name)?;
        let place = Place {
            table: &self.path,
            key: key.name,
            like: key.default.unwrap_or(key.like),
            header: self.header.clone(),
        };
        if let Some(value) = self.table.get(name) {
            return T::read(value, &place, self.reader);
        }
        match key.default {
            // A test reads every default.
            Some(default) => DeValue::parse(default)
                .ok()
                .and_then(|value| T::read(&value, &place, self.reader)),
            None => T::absent(&place, self.reader),
        }
    }

    /// Reports the keys that the section does not know.
    pub(super) fn refuse_unknown(&mut self) {
        let known: Vec<&str> = self.section.keys.iter().map(|key| key.name).collect();
        for (key, value) in self.table {
            let name: &str = key.get_ref();
            if known.contains(&name) {
                continue;
            }
            let table = if self.path.is_empty() {
                "at the top of the file".to_owned()
            } else {
                format!("in [{}]", self.path)
            };
            let mut problem = Problem::new(key.span(), format!("unknown key `{name}` {table}"))
                .expected(known.join(", "));
            let meant = nearest(name, known.iter().copied());
            if meant.or(Some(name)).is_some_and(sounds_secret) {
                self.reader.blot_out(value);
                problem = problem.fix(format!("{} = \"env:NAME\"", meant.unwrap_or(name)));
            } else if let Some(meant) = meant {
                problem = problem.fix(self.respelled(key, value, meant));
            }
            self.reader.report(problem);
        }
    }

    fn respelled(
        &self,
        key: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
        meant: &str,
    ) -> String {
        let line_end = |from: usize| {
            from + self
                .reader
                .source(&(from..self.reader.text.len()))
                .lines()
                .next()
                .map_or(0, str::len)
        };
        if value.get_ref().is_table() {
            let line_start = self
                .reader
                .source(&(0..key.span().start))
                .rfind('\n')
                .map_or(0, |newline| newline + 1);
            let before = self.reader.source(&(line_start..key.span().start));
            let after = self
                .reader
                .source(&(key.span().end..line_end(key.span().end)));
            format!("{before}{meant}{after}")
        } else {
            format!("{meant} = {}", self.reader.source(&value.span()))
        }
    }
}

/// A key whose value had better not be shown, though nobody declared it.
fn sounds_secret(name: &str) -> bool {
    ["secret", "token", "password", "key"]
        .iter()
        .any(|word| name.contains(word))
}
