//! The page: files in the binary. They hold no data, so whoever reaches the host may have them.

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, header};
use axum::routing::get;

use crate::Console;

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

/// Where each file is found, what it is, and what stands in it.
const FILES: [(&str, &str, &str); 22] = [
    ("/", HTML, include_str!("../page/index.html")),
    ("/console.css", STYLE, include_str!("../page/console.css")),
    ("/console.svg", PICTURE, include_str!("../page/console.svg")),
    ("/console.js", SCRIPT, include_str!("../page/console.js")),
    (
        "/console/api.js",
        SCRIPT,
        include_str!("../page/console/api.js"),
    ),
    (
        "/console/dom.js",
        SCRIPT,
        include_str!("../page/console/dom.js"),
    ),
    (
        "/console/words.js",
        SCRIPT,
        include_str!("../page/console/words.js"),
    ),
    (
        "/console/messages.js",
        SCRIPT,
        include_str!("../page/console/messages.js"),
    ),
    (
        "/console/why.js",
        SCRIPT,
        include_str!("../page/console/why.js"),
    ),
    (
        "/console/why-not.js",
        SCRIPT,
        include_str!("../page/console/why-not.js"),
    ),
    (
        "/console/hand-offs.js",
        SCRIPT,
        include_str!("../page/console/hand-offs.js"),
    ),
    (
        "/console/drafts.js",
        SCRIPT,
        include_str!("../page/console/drafts.js"),
    ),
    (
        "/console/asking.js",
        SCRIPT,
        include_str!("../page/console/asking.js"),
    ),
    (
        "/console/contacts.js",
        SCRIPT,
        include_str!("../page/console/contacts.js"),
    ),
    (
        "/console/sending.js",
        SCRIPT,
        include_str!("../page/console/sending.js"),
    ),
    (
        "/console/stopping.js",
        SCRIPT,
        include_str!("../page/console/stopping.js"),
    ),
    (
        "/console/outbox.js",
        SCRIPT,
        include_str!("../page/console/outbox.js"),
    ),
    (
        "/console/dead-letters.js",
        SCRIPT,
        include_str!("../page/console/dead-letters.js"),
    ),
    (
        "/console/notices.js",
        SCRIPT,
        include_str!("../page/console/notices.js"),
    ),
    (
        "/console/raw.js",
        SCRIPT,
        include_str!("../page/console/raw.js"),
    ),
    (
        "/console/told.js",
        SCRIPT,
        include_str!("../page/console/told.js"),
    ),
    (
        "/console/rules.js",
        SCRIPT,
        include_str!("../page/console/rules.js"),
    ),
];

pub(crate) fn routes() -> Router<Arc<Console>> {
    FILES
        .into_iter()
        .fold(Router::new(), |router, (path, kind, text)| {
            router.route(path, get(move || file(kind, text)))
        })
}

/// A new host brings new files: a browser asks each time, and they are small.
async fn file(
    kind: &'static str,
    text: &'static str,
) -> ([(HeaderName, &'static str); 2], &'static str) {
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "no-cache"),
        ],
        text,
    )
}

#[cfg(test)]
mod tests {
    use model::{
        Content, Ending, Form, Location, Media, MediaKind, Order, RuleName, System, TapOrigin,
        Unanswered, Wamid,
    };

    use super::*;

    fn scripts() -> impl Iterator<Item = (&'static str, &'static str)> {
        FILES
            .into_iter()
            .filter(|(_, kind, _)| *kind == SCRIPT)
            .map(|(path, _, text)| (path, text))
    }

    /// The word by which the page tells one variant from another.
    fn tag(record: &impl serde::Serialize, member: &str) -> String {
        let record = serde_json::to_value(record).unwrap();
        record[member].as_str().unwrap().to_owned()
    }

