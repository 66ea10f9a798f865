//! Walks a folder: which documents there are, and what they hold. Nothing outside the folder is read, wherever its links lead.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::limits;

/// Something about a folder's documents that a person should mend.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The document, as its path below the folder; empty for the folder itself.
    pub path: String,
    /// What is wrong, and what would be right.
    pub why: String,
}

/// What a folder holds by the looks of it: two that are equal need not be read twice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    /// Documents, by their path below the folder.
    pub(crate) files: BTreeMap<String, Stamp>,
    pub(crate) problems: Vec<Problem>,
}

/// A file by the looks of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stamp {
    /// Where it really is: links are followed once, here.
    path: PathBuf,
    changed: Option<SystemTime>,
    bytes: u64,
}

/// What people keep beside their documents in other formats: left out, but not without a word.
const OTHER_DOCUMENTS: &[&str] = &[
    "doc", "docx", "htm", "html", "markdown", "mdx", "odt", "pdf", "rst", "rtf",
];

impl Listing {
    /// Walks the folder. `root` is where it really is.
    pub(crate) fn of(root: &Path) -> io::Result<Self> {
        let mut walk = Walk {
            root,
            listing: Self::default(),
            entries: 0,
            bytes: 0,
        };
        walk.folder(root, "", 0)?;
        walk.listing.problems.sort();
        Ok(walk.listing)
    }
}

/// Reads a document.
pub(crate) fn read(stamp: &Stamp) -> Result<String, String> {
    let mut bytes = Vec::new();
    let file = File::open(&stamp.path).map_err(|error| format!("cannot be read: {error}"))?;
    // It may have grown since it was looked at.
    file.take(limits::FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() as u64 > limits::FILE_BYTES {
        return Err(too_large(bytes.len() as u64));
    }
    let text =
        String::from_utf8(bytes).map_err(|_| "is not UTF-8 text: save it as UTF-8".to_owned())?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

fn too_large(bytes: u64) -> String {
    format!(
        "has {bytes} bytes or more, and {} are allowed: split it",
        limits::FILE_BYTES
    )
}

struct Walk<'r> {
    root: &'r Path,
    listing: Listing,
    entries: usize,
    bytes: u64,
}

impl Walk<'_> {
    fn report(&mut self, path: &str, why: impl Into<String>) {
        self.listing.problems.push(Problem {
            path: path.to_owned(),
            why: why.into(),
        });
    }

    /// `path` is below the root, `name` its name there.
    fn folder(&mut self, path: &Path, name: &str, depth: usize) -> io::Result<()> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(path)? {
            if self.entries == limits::ENTRIES {
                self.report(
                    name,
                    format!(
                        "the folder has more than {} entries; the rest is left out",
                        limits::ENTRIES
                    ),
                );
                break;
            }
            self.entries += 1;
            entries.push(entry?.file_name());
        }
        // The order of a directory is nobody's; limits must strike at the same file every time.
        entries.sort();
        for entry in entries {
            let Some(entry) = entry.to_str() else {
                self.report(name, "holds a file whose name is no UTF-8 text: rename it");
                continue;
            };
            if entry.starts_with('.') {
                continue;
            }
            let inner = if name.is_empty() {
                entry.to_owned()
            } else {
                format!("{name}/{entry}")
            };
            if let Err(error) = self.entry(&path.join(entry), &inner, depth) {
                self.report(&inner, format!("cannot be read: {error}"));
            }
        }
        Ok(())
    }

    fn entry(&mut self, path: &Path, name: &str, depth: usize) -> io::Result<()> {
        let itself = fs::symlink_metadata(path)?;
        let is_link = itself.file_type().is_symlink();
        let real = if is_link {
            fs::canonicalize(path)?
        } else {
            path.to_owned()
        };
        if !real.starts_with(self.root) {
            self.report(name, "is a link that leads out of the folder, and is not followed: copy the file into it");
            return Ok(());
        }
        let metadata = if is_link {
            fs::metadata(&real)?
        } else {
            itself
        };
        if metadata.is_dir() {
            // A link to a folder inside is that folder once more, or a ring.
            if is_link {
                return Ok(());
            }
            if depth == limits::DEPTH {
                self.report(
                    name,
                    format!("is deeper than {} folders, and is left out", limits::DEPTH),
                );
                return Ok(());
            }
            return self.folder(&real, name, depth + 1);
        }
        let kind = Path::new(name)
            .extension()
            .and_then(|kind| kind.to_str())
            .unwrap_or_default()
            .to_ascii_lowercase();
        if OTHER_DOCUMENTS.contains(&kind.as_str()) {
            self.report(
                name,
                "is left out: only Markdown (.md) and text (.txt) are read",
            );
        }
        if !matches!(kind.as_str(), "md" | "txt") {
            return Ok(());
        }
        if !metadata.is_file() {
            self.report(name, "is no ordinary file, and is left out");
        } else if metadata.len() > limits::FILE_BYTES {
            self.report(name, too_large(metadata.len()));
        } else if self.listing.files.len() == limits::FILES {
            self.report(
                name,
                format!(
                    "is one document more than the {} that are allowed, and is left out",
                    limits::FILES
                ),
            );
        } else if self.bytes + metadata.len() > limits::FOLDER_BYTES {
            self.report(
                name,
                format!(
                    "is left out: all documents together may have {} bytes",
                    limits::FOLDER_BYTES
                ),
            );
        } else {
            self.bytes += metadata.len();
            let stamp = Stamp {
                path: real,
                changed: metadata.modified().ok(),
                bytes: metadata.len(),
            };
            self.listing.files.insert(name.to_owned(), stamp);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn i07_links_that_lead_out_of_the_folder_are_not_followed() {
        use std::os::unix::fs::symlink;
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("secret.md"), "secret").unwrap();
        let inside = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(inside.path()).unwrap();
        fs::create_dir(root.join("sub")).unwrap();
        fs::write(root.join("sub/a.md"), "a").unwrap();
        symlink(outside.path().join("secret.md"), root.join("out.md")).unwrap();
        symlink(outside.path(), root.join("outside")).unwrap();
        symlink("../../etc", root.join("sub/up")).unwrap();
        symlink("sub/a.md", root.join("alias.md")).unwrap();
        symlink("..", root.join("sub/ring")).unwrap();
        symlink("nowhere.md", root.join("dangling.md")).unwrap();
        let listing = Listing::of(&root).unwrap();
        assert_eq!(
            listing.files.keys().collect::<Vec<_>>(),
            ["alias.md", "sub/a.md"]
        );
        let told: Vec<&str> = listing
            .problems
            .iter()
            .map(|problem| problem.path.as_str())
            .collect();
        assert_eq!(told, ["dangling.md", "out.md", "outside", "sub/up"]);
    }

    #[test]
    fn what_is_no_document_is_left_out_with_a_word_where_it_may_have_been_meant() {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        fs::write(
            root.join("large.txt"),
            "x".repeat(usize::try_from(limits::FILE_BYTES).unwrap() + 1),
        )
        .unwrap();
        for name in ["a.md", "B.TXT", "picture.png", "prices.pdf", ".hidden.md"] {
            fs::write(root.join(name), "text").unwrap();
        }
        let listing = Listing::of(&root).unwrap();
        assert_eq!(listing.files.keys().collect::<Vec<_>>(), ["B.TXT", "a.md"]);
        let told: Vec<&str> = listing
            .problems
            .iter()
            .map(|problem| problem.path.as_str())
            .collect();
        assert_eq!(told, ["large.txt", "prices.pdf"]);
        assert!(
            listing.problems[0].why.contains("split it"),
            "{:?}",
            listing.problems
        );
    }
}
