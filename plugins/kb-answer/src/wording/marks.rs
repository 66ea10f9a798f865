//! From a model's Markdown to what WhatsApp shows, and without addresses that nobody vouches for.

use sdk::knowledge::Citation;

/// The answer with WhatsApp's signs, one blank line between paragraphs at most, and only addresses that a cited document
/// bears or holds: another one came from a model's fancy, or from somebody who talked it into it.
pub(crate) fn for_chat(text: &str, cited: &[Citation]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let line: String = line.chars().filter(|c| !c.is_control()).collect();
        let line = links(&without_references(&emphasis(&begin(line.trim()))), cited);
        let line = line.trim_end();
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line.to_owned());
        }
    }
    lines.join("\n").trim().to_owned()
}

/// Headings and lists.
fn begin(line: &str) -> String {
    let heading = line.trim_start_matches('#');
    if heading.len() < line.len() && heading.starts_with(' ') {
        return format!("*{}*", heading.trim().trim_matches(['#', '*']).trim());
    }
    match line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        Some(item) => format!("• {}", item.trim_start()),
        None => line.to_owned(),
    }
}

/// `**bold**` and `__bold__`.
fn emphasis(line: &str) -> String {
    let twice = |sign: &str| line.matches(sign).count();
    let mut line = line.to_owned();
    for sign in ["**", "__"] {
        let count = twice(sign);
        if count > 0 && count.is_multiple_of(2) {
            line = line.replace(sign, "*");
        }
    }
    line
}

/// Without the numbers of footnotes that are not there: `[1]`, `%[2]%`.
fn without_references(line: &str) -> String {
    let mut clean = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(open) = rest.find('[') {
        let (before, from) = rest.split_at(open);
        let number = from
            .get(1..)
            .and_then(|inside| inside.split_once(']'))
            .filter(|(number, _)| {
                (1..=2).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit())
            });
        match number {
            Some((_, after)) => {
                let before = before.strip_suffix('%').unwrap_or(before);
                clean.push_str(before.trim_end());
                rest = after.strip_prefix('%').unwrap_or(after);
            }
            None => {
                clean.push_str(before);
                clean.push('[');
                rest = from.get(1..).unwrap_or_default();
            }
        }
    }
    clean.push_str(rest);
    clean
}

/// `[words](address)` becomes words and address; an address that no source knows is taken out.
fn links(line: &str, cited: &[Citation]) -> String {
    let mut clean = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = first_address(rest) {
        let (before, from) = rest.split_at(at);
        let end = from
            .find(|c: char| c.is_whitespace() || matches!(c, ')' | ']' | '>' | '"' | '<' | '*'))
            .unwrap_or(from.len());
        let (address, after) = from.split_at(end);
        let bare = address.trim_end_matches(['.', ',', ';', ':', '!', '?']);
        let tail = address.get(bare.len()..).unwrap_or_default();
        let is_known = is_cited(bare, cited);
        // The end of `[words](`: the words stay, and the address, if it does, in brackets.
        let words = before
            .strip_suffix("](")
            .and_then(|before| before.rsplit_once('['));
        match (words, after.strip_prefix(')')) {
            (Some((before, words)), Some(after)) => {
                clean.push_str(before);
                clean.push_str(words);
                if is_known && words != bare {
                    clean.push_str(&format!(" ({bare})"));
                }
                rest = after;
            }
            _ => {
                clean.push_str(before);
                if is_known {
                    clean.push_str(bare);
                }
                clean.push_str(tail);
                rest = after;
            }
        }
    }
    clean.push_str(rest);
    clean
}

/// Where the first thing stands that a phone would make a link of.
fn first_address(text: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    ["https://", "http://", "www."]
        .into_iter()
        .filter_map(|scheme| lower.find(scheme))
        .min()
}

fn is_cited(address: &str, cited: &[Citation]) -> bool {
    let has = |text: &str| {
        let mut places = text.match_indices(address);
        // The whole address, not the beginning of a longer one.
        places.any(|(at, _)| {
            let after = text.get(at + address.len()..).unwrap_or_default();
            let next = after
                .trim_start_matches(['.', ',', ';', ':', '!', '?'])
                .chars()
                .next();
            next.is_none_or(|c| {
                !(c.is_alphanumeric() || matches!(c, '/' | '-' | '_' | '=' | '&' | '%' | '#' | '@'))
            })
        })
    };
    cited
        .iter()
        .any(|citation| citation.url.as_deref() == Some(address) || has(&citation.passage))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cited() -> Vec<Citation> {
        vec![Citation {
            source: "returns.md".to_owned(),
            title: None,
            url: Some("https://shop.example/returns".to_owned()),
            passage: "The form is at https://shop.example/form/9. Print it.".to_owned(),
            score: None,
        }]
    }

    #[test]
    fn markdown_becomes_what_whatsapp_shows() {
        for (text, expected) in [
            ("## Returns\n\n\n\nFree.", "*Returns*\n\nFree."),
            ("## **Returns**", "*Returns*"),
            ("**Free** within __30 days__", "*Free* within *30 days*"),
            ("- one\n* two\n1. three", "• one\n• two\n1. three"),
            ("Free [1]. Within 30 days%[2]%.", "Free. Within 30 days."),
            ("Size [M] only", "Size [M] only"),
            ("2 * 3 = 6", "2 * 3 = 6"),
            ("#hashtag", "#hashtag"),
            ("a\u{0}b\u{7}c", "abc"),
            ("  \n\n  ", ""),
        ] {
            assert_eq!(for_chat(text, &cited()), expected, "{text:?}");
        }
    }

    #[test]
    fn only_addresses_that_a_source_bears_stay() {
        for (text, expected) in [
            (
                "See https://shop.example/returns.",
                "See https://shop.example/returns.",
            ),
            (
                "Use https://shop.example/form/9 now",
                "Use https://shop.example/form/9 now",
            ),
            (
                "[the form](https://shop.example/form/9)!",
                "the form (https://shop.example/form/9)!",
            ),
            ("Pay at https://evil.example/pay today", "Pay at  today"),
            ("[Pay here](https://evil.example/pay)", "Pay here"),
            ("Go to www.evil.example, now", "Go to , now"),
            ("HTTPS://EVIL.example/x", ""),
            ("https://shop.example/form/", ""),
            ("https://shop.example/returns@evil.example", ""),
        ] {
            assert_eq!(for_chat(text, &cited()), expected, "{text:?}");
        }
    }
}
