//! Keeps the folder within its bounds.

use std::fs::{Metadata, read_dir, remove_file};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::UNFINISHED;
use crate::code::Entry;
use crate::limits;
use crate::meter::wide;

/// Removes what is too much, oldest first, and what was never finished. What cannot be removed stays: the next time
/// comes. The file `kept` stays in any case.
pub(super) fn tidy(folder: &Path, kept: &str) {
    // Two hosts may tidy at once: a file that is gone already is what both want.
    let Ok(found) = look(folder, kept) else {
        return;
    };
    for file in surplus(found, SystemTime::now()) {
        drop(remove_file(file.path));
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// What was just written.
    Kept,
    Code,
    Unfinished,
}

fn look(folder: &Path, kept: &str) -> io::Result<Vec<Found>> {
    let mut all = Vec::new();
    for entry in read_dir(folder)?.take(limits::CACHE_LISTED) {
        let entry = entry?;
        let name = entry.file_name();
        let Some(kind) = name.to_str().and_then(|name| kind(name, kept)) else {
            continue;
        };
        // Gone meanwhile, or a link: not counted.
        let Some(file) = entry.metadata().ok().filter(Metadata::is_file) else {
            continue;
        };
        all.push(Found {
            path: entry.path(),
            bytes: file.len(),
            used: file.modified()?,
            kind,
        });
    }
    Ok(all)
}

fn kind(name: &str, kept: &str) -> Option<Kind> {
    let is_code = Path::new(name)
        .extension()
        .is_some_and(|extension| extension == Entry::EXTENSION);
    match () {
        () if name == kept => Some(Kind::Kept),
        () if name.starts_with(UNFINISHED) => Some(Kind::Unfinished),
        () if is_code => Some(Kind::Code),
        // The key, and what is somebody else's.
        () => None,
    }
}

/// What has to go.
fn surplus(mut all: Vec<Found>, now: SystemTime) -> Vec<Found> {
    let is_forgotten = |file: &Found| {
        let age = now.duration_since(file.used).unwrap_or(Duration::ZERO);
        file.kind == Kind::Unfinished && age > limits::CACHE_UNFINISHED.duration()
    };
    let mut gone: Vec<_> = all.extract_if(.., |file| is_forgotten(file)).collect();
    all.retain(|file| file.kind != Kind::Unfinished);

    // Newest first; what was just written before all others, whatever the clock says.
    all.sort_by_key(|file| (file.kind != Kind::Kept, std::cmp::Reverse(file.used)));
    let mut bytes = 0_u64;
    for (index, file) in all.into_iter().enumerate() {
        bytes = bytes.saturating_add(file.bytes);
        let is_too_much = wide(index) >= wide(limits::CACHE_FILES) || bytes > limits::CACHE_BYTES;
        if is_too_much && file.kind != Kind::Kept {
            gone.push(file);
        }
    }
    gone
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1_000_000_000);

    fn file(name: &str, bytes: u64, age_secs: u64) -> Found {
        Found {
            path: name.into(),
            bytes,
            used: SystemTime::UNIX_EPOCH + NOW - Duration::from_secs(age_secs),
            kind: kind(name, "kept.code").unwrap(),
        }
    }

    fn gone(all: Vec<Found>) -> Vec<String> {
        let mut names: Vec<_> = surplus(all, SystemTime::UNIX_EPOCH + NOW)
            .into_iter()
            .map(|file| file.path.display().to_string())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn i14_the_oldest_files_go_when_there_are_too_many() {
        let mut all: Vec<_> = (0..limits::CACHE_FILES)
            .map(|index| file(&format!("{index:04}.code"), 1, wide(index)))
            .collect();
        assert_eq!(gone(all.clone()), [""; 0]);
        // What was just written stays though the clock says it is the oldest.
        all.push(file("kept.code", 1, 1_000_000));
        assert_eq!(gone(all), [format!("{:04}.code", limits::CACHE_FILES - 1)]);
    }

    #[test]
    fn i14_the_oldest_files_go_when_they_are_too_large() {
        let half = limits::CACHE_BYTES / 2;
        let all = vec![
            file("old.code", half, 3),
            file("kept.code", half, 2),
            file("new.code", half, 1),
        ];
        assert_eq!(gone(all), ["old.code"]);
        assert_eq!(
            gone(vec![file("kept.code", limits::CACHE_BYTES + 1, 0)]),
            [""; 0]
        );
    }

    #[test]
    fn what_was_never_finished_goes_when_it_is_old_and_what_is_not_ours_stays() {
        let hour = limits::CACHE_UNFINISHED.duration().as_secs();
        let all = vec![file(".new-a", 1, hour + 1), file(".new-b", 1, hour - 1)];
        assert_eq!(gone(all), [".new-a"]);
        assert_eq!(kind("key", "kept.code"), None);
        assert_eq!(kind("notes.txt", "kept.code"), None);
    }
}
