//! The folder of compiled code: what it saves, and what it does not believe.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sandbox::{CacheCounts, Compiler, HowLoaded, Limits, Plugin, Sandbox, Settings};
use tempfile::TempDir;

use crate::loading::{compiler, load};
use crate::stage::known;

const COMPONENT: &[u8] = shipped::ROUTER;

fn sandbox(folder: &Path, compiler: Compiler) -> Sandbox {
    let cache = Some(folder.to_owned());
    Sandbox::new(Settings { compiler, cache }).unwrap()
}

/// No program: whatever loads with it was not compiled.
fn no_compiler() -> Compiler {
    Compiler::Child {
        program: PathBuf::from("/nowhere/compiler"),
        arguments: Vec::new(),
    }
}

fn loaded(sandbox: &Sandbox) -> Plugin {
    load(sandbox, COMPONENT, &Limits::default()).unwrap()
}

/// A folder with the code of one component in it, and its file.
fn filled() -> (TempDir, PathBuf) {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("state").join("compiled");
    let plugin = loaded(&sandbox(&folder, compiler()));
    assert!(matches!(plugin.how_loaded(), HowLoaded::Compiled(_)));
    let file = code_file(&folder);
    (parent, file)
}

fn code_file(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut code: Vec<_> = files
        .filter(|file| {
            file.extension()
                .is_some_and(|extension| extension == "code")
        })
        .collect();
    assert_eq!(code.len(), 1, "{code:?}");
    code.remove(0)
}

/// Loads with a folder in which something is wrong: it must be compiled again, mended, and good for the next time.
#[track_caller]
fn assert_compiled_anew(folder: &Path, what: &str) {
    let once = sandbox(folder, compiler());
    assert!(
        matches!(loaded(&once).how_loaded(), HowLoaded::Compiled(_)),
        "{what}"
    );
    let next = sandbox(folder, no_compiler());
    assert_eq!(loaded(&next).how_loaded(), HowLoaded::Cached, "{what}");
}

fn refused(folder: &Path) -> u64 {
    let sandbox = sandbox(folder, Compiler::Within);
    loaded(&sandbox);
    sandbox.cache_counts().unwrap().refused
}

#[tokio::test]
async fn what_was_compiled_once_is_not_compiled_again() {
    let (_parent, file) = filled();
    let sandbox = sandbox(file.parent().unwrap(), no_compiler());
    let plugin = loaded(&sandbox);
    assert_eq!(plugin.how_loaded(), HowLoaded::Cached);
    plugin.check("{}", &known()).await.unwrap();
    assert_eq!(
        sandbox.cache_counts().unwrap(),
        CacheCounts {
            found: 1,
            ..CacheCounts::default()
        }
    );
}

#[test]
fn what_was_compiled_once_is_loaded_at_once() {
    let folder = tempfile::tempdir().unwrap();
    loaded(&sandbox(folder.path(), Compiler::Within));
    let sandbox = sandbox(folder.path(), no_compiler());
    let mut took = Vec::new();
    for _ in 0..20 {
        let began = Instant::now();
        let plugin = loaded(&sandbox);
        took.push(began.elapsed());
        assert_eq!(plugin.how_loaded(), HowLoaded::Cached);
    }
    took.sort();
    eprintln!(
        "{} bytes from the cache: p50 {:?}, longest {:?}",
        COMPONENT.len(),
        took[took.len() / 2],
        took[took.len() - 1]
    );
    // A build for development takes its time over everything but the code it loads.
    let most = if cfg!(debug_assertions) { 200 } else { 2 };
    assert!(took[took.len() / 2] < Duration::from_millis(most));
}

#[test]
fn what_either_compiler_made_serves_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let within = sandbox(folder.path(), Compiler::Within);
    assert!(matches!(
        loaded(&within).how_loaded(),
        HowLoaded::Compiled(_)
    ));
    assert_eq!(within.cache_counts().unwrap().missing, 1);
    let other = sandbox(folder.path(), no_compiler());
    assert_eq!(loaded(&other).how_loaded(), HowLoaded::Cached);
}

#[test]
fn nobody_else_can_read_or_write_what_is_kept() {
    let (_parent, file) = filled();
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    let folder = file.parent().unwrap();
    assert_eq!(mode(folder), 0o700);
    assert_eq!(mode(&file), 0o600);
    assert_eq!(mode(&folder.join("key")), 0o600);
    assert_eq!(fs::metadata(folder.join("key")).unwrap().len(), 32);
    // Nothing unfinished is left about.
    assert_eq!(fs::read_dir(folder).unwrap().count(), 2);
}

#[test]
fn a_file_that_was_changed_is_not_loaded() {
    type Change = fn(&mut Vec<u8>);
    let (_parent, file) = filled();
    let folder = file.parent().unwrap();
    let good = fs::read(&file).unwrap();
    let changes: [(&str, Change); 6] = [
        ("one bit of the code", |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        }),
        ("one bit of the seal", |bytes| bytes[10] ^= 1),
        ("one bit of the layout's number", |bytes| bytes[0] ^= 1),
        ("the end cut off", |bytes| bytes.truncate(bytes.len() - 1)),
        ("something after the end", |bytes| bytes.push(0)),
        ("nothing left", Vec::clear),
    ];
    for (what, change) in changes {
        let mut bytes = good.clone();
        change(&mut bytes);
        fs::write(&file, &bytes).unwrap();
        assert_eq!(refused(folder), 1, "{what}");
        fs::write(&file, &bytes).unwrap();
        assert_compiled_anew(folder, what);
    }
}

