//! A folder of documents that answers questions, and is read again when it changes.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use model::{Answer, Citation, Question, TenantId};
use tokio::sync::Semaphore;

use crate::index::{Hit, Index};
use crate::scan::{Listing, Problem};
use crate::{Knowledge, limits};

/// How a [`Folder`] answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderOptions {
    /// The least share of the question that the best passage must cover, in thousandths; with less there is no answer. A passage
    /// that has every word of the question in its text once has 800, and one that has half of its weight 400.
    pub least_score: u16,
    /// How long a question may take before it is answered [`Answer::Slow`].
    pub question_wait: Duration,
    /// How often the folder is looked at for changes, when there are questions.
    pub look_every: Duration,
}

impl FolderOptions {
    /// What `least_score` is unless somebody says otherwise.
    pub const LEAST_SCORE: u16 = 350;
}

impl Default for FolderOptions {
    fn default() -> Self {
        Self {
            least_score: Self::LEAST_SCORE,
            question_wait: limits::QUESTION_WAIT,
            look_every: limits::LOOK_EVERY,
        }
    }
}

/// Why a folder cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// It is not there, or is no folder.
    #[error("knowledge folder {}: {error}: create it and put documents (.md, .txt) into it", path.display())]
    Folder {
        /// As given.
        path: PathBuf,
        /// What the system says.
        #[source]
        error: std::io::Error,
    },
    /// The index cannot be built.
    #[error("knowledge folder {}: its documents cannot be indexed: {cause}", path.display())]
    Index {
        /// As given.
        path: PathBuf,
        /// Why.
        cause: String,
    },
}

/// What a folder holds at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Documents that answer.
    pub documents: usize,
    /// Passages that they are cut into.
    pub passages: usize,
    /// What a person should mend, in the order of the documents.
    pub problems: Vec<Problem>,
    /// Problems beyond those.
    pub more_problems: usize,
}

/// Answers questions from a folder of Markdown and text documents.
pub struct Folder {
    inner: Arc<Inner>,
    working: Arc<Semaphore>,
}

struct Inner {
    path: PathBuf,
    options: FolderOptions,
    held: RwLock<Held>,
    /// When the folder was last looked at.
    looked: Mutex<Instant>,
    /// Held while the folder is read.
    reading: tokio::sync::Mutex<()>,
}

/// What the last reading came to.
#[derive(Clone)]
struct Held {
    index: Arc<Index>,
    listing: Arc<Listing>,
    /// Why the folder as it is now could not be read; what was there before still answers.
    stale: Option<Problem>,
}

impl Folder {
    /// Reads the folder and indexes it. It takes a second for some ten MiB, and blocks: call it where that is no harm.
    pub fn open(path: &Path, options: FolderOptions) -> Result<Self, OpenError> {
        let listing = listing(path).map_err(|error| OpenError::Folder {
            path: path.to_owned(),
            error,
        })?;
        let index = Index::build(&listing).map_err(|error| OpenError::Index {
            path: path.to_owned(),
            cause: error.to_string(),
        })?;
        let held = Held {
            index: Arc::new(index),
            listing: Arc::new(listing),
            stale: None,
        };
        held.log(path);
        Ok(Self {
            inner: Arc::new(Inner {
                path: path.to_owned(),
                options,
                held: RwLock::new(held),
                looked: Mutex::new(Instant::now()),
                reading: tokio::sync::Mutex::new(()),
            }),
            working: Arc::new(Semaphore::new(limits::QUESTIONS_AT_ONCE)),
        })
    }

    /// Looks at the folder now, and reads it again if it changed. Questions go on being answered meanwhile.
    pub async fn refresh(&self) {
        Arc::clone(&self.inner).refresh().await;
    }

    /// What it holds, and what is wrong with it.
    #[must_use]
    pub fn standing(&self) -> Standing {
        self.inner.held().standing()
    }

    /// Looks for changes if it is time to, and waits a little for what comes of it.
    async fn keep_current(&self) {
        if !self.inner.is_due() {
            return;
        }
        let refreshing = tokio::spawn(Arc::clone(&self.inner).refresh());
        // Late is no harm: the reading goes on, and the next question has it.
        let _ = tokio::time::timeout(limits::REFRESH_WAIT, refreshing).await;
    }

    async fn search(&self, question: &Question) -> Answer {
        self.keep_current().await;
        let Ok(permit) = Arc::clone(&self.working).acquire_owned().await else {
            return Answer::Slow;
        };
        let (inner, question) = (Arc::clone(&self.inner), question.clone());
        let searched = tokio::task::spawn_blocking(move || {
            // Kept to the end of the search, even if nobody waits for it any more.
            let _permit = permit;
            let index = Arc::clone(&inner.held().index);
            answer(&index, &question, inner.options.least_score)
        });
        match searched.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                tracing::error!(folder = %self.inner.path.display(), %error, "a knowledge folder's index cannot be read");
                Answer::Slow
            }
            Err(_) => Answer::Slow,
        }
    }
}

#[async_trait]
impl Knowledge for Folder {
    async fn ask(&self, _tenant: &TenantId, question: &Question) -> Answer {
        let searched = self.search(question);
        tokio::time::timeout(self.inner.options.question_wait, searched)
            .await
            .unwrap_or(Answer::Slow)
    }
}

