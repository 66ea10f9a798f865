//! Reload: a change to a rule or a plugin file is swapped in whole, or refused whole with its error (I10).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use model::TenantId;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use rulebook::RuleTest;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::edition::{self, Edition, Refused};
use crate::plan::{Component, Plan, RuleSource};
use crate::rehearsal::{self, Pace, Rehearsed};
use crate::{Core, limits, locked};

/// Watches for as long as it is held.
pub struct Watching {
    following: AbortHandle,
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.following.abort();
    }
}

/// Watches the folders of all rules and plugin files.
pub(crate) fn watch(core: Arc<Core>) -> Result<Watching, notify::Error> {
    // One slot: a change that finds it full is covered by the reload that will empty it.
    let (changed, changes) = mpsc::channel(1);
    let watched = folders(&core.plan);
    let ours = watched.clone();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let is_ours = |path: &PathBuf| {
            ours.contains(path) || path.parent().is_some_and(|folder| ours.contains(folder))
        };
        let matters = match &event {
            Ok(event) => !event.kind.is_access() && event.paths.iter().any(is_ours),
            // What was missed cannot be told: look.
            Err(_) => true,
        };
        if matters {
            let _ = changed.try_send(());
        }
    })?;
    watch_all(&mut watcher, &watched)?;
    let following = tokio::spawn(follow(core, changes, watcher, watched)).abort_handle();
    Ok(Watching { following })
}

/// Folders are watched, not files: editors replace a file by a new one of its name. And whoever deploys replaces a folder by a
/// new one, or turns a link to another: so each folder's own folder is watched too, and each is watched anew after a change.
fn watch_all(
    watcher: &mut RecommendedWatcher,
    folders: &BTreeSet<PathBuf>,
) -> Result<(), notify::Error> {
    let mut all = Ok(());
    for folder in folders {
        let _ = watcher.unwatch(folder);
        all = all.and(watcher.watch(folder, RecursiveMode::NonRecursive));
        if let Some(parent) = folder.parent().filter(|parent| !folders.contains(*parent)) {
            // Only to hear of it sooner: the folder itself is looked at every RELOAD_TICK anyway.
            let _ = watcher.watch(parent, RecursiveMode::NonRecursive);
        }
    }
    all
}

/// The folders of all rules and plugin files, absolute: what is to be watched.
pub fn folders(plan: &Plan) -> BTreeSet<PathBuf> {
    let rules = plan
        .tenants
        .values()
        .filter_map(|tenant| match &tenant.rules {
            RuleSource::Folder(folder) => Some(folder.clone()),
            RuleSource::Embedded(_) => None,
        });
    let components = plan
        .plugins
        .values()
        .filter_map(|plugin| match &plugin.component {
            Component::File(path) => path.parent().map(Path::to_owned),
            Component::Embedded(_) => None,
        });
    // Absolute, as the system names them in what it announces.
    rules
        .chain(components)
        .filter_map(|folder| std::path::absolute(Path::new(".").join(folder)).ok())
        .collect()
}

async fn follow(
    core: Arc<Core>,
    mut changes: mpsc::Receiver<()>,
    mut watcher: RecommendedWatcher,
    folders: BTreeSet<PathBuf>,
) {
    let mut stopping = core.stopping.subscribe();
    loop {
        let announced = tokio::select! {
            change = changes.recv() => match change {
                Some(()) => true,
                None => return,
            },
            () = tokio::time::sleep(limits::RELOAD_TICK) => false,
            _ = stopping.wait_for(|stops| *stops) => return,
        };
        if announced {
            settle_down(&mut changes).await;
        }
        // First watch, then read: what changes in between is announced.
        if let Err(error) = watch_all(&mut watcher, &folders) {
            tracing::debug!(%error, "a folder cannot be watched for now");
        }
        // What came of it is kept and logged by `reload`.
        let _ = reload(&core).await;
    }
}

/// Waits until no change has come for a moment: editors write in several steps, and people copy whole folders.
async fn settle_down(changes: &mut mpsc::Receiver<()>) {
    let whole = async {
        while let Ok(Some(())) = tokio::time::timeout(limits::RELOAD_QUIET, changes.recv()).await {}
    };
    let _ = tokio::time::timeout(limits::RELOAD_MOST, whole).await;
}

