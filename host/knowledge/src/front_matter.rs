//! What a document says of itself before it begins: `title: …` between two lines of `---`, or `title = "…"` between two of `+++`.

use crate::limits;

/// The lines at the top: keys with their values, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct FrontMatter {
    pub(crate) entries: Vec<(String, String)>,
    /// Lines that could not be read, by what is wrong with them.
    pub(crate) problems: Vec<String>,
}

impl FrontMatter {
    /// The value of a key, the first if it has several.
    pub(crate) fn first(&self, key: &str) -> Option<&str> {
        let entry = self.entries.iter().find(|(known, _)| known == key);
        entry.map(|(_, value)| value.as_str())
    }
}

/// Takes the front matter off a text. A fence that is never closed is no front matter: the text begins with a line.
pub(crate) fn split(text: &str) -> (FrontMatter, &str) {
    let none = || (FrontMatter::default(), text);
    let Some((first, mut rest)) = line_of(text) else {
        return none();
    };
    let fence = first.trim_end();
    if fence != "---" && fence != "+++" {
        return none();
    }
    let mut lines = Vec::new();
    while let Some((line, after)) = line_of(rest) {
        if line.trim_end() == fence {
            return (read(&lines), after);
        }
        if lines.len() == limits::FRONT_MATTER_LINES {
            return none();
        }
        lines.push(line);
        rest = after;
    }
    none()
}

fn line_of(text: &str) -> Option<(&str, &str)> {
    if text.is_empty() {
        return None;
    }
    Some(text.split_once('\n').unwrap_or((text, "")))
}

fn read(lines: &[&str]) -> FrontMatter {
    let mut matter = FrontMatter::default();
    // The key of a list whose items stand on lines of their own.
    let mut list: Option<String> = None;
    for (number, line) in lines.iter().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if let (Some(item), Some(key)) = (trimmed.strip_prefix("- "), &list) {
            matter.entries.push((key.clone(), unquoted(item)));
            continue;
        }
        list = None;
        let Some((key, value)) = key_and_value(trimmed) else {
            matter.problems.push(format!(
                "line {} of the front matter is no `key: value`, and is left out",
                number + 2
            ));
            continue;
        };
        if value.is_empty() {
            list = Some(key);
        } else if let Some(items) = value
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            let items = items
                .split(',')
                .map(unquoted)
                .filter(|item| !item.is_empty());
            matter.entries.extend(items.map(|item| (key.clone(), item)));
        } else {
            matter.entries.push((key, unquoted(value)));
        }
    }
    matter
}

fn key_and_value(line: &str) -> Option<(String, &str)> {
    let at = line.find([':', '='])?;
    let (key, value) = (line.get(..at)?.trim(), line.get(at + 1..)?.trim());
    let fits = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.');
    if key.is_empty() || !key.chars().all(fits) {
        return None;
    }
    Some((key.to_lowercase(), value))
}

fn unquoted(value: &str) -> String {
    let value = value.trim();
    for quote in ['"', '\''] {
        let inner = value
            .strip_prefix(quote)
            .and_then(|rest| rest.split_once(quote));
        if let Some((inner, _)) = inner {
            return inner.to_owned();
        }
    }
    value
        .split(" #")
        .next()
        .unwrap_or_default()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &str) -> (Vec<(String, String)>, &str) {
        let (matter, rest) = split(text);
        assert_eq!(matter.problems, Vec::<String>::new());
        (matter.entries, rest)
    }

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn both_ways_of_writing_it_are_read() {
        let yaml = "---\ntitle: Returns: how\nlang: pt # Brazil\nproduct: [bicycle, \"e-bike\"]\ntag:\n  - a\n  - 'b'\n---\nText\n";
        let expected = pairs(&[
            ("title", "Returns: how"),
            ("lang", "pt"),
            ("product", "bicycle"),
            ("product", "e-bike"),
            ("tag", "a"),
            ("tag", "b"),
        ]);
        assert_eq!(entries(yaml), (expected, "Text\n"));
        let toml = "+++\r\ntitle = \"Returns\"\r\nlang = \"pt\"\r\n+++\r\nText";
        assert_eq!(
            entries(toml),
            (pairs(&[("title", "Returns"), ("lang", "pt")]), "Text")
        );
    }

    #[test]
    fn what_is_no_front_matter_stays_in_the_text() {
        for text in [
            "",
            "Text",
            "---",
            "---\ntitle: never closed\n\nText",
            "----\n---\n",
            "Text\n---\na: b\n---\n",
        ] {
            assert_eq!(entries(text), (Vec::new(), text), "{text}");
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named_and_the_others_stand() {
        let (matter, rest) = split("---\ntitle: Returns\nwhat is this\n---\nText");
        assert_eq!(matter.first("title"), Some("Returns"));
        assert_eq!(
            matter.problems,
            ["line 3 of the front matter is no `key: value`, and is left out"]
        );
        assert_eq!(rest, "Text");
    }
}
