//! The plugin developer's day with the real binary: begin, build, test, check, pin, list.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod binary;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use binary::tollgate;

/// The folder of this workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A folder below `target` that outlives the test: what is built there is there the next time.
fn kept(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// `tollgate plugin …`, which keeps its compiled code below `target`, asks no registry and no host.
fn plugin(arguments: &[&str], folder: &Path) -> Command {
    let mut command = tollgate();
    command
        .arg("plugin")
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CACHE_HOME", kept("cache"))
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TARGET_DIR", kept("plugin-new"));
    command
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

fn run(mut command: Command) -> (bool, String) {
    let output = command.output().unwrap();
    (output.status.success(), said(&output))
}

fn file(folder: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, content).unwrap();
    path
}

#[test]
fn a_new_plugin_builds_and_passes_its_test_at_once_and_a_broken_promise_is_shown_at_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let (fine, text) = run(plugin(&["new", "stock-check"], folder.path()));
    assert!(fine, "{text}");
    let project = folder.path().join("stock-check");
    // What this workspace was built with is at hand; a newer version would have to be fetched.
    std::fs::copy(root().join("Cargo.lock"), project.join("Cargo.lock")).unwrap();

    let (fine, text) = run(plugin(&["dev", "--once", "--no-reload"], &project));
    assert!(fine, "{text}");
    assert!(text.contains("1 passed, 0 failed"), "{text}");

    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["test", "--quiet"])
        .current_dir(&project)
        .env("TOLLGATE", env!("CARGO_BIN_EXE_tollgate"))
        .env("XDG_CACHE_HOME", kept("cache"))
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TARGET_DIR", kept("plugin-new"));
    let (fine, text) = run(cargo);
    assert!(fine, "{text}");

    let rules = project.join("rules/rules.toml");
    let broken = std::fs::read_to_string(&rules)
        .unwrap()
        .replace("This is visit 2.", "This is visit 3.");
    std::fs::write(&rules, broken).unwrap();
    let component = project.join("dist/stock-check.wasm");
    let component = component.to_str().unwrap();
    let (fine, text) = run(plugin(&["test", "--component", component], &project));
    assert!(!fine, "{text}");
    assert!(text.contains("0 passed, 1 failed"), "{text}");
    assert!(
        text.contains("expected \"Hello! This is visit 3.\""),
        "{text}"
    );
    assert!(text.contains("rules/rules.toml:18"), "{text}");
}

