//! What stands in docs/, for tests that compare.

use std::path::Path;
use std::{env, fs};

use crate::schema::root;

/// Compares a file with what it should hold; `UPDATE=1` writes it.
#[track_caller]
pub(crate) fn check_file(path: &Path, expected: &str) {
    let found = fs::read_to_string(path).unwrap_or_default();
    if found == expected {
        return;
    }
    if env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, expected).unwrap();
        return;
    }
    let mut lines = found.lines().zip(expected.lines());
    let differs = lines.find(|(found, expected)| found != expected);
    panic!(
        "{} is not current, `UPDATE=1` writes it; first difference (found, expected): {differs:#?}",
        path.display()
    );
}

/// The TOML blocks of a page that hold rules, with a head if they have none, each with the line it begins on.
pub(crate) fn blocks(page: &str) -> Vec<(usize, String)> {
    let text = fs::read_to_string(root().join(page)).unwrap();
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
    blocks.retain(|(_, block)| block.contains("[[rule]]") || block.contains("[opt_out]"));
    for (_, block) in &mut blocks {
        if !block.contains("languages") || !block.contains("rules_version") {
            *block = format!("rules_version = 1\nlanguages = [\"en\"]\n{block}");
        }
    }
    blocks
}
