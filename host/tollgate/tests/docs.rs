//! Every rule that a page shows is one that this version reads, without an error or a warning.
#![allow(
    clippy::unwrap_used,
    reason = "helpers of tests: what fails here fails its test"
)]

use std::fs;
use std::path::Path;

use model::{DeskName, NumberId, PluginName};
use rulebook::{Names, Source};

const PAGES: [&str; 2] = ["README.md", "docs/rules.md"];
const HEAD: &str = "rules_version";

#[test]
fn every_rule_on_a_page_is_read_without_a_complaint() {
    let mut complaints = Vec::new();
    for page in PAGES {
        let blocks = rule_blocks(page);
        assert!(!blocks.is_empty(), "{page} shows no rule");
        for (line, block) in blocks {
            let text = behind_a_head(&block);
            let source = Source {
                name: format!("{page}:{line}"),
                text,
            };
            let reading = rulebook::read(&[source], &names());
            complaints.extend(reading.diagnostics.iter().map(|found| found.render(false)));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// The TOML blocks of a page that hold rules, each with the line it begins on.
fn rule_blocks(page: &str) -> Vec<(usize, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = fs::read_to_string(root.join(page)).unwrap();
    let mut blocks: Vec<(usize, String)> = Vec::new();
    let mut is_inside = false;
    for (index, line) in text.lines().enumerate() {
        match (is_inside, line) {
            (false, "```toml") => {
                is_inside = true;
                blocks.push((index + 1, String::new()));
            }
            (true, "```") => is_inside = false,
            (true, line) => {
                let (_, block) = blocks.last_mut().unwrap();
                block.push_str(line);
                block.push('\n');
            }
            (false, _) => {}
        }
    }
    assert!(!is_inside, "{page}: a block does not end");
    blocks.retain(|(_, block)| {
        // The tutorial's own are tried on the rulebook that ships, by tests/tutorial.rs.
        let is_tutorial = block.starts_with("# rules/") || block.starts_with("# add to rules/");
        !is_tutorial && (block.contains("[[rule]]") || block.contains("[opt_out]"))
    });
    blocks
}

/// A block without a head gets one, with the languages that it answers in.
fn behind_a_head(block: &str) -> String {
    if block.contains(HEAD) {
        return block.to_owned();
    }
    let mut languages: Vec<&str> = Vec::new();
    for rest in block.lines().filter_map(|line| line.strip_prefix("reply.")) {
        let language = rest.split([' ', '=']).next().unwrap();
        if !languages.contains(&language) {
            languages.push(language);
        }
    }
    if languages.is_empty() {
        languages.push("en");
    }
    format!("{HEAD} = 1\nlanguages = {languages:?}\n{block}")
}

/// The plugins that ship and the example, a desk and a number: what the pages speak of.
fn names() -> Names {
    let plugins = shipped::all()
        .into_iter()
        .map(|(name, _)| name)
        .chain(["greeter"]);
    Names {
        plugins: plugins.map(|name| PluginName::new(name).unwrap()).collect(),
        desks: [DeskName::new("support").unwrap()].into(),
        numbers: [(
            "store".to_owned(),
            NumberId::new("100000000000001").unwrap(),
        )]
        .into(),
        answer_within: model::Span::from_hours(6),
    }
}
