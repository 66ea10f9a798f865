//! With a language whose tools are a shell's.

use std::fs;
use std::process::Command;
use std::time::Duration;

use super::*;
use crate::tools::place::wait;
use crate::workspace;

const SHELL: Language = Language {
    tools: Tools {
        folder: "example",
        without: "Shell plugins are not tested",
        registry: "nowhere",
        pins: &["pins"],
        installation: "installed",
        tool: "installed/tool",
        install: &[&[
            "sh",
            "-c",
            "mkdir -p installed && cp pins installed/tool && echo x >> installed/times",
        ]],
        pins_are_wrong: |said| said.contains("pins!"),
    },
    build: &[
        "sh",
        "-c",
        "cat source wit/deps/tollgate-plugin/contract.wit installed/times > out.wasm",
    ],
    component: "out.wasm",
};

const fn installed_by(install: &'static [&'static [&'static str]]) -> Language {
    Language {
        tools: Tools {
            install,
            ..SHELL.tools
        },
        ..SHELL
    }
}

/// A repository with one example, deleted at the end.
struct Repository(PathBuf);

impl Repository {
    fn new(name: &str) -> Self {
        let process = std::process::id();
        let folder = std::env::temp_dir().join(format!("xtask-languages-{process}-{name}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("example/deps")).unwrap();
        fs::create_dir_all(folder.join("wit/v1")).unwrap();
        let repository = Self(folder);
        repository.write("example/source", "source\n");
        repository.write("example/pins", "pins\n");
        repository.write("wit/v1/contract.wit", "contract\n");
        repository
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.0.join(path), text).unwrap();
    }

    fn build(&self, language: &Language) -> Result<Outcome, Failure> {
        language.build(&self.0, &self.0.join("target"))
    }

    /// What was built.
    fn built(&self, language: &Language) -> String {
        match self.build(language).unwrap() {
            Outcome::Built { component, tools } => {
                assert!(tools.exists());
                fs::read_to_string(component).unwrap()
            }
            Outcome::Skipped(reason) => panic!("skipped: {reason}"),
        }
    }
}

impl Drop for Repository {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn an_example_is_built_with_the_contract_beside_it() {
    let repository = Repository::new("built");
    assert_eq!(repository.built(&SHELL), "source\ncontract\nx\n");
}

#[test]
fn only_what_changed_is_done_again() {
    let repository = Repository::new("again");
    repository.built(&SHELL);
    let component = repository.0.join("target/languages/example/out.wasm");
    fs::write(&component, "still the same file").unwrap();
    assert_eq!(repository.built(&SHELL), "still the same file");

    repository.write("example/source", "changed\n");
    assert_eq!(repository.built(&SHELL), "changed\ncontract\nx\n");
    repository.write("wit/v1/contract.wit", "v1\n");
    assert_eq!(repository.built(&SHELL), "changed\nv1\nx\n");
    repository.write("example/pins", "others\n");
    assert_eq!(repository.built(&SHELL), "changed\nv1\nx\nx\n");

    fs::remove_dir_all(repository.0.join("target/languages/example/installed")).unwrap();
    assert_eq!(repository.built(&SHELL), "changed\nv1\nx\n");
}

#[test]
fn what_was_built_by_hand_or_is_gone_plays_no_part() {
    let repository = Repository::new("left-over");
    repository.write("example/old", "old");
    repository.built(&SHELL);
    fs::remove_file(repository.0.join("example/old")).unwrap();
    for folder in ["node_modules", ".venv", "dist", "__pycache__"] {
        fs::create_dir_all(repository.0.join("example").join(folder)).unwrap();
        repository.write(&format!("example/{folder}/file"), "x");
    }
    repository.built(&SHELL);
    let mut there: Vec<_> = fs::read_dir(repository.0.join("target/languages/example"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    there.sort();
    assert_eq!(there, ["installed", "out.wasm", "pins", "source", "wit"]);
}

#[test]
fn a_language_without_its_tools_is_skipped_and_says_why() {
    let repository = Repository::new("skipped");
    let missing = installed_by(&[&["there-is-no-such-program"]]);
    let silent = installed_by(&[&[
        "sh",
        "-c",
        "echo warning; echo 'ERROR: no route to host'; echo bye; exit 1",
    ]]);
    for (language, reason) in [
        (
            missing,
            "Shell plugins are not tested (example): `there-is-no-such-program` is not installed",
        ),
        (silent, "failed: no route to host"),
    ] {
        let Outcome::Skipped(said) = repository.build(&language).unwrap() else {
            panic!("it was built");
        };
        assert!(said.ends_with(reason) && !said.contains('\n'), "{said}");
    }
    assert_eq!(repository.built(&SHELL), "source\ncontract\nx\n");
}

#[test]
fn pins_that_do_not_fit_and_sources_that_do_not_build_are_findings() {
    let repository = Repository::new("findings");
    let pins = installed_by(&[&["sh", "-c", "echo 'wrong pins!'; exit 1"]]);
    let sources = Language {
        build: &["sh", "-c", "echo line 3 is wrong >&2; exit 1"],
        ..SHELL
    };
    for (language, words) in [(pins, "wrong pins!"), (sources, "line 3 is wrong")] {
        let failure = repository.build(&language).unwrap_err().to_string();
        assert!(
            failure.starts_with("example ") && failure.contains(words),
            "{failure}"
        );
    }
    assert_eq!(repository.built(&SHELL), "source\ncontract\nx\n");
}

#[test]
fn a_tool_that_does_not_end_is_ended() {
    let mut sleeper = Command::new("sleep");
    sleeper.arg("600");
    let began = Instant::now();
    assert!(wait(sleeper, Duration::from_millis(10)).unwrap().is_none());
    assert!(began.elapsed() < Duration::from_secs(60));
}

#[test]
fn tests_are_told_of_what_was_built_and_people_of_what_was_not() {
    let languages = Languages {
        javascript: Outcome::Built {
            component: "a.wasm".into(),
            tools: "node_modules".into(),
        },
        python: Outcome::Skipped("PyPI is silent".to_owned()),
    };
    let environment = [
        ("TOLLGATE_JS_COMPONENT", Path::new("a.wasm")),
        ("TOLLGATE_JS_TOOLS", Path::new("node_modules")),
    ];
    assert_eq!(languages.environment(), environment);
    assert_eq!(languages.skipped(), ["PyPI is silent"]);
}

#[test]
fn an_installer_that_found_no_registry_says_nothing_of_the_pins() {
    for (language, said, wrong) in [
        (&JAVASCRIPT, "npm error code EUSAGE", true),
        (&JAVASCRIPT, "npm error code EINTEGRITY", true),
        (&JAVASCRIPT, "npm error code ECONNREFUSED", false),
        (&JAVASCRIPT, "npm error code EBADENGINE", false),
        (
            &PYTHON,
            "ERROR: Could not find a version (from versions: 0.1.0, 0.2.0)",
            true,
        ),
        (
            &PYTHON,
            "ERROR: Could not find a version (from versions: none)",
            false,
        ),
    ] {
        assert_eq!((language.tools.pins_are_wrong)(said), wrong, "{said}");
    }
}

/// What `tollgate plugin new` writes is built by tests with the tools of the examples.
#[test]
fn templates_pin_the_tools_of_the_examples() {
    let read = |path: &str| fs::read_to_string(workspace::root().join(path)).unwrap();
    let tools = |path: &str| {
        let package: serde_json::Value = serde_json::from_str(&read(path)).unwrap();
        let [tools, overrides] = ["devDependencies", "overrides"].map(|key| package[key].clone());
        assert!(tools.is_object(), "{path} names no tools");
        (tools, overrides)
    };
    assert_eq!(
        tools("host/tollgate/templates/js/package.json"),
        tools("examples/plugin-js/package.json")
    );
    assert_eq!(
        read("host/tollgate/templates/js/package-lock.json").replace("{{name}}", "hello-js"),
        read("examples/plugin-js/package-lock.json")
    );
    assert_eq!(
        read("host/tollgate/templates/python/requirements.txt"),
        read("examples/plugin-python/requirements.txt")
    );
}
