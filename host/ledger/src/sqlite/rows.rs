//! Rows and columns: JSON, typed texts, bounded lists.
//!
//! Where a statement names its index, SQLite would read all of a tenant or of a contact instead: without statistics it takes the
//! first column of a key to lead to ten rows, and a tenant has millions. A named index that goes missing is an error at once.

use rusqlite::types::Type;
use rusqlite::{Connection, Params, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::limits;

/// A column that holds JSON.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = row
        .get_ref(column)?
        .as_str()
        .map_err(|error| conversion(column, error))?;
    serde_json::from_str(text).map_err(|error| conversion(column, error))
}

/// A value as JSON text.
pub(super) fn to_json<T: Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// A column whose text must be a certain type.
pub(super) fn typed<T, E: Into<Box<dyn std::error::Error + Send + Sync>>>(
    column: usize,
    parsed: Result<T, E>,
) -> rusqlite::Result<T> {
    parsed.map_err(|error| conversion(column, error))
}

fn conversion(
    column: usize,
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into())
}

/// All rows of a query.
pub(super) fn rows<T>(
    connection: &Connection,
    query: &str,
    parameters: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    connection
        .prepare_cached(query)?
        .query_map(parameters, read)?
        .collect()
}

/// As SQLite counts, and never more than one read may return.
pub(super) fn bounded(most: usize) -> i64 {
    i64::try_from(most.min(limits::ROWS_PER_READ)).unwrap_or(i64::MAX)
}
