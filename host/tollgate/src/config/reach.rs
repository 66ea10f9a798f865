//! What plugins may ask: knowledge bases and endpoints, and the pin that says which plugin it is.

use model::{LookupMethod, Span};
use toml::Spanned;
use toml::de::DeValue;

use super::check::spot;
use super::keys::Endpoint;
use super::limits;
use super::problem::Problem;
use super::section::{Place, Reader, Shape};
use super::value::{Value, kind_of, nearest, parsed, quoted};

/// What sort of knowledge base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnowledgeKind {
    /// A folder of documents.
    Folder,
}

/// What may be done with an endpoint: at least one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Methods(Vec<LookupMethod>);

impl Methods {
    /// Each of them, once.
    #[must_use]
    pub fn as_slice(&self) -> &[LookupMethod] {
        &self.0
    }
}

const METHODS: &[(&str, LookupMethod)] =
    &[("get", LookupMethod::Get), ("post", LookupMethod::Post)];

impl Value for Methods {
    const SHAPE: Shape = Shape::Scalar {
        kind: r#"list of "get", "post""#,
        secret: false,
    };

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        let mut report = |at, what: String, fix: String| {
            reader.report(Problem::new(at, what).expected(r#""get", "post""#).fix(fix));
        };
        let about = format!("`{}` in [{}]", place.key, place.table);
        let Some(list) = value.get_ref().as_array().filter(|list| !list.is_empty()) else {
            let what = match value.get_ref() {
                DeValue::Array(_) => {
                    format!("{about} is empty: an endpoint that may not be asked is no use")
                }
                other => format!("{about} is {}, and must be a list", kind_of(other)),
            };
            report(value.span(), what, place.example());
            return None;
        };
        let mut methods = Vec::new();
        let mut sound = true;
        for item in list {
            let written = item.get_ref().as_str().unwrap_or_default();
            match METHODS.iter().find(|(name, _)| *name == written) {
                Some((_, method)) if !methods.contains(method) => methods.push(*method),
                Some(_) => {}
                None => {
                    let what = match item.get_ref().as_str() {
                        Some(written) => format!("{about}: there is no method {written:?}"),
                        None => format!("{about} holds {}", kind_of(item.get_ref())),
                    };
                    let meant =
                        nearest(written, METHODS.iter().map(|(name, _)| *name)).unwrap_or("get");
                    report(item.span(), what, format!("write {}", quoted(meant)));
                    sound = false;
                }
            }
        }
        sound.then_some(Self(methods))
    }
}

/// The SHA-256 of a component: 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin(String);

impl Pin {
    fn parse(text: &str) -> Result<Self, String> {
        let digits = text.trim().strip_prefix("sha256:").unwrap_or(text.trim());
        if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err("it is no SHA-256, which has 64 hexadecimal digits; `tollgate plugin pin` writes the right one".to_owned());
        }
        Ok(Self(digits.to_ascii_lowercase()))
    }

    /// The digits, lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Value for Pin {
    const SHAPE: Shape = Shape::Scalar {
        kind: "SHA-256",
        secret: false,
    };

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        parsed(value, "SHA-256", place, reader, Self::parse)
    }
}

pub(super) fn endpoint(
    endpoint: Endpoint,
    table: &Spanned<DeValue<'_>>,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Endpoint {
    let path = place.path();
    let mut refuse = |key: &str, what: String, fix: &str| {
        reader.report(Problem::new(spot(table, key), what).fix(fix));
    };
    if endpoint.timeout > limits::ENDPOINT_TIMEOUT || endpoint.timeout == Span::default() {
        let what = format!(
            "`timeout` in [{path}] is {}: it is more than nothing and at most {}, since a contact is waiting",
            endpoint.timeout,
            limits::ENDPOINT_TIMEOUT
        );
        refuse("timeout", what, r#"timeout = "5s""#);
    }
    if let Some(header) = &endpoint.header {
        let is_name = header
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if !is_name || lookup::is_reserved(header) {
            let what = format!(
                "`header` in [{path}]: {header:?} is no header, or one that the host or HTTP itself sets"
            );
            refuse("header", what, r#"header = "x-api-key""#);
        } else if endpoint.secret.is_none() {
            let what =
                format!("`header` in [{path}] is there for a secret, and there is no `secret`");
            refuse("header", what, r#"secret = "env:NAME""#);
        }
    }
    endpoint
}
