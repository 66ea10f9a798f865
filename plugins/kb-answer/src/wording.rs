//! An answer as one writes in a chat: WhatsApp's own signs for emphasis, short paragraphs, an end, sources.

mod cut;
mod marks;

use sdk::knowledge::Citation;
use sdk::{Turn, limits};

use crate::settings::{FRAME, Settings, Sources};

pub(crate) use marks::for_chat;

/// The most sources beneath an answer: more are a list, not a hint.
const MOST_SOURCES: usize = 3;
/// A source's title, in characters: it stands on one line.
const TITLE_CHARS: usize = 80;
/// A source's address, in characters: a longer one is shown by its title alone.
const URL_CHARS: usize = 300;

/// The whole message. What WhatsApp's limit leaves no room for goes from the end: sources first.
pub(crate) fn message(settings: &Settings, turn: &Turn, text: &str, cited: &[Citation]) -> String {
    let text = cut::at_sentence(text, settings.max_chars);
    let mut sources = sources(settings.sources, cited);
    loop {
        let parts = [
            settings.intro.say(turn, FRAME),
            Some(text.clone()),
            (!sources.is_empty()).then(|| sources.join("\n")),
            settings.outro.say(turn, FRAME),
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        let whole = parts.join("\n\n");
        if whole.chars().count() <= limits::TEXT.chars || sources.pop().is_none() {
            return limits::TEXT.fit(&whole);
        }
    }
}

/// A line for each document, best first, each once.
fn sources(how: Sources, cited: &[Citation]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for citation in cited {
        let url = citation.url.as_deref().filter(|url| is_readable(url));
        let title = citation
            .title
            .as_deref()
            .map(title)
            .filter(|title| !title.is_empty());
        let line = match (how, title, url) {
            (Sources::Links, Some(title), Some(url)) => format!("🔗 {title}: {url}"),
            (Sources::Links, None, Some(url)) => format!("🔗 {url}"),
            (Sources::Links | Sources::Titles, Some(title), _) => format!("📄 {title}"),
            _ => continue,
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
        if lines.len() == MOST_SOURCES {
            break;
        }
    }
    lines
}

fn title(title: &str) -> String {
    sdk::limits::Limit {
        chars: TITLE_CHARS,
        what: "a source's title",
        one_line: true,
    }
    .fit(title)
}

/// An address that a phone makes a link of, and that leads where it says.
fn is_readable(url: &str) -> bool {
    let host = url.strip_prefix("https://").unwrap_or_default();
    let host = host.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    !host.is_empty()
        && !host.contains('@')
        && url.chars().count() <= URL_CHARS
        && !url.contains(|c: char| c.is_whitespace() || c.is_control())
}
