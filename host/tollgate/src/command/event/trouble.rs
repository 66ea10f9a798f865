//! Why a whole body could not be read: what, where, and what to do about it.

use std::fmt;

use intake::payload::Unreadable;
use serde::de::IgnoredAny;
use serde_json::error::Category;

use super::limits;
use super::source::Source;

/// One file's trouble, told at once and counted in the exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    source: String,
    /// Line and column, from 1.
    place: Option<(usize, usize)>,
    what: String,
    help: Option<String>,
    /// It could not even be opened.
    is_closed: bool,
}

impl Trouble {
    /// It cannot be opened.
    pub(super) fn closed(source: &Source, what: &str) -> Self {
        Self {
            source: source.to_string(),
            place: None,
            what: what.to_owned(),
            help: None,
            is_closed: true,
        }
    }

    /// It is larger than any body.
    pub(super) fn too_large(source: &Source) -> Self {
        let most = limits::FILE_BYTES / (1024 * 1024);
        Self {
            source: source.to_string(),
            place: None,
            what: format!(
                "it has more than {most} MiB, and no body that is delivered has more than 3 MB"
            ),
            help: Some("one file holds one body: take them apart first".to_owned()),
            is_closed: false,
        }
    }

    /// It was opened, and is no body.
    pub(super) fn unreadable(source: &Source, body: &[u8], unreadable: &Unreadable) -> Self {
        let (place, what, help) = explain(body, unreadable);
        Self {
            source: source.to_string(),
            place,
            what,
            help: Some(help),
            is_closed: false,
        }
    }

    pub(super) fn exit_code(&self) -> u8 {
        match self.is_closed {
            true => 2,
            false => 1,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": error: {}", self.what)?;
        match &self.help {
            Some(help) => write!(f, "\n  help: {help}"),
            None => Ok(()),
        }
    }
}

type Explained = (Option<(usize, usize)>, String, String);

/// Looks again at what intake refused, since a person wants the place and the remedy.
fn explain(body: &[u8], unreadable: &Unreadable) -> Explained {
    if body.iter().all(u8::is_ascii_whitespace) {
        let help = "a body is JSON that begins with `{`; was the file written before the command that fills it had ended?";
        return (None, "it is empty".to_owned(), help.to_owned());
    }
    if body.starts_with(&[0xff, 0xfe]) || body.starts_with(&[0xfe, 0xff]) {
        let help = "save it as UTF-8 (PowerShell: `Out-File -Encoding utf8NoBOM`)";
        return (None, "it is UTF-16 text".to_owned(), help.to_owned());
    }
    // Intake reads around bytes that are no text, and around a mark of the byte order: they alone are not the cause.
    let text = String::from_utf8_lossy(body);
    match serde_json::from_str::<IgnoredAny>(text.trim_start_matches('\u{feff}')) {
        Err(error) => {
            let (what, help) = in_words(&error, std::str::from_utf8(body).is_ok());
            let place = (error.line(), error.column().max(1));
            (Some(place), what, help.to_owned())
        }
        Ok(_) => {
            let help = match unreadable {
                Unreadable::NotAnObject(_) => {
                    "a body is Meta's (`object`, `entry`), an event of AWS End User Messaging Social (`whatsAppWebhookEntry`), or an SNS notification of one (`Type`, `Message`)"
                }
                Unreadable::TooMany | Unreadable::TooDeep => {
                    "nothing that is delivered is like this, and a running host refuses it too"
                }
            };
            (None, unreadable.to_string(), help.to_owned())
        }
    }
}

fn in_words(error: &serde_json::Error, is_text: bool) -> (String, &'static str) {
    let said = error.to_string();
    let said = said
        .rsplit_once(" at line ")
        .map_or(said.as_str(), |(said, _)| said);
    if !is_text {
        return (
            format!("it is no JSON, and no UTF-8 text: {said}"),
            "Meta and AWS send nothing else: was the file compressed, or saved in another encoding?",
        );
    }
    if error.classify() == Category::Eof {
        return (
            format!("the JSON breaks off: {said}"),
            "something is missing at its end: was it cut on the way into the file?",
        );
    }
    if said == "trailing characters" {
        return (
            "there is more behind the body's end".to_owned(),
            "one file holds one body; a file of lines is taken apart by `split -l 1 FILE part-`",
        );
    }
    (
        format!("it is no JSON: {said}"),
        "it was sent as JSON: was it edited since, or written down by something that changes the bytes?",
    )
}

#[cfg(test)]
mod tests {
    use intake::envelope;
    use model::Moment;

    use super::*;

    #[test]
    fn what_is_no_body_is_told_with_place_and_remedy() {
        let cases: [(&[u8], &str, &str); 9] = [
            (b"", "-: error: it is empty", "begins with `{`"),
            (b" \n\t", "-: error: it is empty", "begins with `{`"),
            (
                b"hello",
                "-:1:1: error: it is no JSON: expected value",
                "edited",
            ),
            (b"{\"a\":1,\n}", "-:2:1: error: it is no JSON: ", "edited"),
            (
                b"{\"entry\":[{",
                "-:1:11: error: the JSON breaks off: ",
                "cut",
            ),
            (
                b"{}\n{}",
                "-:2:1: error: there is more behind the body's end",
                "split -l 1",
            ),
            (
                b"\x1f\x8b\xff",
                "-:1:1: error: it is no JSON, and no UTF-8 text: ",
                "compressed",
            ),
            (b"\xff\xfe{\0}\0", "-: error: it is UTF-16 text", "UTF-8"),
            (
                b"\xef\xbb\xbf{}x",
                "-:1:3: error: there is more behind",
                "split -l 1",
            ),
        ];
        for (body, what, help) in cases {
            let source = Source::File("-".into());
            let refused = envelope::open(body, Moment(0)).unwrap_err();
            let said = Trouble::unreadable(&source, body, &refused).to_string();
            assert!(said.starts_with(what), "{said}");
            assert!(said.contains(help), "{said}");
        }
    }

    #[test]
    fn a_body_that_is_too_much_is_told_as_such() {
        let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
        let refused = envelope::open(deep.as_bytes(), Moment(0)).unwrap_err();
        let trouble = Trouble::unreadable(&Source::StandardInput, deep.as_bytes(), &refused);
        assert!(trouble.to_string().contains("too deep"), "{trouble}");
    }

    #[test]
    fn json_that_is_no_body_says_what_bodies_are() {
        for body in ["5", "\"text\"", "null", "true"] {
            let refused = envelope::open(body.as_bytes(), Moment(0)).unwrap_err();
            let trouble = Trouble::unreadable(&Source::StandardInput, body.as_bytes(), &refused);
            assert!(
                trouble.to_string().contains("whatsAppWebhookEntry"),
                "{trouble}"
            );
            assert_eq!(trouble.exit_code(), 1);
        }
    }
}
