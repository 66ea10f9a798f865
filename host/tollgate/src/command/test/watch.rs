//! `tollgate test --watch`: again after each change, until somebody ends it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use engine::{Component, Plan, RuleSource};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::{Stage, Test};
use crate::command::{Failure, complain, config, say, stop};

/// Editors write in several steps.
const QUIET: Duration = Duration::from_millis(150);

/// What a change matters in: files by name, and rule files in folders.
#[derive(Default)]
struct Matters {
    files: BTreeSet<PathBuf>,
    folders: BTreeSet<PathBuf>,
}

impl Test {
    pub(super) async fn run_and_watch(&self) -> Result<(), Failure> {
        let (changed, mut changes) = mpsc::channel(1);
        let matters = Arc::new(Mutex::new(Matters::default()));
        let ours = Arc::clone(&matters);
        let mut watcher =
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                let matters = match &event {
                    Ok(event) => !event.kind.is_access() && locked(&ours).have(&event.paths),
                    // What was missed cannot be told: look.
                    Err(_) => true,
                };
                if matters {
                    // Full is as good: the round that empties it sees this change, too.
                    let _ = changed.try_send(());
                }
            })
            .map_err(|error| Failure::found(format!("error: files cannot be watched: {error}")))?;
        self.watch(None, &matters, &mut watcher);
        let mut earlier: Option<Stage> = None;
        // One wait for all rounds: whoever ends it in the middle of one is heard, too.
        let mut stopped = std::pin::pin!(stop::asked());
        loop {
            while changes.try_recv().is_ok() {}
            let round = async {
                let staged = match self.plan() {
                    Ok(planned) => {
                        // First watch, then read: what changes in between is announced.
                        self.watch(Some(&planned.plan), &matters, &mut watcher);
                        planned.stage(earlier.as_ref()).await
                    }
                    Err(failure) => Err(failure),
                };
                self.round(staged).await
            };
            tokio::select! {
                () = &mut stopped => return Ok(()),
                stage = round => earlier = stage.or(earlier),
            }
            say("watching (Ctrl-C ends)\n");
            tokio::select! {
                () = &mut stopped => return Ok(()),
                change = changes.recv() => if change.is_none() { return Ok(()) },
            }
            while let Ok(Some(())) = tokio::time::timeout(QUIET, changes.recv()).await {}
        }
    }

    /// What came of the files as they are, and the stage if there is one.
    async fn round(&self, staged: Result<Stage, Failure>) -> Option<Stage> {
        let began = Instant::now();
        let rehearsed = match &staged {
            Ok(stage) => self.choice.rehearsed(stage).await,
            Err(failure) => {
                say(&format!("{}\n", clock()));
                complain(&failure.message);
                return None;
            }
        };
        let stage = staged.ok()?;
        match rehearsed {
            Ok((tests, extent)) => {
                let took = began.elapsed().as_secs_f64();
                say(&format!("{}, {took:.2} s\n", clock()));
                self.report.compact(&tests, &stage.edition, extent);
            }
            Err(failure) => {
                say(&format!("{}\n", clock()));
                complain(&failure.message);
            }
        }
        Some(stage)
    }

    /// Anew in each round: editors replace files, deployments replace folders, and a watch of the old one is deaf.
    fn watch(
        &self,
        plan: Option<&Plan>,
        matters: &Mutex<Matters>,
        watcher: &mut RecommendedWatcher,
    ) {
        let config = self.config.config.as_deref();
        let config = absolute(config.unwrap_or(Path::new(config::USUAL)));
        let mut watched: BTreeSet<_> = config
            .parent()
            .map(Path::to_owned)
            .into_iter()
            .chain(plan.map(engine::folders).unwrap_or_default())
            .collect();
        let above: Vec<_> = watched
            .iter()
            .filter_map(|folder| folder.parent())
            .collect();
        let above: Vec<_> = above.into_iter().map(Path::to_owned).collect();
        {
            let mut matters = locked(matters);
            if let Some(plan) = plan {
                *matters = Matters::of(plan);
            }
            matters.files.insert(config);
        }
        watched.extend(above);
        for folder in &watched {
            let _ = watcher.unwatch(folder);
            // What cannot be watched is not there: its folder is watched, and tells when it comes.
            let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
        }
    }
}

impl Matters {
    fn of(plan: &Plan) -> Self {
        let rules = plan.tenants.values().map(|tenant| match &tenant.rules {
            RuleSource::Folder(folder) => absolute(folder),
            // They give way to a folder of this name.
            RuleSource::Embedded(_) => absolute(Path::new("rules")),
        });
        let components = plan
            .plugins
            .values()
            .filter_map(|plugin| match &plugin.component {
                Component::File(path) => Some(absolute(path)),
                Component::Embedded(_) => None,
            });
        Self {
            files: components.collect(),
            folders: rules.collect(),
        }
    }

    fn have(&self, paths: &[PathBuf]) -> bool {
        paths.iter().any(|path| {
            let is_rule = path
                .extension()
                .is_some_and(|extension| extension == "toml")
                && path
                    .parent()
                    .is_some_and(|folder| self.folders.contains(folder));
            is_rule || self.files.contains(path) || self.folders.contains(path)
        })
    }
}

/// As the system names it in what it announces.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(Path::new(".").join(path)).unwrap_or_else(|_| path.to_owned())
}

/// What the time is: no zone of this machine is known, so all over the world's.
fn clock() -> String {
    jiff::Timestamp::now().strftime("%H:%M:%S UTC").to_string()
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
