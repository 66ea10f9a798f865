//! The host's own secret: made once, kept beside the ledger, readable by this user alone.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::command::Failure;

/// The secret that seeds tokens, made at the first start.
pub(in crate::command) fn host_secret(data: &Path) -> Result<[u8; 32], Failure> {
    let path = data.join("host-secret");
    let unusable = |what: &str| {
        let help = "restore it from a backup, or remove it to have a new one made: sends under way are then settled by hand";
        Failure::found(format!(
            "error: the host's secret {}: {what}\n  help: {help}",
            path.display()
        ))
    };
    match fs::read(&path) {
        Ok(bytes) => bytes
            .try_into()
            .map_err(|_| unusable("it is not 32 bytes long")),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make(&path).map_err(|error| unusable(&error.to_string()))
        }
        Err(error) => Err(unusable(&error.to_string())),
    }
}

/// The secret, if there is one: whoever only looks makes none.
pub(in crate::command) fn known(data: &Path) -> Option<[u8; 32]> {
    fs::read(data.join("host-secret")).ok()?.try_into().ok()
}

/// Written beside and renamed, so that a crash leaves none or a whole one.
fn make(path: &Path) -> std::io::Result<[u8; 32]> {
    let mut secret = [0; 32];
    fs::File::open("/dev/urandom")?.read_exact(&mut secret)?;
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)?;
    file.write_all(&secret)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn it_is_made_once_and_kept_private() {
        let folder = tempfile::tempdir().unwrap();
        let first = host_secret(folder.path()).unwrap();
        assert_eq!(host_secret(folder.path()).unwrap(), first);
        let mode = fs::metadata(folder.path().join("host-secret"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(folder.path().join("host-secret"), b"short").unwrap();
        assert!(
            host_secret(folder.path())
                .unwrap_err()
                .message
                .contains("32 bytes")
        );
    }
}
