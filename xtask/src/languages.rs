//! Plugins in other languages: their examples, built as their READMEs say.
//!
//! Owns: fetching the pinned tools from npm and PyPI, and building with them.
//! Promises: a language whose registry does not answer is skipped, with the reason; once its tools are there, a build that
//! fails is a finding like any other. Pins that do not fit are a finding too: they would be skipped for ever.
//! Bounds: everything stays below `target/languages`; what is unchanged is neither fetched nor built again.

mod place;

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::failure::Failure;
use crate::{limits, output};
use place::{Input, Place, Trouble, digest, gather};

/// What became of each language.
pub(crate) struct Languages {
    /// `examples/plugin-js`.
    pub(crate) javascript: Outcome,
    /// `examples/plugin-python`.
    pub(crate) python: Outcome,
}

/// What became of one language.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is there.
    Built {
        /// The example's component.
        component: PathBuf,
        /// What it was built with: a folder `node_modules`, or a Python with the tool installed.
        tools: PathBuf,
    },
    /// It is not; why, in a line.
    Skipped(String),
}

impl Languages {
    /// What tests are told: the variables of their environment, for what was built.
    pub(crate) fn environment(&self) -> Vec<(&'static str, &Path)> {
        let both = [
            (
                &self.javascript,
                ["TOLLGATE_JS_COMPONENT", "TOLLGATE_JS_TOOLS"],
            ),
            (
                &self.python,
                ["TOLLGATE_PYTHON_COMPONENT", "TOLLGATE_PYTHON_TOOLS"],
            ),
        ];
        let mut variables = Vec::new();
        for (outcome, [for_component, for_tools]) in both {
            if let Outcome::Built { component, tools } = outcome {
                variables.push((for_component, component.as_path()));
                variables.push((for_tools, tools.as_path()));
            }
        }
        variables
    }

    /// A line for each language that was skipped.
    pub(crate) fn skipped(&self) -> Vec<&str> {
        let both = [&self.javascript, &self.python];
        let skipped = both.into_iter().filter_map(|outcome| match outcome {
            Outcome::Built { .. } => None,
            Outcome::Skipped(reason) => Some(reason.as_str()),
        });
        skipped.collect()
    }
}

/// Builds both examples below `target`, unless they are there and unchanged.
pub(crate) fn build(root: &Path, target: &Path) -> Result<Languages, Failure> {
    Ok(Languages {
        javascript: JAVASCRIPT.build(root, target)?,
        python: PYTHON.build(root, target)?,
    })
}

/// How a plugin of a language is built.
struct Language {
    name: &'static str,
    /// Where the tools come from.
    registry: &'static str,
    /// Its example, below the root.
    example: &'static str,
    /// The files of the example that say which tools.
    pins: &'static [&'static str],
    /// What the tools are installed into; it outlives a change of the sources.
    installation: &'static str,
    /// What a build needs of it.
    tools: &'static str,
    install: &'static [&'static [&'static str]],
    build: &'static [&'static str],
    component: &'static str,
    /// What the installer says when the pins are wrong, as opposed to a registry out of reach.
    pins_are_wrong: fn(&str) -> bool,
}

const JAVASCRIPT: Language = Language {
    name: "JavaScript",
    registry: "npm",
    example: "examples/plugin-js",
    pins: &["package.json", "package-lock.json", ".npmrc"],
    installation: "node_modules",
    tools: "node_modules",
    install: &[&[
        "npm",
        "ci",
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
        // A registry that is out of reach is known soon, instead of after a minute and a half.
        "--fetch-retries=1",
    ]],
    build: &["npm", "run", "build"],
    component: "dist/hello-js.wasm",
    pins_are_wrong: |said| {
        ["code EUSAGE", "code EINTEGRITY", "code ETARGET"]
            .iter()
            .any(|code| said.contains(code))
    },
};

const PYTHON: Language = Language {
    name: "Python",
    registry: "PyPI",
    example: "examples/plugin-python",
    pins: &["requirements.txt"],
    installation: ".venv",
    tools: ".venv/bin/python",
    install: &[
        &["python3", "-m", "venv", "--clear", ".venv"],
        &[
            ".venv/bin/python",
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--requirement",
            "requirements.txt",
        ],
    ],
    build: &[".venv/bin/python", "build.py"],
    component: "dist/plugin-python.wasm",
    // Without an answer it knows no version at all.
    pins_are_wrong: |said| {
        said.contains("(from versions: ") && !said.contains("(from versions: none)")
    },
};