/// An edition of the files as they are. One that is new has passed the tests that stand beside its rules: a red one is a fault
/// like any other.
async fn rehearsed(core: &Core, in_force: &Arc<Edition>) -> Result<Arc<Edition>, Refused> {
    let previous = Some(Arc::clone(in_force));
    let edition = edition::make(&core.plan, &core.sandbox, previous).await?;
    let edition = Arc::new(edition);
    if edition.hash() == in_force.hash() {
        return Ok(edition);
    }
    // A red edit may lie there for days, and a test goes the same way each time (I9).
    let pair = (in_force.hash().to_owned(), edition.hash().to_owned());
    if let Some((known, refused)) = &*locked(&core.red)
        && *known == pair
    {
        return Err(refused.clone());
    }
    let (plan, sandbox) = (&core.plan, &core.sandbox);
    let tests = rehearsal::rehearse(plan, sandbox, &edition, Pace::Unhurried).await;
    let (touched, others) = touched(core, in_force, &edition, tests).await;
    let faults = rehearsal::faults(&touched);
    if faults.is_empty() {
        for other in &others {
            tracing::warn!(
                test = other.name,
                file = other.file,
                "this test is red, and was so before the change: it refuses nothing"
            );
        }
        return Ok(edition);
    }
    let refused = Refused { faults };
    if !touched.iter().any(|test| test.is_stuck) {
        *locked(&core.red) = Some((pair, refused.clone()));
    }
    Err(refused)
}

/// Of all tests the red ones, apart: those that the change touches, and those that are red in just the same way on the edition in
/// force. Refusing the change would mend nothing there.
async fn touched(
    core: &Core,
    in_force: &Arc<Edition>,
    edition: &Edition,
    tests: Vec<Rehearsed>,
) -> (Vec<Rehearsed>, Vec<Rehearsed>) {
    let red: Vec<_> = tests.into_iter().filter(|test| !test.is_green()).collect();
    if red.is_empty() {
        return (red, Vec::new());
    }
    let played: Vec<_> = rehearsal::tests(edition)
        .filter(|(tenant, test)| is_among(&red, tenant, &test.name))
        .collect();
    let same = |tenant: &TenantId, test: &RuleTest| {
        let mut played = played.iter();
        played.any(|(whose, other)| *whose == tenant && other.is_same_as(test))
    };
    let before =
        rehearsal::rehearse_some(&core.plan, &core.sandbox, in_force, Pace::Unhurried, same).await;
    red.into_iter().partition(|test| {
        let mut before = before.iter();
        !before.any(|other| {
            (&other.tenant, &other.name) == (&test.tenant, &test.name) && other.went_as(test)
        })
    })
}

fn is_among(tests: &[Rehearsed], tenant: &TenantId, name: &str) -> bool {
    tests
        .iter()
        .any(|test| test.tenant == *tenant && test.name == name)
}

/// Makes an edition of the files as they are, and puts it in force if it is whole.
pub(crate) async fn reload(core: &Arc<Core>) -> Result<Arc<Edition>, Refused> {
    let _turn = core.reloading.lock().await;
    let in_force = core.edition.load_full();
    match rehearsed(core, &in_force).await {
        Ok(edition) => {
            let was_refused = locked(&core.last_refusal).take().is_some();
            if edition.hash() == in_force.hash() {
                if was_refused {
                    tracing::info!(
                        edition = in_force.hash(),
                        "the files say again what is in force"
                    );
                    core.tell();
                }
                return Ok(in_force);
            }
            for warning in edition.warnings() {
                tracing::warn!("{warning}");
            }
            for plugin in edition.plugins() {
                let before = in_force.plugin(plugin.name()).map(sandbox::Plugin::digest);
                if before != Some(plugin.digest()) {
                    // What failed was other code.
                    core.breakers.forgive(plugin.name());
                }
            }
            core.edition.store(Arc::clone(&edition));
            tracing::info!(
                edition = edition.hash(),
                before = in_force.hash(),
                "edition swapped in"
            );
            core.tell();
            Ok(edition)
        }
        Err(refused) => {
            let is_news = locked(&core.last_refusal)
                .as_ref()
                .is_none_or(|last| last.to_string() != refused.to_string());
            if is_news {
                for fault in &refused.faults {
                    match fault.is_error() {
                        true => tracing::error!("{}", fault.render(false)),
                        false => tracing::warn!("{}", fault.render(false)),
                    }
                }
                tracing::error!(
                    edition = in_force.hash(),
                    "the change was refused as a whole: this edition stays in force"
                );
            }
            *locked(&core.last_refusal) = Some(refused.clone());
            core.tell();
            Err(refused)
        }
    }
}

#[cfg(test)]
mod tests;
