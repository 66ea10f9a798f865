//! The types of single settings that exist nowhere else: each is checked when it is read.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use model::PluginName;
use toml::Spanned;
use toml::de::DeValue;

use super::problem::Problem;
use super::section::{Place, Reader, Shape};
use super::value::{Value, nearest, text_of};

/// What people call something: not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title(pub(super) String);

impl Title {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Title {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is logged, as `tracing-subscriber` reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// Parses a level, or levels by module.
    pub fn parse(text: &str) -> Result<Self, String> {
        match tracing_subscriber::EnvFilter::builder().parse(text) {
            Ok(_) if !text.trim().is_empty() => Ok(Self(text.to_owned())),
            _ => Err(format!(
                "{text:?} is no log filter: a level (error, warn, info, debug, trace), or levels by module"
            )),
        }
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A version of Meta's API: `v23.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiVersion(String);

impl ApiVersion {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let digits = |part: &str| {
            !part.is_empty() && part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        match text.strip_prefix('v').and_then(|rest| rest.split_once('.')) {
            Some((major, minor)) if digits(major) && digits(minor) => Ok(Self(text.to_owned())),
            _ => Err(format!("{text:?} is no version: it looks like v23.0")),
        }
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An address of http or https, without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url(String);

impl Url {
    /// Parses it; plain http beyond loopback is refused, since what is sent there could be read on the way.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url =
            reqwest::Url::parse(text).map_err(|error| format!("{text:?} is no URL: {error}"))?;
        let parsed = Self(text.trim_end_matches('/').to_owned());
        match url.scheme() {
            _ if url.query().is_some() || url.fragment().is_some() => Err("it ends with the path, without `?` or `#`".to_owned()),
            _ if !url.username().is_empty() || url.password().is_some() => Err("no name and password stand in it".to_owned()),
            "https" => Ok(parsed),
            "http" if parsed.is_loopback() => Ok(parsed),
            "http" => Err("plain http sends tokens and texts readable to all: use https (http is for loopback alone)".to_owned()),
            other => Err(format!("{other:?} is neither http nor https")),
        }
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it leads to this machine alone.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let Ok(url) = reqwest::Url::parse(&self.0) else {
            return false;
        };
        let Some(host) = url.host_str() else {
            return false;
        };
        let address = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>();
        address.map_or(host == "localhost", |address| address.is_loopback())
    }
}

/// Which way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CarrierKind {
    Graph,
    Aws,
}

/// What happens to a send whose outcome stays unknown (I11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfUnsure {
    /// It is sent once more.
    Resend,
    /// It is held for a person to resend or drop.
    Hold,
}

/// Where a plugin's component comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Component {
    /// A file.
    File(PathBuf),
    /// One that ships with the host, by its name.
    Shipped(PluginName),
}

impl Value for Component {
    const SHAPE: Shape = Shape::Scalar {
        kind: "path, or shipped:NAME",
        secret: false,
    };

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        let text = text_of(value, "path, or shipped:NAME", place, reader)?;
        let Some(name) = text.strip_prefix("shipped:") else {
            return PathBuf::read(value, place, reader).map(Self::File);
        };
        let shipped: Vec<&str> = super::SHIPPED.iter().map(|(name, _)| *name).collect();
        if let (true, Ok(name)) = (shipped.contains(&name), PluginName::new(name)) {
            return Some(Self::Shipped(name));
        }
        let meant = nearest(name, shipped.iter().copied()).unwrap_or("auto-reply");
        let what = format!(
            "`{}` in [{}]: no plugin {name:?} ships with the host",
            place.key, place.table
        );
        let problem = Problem::new(value.span(), what).expected(shipped.join(", "));
        reader.report(problem.fix(format!("{} = \"shipped:{meant}\"", place.key)));
        None
    }
}
