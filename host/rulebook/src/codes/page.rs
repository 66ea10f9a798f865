//! docs/codes.md, made of what there is to know about each code.

use std::fmt::Write as _;

use super::{Explanation, explanations};
use crate::Severity;

/// The page of all codes, in Markdown. A test holds docs/codes.md against it; `UPDATE=1` writes it.
#[must_use]
pub fn codes_page() -> String {
    let mut page = String::from(
        "# What `tollgate check` finds\n\n\
        Every finding has a code. An error keeps rules from being used, and those from before go on answering; a warning is about\n\
        rules that work, and probably not as meant. `tollgate explain R012` shows the same at a terminal.\n\n\
        This page is made of `host/rulebook/src/codes/`, where each example is tried: change it there, and write the page with\n\
        `UPDATE=1 cargo nextest run -p rulebook codes`.\n",
    );
    for (severity, heading) in [(Severity::Error, "Errors"), (Severity::Warning, "Warnings")] {
        let _ = write!(page, "\n## {heading}\n\n| code | |\n|---|---|\n");
        let of_this = || explanations().filter(|one| one.severity == severity);
        for Explanation { code, title, .. } in of_this() {
            let anchor = code.to_lowercase();
            let _ = writeln!(page, "| [{code}](#{anchor}) | {title} |");
        }
        for explanation in of_this() {
            section(explanation, &mut page);
        }
    }
    page
}

fn section(explanation: &Explanation, page: &mut String) {
    let Explanation {
        code,
        title,
        about,
        wrong,
        right,
        given,
        ..
    } = explanation;
    let given = given.map_or_else(String::new, |given| format!(" ({given})"));
    // Writing to a string cannot fail.
    let _ = write!(
        page,
        "\n### {code}\n\n**{}.** {about}\n\nWrong{given}:\n\n```toml\n{wrong}```\n\nRight:\n\n```toml\n{right}```\n",
        capital(title)
    );
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
