//! What `tollgate check` prints of a finding in each format, and `tollgate explain`; the codes that only a plugin or a played test
//! brings about are shown here.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod binary;

use std::fs;
use std::process::Output;

use rulebook::{explain, explanations};
use serde_json::Value;

/// `tollgate check` on one file of rules.
fn check(rules: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("rules")).unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    fs::write(folder.path().join("rules/shop.toml"), rules).unwrap();
    binary::run_in(folder.path(), &[&["check"], arguments].concat())
}

fn behind_a_head(example: &str) -> String {
    format!("rules_version = 1\nlanguages = [\"en\"]\n\n{example}")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

const SLIP: &str =
    "[[rule]]\nname = \"parking\"\nwhen.word = [\"parking\"]\nreply.en = \"Behind the shop.\"\n";

#[test]
fn what_a_plugin_or_a_played_test_finds_bears_its_code() {
    for code in ["R030", "R031"] {
        let explanation = explain(code).unwrap();
        let wrong = check(&behind_a_head(explanation.wrong), &["--format", "json"]);
        let found: Vec<Value> = stdout(&wrong)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let errors: Vec<_> = found
            .iter()
            .filter(|one| one["severity"] == "error")
            .map(|one| one["code"].as_str().unwrap_or_default())
            .collect();
        assert_eq!(errors, [code], "{}{}", stdout(&wrong), stderr(&wrong));
        assert_eq!(wrong.status.code(), Some(1));
        let right = check(&behind_a_head(explanation.right), &[]);
        assert!(
            stdout(&right).starts_with("fine: "),
            "{code}: {}",
            stdout(&right)
        );
    }
}

#[test]
fn a_finding_is_followed_by_where_to_read_on_for_people_alone() {
    let rules = behind_a_head(SLIP);
    let full = check(&rules, &[]);
    assert!(stdout(&full).contains("error[R012]: unknown condition `word`"));
    assert!(
        stderr(&full).contains("tollgate explain R012 tells more"),
        "{}",
        stderr(&full)
    );
    assert!(
        !stdout(&full).contains('\u{1b}'),
        "colours only at a terminal"
    );
    for format in ["short", "json", "github"] {
        let told = check(&rules, &["--format", format]);
        assert!(!stderr(&told).contains("tollgate explain"), "{format}");
        assert_eq!(stdout(&told).lines().count(), 1, "{format}");
    }
}

#[test]
fn github_gets_an_annotation_with_its_place() {
    let told = stdout(&check(&behind_a_head(SLIP), &["--format", "github"]));
    let place = "shop.toml,line=6,col=6,endColumn=10,title=R012 unknown condition::unknown condition `word`%0Ahelp: ";
    assert!(
        told.starts_with("::error file=") && told.contains(place),
        "{told}"
    );
}

#[test]
fn explain_shows_a_code_however_it_is_written_and_lists_all() {
    let folder = tempfile::tempdir().unwrap();
    let run =
        |arguments: &[&str]| binary::run_in(folder.path(), &[&["explain"], arguments].concat());
    for written in ["R012", "r012", "12"] {
        let shown = stdout(&run(&[written]));
        let starts = shown.starts_with("R012 unknown condition\n");
        assert!(
            starts && shown.contains("Wrong:") && shown.contains("  when.words = "),
            "{shown}"
        );
    }
    let two = stdout(&run(&["R012", "103"]));
    assert!(two.contains("R012 ") && two.contains("\nR103 "), "{two}");
    let list = stdout(&run(&[]));
    for one in explanations() {
        assert!(
            list.contains(&format!("{}  {}\n", one.code, one.title)),
            "{}",
            one.code
        );
    }
    let json = stdout(&run(&["--format", "json", "R012"]));
    let json: Value = serde_json::from_str(json.trim_end()).unwrap();
    assert_eq!(
        (&json["code"], &json["severity"]),
        (&"R012".into(), &"error".into())
    );
}

#[test]
fn an_unknown_code_names_the_nearest_and_is_wrong_usage() {
    let folder = tempfile::tempdir().unwrap();
    let told = binary::run_in(folder.path(), &["explain", "R119"]);
    assert_eq!(told.status.code(), Some(2));
    assert!(
        stderr(&told).contains("there is no code R119"),
        "{}",
        stderr(&told)
    );
    assert!(
        stderr(&told).contains("the nearest is R1"),
        "{}",
        stderr(&told)
    );
}
