//! `tollgate plugin dev`: the loop of a plugin's developer.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use notify::{RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::project::Project;
use super::{Folder, test};
use crate::command::client::Client;
use crate::command::{Failure, HostAddress, say, stop};

/// Watch a plugin's sources; at every change build it, run its tests, and have a running host take it up.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate plugin dev                       the plugin in this folder
  tollgate plugin dev --once                one round, for scripts
  tollgate plugin dev --host http://127.0.0.1:7070    and reload that host when the tests pass")]
pub(super) struct Dev {
    #[command(flatten)]
    folder: Folder,
    /// One round, then end: 1 if it failed
    #[arg(long)]
    once: bool,
    /// Do not ask a running host to reload
    #[arg(long)]
    no_reload: bool,
    #[command(flatten)]
    address: HostAddress,
}

/// Editors write in several steps.
const QUIET: Duration = Duration::from_millis(150);

impl Dev {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let project = Project::find(&self.folder.folder)?;
        if self.once {
            return self.round(&project).await;
        }
        let (changed, mut changes) = mpsc::channel(1);
        let mut watcher =
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                if !matches!(&event, Ok(event) if event.kind.is_access()) {
                    // Full is as good: the round that empties it sees this change, too.
                    let _ = changed.try_send(());
                }
            })
            .map_err(|error| Failure::found(format!("error: files cannot be watched: {error}")))?;
        loop {
            // Anew in each round: editors replace files, and a watch of the old one is deaf.
            for path in project.sources() {
                let _ = watcher.watch(&path, RecursiveMode::Recursive);
            }
            while changes.try_recv().is_ok() {}
            if let Err(failure) = self.round(&project).await {
                crate::command::complain(&failure.message);
            }
            say(&format!(
                "watching {} (Ctrl-C ends)\n",
                shown(&project.sources())
            ));
            tokio::select! {
                change = changes.recv() => if change.is_none() { return Ok(()) },
                () = stop::asked() => return Ok(()),
            }
            while let Ok(Some(())) = tokio::time::timeout(QUIET, changes.recv()).await {}
        }
    }

    async fn round(&self, project: &Project) -> Result<(), Failure> {
        let began = Instant::now();
        let component = project.build().await?;
        say(&format!(
            "built {} in {:.1} s\n",
            project.name,
            began.elapsed().as_secs_f64()
        ));
        test::Test::of(project, component).run().await?;
        if self.no_reload {
            return Ok(());
        }
        self.reload().await;
        Ok(())
    }

    /// A host need not be running; one that refuses says why.
    async fn reload(&self) {
        let reloaded = match Client::new(&self.address) {
            Ok(client) => client.post("/v1/reload").await,
            Err(failure) => Err(failure),
        };
        match reloaded {
            Ok(answer) => {
                let edition = answer.get("edition").and_then(serde_json::Value::as_str);
                say(&format!(
                    "the host at {} runs edition {}\n",
                    self.address.host,
                    edition.unwrap_or("unknown")
                ));
            }
            Err(failure) => say(&format!(
                "not reloaded: {}\n",
                failure.message.trim_start_matches("error: ").trim_end()
            )),
        }
    }
}

fn shown(paths: &[PathBuf]) -> String {
    let names: Vec<_> = paths
        .iter()
        .filter_map(|path| path.file_name())
        .map(|name| name.to_string_lossy())
        .collect();
    names.join(", ")
}
