//! A file as an editor's validator sees it: TOML's data as JSON, and the line on which each part of it stands.

use std::collections::BTreeSet;

use jsonschema::Validator;
use jsonschema::error::{ValidationError, ValidationErrorKind};
use serde_json::{Map, Value as Json};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub(crate) struct Parsed<'a> {
    text: &'a str,
    table: Spanned<DeTable<'a>>,
    pub(crate) json: Json,
}

impl<'a> Parsed<'a> {
    pub(crate) fn new(text: &'a str) -> Result<Self, toml::de::Error> {
        let table = DeTable::parse(text)?;
        let json = Json::Object(object(table.get_ref()));
        Ok(Self { text, table, json })
    }

    /// The lines on which an editor draws something red.
    pub(crate) fn lines_of_errors(&self, validator: &Validator) -> BTreeSet<usize> {
        let mut lines = BTreeSet::new();
        for error in validator.iter_errors(&self.json) {
            self.lines_of(&error, &mut lines);
        }
        lines
    }

    fn lines_of(&self, error: &ValidationError<'_>, lines: &mut BTreeSet<usize>) {
        let path = error.instance_path().as_str();
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                lines.extend(
                    unexpected
                        .iter()
                        .map(|key| self.line(&format!("{path}/{key}"))),
                );
            }
            ValidationErrorKind::AnyOf { context } => {
                lines.insert(self.line(path));
                for error in context.iter().flatten() {
                    self.lines_of(error, lines);
                }
            }
            _ => {
                lines.insert(self.line(path));
            }
        }
    }

    /// The line of the key or entry that a path leads to.
    fn line(&self, path: &str) -> usize {
        let mut table = Some(self.table.get_ref());
        let mut list = None;
        let mut at = 0;
        for step in path.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            let value = match (table, list) {
                (Some(table), _) => {
                    let (key, value) = table
                        .iter()
                        .find(|(key, _)| key.get_ref() == step.as_str())
                        .unwrap();
                    at = key.span().start;
                    value
                }
                (None, Some(list)) => {
                    let list: &toml::de::DeArray<'_> = list;
                    let value = &list[step.parse::<usize>().unwrap()];
                    at = value.span().start;
                    value
                }
                (None, None) => break,
            };
            table = value.get_ref().as_table();
            list = value.get_ref().as_array();
        }
        self.text[..at].matches('\n').count() + 1
    }
}

fn object(table: &DeTable<'_>) -> Map<String, Json> {
    table
        .iter()
        .map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref())))
        .collect()
}

fn json(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::String(text) => text.as_ref().into(),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .unwrap_or(i64::MAX)
            .into(),
        DeValue::Float(number) => number
            .as_str()
            .parse::<f64>()
            .map_or(Json::Null, Json::from),
        DeValue::Boolean(truth) => (*truth).into(),
        // As Taplo hands it on.
        DeValue::Datetime(moment) => moment.to_string().into(),
        DeValue::Array(list) => list.iter().map(|value| json(value.get_ref())).collect(),
        DeValue::Table(table) => Json::Object(object(table)),
    }
}
