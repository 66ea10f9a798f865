//! Whether a request may be made: its path stays below the endpoint, and what it carries is bounded.

use model::LookupMethod;
use serde::de::IgnoredAny;

use crate::limits;

/// Why a request is not made. The words are for the plugin's developer; none of the endpoint's own are in them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// The operator does not allow the method.
    #[error("the operator does not allow `{}` with this endpoint", word(*.0))]
    Method(LookupMethod),
    /// The path holds what could lead elsewhere.
    #[error(
        "the path {0}: it is made of letters, digits, `-._~` and single `/` between them, without `..`: `orders/4711`"
    )]
    Path(&'static str),
    /// The query is too long.
    #[error("the query {0}")]
    Query(&'static str),
    /// The body is none.
    #[error("the body {0}")]
    Body(&'static str),
}

/// A method as the contract and the configuration write it.
fn word(method: LookupMethod) -> &'static str {
    match method {
        LookupMethod::Get => "get",
        LookupMethod::Post => "post",
    }
}

/// Checks all but the endpoint: whether any could be asked this.
pub fn check(request: &model::Lookup) -> Result<(), Unfit> {
    check_path(&request.path)?;
    check_query(&request.query)?;
    check_body(request)
}

/// I7: nothing of a path can climb, begin anew or be read as something else by a server behind.
fn check_path(path: &str) -> Result<(), Unfit> {
    if path.is_empty() {
        return Ok(());
    }
    if path.len() > limits::PATH_BYTES {
        return Err(Unfit::Path("is longer than 1024 characters"));
    }
    let fits =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/');
    if !path.bytes().all(fits) {
        return Err(Unfit::Path("holds a character that no path may hold"));
    }
    for segment in path.split('/') {
        match segment {
            "" => return Err(Unfit::Path("begins or ends with `/`, or has two in a row")),
            "." | ".." => return Err(Unfit::Path("leads out of the endpoint")),
            _ => {}
        }
    }
    Ok(())
}

fn check_query(query: &[(String, String)]) -> Result<(), Unfit> {
    let bytes: usize = query
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if query.len() > limits::QUERY_PARTS || bytes > limits::QUERY_BYTES {
        return Err(Unfit::Query("has more than 32 parts or 4096 bytes"));
    }
    if query.iter().any(|(name, _)| name.is_empty()) {
        return Err(Unfit::Query("has a part without a name"));
    }
    Ok(())
}

fn check_body(request: &model::Lookup) -> Result<(), Unfit> {
    let Some(body) = &request.body else {
        return Ok(());
    };
    if request.method != LookupMethod::Post {
        return Err(Unfit::Body("goes with `post` alone"));
    }
    if body.len() > limits::BODY_BYTES {
        return Err(Unfit::Body("has more than 64 KiB"));
    }
    serde_json::from_str::<IgnoredAny>(body).map_err(|_| Unfit::Body("is no JSON"))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i07_a_path_stays_below_its_endpoint() {
        for path in [
            "",
            "orders",
            "orders/4711",
            "a/b.c/~d_e-f",
            "a/...",
            "4711.json",
            "a/..b",
        ] {
            assert_eq!(check_path(path), Ok(()), "{path}");
        }
        for path in [
            "/orders",
            "orders/",
            "a//b",
            "/",
            "//evil.example",
            "..",
            "../admin",
            "a/../../b",
            "a/.",
            "./a",
            "a/..",
            "%2e%2e/admin",
            "a?b=c",
            "a#b",
            "a b",
            "a\\..\\b",
            "https://evil.example",
            "@evil.example",
            "a;b",
            "a\r\nhost: evil",
            "caf\u{e9}",
            "\u{ff0e}\u{ff0e}/a",
        ] {
            assert!(matches!(check_path(path), Err(Unfit::Path(_))), "{path}");
        }
        assert!(check_path(&"a".repeat(limits::PATH_BYTES + 1)).is_err());
    }

    #[test]
    fn queries_and_bodies_are_bounded() {
        let request = |method, body: Option<&str>| model::Lookup {
            endpoint: "orders".to_owned(),
            method,
            path: String::new(),
            query: Vec::new(),
            body: body.map(str::to_owned),
        };
        assert_eq!(
            check(&request(LookupMethod::Post, Some("{\"a\": [1]}"))),
            Ok(())
        );
        assert_eq!(check(&request(LookupMethod::Post, None)), Ok(()));
        assert!(check(&request(LookupMethod::Get, Some("{}"))).is_err());
        assert!(check(&request(LookupMethod::Post, Some("{} {}"))).is_err());
        assert!(check(&request(LookupMethod::Post, Some("a=b"))).is_err());
        let long = format!("\"{}\"", "x".repeat(limits::BODY_BYTES));
        assert!(check(&request(LookupMethod::Post, Some(&long))).is_err());
        let part = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(check_query(&[part("a", ""), part("b", "c&d=e#é")]), Ok(()));
        assert!(check_query(&[part("", "x")]).is_err());
        assert!(check_query(&vec![part("a", "b"); limits::QUERY_PARTS + 1]).is_err());
        assert!(check_query(&[part("a", &"x".repeat(limits::QUERY_BYTES))]).is_err());
    }
}
