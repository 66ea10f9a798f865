//! Texts with placeholders: `Hi {contact.name|there}!`
//!
//! `{name}` stands for a value of the turn, `{name|default}` for it or the default if it is missing or blank, `{{` for
//! a brace. Values are the contact's own words: they are put in as they are and never read again.

use crate::{Known, KnownValue, Problems, Turn, nearest};

/// The text with every placeholder filled in.
///
/// What [`check`] would object to is left as it stands; a missing value without default leaves nothing.
#[must_use]
pub fn render(template: &str, turn: &Turn) -> String {
    render_with(template, |name| turn.value(name))
}

/// As [`render`], with values from anywhere.
pub fn render_with<'a>(template: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut text = String::with_capacity(template.len());
    for piece in pieces(template) {
        match piece {
            Piece::Words(words) | Piece::Malformed(words) => text.push_str(words),
            Piece::Brace => text.push('{'),
            Piece::Placeholder { name, default } => {
                let value = value(name).filter(|value| !value.trim().is_empty());
                text.push_str(value.or(default).unwrap_or_default());
            }
        }
    }
    text
}

/// The text as it is in a turn in which whatever may be missing is missing. What is always there stands as its name.
#[must_use]
pub fn render_poorest(template: &str, known: &Known) -> String {
    render_with(template, |name| {
        // What is unknown or malformed is a problem of its own, not a missing value.
        let value = known.values.iter().find(|value| value.name == name);
        value.is_none_or(|value| value.always).then_some("…")
    })
}

/// The address with every placeholder filled in, and what stands for it escaped: a value can end no path and add no
/// parameter.
///
/// ```
/// let turn = sdk::testing::turn("en", "4711/../x?y=1");
/// let url = sdk::placeholder::render_url("https://shop.example/{message.text}", &turn);
/// assert_eq!(url, "https://shop.example/4711%2F%2E%2E%2Fx%3Fy%3D1");
/// ```
#[must_use]
pub fn render_url(template: &str, turn: &Turn) -> String {
    let mut url = String::with_capacity(template.len());
    for piece in pieces(template) {
        match piece {
            Piece::Words(words) | Piece::Malformed(words) => url.push_str(words),
            Piece::Brace => url.push('{'),
            Piece::Placeholder { name, default } => {
                let value = turn.value(name).filter(|value| !value.trim().is_empty());
                for byte in value.or(default).unwrap_or_default().trim().bytes() {
                    escape(byte, &mut url);
                }
            }
        }
    }
    url
}

fn escape(byte: u8, into: &mut String) {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
        into.push(char::from(byte));
    } else {
        into.push('%');
        let digits = [byte >> 4, byte & 15].map(|digit| DIGITS.get(usize::from(digit)));
        into.extend(digits.into_iter().flatten());
    }
}

/// How many characters a text has with every default in place and no value: those of a turn that knows nothing.
#[must_use]
pub fn chars(template: &str) -> usize {
    pieces(template)
        .map(|piece| match piece {
            Piece::Words(words) | Piece::Malformed(words) => words.chars().count(),
            Piece::Brace => 1,
            Piece::Placeholder { default, .. } => default.unwrap_or_default().chars().count(),
        })
        .sum()
}

/// Adds a problem for every placeholder that is unknown, malformed, or may be missing and has no default.
pub fn check(template: &str, path: &str, known: &Known, problems: &mut Problems) {
    for piece in pieces(template) {
        match piece {
            Piece::Words(_) | Piece::Brace => {}
            Piece::Malformed(words) => {
                let start: String = words.chars().take(20).collect();
                problems.add_with_help(
                    path,
                    format!("`{start}` opens a placeholder that does not end"),
                    "write `{name}` or `{name|default}`, or `{{` for a brace",
                );
            }
            Piece::Placeholder { name, default } => {
                match known.values.iter().find(|value| value.name == name) {
                    None => problems.add_with_help(
                        path,
                        format!("`{{{name}}}` is no known placeholder"),
                        advice(name, known),
                    ),
                    Some(KnownValue { always: false, .. }) if default.is_none() => problems
                        .add_with_help(
                            path,
                            format!("`{{{name}}}` may be missing and has no default"),
                            format!("write `{{{name}|…}}` with what stands there then"),
                        ),
                    Some(_) => {}
                }
            }
        }
    }
}

