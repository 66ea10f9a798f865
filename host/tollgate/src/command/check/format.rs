//! How findings are printed: in full for people, in one line, as JSON, or as the annotations of a GitHub workflow.

use engine::Fault;
use serde_json::{Value, json};

/// How to print what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// With the source line and a caret
    Full,
    /// One line each
    Short,
    /// One JSON object each
    Json,
    /// Workflow commands: GitHub shows them beside the changed lines
    Github,
}

impl Format {
    /// One finding, with its line break.
    pub(super) fn show(self, fault: &Fault, colour: bool) -> String {
        match self {
            Self::Full => format!("{}\n", fault.render(colour).trim_end()),
            Self::Short => format!("{fault}\n"),
            Self::Json => format!("{}\n", as_json(fault)),
            Self::Github => format!("{}\n", as_annotation(fault)),
        }
    }
}

fn severity(fault: &Fault) -> &'static str {
    if fault.is_error() { "error" } else { "warning" }
}

fn as_json(fault: &Fault) -> Value {
    let severity = severity(fault);
    match fault {
        Fault::Rule(diagnostic) => json!({
            "severity": severity,
            "code": diagnostic.code,
            "file": diagnostic.file,
            "line": diagnostic.line,
            "column": diagnostic.column,
            "end_column": diagnostic.column + diagnostic.length,
            "length": diagnostic.length,
            "message": diagnostic.message,
            "help": diagnostic.help,
        }),
        Fault::File {
            path,
            problem,
            help,
        } => {
            json!({"severity": severity, "file": path, "message": problem, "help": help})
        }
    }
}

/// `::error file=…,line=…::message`. The help is a line of the message: GitHub shows no more than that.
fn as_annotation(fault: &Fault) -> String {
    let severity = severity(fault);
    match fault {
        Fault::Rule(diagnostic) => {
            let title = rulebook::explain(diagnostic.code).map_or_else(
                || diagnostic.code.to_owned(),
                |known| format!("{} {}", diagnostic.code, known.title),
            );
            let help = diagnostic
                .help
                .as_deref()
                .map_or_else(String::new, |help| format!("\nhelp: {help}"));
            format!(
                "::{severity} file={},line={},col={},endColumn={},title={}::{}",
                property(&diagnostic.file),
                diagnostic.line,
                diagnostic.column,
                diagnostic.column + diagnostic.length,
                property(&title),
                data(&format!("{}{help}", diagnostic.message)),
            )
        }
        Fault::File {
            path,
            problem,
            help,
        } => format!(
            "::{severity} file={}::{}",
            property(path),
            data(&format!("{problem}\nhelp: {help}"))
        ),
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rulebook::{Names, Source, read};

    fn fault(name: &str, text: &str) -> Fault {
        let source = Source {
            name: name.into(),
            text: text.into(),
        };
        let mut found = read(&[source], &Names::default()).diagnostics;
        Fault::Rule(Box::new(found.remove(0)))
    }

    #[test]
    fn an_annotation_has_its_place_and_nothing_in_it_ends_it() {
        let fault = fault(
            "shop, 100%: new.toml",
            "rules_version = 1\nlanguages = [\"en\"]\nownr = \"a\"\n",
        );
        assert_eq!(
            Format::Github.show(&fault, true),
            "::error file=shop%2C 100%25%3A new.toml,line=3,col=1,endColumn=5,title=R003 unknown key::unknown key `ownr` in a file%0Ahelp: did you mean `owner`?\n"
        );
    }

    #[test]
    fn a_file_as_a_whole_is_annotated_too() {
        let fault = Fault::File {
            path: "tollgate.toml".into(),
            problem: "50% of it\r\nis missing".into(),
            help: "write it".into(),
        };
        assert_eq!(
            Format::Github.show(&fault, false),
            "::error file=tollgate.toml::50%25 of it%0D%0Ais missing%0Ahelp: write it\n"
        );
    }

    #[test]
    fn json_is_one_object_a_line_with_the_end_of_the_place() {
        let fault = fault(
            "a.toml",
            "rules_version = 1\nlanguages = [\"en\"]\nownr = \"a\"\n",
        );
        let shown = Format::Json.show(&fault, false);
        let json: Value = serde_json::from_str(shown.trim_end()).unwrap_or_default();
        let part = |key: &str| json.get(key).cloned().unwrap_or_default();
        assert_eq!(shown.lines().count(), 1);
        assert_eq!((part("code"), part("column")), (json!("R003"), json!(1)));
        assert_eq!((part("end_column"), part("length")), (json!(5), json!(4)));
    }
}
