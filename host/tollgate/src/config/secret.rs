//! Secrets: the configuration says where they are, never what they are (I12).

use std::fmt;
use std::io::Read as _;
use std::path::PathBuf;

use toml::Spanned;
use toml::de::DeValue;

use super::limits;
use super::problem::Problem;
use super::section::{Place, Reader, Shape};
use super::value::Value;

/// Where a secret is to be found: `env:NAME` or `file:PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Secret {
    /// In a variable of the environment.
    Env(String),
    /// In a file, whose last line break is not part of it.
    File(PathBuf),
}

impl Secret {
    /// Fetches what it holds.
    pub fn resolve(&self) -> Result<Revealed, SecretError> {
        match self {
            Self::Env(name) => match std::env::var(name) {
                Ok(text) if text.trim().is_empty() => {
                    Err(SecretError::EmptyVariable { name: name.clone() })
                }
                Ok(text) => Ok(Revealed(text)),
                Err(std::env::VarError::NotPresent) => {
                    Err(SecretError::NoVariable { name: name.clone() })
                }
                Err(std::env::VarError::NotUnicode(_)) => Err(SecretError::NoText {
                    secret: self.to_string(),
                }),
            },
            Self::File(path) => read(path)
                .map_err(|error| match error.kind() {
                    std::io::ErrorKind::InvalidData => SecretError::NoText {
                        secret: self.to_string(),
                    },
                    _ => SecretError::File {
                        path: path.clone(),
                        error,
                    },
                })
                .and_then(|text| {
                    let text = text.trim_end_matches(['\r', '\n']);
                    if text.trim().is_empty() {
                        return Err(SecretError::EmptyFile { path: path.clone() });
                    }
                    Ok(Revealed(text.to_owned()))
                }),
        }
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
        }
    }
}

fn read(path: &std::path::Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?
        .take(limits::SECRET_BYTES)
        .read_to_string(&mut text)?;
    Ok(text)
}

/// What a [`Secret`] holds. It is shown nowhere: `Debug` and the like print `…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Revealed(String);

impl Revealed {
    /// The text itself, for the one who signs or sends with it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text itself, to keep.
    #[must_use]
    pub fn into_exposed(self) -> String {
        self.0
    }
}

impl fmt::Debug for Revealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The variable is not there.
    #[error("the environment has no {name}: set it before starting, `export {name}='…'`")]
    NoVariable {
        /// The variable.
        name: String,
    },
    /// The variable is there and holds nothing.
    #[error("{name} is empty in the environment: set it before starting, `export {name}='…'`")]
    EmptyVariable {
        /// The variable.
        name: String,
    },
    /// The file cannot be read.
    #[error("secret file {}: {error}: create it, readable by this user alone (`chmod 600 {}`)", path.display(), path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: std::io::Error,
    },
    /// The file holds nothing.
    #[error("secret file {} is empty: write the secret into it", path.display())]
    EmptyFile {
        /// The file.
        path: PathBuf,
    },
    /// Bytes that are no text.
    #[error("{secret} is not UTF-8 text")]
    NoText {
        /// Where it is.
        secret: String,
    },
}

impl Value for Secret {
    const SHAPE: Shape = Shape::Scalar {
        kind: "secret",
        secret: true,
    };

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        let base = reader.base;
        let text = value.get_ref().as_str().unwrap_or_default();
        let named = |name: &str| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        match text.split_once(':') {
            Some(("env", name)) if named(name) => return Some(Self::Env(name.to_owned())),
            Some(("file", path)) if !path.trim().is_empty() => {
                return Some(Self::File(base.join(path.trim())));
            }
            _ => {}
        }
        reader.blot_out(value);
        let what = format!(
            "`{}` in [{}] holds a secret itself; no secret stands in the configuration, only where it is found",
            place.key, place.table
        );
        let problem = Problem::new(value.span(), what).expected(
            r#""env:NAME", a variable, or "file:PATH", a file that only the host may read"#,
        );
        reader.report(problem.fix(place.example()));
        None
    }
}

/// One or more secrets, any of which holds: for rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secrets {
    first: Secret,
    rest: Vec<Secret>,
}

impl Secrets {
    /// Each of them, the newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Secret> {
        std::iter::once(&self.first).chain(&self.rest)
    }
}

impl Value for Secrets {
    const SHAPE: Shape = Shape::Scalar {
        kind: "secret, or list of secrets",
        secret: true,
    };

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        let Some(list) = value.get_ref().as_array() else {
            return Secret::read(value, place, reader).map(|first| Self {
                first,
                rest: Vec::new(),
            });
        };
        let read: Vec<Option<Secret>> = list
            .iter()
            .map(|item| Secret::read(item, place, reader))
            .collect();
        let mut all = read
            .into_iter()
            .collect::<Option<Vec<Secret>>>()?
            .into_iter();
        let Some(first) = all.next() else {
            let what = format!(
                "`{}` in [{}] is an empty list, and one secret is needed",
                place.key, place.table
            );
            reader.report(Problem::new(value.span(), what).fix(place.example()));
            return None;
        };
        Some(Self {
            first,
            rest: all.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_variable_is_named_with_the_line_that_sets_it() {
        let error = Secret::Env("TOLLGATE_SURELY_UNSET".to_owned())
            .resolve()
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the environment has no TOLLGATE_SURELY_UNSET: set it before starting, `export TOLLGATE_SURELY_UNSET='…'`"
        );
    }

    #[test]
    fn a_secret_file_gives_its_text_without_the_last_line_break() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        std::fs::write(&path, "s3cret\n").unwrap();
        assert_eq!(
            Secret::File(path.clone()).resolve().unwrap().expose(),
            "s3cret"
        );
        std::fs::write(&path, "\n").unwrap();
        assert!(matches!(
            Secret::File(path).resolve(),
            Err(SecretError::EmptyFile { .. })
        ));
        let missing = Secret::File(folder.path().join("none"))
            .resolve()
            .unwrap_err()
            .to_string();
        assert!(missing.contains("chmod 600"), "{missing}");
    }

    #[test]
    fn i12_what_a_secret_holds_is_not_printed() {
        assert_eq!(format!("{:?}", Revealed("s3cret".to_owned())), "…");
    }
}
