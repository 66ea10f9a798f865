//! The phone in the browser: one page, served with a policy that lets nothing else run.

use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

const PAGE: &str = include_str!("phone.html");

pub(crate) async fn phone() -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, policy(PAGE)),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    (headers, Html(PAGE)).into_response()
}

/// Only the page's own script and style run, known by their digests; only its own server is spoken to.
fn policy(page: &str) -> String {
    let allowed = |tag: &str| {
        let inside = page
            .split_once(&format!("<{tag}>"))
            .and_then(|(_, rest)| rest.split_once(&format!("</{tag}>")));
        inside.map_or_else(
            || "'none'".to_owned(),
            |(inside, _)| {
                format!(
                    "'sha256-{}'",
                    STANDARD.encode(Sha256::digest(inside.as_bytes()))
                )
            },
        )
    };
    format!(
        "default-src 'none'; script-src {}; style-src {}; connect-src 'self'; img-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        allowed("script"),
        allowed("style"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_runs_under_its_own_policy() {
        let policy = policy(PAGE);
        assert!(
            !policy.contains("unsafe") && !policy.contains("script-src 'none'"),
            "{policy}"
        );
        assert_eq!(
            PAGE.matches("<script").count(),
            1,
            "the policy knows one script"
        );
        assert_eq!(
            PAGE.matches("<style").count(),
            1,
            "the policy knows one style"
        );
        for banned in [" style=\"", " onclick=", "http://", "https://", "innerHTML"] {
            assert!(
                !PAGE.contains(banned),
                "{banned} would be blocked, or is not safe"
            );
        }
    }
}