#[test]
fn a_folder_that_is_there_and_a_name_that_is_none_are_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("mine")).unwrap();
    for (name, words) in [
        ("mine", "is there already"),
        ("Stock Check", "is no name for a plugin"),
    ] {
        let (fine, text) = run(plugin(&["new", name], folder.path()));
        assert!(!fine && text.contains(words), "{name}: {text}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    let (fine, text) = run(plugin(&["build"], folder.path()));
    assert!(!fine && text.contains("tollgate plugin new NAME"), "{text}");
}

#[test]
fn check_shows_what_a_component_is_and_refuses_what_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let good = file(folder.path(), "router.wasm", shipped::ROUTER);
    let (fine, text) = run(plugin(&["check", good.to_str().unwrap()], folder.path()));
    assert!(fine, "{text}");
    for words in [
        "tollgate:plugin/desk@1.0.0",
        "desk: it hands conversations to people",
        "there is nothing to do",
        "grants = [\"desk\"]",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let (fine, text) = run(plugin(
        &["check", good.to_str().unwrap(), "--json"],
        folder.path(),
    ));
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(fine && json["wants"][0]["interface"] == "desk", "{text}");

    let bad = file(folder.path(), "text.wasm", "not a component at all");
    let (fine, text) = run(plugin(&["check", bad.to_str().unwrap()], folder.path()));
    assert!(!fine && text.contains("text.wasm"), "{text}");
    let (fine, text) = run(plugin(&["check", "nowhere.wasm"], folder.path()));
    assert!(!fine && text.contains("tollgate plugin build"), "{text}");
}

#[test]
fn a_pinned_plugin_is_that_very_code_or_it_is_not_loaded() {
    let folder = tempfile::tempdir().unwrap();
    file(folder.path(), "mine.wasm", shipped::ROUTER);
    file(
        folder.path(),
        "knowledge/hours.md",
        "We are open from nine to five.",
    );
    file(
        folder.path(),
        "rules/one.toml",
        "rules_version = 1\ntimezone = \"UTC\"\nlanguages = [\"en\"]\n\n[[rule]]\nname = \"a\"\nwhen.words = [\"a\"]\nreply.en = \"b\"\n",
    );
    let sample = String::from_utf8(
        tollgate()
            .args(["config", "sample"])
            .output()
            .unwrap()
            .stdout,
    )
    .unwrap();
    let own =
        "\n# Mine.\n[plugin.mine]\ncomponent = \"mine.wasm\" # as built\ngrants = [\"desk\"]\n";
    let config = file(folder.path(), "tollgate.toml", sample + own);
    let check = || {
        let mut command = tollgate();
        command.arg("check").current_dir(folder.path());
        run(command)
    };
    let (fine, text) = run(plugin(&["pin", "mine"], folder.path()));
    assert!(fine, "{text}");
    let written = std::fs::read_to_string(&config).unwrap();
    assert!(
        written.contains("pin = \"") && written.contains("# as built"),
        "{written}"
    );
    let (fine, text) = check();
    assert!(fine, "{text}");

    file(folder.path(), "mine.wasm", shipped::AUTO_REPLY);
    let (fine, text) = check();
    assert!(
        !fine && text.contains("it is pinned to") && text.contains("tollgate plugin pin mine"),
        "{text}"
    );

    file(folder.path(), "mine.wasm", shipped::ROUTER);
    // A pin that is none is mended, not complained of.
    let broken = std::fs::read_to_string(&config).unwrap();
    let digest = broken
        .split("\npin = \"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    file(
        folder.path(),
        "tollgate.toml",
        broken.replace(&digest, "00"),
    );
    let (fine, text) = run(plugin(&["pin", "mine"], folder.path()));
    assert!(fine, "{text}");
    let (fine, text) = check();
    assert!(fine, "{text}");

    let (fine, text) = run(plugin(&["pin", "mine", "--off"], folder.path()));
    assert!(
        fine && !std::fs::read_to_string(&config)
            .unwrap()
            .contains("\npin = "),
        "{text}"
    );
    let (fine, text) = run(plugin(&["pin", "yours"], folder.path()));
    assert!(
        !fine && text.contains("there is no [plugin.yours]"),
        "{text}"
    );
}

#[test]
fn the_examples_in_rust_do_what_the_tests_beside_their_rules_say() {
    let folder = tempfile::tempdir().unwrap();
    for (name, component) in shipped::examples() {
        let component = file(folder.path(), &format!("{name}.wasm"), component);
        let component = component.to_str().unwrap();
        let example = root().join("examples").join(name);
        let (fine, text) = run(plugin(&["test", "--component", component], &example));
        assert!(fine, "{name}: {text}");
        assert!(text.contains(" passed, 0 failed"), "{name}: {text}");
    }
}

#[test]
fn the_shipped_rules_do_what_the_tests_beside_them_say() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = tollgate();
    command.arg("test").current_dir(folder.path());
    let (fine, text) = run(command);
    assert!(fine && text.contains(" passed, 0 failed"), "{text}");
}

/// The examples in other languages, if `cargo xtask test` could build them: it says loudly which it could not.
fn other_language(language: &str, component: &str, tools: &str, tools_as: &str) {
    let (Some(component), Some(tools)) = (std::env::var_os(component), std::env::var_os(tools))
    else {
        eprintln!(
            "skipped: {component} names no component; `cargo xtask test` builds it if its registry answers"
        );
        return;
    };
    let example = root().join(format!("examples/plugin-{language}"));
    let component = component.to_str().unwrap();
    let (fine, text) = run(plugin(&["test", "--component", component], &example));
    assert!(fine, "{text}");
    assert!(text.contains(" passed, 0 failed"), "{text}");

    // And the template, with the tools that are there.
    let folder = tempfile::tempdir().unwrap();
    let (fine, text) = run(plugin(&["new", "hello", "--lang", language], folder.path()));
    assert!(fine, "{text}");
    let project = folder.path().join("hello");
    let link = project.join(tools_as);
    std::fs::create_dir_all(link.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(tools_at(Path::new(&tools), tools_as), link).unwrap();
    let (fine, text) = run(plugin(&["dev", "--once", "--no-reload"], &project));
    assert!(fine && text.contains(" passed, 0 failed"), "{text}");
}

/// The folder of the tools: what is named of Python's is the interpreter in it.
fn tools_at<'t>(tools: &'t Path, tools_as: &str) -> &'t Path {
    match tools_as {
        ".venv" => tools.parent().and_then(Path::parent).unwrap(),
        _ => tools,
    }
}

#[test]
fn a_plugin_in_javascript_works_under_the_same_limits() {
    other_language(
        "js",
        "TOLLGATE_JS_COMPONENT",
        "TOLLGATE_JS_TOOLS",
        "node_modules",
    );
}

#[test]
fn a_plugin_in_python_works_under_the_same_limits() {
    other_language(
        "python",
        "TOLLGATE_PYTHON_COMPONENT",
        "TOLLGATE_PYTHON_TOOLS",
        ".venv",
    );
}
