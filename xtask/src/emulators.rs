//! Stand-ins for AWS that tests run the real SDKs against.
//!
//! Owns: having them installed.
//! Promises: one whose registry does not answer is skipped, with the reason.
//! Bounds: everything stays below `target/emulators`.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::tools::place::Place;
use crate::tools::{PIP, Tools, pip_knows_other_versions};

/// What became of each.
pub(crate) struct Emulators {
    /// SQS, and SNS before it: where the program is, or why it is not.
    ministack: Result<PathBuf, String>,
}

const MINISTACK: Tools = Tools {
    folder: "host/aws/tests/ministack",
    without: "queues are not tested over AWS's SDK",
    registry: "PyPI",
    pins: &["requirements.txt"],
    installation: ".venv",
    tool: ".venv/bin/ministack",
    install: PIP,
    pins_are_wrong: pip_knows_other_versions,
};

/// Installs them below `target`, unless they are there.
pub(crate) fn fetch(root: &Path, target: &Path) -> Result<Emulators, Failure> {
    let place = Place::at(target.join("emulators/ministack"));
    let skipped = MINISTACK.install(&place, &MINISTACK.inputs(root)?)?;
    Ok(Emulators {
        ministack: skipped.map_or_else(|| Ok(place.folder.join(MINISTACK.tool)), Err),
    })
}

impl Emulators {
    /// What tests are told: the variables of their environment, for what is there.
    pub(crate) fn environment(&self) -> Option<(&'static str, &Path)> {
        let program = self.ministack.as_deref().ok()?;
        Some(("TOLLGATE_MINISTACK", program))
    }

    /// A line, if one was skipped.
    pub(crate) fn skipped(&self) -> Option<&str> {
        self.ministack.as_ref().err().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_told_where_it_is_and_people_why_it_is_not() {
        let there = Emulators {
            ministack: Ok("bin/ministack".into()),
        };
        let variable = ("TOLLGATE_MINISTACK", Path::new("bin/ministack"));
        assert_eq!(
            (there.environment(), there.skipped()),
            (Some(variable), None)
        );
        let missing = Emulators {
            ministack: Err("PyPI is silent".to_owned()),
        };
        assert_eq!(
            (missing.environment(), missing.skipped()),
            (None, Some("PyPI is silent"))
        );
    }

    /// A version that moves by itself would change what is tested overnight.
    #[test]
    fn all_that_it_brings_is_pinned() {
        let pins = crate::workspace::root()
            .join(MINISTACK.folder)
            .join("requirements.txt");
        let pins = std::fs::read_to_string(pins).unwrap();
        assert!(pins.lines().any(|line| line.starts_with("ministack==")));
        assert!(
            pins.lines()
                .all(|line| line.starts_with('#') || line.contains("=="))
        );
    }
}
