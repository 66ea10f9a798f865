//! How each type is read from TOML, and what is said when it cannot be.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use gate::OptIn;
use model::{DeskName, Interface, Mode, NumberId, Phone, Span};
use toml::Spanned;
use toml::de::DeValue;

use super::doors::{QueueUrl, TopicArn};
use super::problem::Problem;
use super::reach::KnowledgeKind;
use super::section::{Place, Reader, Shape};
use super::setting::{ApiVersion, CarrierKind, IfUnsure, LogFilter, Title, Url};

/// A type that a key can have.
pub(super) trait Value: Sized {
    /// What the reference says of it.
    const SHAPE: Shape;

    /// Reads it, or reports why not.
    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self>;

    /// What holds if the key is absent and has no default.
    fn absent(place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let problem = Problem::new(
            place.header.clone(),
            format!("[{}] has no `{}`", place.table, place.key),
        );
        reader.report(problem.fix(place.example()).marked_absent());
        None
    }

    /// Whether a text in TOML is one.
    #[cfg(test)]
    fn reads(text: &str) -> bool {
        let root = toml::de::DeTable::new();
        let mut reader = Reader::new(text, std::path::Path::new(""), &root);
        let place = Place {
            table: "test",
            key: "test",
            like: "",
            header: 0..0,
        };
        DeValue::parse(text).is_ok_and(|value| Self::read(&value, &place, &mut reader).is_some())
    }
}

/// The known word that was probably meant.
pub(super) fn nearest<'k>(written: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let close = known
        .map(|word| (strsim::jaro_winkler(&written.to_lowercase(), word), word))
        .filter(|(likeness, _)| *likeness > 0.8);
    close
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, word)| word)
}

/// A value's type in words.
pub(super) fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

pub(super) fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// The text of a value that must be one.
pub(super) fn text_of<'v>(
    value: &'v Spanned<DeValue<'_>>,
    kind: &str,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Option<&'v str> {
    let text = value.get_ref().as_str();
    if text.is_none() {
        reader.report(no_text(value, kind, place).fix(place.example()));
    }
    text
}

fn no_text(value: &Spanned<DeValue<'_>>, kind: &str, place: &Place<'_>) -> Problem {
    let what = format!(
        "`{}` in [{}] is {}, and must be a text in quotes",
        place.key,
        place.table,
        kind_of(value.get_ref())
    );
    Problem::new(value.span(), what).expected(kind)
}

/// A value that is written as a text and parsed from it.
pub(super) fn parsed<T>(
    value: &Spanned<DeValue<'_>>,
    kind: &str,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Option<T> {
    let Some(text) = value.get_ref().as_str() else {
        let written = reader.source(&value.span());
        let lacks_quotes_alone = !matches!(
            value.get_ref(),
            DeValue::Array(_) | DeValue::Table(_) | DeValue::Boolean(_)
        ) && parse(written).is_ok();
        let fix = if lacks_quotes_alone {
            format!("{} = {}", place.key, quoted(written))
        } else {
            place.example()
        };
        reader.report(no_text(value, kind, place).fix(fix));
        return None;
    };
    match parse(text) {
        Ok(parsed) => Some(parsed),
        Err(reason) => {
            let what = format!("`{}` in [{}]: {reason}", place.key, place.table);
            reader.report(
                Problem::new(value.span(), what)
                    .expected(kind)
                    .fix(place.example()),
            );
            None
        }
    }
}

/// Types that are written as texts: what the reference calls them, and their parser.
macro_rules! written_as_text {
    ($($type:ty, $kind:literal, $parse:expr;)+) => {$(
        impl Value for $type {
            const SHAPE: Shape = Shape::Scalar { kind: $kind, secret: false };

            fn read(value: &Spanned<DeValue<'_>>, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
                parsed(value, $kind, place, reader, $parse)
            }
        }
    )+};
}

fn from_text<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

written_as_text! {
    SocketAddr, "address and port", |text| text.parse().map_err(|_| format!("{text:?} is no address with a port"));
    Span, "span of time", from_text;
    NumberId, "Meta phone number id", from_text;
    DeskName, "desk name", from_text;
    String, "text", some_text;
    Title, "text", |text| some_text(text).map(Title);
    LogFilter, "log filter", LogFilter::parse;
    ApiVersion, "version", ApiVersion::parse;
    Url, "URL", Url::parse;
    TopicArn, "ARN of an SNS topic", TopicArn::parse;
    QueueUrl, "URL of an SQS queue", QueueUrl::parse;
}

pub(super) fn some_text(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        Err("it is empty".to_owned())
    } else {
        Ok(text.trim().to_owned())
    }
}

/// Types that are one of a few words: the words in the reference and the parser are these.
macro_rules! one_of {
    ($($type:ty: $kind:literal { $($word:literal => $value:expr),+ $(,)? })+) => {$(
        impl Value for $type {
            const SHAPE: Shape = Shape::Scalar { kind: $kind, secret: false };

            fn read(value: &Spanned<DeValue<'_>>, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
                const WORDS: &[&str] = &[$($word),+];
                match text_of(value, $kind, place, reader)? {
                    $($word => Some($value),)+
                    other => {
                        reader.report(not_one_of(other, WORDS, value, place).expected($kind));
                        None
                    }
                }
            }
        }
    )+};
}

