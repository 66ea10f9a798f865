//! How a command fails, and with which exit code.

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// It was asked wrongly.
    #[error("{0}")]
    Usage(String),
    /// It found what must be mended.
    #[error("{0}")]
    Finding(String),
}

impl Failure {
    /// 1 for findings, 2 for usage, as `tollgate` has it.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Finding(_) => 1,
        }
    }

    /// A command that could not even start.
    pub(crate) fn start(command: &str, error: &std::io::Error) -> Self {
        Self::Finding(format!("cannot start `{command}`: {error}"))
    }
}