#[test]
fn a_good_file_in_the_place_of_another_is_not_loaded() {
    let (_parent, file) = filled();
    let folder = file.parent().unwrap();
    let both = sandbox(folder, compiler());
    load(&both, shipped::OPT_OUT, &Limits::default()).unwrap();
    let other = fs::read_dir(folder)
        .unwrap()
        .map(|other| other.unwrap().path())
        .find(|other| other.extension().is_some() && *other != file)
        .unwrap();
    fs::copy(&other, &file).unwrap();
    assert_eq!(refused(folder), 1);
    fs::copy(&other, &file).unwrap();
    assert_compiled_anew(folder, "the other's code");
}

#[test]
fn a_file_of_another_hosts_is_not_loaded() {
    let (_parent, file) = filled();
    let (_other_parent, others) = filled();
    // The same code, sealed with another key.
    assert_eq!(file.file_name(), others.file_name());
    fs::copy(others, &file).unwrap();
    assert_eq!(refused(file.parent().unwrap()), 1);
}

#[test]
fn a_file_that_others_could_have_written_is_not_loaded() {
    let (_parent, file) = filled();
    let folder = file.parent().unwrap();
    for mode in [0o620, 0o602, 0o666] {
        fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        assert_eq!(refused(folder), 1, "{mode:o}");
        // It was replaced, with the permissions that it ought to have.
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
        assert_eq!(refused(folder), 0, "{mode:o}");
    }
    // Only root can give a file away; for anybody else there is nothing to test.
    if chown(&file, Some(65_534), None).is_ok() {
        assert_eq!(refused(folder), 1);
        assert_eq!(refused(folder), 0);
    } else {
        eprintln!("not run as root: a file of another user's is not tested");
    }
}

#[test]
fn what_is_no_file_is_not_loaded() {
    let (_parent, file) = filled();
    let folder = file.parent().unwrap();
    let moved = folder.join("moved");
    fs::rename(&file, &moved).unwrap();
    symlink(&moved, &file).unwrap();
    assert_eq!(refused(folder), 1);
    assert!(!fs::symlink_metadata(&file).unwrap().is_symlink());

    // A pipe that nobody writes to: opening it must not wait.
    fs::remove_file(&file).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(&file)
        .status()
        .unwrap();
    assert!(made.success());
    assert_eq!(refused(folder), 1);

    // What cannot be replaced is not used either, and stops nothing.
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    let sandbox = sandbox(folder, Compiler::Within);
    loaded(&sandbox);
    let counts = sandbox.cache_counts().unwrap();
    assert_eq!((counts.refused, counts.unkept), (1, 1));
}

#[test]
fn a_key_that_others_could_know_is_made_anew_and_what_it_sealed_is_not_loaded() {
    let (_parent, file) = filled();
    let folder = file.parent().unwrap();
    let key = folder.join("key");
    let old = fs::read(&key).unwrap();
    fs::set_permissions(&key, Permissions::from_mode(0o640)).unwrap();
    assert_eq!(refused(folder), 1);
    assert_ne!(fs::read(&key).unwrap(), old);
    assert_eq!(fs::metadata(&key).unwrap().mode() & 0o777, 0o600);
    assert_compiled_anew_after(folder, &key, |key| fs::write(key, [0; 31]).unwrap());
    assert_compiled_anew_after(folder, &key, |key| fs::write(key, [0; 33]).unwrap());
    assert_compiled_anew_after(folder, &key, |key| fs::remove_file(key).unwrap());
}

#[track_caller]
fn assert_compiled_anew_after(folder: &Path, key: &Path, change: impl Fn(&Path)) {
    change(key);
    assert_compiled_anew(folder, "the key was changed");
}

#[test]
fn a_folder_that_others_can_write_to_is_not_used() {
    let (_parent, file) = filled();
    let folder = file.parent().unwrap();
    fs::set_permissions(folder, Permissions::from_mode(0o770)).unwrap();
    let suspicious = sandbox(folder, compiler());
    assert!(matches!(
        loaded(&suspicious).how_loaded(),
        HowLoaded::Compiled(_)
    ));
    assert_eq!(suspicious.cache_counts(), None);
    fs::set_permissions(folder, Permissions::from_mode(0o700)).unwrap();
    assert_eq!(
        loaded(&sandbox(folder, no_compiler())).how_loaded(),
        HowLoaded::Cached
    );
}

#[test]
fn a_folder_that_cannot_be_made_or_written_stops_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "in the way").unwrap();
    for folder in [file.clone(), file.join("below"), "/proc/compiled".into()] {
        let sandbox = sandbox(&folder, Compiler::Within);
        assert!(matches!(
            loaded(&sandbox).how_loaded(),
            HowLoaded::Compiled(_)
        ));
        assert_eq!(sandbox.cache_counts(), None, "{}", folder.display());
    }
    // It goes while the host runs.
    let folder = parent.path().join("folder");
    let sandbox = sandbox(&folder, Compiler::Within);
    fs::remove_dir_all(&folder).unwrap();
    loaded(&sandbox);
    loaded(&sandbox);
    let counts = sandbox.cache_counts().unwrap();
    assert_eq!((counts.missing, counts.unkept), (2, 2));
}

#[test]
fn several_hosts_may_fill_one_folder_at_once() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("compiled");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| loaded(&sandbox(&folder, Compiler::Within)));
        }
    });
    let after = sandbox(&folder, no_compiler());
    assert_eq!(loaded(&after).how_loaded(), HowLoaded::Cached);
    code_file(&folder);
}
