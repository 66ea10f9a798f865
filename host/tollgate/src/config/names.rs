//! Names that table headers give, and the tables behind them.

use std::collections::BTreeMap;

use model::{DeskName, PluginName, TenantId};
use toml::Spanned;
use toml::de::DeValue;

use super::problem::Problem;
use super::section::{Place, Reader, Shape};
use super::value::{Value, kind_of};

/// A name that a table header gives.
pub(super) trait Name: Sized + Ord {
    /// Reads it, or says why not.
    fn read(text: &str) -> Result<Self, String>;
}

impl Name for String {
    fn read(text: &str) -> Result<Self, String> {
        DeskName::new(text)
            .map(Self::from)
            .map_err(|error| error.to_string().replace("desk name", "name"))
    }
}

impl Name for TenantId {
    fn read(text: &str) -> Result<Self, String> {
        if text.starts_with('_') {
            return Err("a tenant's name that begins with `_` is reserved for the host".to_owned());
        }
        Self::new(text).map_err(|error| error.to_string())
    }
}

impl Name for PluginName {
    fn read(text: &str) -> Result<Self, String> {
        Self::new(text).map_err(|error| error.to_string())
    }
}

impl Name for DeskName {
    fn read(text: &str) -> Result<Self, String> {
        Self::new(text).map_err(|error| error.to_string())
    }
}

impl<K: Name, V: Value> Value for BTreeMap<K, V> {
    const SHAPE: Shape = match V::SHAPE {
        Shape::Table(section) | Shape::Tables(section) => Shape::Tables(section),
        scalar @ Shape::Scalar { .. } => scalar,
    };

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        let path = place.path();
        let Some(table) = value.get_ref().as_table() else {
            let what = format!("`{path}` names tables, and is {}", kind_of(value.get_ref()));
            reader.report(Problem::new(value.span(), what).fix(format!("[{path}.NAME]")));
            return None;
        };
        let mut read = Self::new();
        let mut all_sound = true;
        // In the order of the file: of two that collide, the later one is in the wrong.
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            let inner = Place {
                table: &path,
                key: key.get_ref(),
                like: place.like,
                header: value.span(),
            };
            let entry = V::read(value, &inner, reader);
            match (K::read(key.get_ref()), entry) {
                (Ok(name), Some(entry)) => drop(read.insert(name, entry)),
                (Ok(_), None) => all_sound = false,
                (Err(reason), _) => {
                    let fix = format!("[{path}.{}]", tame(key.get_ref()));
                    reader.report(
                        Problem::new(key.span(), format!("[{}]: {reason}", inner.path())).fix(fix),
                    );
                    all_sound = false;
                }
            }
        }
        all_sound.then_some(read)
    }

    fn absent(_place: &Place<'_>, _reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self::new())
    }
}

/// A name as it may be written.
fn tame(name: &str) -> String {
    let fits = |letter: char| {
        if letter.is_ascii_alphanumeric() || letter == '-' || letter == '_' {
            letter.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let tamed: String = name.chars().map(fits).collect();
    tamed.trim_matches(['-', '_']).to_owned()
}
