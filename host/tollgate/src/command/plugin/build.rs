//! `tollgate plugin build`.

use std::time::Instant;

use clap::Args;
use sha2::{Digest, Sha256};

use super::project::Project;
use super::{Folder, size};
use crate::command::{Failure, say};

/// Build a plugin's component, whatever it is written in.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate plugin build                  the plugin in this folder, to dist/NAME.wasm
  tollgate plugin build stock-check")]
pub(super) struct Build {
    #[command(flatten)]
    folder: Folder,
}

impl Build {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let project = Project::find(&self.folder.folder)?;
        let began = Instant::now();
        let component = project.build().await?;
        let bytes = std::fs::read(&component)
            .map_err(|error| Failure::found(format!("error: {}: {error}", component.display())))?;
        say(&format!(
            "{}: {}, sha256 {}, {:.1} s\n",
            component.display(),
            size(bytes.len()),
            hex::encode(Sha256::digest(&bytes)),
            began.elapsed().as_secs_f64()
        ));
        Ok(())
    }
}