fn not_one_of(
    written: &str,
    words: &[&str],
    value: &Spanned<DeValue<'_>>,
    place: &Place<'_>,
) -> Problem {
    let problem = Problem::new(
        value.span(),
        format!("`{}` in [{}] cannot be {written:?}", place.key, place.table),
    );
    match nearest(written, words.iter().copied()) {
        Some(meant) => problem.fix(format!("{} = {}", place.key, quoted(meant))),
        None => problem.fix(place.example()),
    }
}

one_of! {
    CarrierKind: r#""graph" or "aws""# { "graph" => Self::Graph, "aws" => Self::Aws }
    KnowledgeKind: r#""folder""# { "folder" => Self::Folder }
    IfUnsure: r#""resend" or "hold""# { "resend" => Self::Resend, "hold" => Self::Hold }
    Mode: r#""dry-run" or "live""# { "dry-run" => Self::DryRun, "live" => Self::Live }
    OptIn: r#""inbound" or "explicit""# { "inbound" => Self::Inbound, "explicit" => Self::Explicit }
}

impl Value for bool {
    const SHAPE: Shape = Shape::Scalar {
        kind: "true or false",
        secret: false,
    };

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        if let Some(truth) = value.get_ref().as_bool() {
            return Some(truth);
        }
        let what = format!(
            "`{}` in [{}] is {}, and must be true or false",
            place.key,
            place.table,
            kind_of(value.get_ref())
        );
        let meant = match value.get_ref().as_str() {
            Some("false" | "no" | "off") => "false",
            _ => "true",
        };
        reader.report(
            Problem::new(value.span(), what)
                .expected("true or false, without quotes")
                .fix(format!("{} = {meant}", place.key)),
        );
        None
    }
}

impl Value for PathBuf {
    const SHAPE: Shape = Shape::Scalar {
        kind: "path",
        secret: false,
    };

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        let base = reader.base;
        parsed(value, "path", place, reader, |text| {
            some_text(text).map(|path| base.join(path))
        })
    }
}

impl<T: Value> Value for Option<T> {
    const SHAPE: Shape = T::SHAPE;

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        T::read(value, place, reader).map(Some)
    }

    fn absent(_place: &Place<'_>, _reader: &mut Reader<'_>) -> Option<Self> {
        Some(None)
    }
}

/// Reads a list, each item by itself, so that all wrong ones are reported.
pub(super) fn list_of<T: Ord>(
    value: &Spanned<DeValue<'_>>,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
    mut item: impl FnMut(&Spanned<DeValue<'_>>, &mut Reader<'_>) -> Option<T>,
) -> Option<BTreeSet<T>> {
    let Some(list) = value.get_ref().as_array() else {
        let what = format!(
            "`{}` in [{}] is {}, and must be a list",
            place.key,
            place.table,
            kind_of(value.get_ref())
        );
        let fix = match value.get_ref() {
            DeValue::String(_) => format!("{} = [{}]", place.key, reader.source(&value.span())),
            _ => place.example(),
        };
        reader.report(Problem::new(value.span(), what).fix(fix));
        return None;
    };
    let read: Vec<Option<T>> = list.iter().map(|one| item(one, reader)).collect();
    read.into_iter().collect()
}

impl Value for BTreeSet<Interface> {
    const SHAPE: Shape = Shape::Scalar {
        kind: "list of interfaces",
        secret: false,
    };

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        let names = Interface::ALL.map(Interface::name);
        list_of(value, place, reader, |item, reader| {
            let name = text_of(item, "interface", place, reader)?;
            let interface = Interface::parse(name);
            if interface.is_none() {
                let mut problem = Problem::new(
                    item.span(),
                    format!(
                        "`{}` in [{}]: there is no interface {name:?}",
                        place.key, place.table
                    ),
                );
                if let Some(meant) = nearest(name, names.into_iter()) {
                    problem = problem.fix(format!("write {}", quoted(meant)));
                }
                reader.report(problem.expected(names.join(", ")));
            }
            interface
        })
    }
}

impl Value for BTreeSet<String> {
    const SHAPE: Shape = Shape::Scalar {
        kind: "list of names",
        secret: false,
    };

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        list_of(value, place, reader, |item, reader| {
            parsed(item, "name", place, reader, some_text)
        })
    }
}

impl Value for BTreeSet<Phone> {
    const SHAPE: Shape = Shape::Scalar {
        kind: "list of phone numbers",
        secret: false,
    };

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        list_of(value, place, reader, |item, reader| {
            if item.get_ref().is_integer() {
                let what = format!(
                    "`{}` in [{}]: a phone number without quotes is a mere number to TOML, and loses its plus",
                    place.key, place.table
                );
                let fix = format!("write {}", quoted(reader.source(&item.span())));
                reader.report(Problem::new(item.span(), what).fix(fix));
                return None;
            }
            parsed(
                item,
                "phone number with its country code",
                place,
                reader,
                |text| {
                    Phone::new(text.strip_prefix('+').unwrap_or(text))
                        .map_err(|error| error.to_string())
                },
            )
        })
    }
}