fn advice(name: &str, known: &Known) -> String {
    let names = || known.values.iter().map(|value| value.name.as_str());
    match nearest(name, names()) {
        Some(meant) => format!("did you mean `{{{meant}}}`?"),
        None if known.values.is_empty() => {
            "no placeholder is known here; `{{` writes a brace".to_owned()
        }
        None => format!("known are {}", names().collect::<Vec<_>>().join(", ")),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Words(&'a str),
    Brace,
    Placeholder {
        name: &'a str,
        default: Option<&'a str>,
    },
    /// A brace that opens and does not close on its line of thought; the rest of the text.
    Malformed(&'a str),
}

fn pieces(template: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = first_piece(rest);
        rest = after;
        Some(piece)
    })
}

fn first_piece(text: &str) -> (Piece<'_>, &str) {
    if let Some(after) = text.strip_prefix("{{") {
        return (Piece::Brace, after);
    }
    let Some(inside) = text.strip_prefix('{') else {
        let (words, after) = text.split_at(text.find('{').unwrap_or(text.len()));
        return (Piece::Words(words), after);
    };
    match inside.split_once('}') {
        // A second opening brace, or the line's end, before the closing one: the first was never closed.
        Some((within, after)) if !within.contains(['{', '\n']) => {
            let (name, default) = within
                .split_once('|')
                .map_or((within, None), |(name, default)| (name, Some(default)));
            (
                Piece::Placeholder {
                    name: name.trim(),
                    default,
                },
                after,
            )
        }
        _ => (Piece::Malformed(text), ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(template: &str) -> String {
        render_with(template, |name| match name {
            "contact.name" => Some("Ana {message.text}"),
            "message.text" => Some("oi"),
            "blank" => Some("  "),
            _ => None,
        })
    }

    #[test]
    fn placeholders_are_filled_in() {
        for (template, expected) in [
            ("no placeholder", "no placeholder"),
            ("{message.text}", "oi"),
            ("a {message.text} b { message.text }", "a oi b oi"),
            ("{missing|there}", "there"),
            ("{missing|}", ""),
            ("{missing}", ""),
            ("{blank|there}", "there"),
            ("{missing|a|b}", "a|b"),
            ("{{message.text}", "{message.text}"),
            ("{{{message.text}", "{oi"),
            ("} }}", "} }}"),
            ("olá ☕ {message.text}☕", "olá ☕ oi☕"),
            ("open {message.text", "open {message.text"),
            ("", ""),
        ] {
            assert_eq!(rendered(template), expected, "{template}");
        }
    }

    #[test]
    fn a_value_is_never_read_as_a_placeholder() {
        assert_eq!(rendered("{contact.name}"), "Ana {message.text}");
    }

    fn known() -> Known {
        let values = [("contact.name", false), ("message.text", true)];
        Known {
            values: values
                .map(|(name, always)| KnownValue {
                    name: name.to_owned(),
                    always,
                })
                .to_vec(),
            languages: vec![],
            ..crate::testing::known()
        }
    }

    #[test]
    fn what_would_not_render_is_found_beforehand() {
        for (template, message, help) in [
            (
                "{contact.nome}",
                "`{contact.nome}` is no known placeholder",
                "did you mean `{contact.name}`?",
            ),
            (
                "{weather}",
                "`{weather}` is no known placeholder",
                "known are contact.name, message.text",
            ),
            (
                "{contact.name}",
                "`{contact.name}` may be missing and has no default",
                "write `{contact.name|…}`",
            ),
            (
                "x {contact.name",
                "`{contact.name` opens a placeholder that does not end",
                "write `{name}`",
            ),
            (
                "x {a {message.text}",
                "`{a {message.text}` opens a placeholder that does not end",
                "write `{name}`",
            ),
            ("{}", "`{}` is no known placeholder", "known are"),
        ] {
            let mut problems = Problems::default();
            check(template, "reply.pt", &known(), &mut problems);
            let problems = problems.into_list();
            assert_eq!(problems.len(), 1, "{template}");
            assert_eq!(problems[0].path, "reply.pt");
            assert_eq!(problems[0].message, message, "{template}");
            assert!(
                problems[0].help.as_ref().unwrap().starts_with(help),
                "{template}: {:?}",
                problems[0].help
            );
        }
    }

    #[test]
    fn what_renders_is_no_problem() {
        for template in ["", "{{x", "{message.text}", "{contact.name|}", "}"] {
            let mut problems = Problems::default();
            check(template, "reply", &known(), &mut problems);
            assert!(problems.is_empty(), "{template}: {problems}");
        }
    }
}
