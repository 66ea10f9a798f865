//! `tollgate schema`: what an editor needs to know about rule files.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use super::{Failure, complain, say};

/// Print the JSON Schema of rule files, for editors.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate schema                                print it
  tollgate schema --out schema/rules.v1.json     write it into a file, and folders that are missing

An editor that knows Taplo, as VS Code does with \"Even Better TOML\", completes keys and words, shows what each means, and
draws a red line beneath a slip while it is typed. Tell it where the schema is in the first line of a rule file, as the way
there from the file's own folder:

  #:schema ../schema/rules.v1.json

What a file cannot show by itself, such as whether an option exists, `tollgate check` says.")]
pub(super) struct Schema {
    /// Write it here instead
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Schema {
    pub(super) fn run(self) -> Result<(), Failure> {
        let text = format!("{:#}\n", rulebook::schema());
        let Some(path) = self.out else {
            say(&text);
            return Ok(());
        };
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        folder
            .map_or(Ok(()), fs::create_dir_all)
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| Failure::found(format!("cannot write {}: {error}", path.display())))?;
        complain(&format!(
            "wrote {0}; a rule file names it in its first line: #:schema {0}, as the way there from the file's own folder",
            path.display()
        ));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

    use super::*;

    #[test]
    fn it_is_written_where_it_is_wanted_folders_included() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("schema/rules.v1.json");
        let schema = |out: &std::path::Path| Schema {
            out: Some(out.to_owned()),
        };
        schema(&path).run().unwrap();
        let written = fs::read_to_string(&path).unwrap();
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&written).unwrap(),
            rulebook::schema()
        );
        let failure = schema(folder.path()).run().unwrap_err();
        assert_eq!(failure.exit_code, 1);
        assert!(
            failure.message.starts_with("cannot write "),
            "{}",
            failure.message
        );
    }

    #[test]
    fn what_is_printed_is_the_file_that_the_project_keeps() {
        let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema/rules.v1.json");
        assert_eq!(
            fs::read_to_string(kept).unwrap(),
            format!("{:#}\n", rulebook::schema())
        );
    }
}
