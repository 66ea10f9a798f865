//! One document: what it says of itself, its language, its passages.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use crate::front_matter::{self, FrontMatter};
use crate::limits;
use crate::markdown::{self, Section};
use crate::passage::{self, Passage};
use crate::tongue::Tongue;
use crate::words::folded;

/// A document, read and cut.
#[derive(Debug)]
pub(crate) struct Document {
    /// Its path below the folder, with `/`.
    pub(crate) source: String,
    pub(crate) title: Option<String>,
    pub(crate) url: Option<String>,
    /// Nothing if its text shows none; then it is there for every language.
    pub(crate) tongue: Option<Tongue>,
    /// What its front matter says, key and value, as filters compare them.
    pub(crate) marks: BTreeSet<(String, String)>,
    pub(crate) passages: Vec<Passage>,
}

/// A document whose language may still be open.
pub(crate) struct Draft {
    document: Document,
    /// Whether the front matter or the path names the language.
    named: bool,
    sample: String,
}

/// Characters of a document that its language is told by: a few paragraphs.
const SAMPLE_CHARS: usize = 2_000;

impl Draft {
    /// Reads a document; what is wrong with it in a small way is said to `report`.
    pub(crate) fn read(source: &str, text: &str, report: &mut dyn FnMut(String)) -> Self {
        let path = Path::new(source);
        let (matter, body) = front_matter::split(text);
        matter
            .problems
            .iter()
            .for_each(|problem| report(problem.clone()));
        let is_markdown = path
            .extension()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("md"));
        let sections = if is_markdown {
            markdown::sections(body)
        } else {
            markdown::plain(body)
        };
        let tongue = named_in(&matter, report).or_else(|| named_by(path));
        let document = Document {
            source: source.to_owned(),
            title: title(&matter, &sections),
            url: url(&matter, report),
            tongue,
            marks: matter
                .entries
                .iter()
                .map(|(key, value)| (folded(key), folded(value)))
                .collect(),
            passages: passage::cut(&sections),
        };
        let sample = document
            .passages
            .iter()
            .flat_map(|passage| passage.text.chars().chain([' ']))
            .take(SAMPLE_CHARS)
            .collect();
        Self {
            named: tongue.is_some(),
            document,
            sample,
        }
    }

    /// The language that was written down for it.
    pub(crate) fn named_tongue(&self) -> Option<Tongue> {
        self.document.tongue.filter(|_| self.named)
    }

    /// The document, its language told by its text if nobody wrote it down.
    pub(crate) fn finish(mut self, likely: &[Tongue]) -> Document {
        if !self.named {
            self.document.tongue = Tongue::detect(&self.sample, likely);
        }
        self.document
    }
}

fn named_in(matter: &FrontMatter, report: &mut dyn FnMut(String)) -> Option<Tongue> {
    let code = matter.first("lang").or_else(|| matter.first("language"))?;
    let tongue = Tongue::parse(code);
    if tongue.is_none() {
        report(format!(
            "{code:?} is no language that is known: write its code, `lang: pt`; its text shows the language until then"
        ));
    }
    tongue
}

/// `returns.pt.md`, else the nearest folder that is called `pt`.
fn named_by(path: &Path) -> Option<Tongue> {
    let stem = Path::new(path.file_stem()?);
    let suffix = stem.extension().and_then(|suffix| suffix.to_str());
    suffix.and_then(Tongue::parse).or_else(|| {
        let folders = path.parent()?.components().rev();
        folders
            .filter_map(|folder| match folder {
                Component::Normal(name) => name.to_str(),
                _ => None,
            })
            .find_map(Tongue::parse)
    })
}

fn title(matter: &FrontMatter, sections: &[Section]) -> Option<String> {
    let written = matter
        .first("title")
        .map(str::trim)
        .filter(|title| !title.is_empty());
    let title = written.or_else(|| {
        let first = sections.iter().find_map(|section| section.headings.first());
        first.map(String::as_str)
    })?;
    Some(title.chars().take(limits::HEADING_CHARS).collect())
}

fn url(matter: &FrontMatter, report: &mut dyn FnMut(String)) -> Option<String> {
    let url = matter.first("url")?;
    let fits = url.starts_with("https://") && !url.contains(char::is_whitespace);
    if !fits {
        report(format!(
            "{url:?} is no page that a contact can open: write `url: https://…`; it is left out"
        ));
    }
    fits.then(|| url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(source: &str, text: &str) -> (Document, Vec<String>) {
        let mut problems = Vec::new();
        let draft = Draft::read(source, text, &mut |problem| problems.push(problem));
        (draft.finish(&[]), problems)
    }

    #[test]
    fn the_language_is_what_is_written_down_else_what_the_path_says_else_what_the_text_shows() {
        let english = "You can bring anything back within thirty days.";
        for (source, text, code) in [
            ("a.md", "---\nlang: pt_BR\n---\nx".to_owned(), Some("pt")),
            ("es/a.pt.md", english.to_owned(), Some("pt")),
            ("pt-br/deep/a.md", english.to_owned(), Some("pt")),
            ("es/pt/a.txt", english.to_owned(), Some("pt")),
            ("returns.v2.md", english.to_owned(), Some("en")),
            ("numbers.txt", "12 34".to_owned(), None),
        ] {
            let (document, problems) = document(source, &text);
            assert_eq!(document.tongue.map(Tongue::code), code, "{source}");
            assert_eq!(problems, Vec::<String>::new());
        }
    }

    #[test]
    fn title_address_and_marks_come_from_the_top() {
        let (document, problems) = document(
            "a.md",
            "---\nurl: https://shop.example/a\nProduct: [Bicycle, Capacete Ção]\n---\n# The **first**\ntext\n",
        );
        assert_eq!(document.title.as_deref(), Some("The first"));
        assert_eq!(document.url.as_deref(), Some("https://shop.example/a"));
        assert!(
            document
                .marks
                .contains(&("product".to_owned(), "capacete cao".to_owned()))
        );
        assert_eq!(problems, Vec::<String>::new());
    }

    #[test]
    fn small_mistakes_are_told_and_the_document_stands() {
        let (document, problems) = document(
            "a.md",
            "---\nlang: portuguese\nurl: http://x\n---\nYou can bring anything back within thirty days.",
        );
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].contains("`lang: pt`") && problems[1].contains("https://"));
        assert_eq!(
            (document.url, document.tongue.map(Tongue::code)),
            (None, Some("en"))
        );
    }
}