impl Language {
    fn build(&self, root: &Path, target: &Path) -> Result<Outcome, Failure> {
        // Called like the example: a plugin may be called like its folder.
        let folder = target.join("languages").join(self.example);
        let place = Place::at(folder);
        let inputs = self.inputs(root)?;
        let built = Outcome::Built {
            component: place.folder.join(self.component),
            tools: place.folder.join(self.tools),
        };
        let everything = digest(&place.folder, inputs.iter());
        let is_there = [self.component, self.tools]
            .iter()
            .all(|part| place.folder.join(part).exists());
        if is_there && place.remembers("built", everything) {
            return Ok(built);
        }
        place.forget("built")?;
        place.lay_out(&inputs, self.installation)?;
        if let Some(reason) = self.install(&place, &inputs)? {
            return Ok(Outcome::Skipped(reason));
        }
        let began = Instant::now();
        let done = place.run(self.build, limits::BUILD_PLUGIN);
        done.map_err(|trouble| self.finding("cannot be built", &trouble))?;
        place.remember("built", everything)?;
        let took = output::elapsed(began.elapsed());
        eprintln!("{}: built in {took}", self.example);
        Ok(built)
    }

    /// The reason, if its tools are not to be had.
    fn install(&self, place: &Place, inputs: &[Input]) -> Result<Option<String>, Failure> {
        let is_pin = |input: &&Input| self.pins.iter().any(|pin| input.path == Path::new(pin));
        let pins = digest(&place.folder, inputs.iter().filter(is_pin));
        if place.remembers("installed", pins) && place.folder.join(self.tools).exists() {
            return Ok(None);
        }
        place.forget("installed")?;
        eprintln!(
            "{}: fetching its tools from {}",
            self.example, self.registry
        );
        for command in self.install {
            match place.run(command, limits::INSTALL) {
                Ok(()) => {}
                Err(Trouble::Failed { said, .. }) if (self.pins_are_wrong)(&said) => {
                    let trouble = Trouble::failed(command, said);
                    return Err(self.finding("pins tools that do not fit", &trouble));
                }
                Err(trouble) => return Ok(Some(self.reason(&trouble))),
            }
        }
        place.remember("installed", pins)?;
        Ok(None)
    }

    fn reason(&self, trouble: &Trouble) -> String {
        let Self {
            name,
            registry,
            example,
            ..
        } = self;
        let why = match trouble {
            Trouble::Missing(program) => format!("`{program}` is not installed"),
            Trouble::Slow(command) => format!("{registry} did not answer `{command}` in time"),
            Trouble::Failed { command, said } => {
                format!("`{command}` failed: {}", essence(said))
            }
            Trouble::Unrun(error) => format!("its tools could not be run: {error}"),
        };
        format!("{name} plugins are not tested ({example}): {why}")
    }

    fn finding(&self, what: &str, trouble: &Trouble) -> Failure {
        let said = match trouble {
            Trouble::Failed { command, said } => {
                let lines: Vec<&str> = said.lines().collect();
                let kept = lines.len().saturating_sub(limits::TOOL_LINES);
                let end = lines.get(kept..).unwrap_or_default().join("\n");
                format!("`{command}` failed\n{end}")
            }
            Trouble::Slow(command) => format!("`{command}` did not end in time"),
            Trouble::Missing(program) => format!("`{program}` is not installed"),
            Trouble::Unrun(error) => error.to_string(),
        };
        Failure::Finding(format!("{} {what}: {said}", self.example))
    }

    /// The example as it stands in the repository, and the contract, where its README has it copied.
    fn inputs(&self, root: &Path) -> Result<Vec<Input>, Failure> {
        let mut inputs = Vec::new();
        let example = root.join(self.example);
        gather(&example, Path::new(""), &mut inputs)
            .and_then(|()| {
                let contract = Path::new("wit/deps/tollgate-plugin");
                gather(&root.join("wit/v1"), contract, &mut inputs)
            })
            .map_err(|error| {
                Failure::Finding(format!("cannot read {}: {error}", example.display()))
            })?;
        inputs.sort_by(|one, another| one.path.cmp(&another.path));
        Ok(inputs)
    }
}

/// npm and pip both warn before they come to what went wrong, and npm needs a few lines for it.
fn essence(said: &str) -> String {
    let prefixes = ["npm error ", "npm ERR! ", "ERROR: ", "Error: "];
    let errors = said.lines().filter_map(|line| {
        let mut told = prefixes
            .iter()
            .filter_map(|prefix| line.strip_prefix(prefix));
        told.next().map(str::trim)
    });
    let errors: Vec<&str> = errors.take(3).collect();
    if errors.is_empty() {
        said.lines().next_back().unwrap_or_default().to_owned()
    } else {
        errors.join("; ")
    }
}

#[cfg(test)]
mod tests;
