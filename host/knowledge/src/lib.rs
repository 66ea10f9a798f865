//! Knowledge: a question becomes an answer with its sources, or the reason why there is none.
//!
//! Owns: the [`Knowledge`] trait; [`Folder`], which answers out of a folder of Markdown and text documents. Which knowledge base a
//! question names, whether the plugin may ask it, and how many ask at once, is the engine's.
//! Promises: an answer rests on passages, and cites every one that it is made of. A folder that changes is read again, and one that
//! cannot be read changes nothing. The same question to the same documents has the same answer. Nothing outside the folder is read.
//! Bounds: [`limits`].
//!
//! ```no_run
//! # async fn shown(tenant: model::TenantId, question: model::Question) -> Result<(), Box<dyn std::error::Error>> {
//! use knowledge::{Folder, FolderOptions, Knowledge as _};
//! let folder = Folder::open("knowledge".as_ref(), FolderOptions::default())?;
//! let answer = folder.ask(&tenant, &question).await;
//! # Ok(()) }
//! ```
#![forbid(unsafe_code)]

mod document;
mod filler;
mod folder;
mod front_matter;
mod index;
pub mod limits;
mod markdown;
mod passage;
mod scan;
mod tongue;
mod words;

use async_trait::async_trait;
use model::{Answer, Question, TenantId};

pub use folder::{Folder, FolderOptions, OpenError, Standing};
pub use scan::Problem;

/// Answers questions from what a tenant wrote down.
#[async_trait]
pub trait Knowledge: Send + Sync + 'static {
    /// Answers one question. It keeps to its own deadline, and says [`Answer::Slow`] when that has passed.
    async fn ask(&self, tenant: &TenantId, question: &Question) -> Answer;
}
