//! Where a body is read from.

use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::PathBuf;

use super::limits;
use super::trouble::Trouble;
use crate::shown;

/// A file, or standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    StandardInput,
    File(PathBuf),
}

impl From<OsString> for Source {
    fn from(named: OsString) -> Self {
        match named == "-" {
            true => Self::StandardInput,
            false => Self::File(named.into()),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StandardInput => f.write_str("standard input"),
            Self::File(path) => f.write_str(&shown::tame(&path.to_string_lossy())),
        }
    }
}

impl Source {
    /// Those that were named, or standard input if none was.
    pub(super) fn or_standard_input(named: Vec<Self>) -> Vec<Self> {
        match named.is_empty() {
            true => vec![Self::StandardInput],
            false => named,
        }
    }

    /// Every byte, as it is.
    pub(super) fn read(&self) -> Result<Vec<u8>, Trouble> {
        let mut body = Vec::new();
        let read = match self {
            Self::StandardInput => {
                super::invite();
                whole(std::io::stdin().lock(), &mut body)
            }
            Self::File(path) => File::open(path).and_then(|file| whole(file, &mut body)),
        };
        match read {
            Ok(()) if body.len() as u64 > limits::FILE_BYTES => Err(Trouble::too_large(self)),
            Ok(()) => Ok(body),
            Err(error) => Err(Trouble::closed(
                self,
                &match error.kind() {
                    ErrorKind::NotFound => "there is no such file".to_owned(),
                    ErrorKind::IsADirectory => {
                        format!("it is a folder; name the files in it: {self}/*.json")
                    }
                    _ => format!("it cannot be read: {error}"),
                },
            )),
        }
    }
}

/// Up to one byte more than is allowed, so that what is too large is noticed and never held.
fn whole(from: impl Read, body: &mut Vec<u8>) -> std::io::Result<()> {
    from.take(limits::FILE_BYTES + 1)
        .read_to_end(body)
        .map(drop)
}
