//! Plugins in other languages: their examples, built as their READMEs say.
//!
//! Owns: building with the tools of a language.
//! Promises: a language whose registry does not answer is skipped, with the reason; once its tools are there, a build that
//! fails is a finding like any other.
//! Bounds: everything stays below `target/languages`; what is unchanged is neither fetched nor built again.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::failure::Failure;
use crate::tools::place::{Input, Place, digest, gather};
use crate::tools::{NPM, PIP, Tools, npm_finds_pins_wrong, pip_knows_other_versions};
use crate::{limits, output};

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
    /// What its example, whose files say which, is built with; they outlive a change of the sources.
    tools: Tools,
    build: &'static [&'static str],
    component: &'static str,
}

const JAVASCRIPT: Language = Language {
    tools: Tools {
        folder: "examples/plugin-js",
        without: "JavaScript plugins are not tested",
        registry: "npm",
        pins: &["package.json", "package-lock.json", ".npmrc"],
        installation: "node_modules",
        tool: "node_modules",
        install: NPM,
        pins_are_wrong: npm_finds_pins_wrong,
    },
    build: &["npm", "run", "build"],
    component: "dist/hello-js.wasm",
};

const PYTHON: Language = Language {
    tools: Tools {
        folder: "examples/plugin-python",
        without: "Python plugins are not tested",
        registry: "PyPI",
        pins: &["requirements.txt"],
        installation: ".venv",
        tool: ".venv/bin/python",
        install: PIP,
        pins_are_wrong: pip_knows_other_versions,
    },
    build: &[".venv/bin/python", "build.py"],
    component: "dist/plugin-python.wasm",
};

impl Language {
    fn build(&self, root: &Path, target: &Path) -> Result<Outcome, Failure> {
        let tools = &self.tools;
        // Called like the example: a plugin may be called like its folder.
        let folder = target.join("languages").join(tools.folder);
        let place = Place::at(folder);
        let inputs = self.inputs(root)?;
        let built = Outcome::Built {
            component: place.folder.join(self.component),
            tools: place.folder.join(tools.tool),
        };
        let everything = digest(&place.folder, inputs.iter());
        let is_there = [self.component, tools.tool]
            .iter()
            .all(|part| place.folder.join(part).exists());
        if is_there && place.remembers("built", everything) {
            return Ok(built);
        }
        place.forget("built")?;
        if let Some(reason) = tools.install(&place, &inputs)? {
            return Ok(Outcome::Skipped(reason));
        }
        let began = Instant::now();
        let done = place.run(self.build, limits::BUILD_PLUGIN);
        done.map_err(|trouble| tools.finding("cannot be built", &trouble))?;
        place.remember("built", everything)?;
        let took = output::elapsed(began.elapsed());
        eprintln!("{}: built in {took}", tools.folder);
        Ok(built)
    }

    /// The example as it stands in the repository, and the contract, where its README has it copied.
    fn inputs(&self, root: &Path) -> Result<Vec<Input>, Failure> {
        let mut inputs = self.tools.inputs(root)?;
        let contract = root.join("wit/v1");
        gather(
            &contract,
            Path::new("wit/deps/tollgate-plugin"),
            &mut inputs,
        )
        .map_err(|error| {
            Failure::Finding(format!("cannot read {}: {error}", contract.display()))
        })?;
        inputs.sort_by(|one, another| one.path.cmp(&another.path));
        Ok(inputs)
    }
}

#[cfg(test)]
mod tests;
