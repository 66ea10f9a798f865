//! What is wrong, where, and which line fixes it.

use std::fmt::{self, Write as _};

use crate::codes::Code;
use crate::limits;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The draft works, and probably not as meant.
    Warning,
    /// There is no draft: what ran before keeps running.
    Error,
}

/// One finding, with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Its code, `R012`; [`crate::explain`] tells more about it.
    pub code: &'static str,
    /// The file, as people see it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// Which line fixes it.
    pub help: Option<String>,
    /// The source line it stands in.
    pub source_line: String,
    /// How many characters of that line it is about.
    pub length: usize,
}

impl Diagnostic {
    /// A finding that has no place.
    pub(crate) fn nowhere(code: Code, message: String, help: Option<String>) -> Self {
        let (file, source_line) = ("rules".to_owned(), String::new());
        Self {
            severity: Severity::Error,
            code: code.0,
            file,
            line: 1,
            column: 1,
            message,
            help,
            source_line,
            length: 1,
        }
    }

    /// The finding with its source line, a caret beneath and the help. Ends without a line break.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        let paint = Paint { colour };
        let Self {
            severity,
            code,
            file,
            line,
            column,
            message,
            help,
            ..
        } = self;
        let number = line.to_string();
        let margin = " ".repeat(number.len());
        let bar = paint.faint("|");
        let (shown, carets) = self.excerpt();
        let mut text = format!(
            "{}{}\n",
            paint.severe(*severity, &format!("{severity}[{code}]")),
            paint.bold(&format!(": {message}"))
        );
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{margin}{} {file}:{line}:{column}",
            paint.faint("-->")
        );
        let _ = writeln!(text, "{margin} {bar}");
        let _ = writeln!(
            text,
            "{}",
            format!("{} {bar} {shown}", paint.faint(&number)).trim_end()
        );
        let _ = write!(text, "{margin} {bar} {}", paint.severe(*severity, &carets));
        if let Some(help) = help {
            let _ = write!(text, "\n{margin} {} {help}", paint.faint("= help:"));
        }
        text
    }

    /// The part of the line around the place, and the carets beneath it.
    #[must_use]
    pub fn excerpt(&self) -> (String, String) {
        let before = self.column.saturating_sub(1);
        let skipped = before.saturating_sub(limits::SHOWN_LINE_CHARS / 2);
        let mut shown = String::new();
        let mut carets = String::new();
        if skipped > 0 {
            shown.push('…');
            carets.push(' ');
        }
        let characters = self.source_line.chars().chain(std::iter::repeat(' '));
        let end = before + self.length.max(1);
        let line_length = self.source_line.chars().count();
        for (index, character) in characters
            .enumerate()
            .skip(skipped)
            .take(limits::SHOWN_LINE_CHARS)
        {
            if index >= line_length.max(end) {
                break;
            }
            // A file is somebody's text: nothing in it may steer the terminal.
            let harmless = if character != '\t' && character.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                character
            };
            if index < line_length {
                shown.push(harmless);
            }
            if index < end {
                let mark = if index >= before {
                    '^'
                } else if character == '\t' {
                    '\t'
                } else {
                    ' '
                };
                carets.extend(std::iter::repeat_n(mark, columns(character)));
            }
        }
        // A mark that takes no column of its own, such as an accent by itself, still has a caret.
        if !carets.contains('^') {
            carets.push('^');
        }
        if line_length > skipped + limits::SHOWN_LINE_CHARS {
            shown.push('…');
        }
        (shown.trim_end().to_owned(), carets)
    }
}

/// How many columns of a terminal a character takes, closely enough to put a caret beneath it.
fn columns(character: char) -> usize {
    match u32::from(character) {
        0x0300..=0x036F | 0x200B..=0x200F | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F
        | 0x2E80..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0x1F300..=0x1FAFF => 2,
        _ => 1,
    }
}

struct Paint {
    colour: bool,
}

impl Paint {
    fn with(&self, style: &str, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[{style}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn severe(&self, severity: Severity, text: &str) -> String {
        self.with(
            if severity == Severity::Error {
                "1;31"
            } else {
                "1;33"
            },
            text,
        )
    }

    fn bold(&self, text: &str) -> String {
        self.with("1", text)
    }

    fn faint(&self, text: &str) -> String {
        self.with("1;34", text)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// In one line: `file:line:column: error[R012]: …`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            severity,
            code,
            file,
            line,
            column,
            message,
            ..
        } = self;
        write!(f, "{file}:{line}:{column}: {severity}[{code}]: {message}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diagnostic(source_line: &str, column: usize, length: usize) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            code: "R003",
            file: "a.toml".into(),
            line: 7,
            column,
            message: "unknown key `nmae`".into(),
            help: Some("did you mean `name`?".into()),
            source_line: source_line.into(),
            length,
        }
    }

    #[test]
    fn a_caret_stands_beneath_its_place() {
        let rendered = diagnostic("nmae = \"x\"", 1, 4).render(false);
        let expected = "error[R003]: unknown key `nmae`\n --> a.toml:7:1\n  |\n7 | nmae = \"x\"\n  | ^^^^\n  = help: did you mean `name`?";
        assert_eq!(rendered, expected);
    }

    #[test]
    fn an_accent_by_itself_has_a_caret() {
        assert!(diagnostic("\u{300}\t", 1, 1).render(false).contains('^'));
    }

    #[test]
    fn a_long_line_is_cut_around_its_place() {
        let line = format!("{}HERE{}", "a".repeat(5_000), "b".repeat(5_000));
        let rendered = diagnostic(&line, 5_001, 4).render(false);
        assert!(
            rendered.contains("aHEREb") && rendered.contains("^^^^"),
            "{rendered}"
        );
        assert!(rendered.len() < 800, "{rendered}");
    }

    #[test]
    fn a_file_cannot_steer_the_terminal() {
        let rendered = diagnostic("name = \"\u{1b}[2J\"", 1, 4).render(false);
        assert!(!rendered.contains('\u{1b}'));
    }

    #[test]
    fn a_place_past_the_end_of_a_line_still_has_a_caret() {
        let rendered = diagnostic("name =", 7, 1).render(false);
        assert!(rendered.contains("7 | name =\n  |       ^\n"), "{rendered}");
    }
}