    fn contents() -> Vec<Content> {
        let original = Wamid::new("wamid.A").unwrap();
        vec![
            Content::Text {
                body: String::new(),
            },
            Content::Tap {
                id: String::new(),
                title: String::new(),
                origin: TapOrigin::Button,
            },
            Content::Media(Media::new(MediaKind::Image)),
            Content::Location(Location {
                latitude: 0.0,
                longitude: 0.0,
                name: None,
                address: None,
            }),
            Content::Contacts { cards: Vec::new() },
            Content::Form(Form {
                name: String::new(),
                body: None,
                answers: String::new(),
            }),
            Content::Reaction {
                message: original.clone(),
                emoji: None,
            },
            Content::Order(Order {
                catalog: String::new(),
                text: None,
                items: Vec::new(),
            }),
            Content::Edit {
                original: original.clone(),
                text: None,
            },
            Content::Revoke { original },
            Content::Welcome,
            Content::Unsupported {
                what: None,
                error: None,
            },
            Content::CallPermission {
                allowed: true,
                until: None,
            },
            Content::System(System {
                event: String::new(),
                body: None,
                now_known_by: None,
            }),
        ]
    }

    fn endings() -> Vec<Ending> {
        let rule = RuleName::new("r").unwrap();
        vec![
            Ending::Answered { rule: rule.clone() },
            Ending::Unanswered {
                rule,
                why: Unanswered::Slow,
            },
            Ending::Aside,
            Ending::NoRule,
            Ending::TooOld,
            Ending::DeadLetter {
                cause: String::new(),
            },
        ]
    }

    /// The quoted part after `before`, wherever `before` stands.
    fn quoted<'a>(text: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
        text.split(before)
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
    }

    #[test]
    fn the_page_names_no_other_host() {
        for (path, kind, text) in FILES {
            for scheme in [
                "http://", "https://", "ws://", "wss://", "\"//", "'//", "url(//",
            ] {
                for rest in text.split(scheme).skip(1) {
                    let is_namespace = kind == PICTURE && rest.starts_with("www.w3.org/2000/svg\"");
                    assert!(
                        is_namespace,
                        "{path} names {scheme}{}",
                        rest.chars().take(30).collect::<String>()
                    );
                }
            }
        }
    }

    #[test]
    fn what_people_wrote_is_never_read_as_markup_or_code() {
        for (path, text) in scripts() {
            for way in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "new Function",
                "srcdoc",
                "setTimeout(\"",
            ] {
                assert!(!text.contains(way), "{path} uses {way}");
            }
        }
    }

    #[test]
    fn every_file_that_the_page_needs_is_served() {
        let served = |wanted: &str| FILES.iter().any(|(path, _, _)| *path == wanted);
        let html = FILES[0].2;
        let wanted: Vec<&str> = quoted(html, "src=\"")
            .chain(quoted(html, "href=\""))
            .filter(|path| path.starts_with('/'))
            .collect();
        assert!(wanted.contains(&"/console.js") && wanted.contains(&"/console.css"));
        for path in wanted {
            assert!(served(path), "index.html needs {path}");
        }
        for (script, text) in scripts() {
            for import in quoted(text, "from \"") {
                let path = import.replacen(
                    "./",
                    if script == "/console.js" {
                        "/"
                    } else {
                        "/console/"
                    },
                    1,
                );
                assert!(served(&path), "{script} imports {import}");
            }
        }
    }

    #[test]
    fn every_kind_of_content_and_every_ending_has_words() {
        let script = scripts()
            .find(|(path, _)| *path == "/console/words.js")
            .map_or("", |(_, text)| text);
        let contents = contents();
        let contents = contents.iter().map(|content| tag(content, "kind"));
        let endings = endings();
        let endings = endings.iter().map(|ending| tag(ending, "ending"));
        for word in contents.chain(endings) {
            assert!(
                script.contains(&format!("case \"{word}\":")),
                "words.js has no words for {word}"
            );
        }
    }

    #[test]
    fn the_markup_needs_nothing_that_its_policy_forbids() {
        let html = FILES[0].2;
        for forbidden in ["style=\"", "<style", "onclick", "<script>"] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
    }
}
