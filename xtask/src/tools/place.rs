//! Where tools are installed and run: what is laid out there, what is known of it, and the tools that run in it.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::failure::Failure;
use crate::workspace;

/// A file that is laid out.
pub(crate) struct Input {
    /// Where it is laid out.
    pub(crate) path: PathBuf,
    content: Vec<u8>,
}

/// What somebody who built by hand left in an example is not part of it.
fn is_left_over(name: &str) -> bool {
    ["node_modules", ".venv", "deps", "dist", "__pycache__"].contains(&name)
}

pub(crate) fn gather(folder: &Path, under: &Path, inputs: &mut Vec<Input>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if is_left_over(&name.to_string_lossy()) {
            continue;
        }
        let path = under.join(&name);
        if entry.file_type()?.is_dir() {
            gather(&entry.path(), &path, inputs)?;
        } else {
            let content = fs::read(entry.path())?;
            inputs.push(Input { path, content });
        }
    }
    Ok(())
}

/// Tells changes from none; a new compiler may digest differently, and then it is built once more. The folder counts: what
/// is installed names it.
pub(crate) fn digest<'i>(folder: &Path, inputs: impl Iterator<Item = &'i Input>) -> u64 {
    let mut hasher = DefaultHasher::new();
    folder.hash(&mut hasher);
    for input in inputs {
        input.path.hash(&mut hasher);
        input.content.hash(&mut hasher);
    }
    hasher.finish()
}

/// Where tools are installed and run, with notes on what is there.
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    /// Beside the folder, whose sources are replaced.
    notes: PathBuf,
}

impl Place {
    pub(crate) fn at(folder: PathBuf) -> Self {
        Self {
            notes: folder.with_extension("notes"),
            folder,
        }
    }

    pub(crate) fn remembers(&self, what: &str, digest: u64) -> bool {
        fs::read_to_string(self.notes.join(what)).is_ok_and(|noted| noted == digest.to_string())
    }

    pub(crate) fn remember(&self, what: &str, digest: u64) -> Result<(), Failure> {
        fs::write(self.notes.join(what), digest.to_string()).map_err(|error| self.unusable(&error))
    }

    pub(crate) fn forget(&self, what: &str) -> Result<(), Failure> {
        match fs::remove_file(self.notes.join(what)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.unusable(&error)),
            _ => Ok(()),
        }
    }

    /// Replaces everything but the installation.
    pub(crate) fn lay_out(&self, inputs: &[Input], installation: &str) -> Result<(), Failure> {
        let attempt = || -> io::Result<()> {
            fs::create_dir_all(&self.folder)?;
            fs::create_dir_all(&self.notes)?;
            for entry in fs::read_dir(&self.folder)? {
                let entry = entry?;
                if entry.file_name() == installation {
                    continue;
                }
                if entry.file_type()?.is_dir() {
                    fs::remove_dir_all(entry.path())?;
                } else {
                    fs::remove_file(entry.path())?;
                }
            }
            for input in inputs {
                let path = self.folder.join(&input.path);
                path.parent().map_or(Ok(()), fs::create_dir_all)?;
                fs::write(path, &input.content)?;
            }
            Ok(())
        };
        attempt().map_err(|error| self.unusable(&error))
    }

    fn unusable(&self, error: &io::Error) -> Failure {
        Failure::Finding(format!("cannot use {}: {error}", self.folder.display()))
    }

    /// Runs a tool to its end, its output kept in `log`.
    pub(crate) fn run(&self, command: &[&str], deadline: Duration) -> Result<(), Trouble> {
        let Some((program, arguments)) = command.split_first() else {
            return Ok(());
        };
        let log = self.notes.join("log");
        let output = File::create(&log).map_err(Trouble::Unrun)?;
        let errors = output.try_clone().map_err(Trouble::Unrun)?;
        // A path is one below the folder; a name is looked up as usual.
        let installed = self.folder.join(program);
        let mut tool = Command::new(if program.contains('/') {
            installed.as_os_str()
        } else {
            program.as_ref()
        });
        tool.args(arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors);
        let typed = workspace::typed(&tool);
        let status = match wait(tool, deadline) {
            Ok(Some(status)) => status,
            Ok(None) => return Err(Trouble::Slow(typed)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(Trouble::Missing((*program).to_owned()));
            }
            Err(error) => return Err(Trouble::Unrun(error)),
        };
        if status.success() {
            return Ok(());
        }
        let said = fs::read(&log).map_err(Trouble::Unrun)?;
        Err(Trouble::Failed {
            command: typed,
            said: String::from_utf8_lossy(&said).into_owned(),
        })
    }
}

/// Why a tool did not do its work.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// There is no such program.
    Missing(String),
    /// It was ended at its deadline.
    Slow(String),
    /// It said no.
    Failed { command: String, said: String },
    /// It could not be run or heard.
    Unrun(io::Error),
}

impl Trouble {
    pub(crate) fn failed(command: &[&str], said: String) -> Self {
        Self::Failed {
            command: command.join(" "),
            said,
        }
    }
}

/// Its status, or nothing if the deadline came first. It shares our process group: Ctrl-C ends it as well.
pub(crate) fn wait(mut tool: Command, deadline: Duration) -> io::Result<Option<ExitStatus>> {
    let mut child = tool.spawn()?;
    let id = i32::try_from(child.id()).map_err(io::Error::other)?;
    let (sender, ended) = sync_channel(1);
    let waiting = std::thread::spawn(move || {
        // Nobody listens any more once the deadline has passed.
        let _ = sender.send(child.wait());
    });
    if let Ok(status) = ended.recv_timeout(deadline) {
        return status.map(Some);
    }
    // Not waited for yet, or its end would have arrived: the id is still its own.
    let _ = kill(Pid::from_raw(id), Signal::SIGKILL);
    let _ = waiting.join();
    Ok(None)
}