impl Inner {
    fn held(&self) -> Held {
        self.held
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Whether it is time to look; who is told so looks.
    fn is_due(&self) -> bool {
        let mut looked = self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let due = looked.elapsed() >= self.options.look_every;
        if due {
            *looked = Instant::now();
        }
        due
    }

    async fn refresh(self: Arc<Self>) {
        let _one_at_a_time = self.reading.lock().await;
        let inner = Arc::clone(&self);
        if tokio::task::spawn_blocking(move || inner.reread())
            .await
            .is_err()
        {
            self.keep_stale("reading it failed");
        }
    }

    fn reread(&self) {
        let listing = match listing(&self.path) {
            Ok(listing) => listing,
            Err(error) => return self.keep_stale(&format!("cannot be read: {error}")),
        };
        let before = self.held();
        if listing == *before.listing && before.stale.is_none() {
            return;
        }
        match Index::build(&listing) {
            Ok(index) => {
                let held = Held {
                    index: Arc::new(index),
                    listing: Arc::new(listing),
                    stale: None,
                };
                held.log(&self.path);
                *self.held.write().unwrap_or_else(PoisonError::into_inner) = held;
            }
            Err(error) => self.keep_stale(&format!("cannot be indexed: {error}")),
        }
    }

    fn keep_stale(&self, why: &str) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        let why = format!("{why}; what was there before still answers");
        if held.stale.as_ref().is_none_or(|known| known.why != why) {
            tracing::warn!(folder = %self.path.display(), why, "a knowledge folder is not current");
        }
        held.stale = Some(Problem {
            path: String::new(),
            why,
        });
    }
}

impl Held {
    fn standing(&self) -> Standing {
        let all = self.stale.iter().chain(&self.index.problems);
        Standing {
            documents: self.index.documents(),
            passages: self.index.passages,
            problems: all.clone().take(limits::PROBLEMS).cloned().collect(),
            more_problems: all.count().saturating_sub(limits::PROBLEMS),
        }
    }

    fn log(&self, path: &Path) {
        let standing = self.standing();
        tracing::info!(
            folder = %path.display(),
            documents = standing.documents,
            passages = standing.passages,
            problems = standing.problems.len() + standing.more_problems,
            "a knowledge folder was read"
        );
        for problem in &standing.problems {
            tracing::warn!(folder = %path.display(), document = problem.path, why = problem.why, "a document needs mending");
        }
    }
}

fn listing(path: &Path) -> std::io::Result<Listing> {
    Listing::of(&std::fs::canonicalize(path)?)
}

/// Passages that fit nearly as well as the best one stand in the answer beside it: from this many tenths of its score on.
const NEARLY_AS_GOOD_TENTHS: u32 = 9;

fn answer(index: &Index, question: &Question, least_score: u16) -> tantivy::Result<Answer> {
    let mut hits = index.find(question)?;
    let best = hits.first().map_or(0, |hit| hit.score);
    if best == 0 || best < least_score {
        return Ok(Answer::NoAnswer);
    }
    let most = usize::from(question.passages.max(1)).min(limits::ANSWER_PASSAGES);
    hits.retain(|hit| {
        hit.score >= least_score
            && u32::from(hit.score) * 10 >= u32::from(best) * NEARLY_AS_GOOD_TENTHS
    });
    hits.truncate(most);
    let citations = hits.iter().filter_map(|hit| cited(index, hit)).collect();
    Ok(Answer::Found {
        text: text(index, &hits),
        citations,
        session: None,
    })
}

fn cited(index: &Index, hit: &Hit) -> Option<Citation> {
    let (document, passage) = index.passage(hit)?;
    Some(Citation {
        source: document.source.clone(),
        title: document.title.clone(),
        url: document.url.clone(),
        passage: passage.text.clone(),
        score: Some(hit.score),
    })
}

/// The passages as one text: the best document first, and within a document as it goes on.
fn text(index: &Index, hits: &[Hit]) -> String {
    let rank = |hit: &Hit| {
        let (document, passage) = hit.place();
        let first = hits.iter().position(|other| other.place().0 == document);
        (first, passage)
    };
    let mut in_order = hits.to_vec();
    in_order.sort_by_key(rank);
    let mut text = String::new();
    let mut before = None;
    for hit in &in_order {
        let Some((document, passage)) = index.passage(hit) else {
            continue;
        };
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        let section = Some((document.source.as_str(), &passage.headings));
        if let (true, Some(heading)) = (before != section, passage.headings.last()) {
            text.push_str(&bold(heading));
            text.push('\n');
        }
        before = section;
        text.push_str(&passage.text);
    }
    text
}

fn bold(heading: &str) -> String {
    if heading.contains('*') {
        heading.to_owned()
    } else {
        format!("*{heading}*")
    }
}

#[cfg(test)]
mod tests {
    use model::Language;

    use super::*;

    #[tokio::test]
    async fn i14_a_question_past_its_time_is_answered_slow() {
        let documents = tempfile::tempdir().unwrap();
        std::fs::write(
            documents.path().join("a.en.md"),
            "# Parking\n\nBehind the house.",
        )
        .unwrap();
        let options = FolderOptions {
            question_wait: Duration::from_millis(20),
            ..FolderOptions::default()
        };
        let folder = Folder::open(documents.path(), options).unwrap();
        let tenant = TenantId::new("shop").unwrap();
        let question = Question {
            base: "help".to_owned(),
            text: "parking".to_owned(),
            language: Language::new("en").unwrap(),
            filters: Vec::new(),
            session: None,
            passages: 1,
        };
        let places = u32::try_from(limits::QUESTIONS_AT_ONCE).unwrap();
        let busy = Arc::clone(&folder.working)
            .acquire_many_owned(places)
            .await
            .unwrap();
        assert_eq!(folder.ask(&tenant, &question).await, Answer::Slow);

        drop(busy);
        assert!(matches!(
            folder.search(&question).await,
            Answer::Found { .. }
        ));
    }
}
