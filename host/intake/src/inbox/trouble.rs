//! What a queue refuses, for people to see: said once in the log when it changes, and shown for as long as it lasts.

use std::collections::BTreeMap;

use tokio::sync::watch;

use super::InboxError;

/// What a pump asks of its queue. Each may be forbidden by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Asked {
    Receive,
    Delete,
    Hold,
}

impl Asked {
    fn words(self) -> &'static str {
        match self {
            Self::Receive => "nothing can be received",
            Self::Delete => "what was accepted cannot be deleted and will come again",
            Self::Hold => "what is being worked on cannot be held and may come again",
        }
    }
}

/// The troubles of one pump, published as a line.
pub(super) struct Trouble {
    queue: String,
    now: BTreeMap<Asked, InboxError>,
    shown: watch::Sender<Option<String>>,
}

impl Trouble {
    pub(super) fn new(queue: String, shown: watch::Sender<Option<String>>) -> Self {
        Self {
            queue,
            now: BTreeMap::new(),
            shown,
        }
    }

    /// The queue did as it was asked.
    pub(super) fn over(&mut self, asked: Asked) {
        if self.now.remove(&asked).is_some() {
            tracing::info!(queue = self.queue, "the queue works again: {asked:?}");
            self.show();
        }
    }

    /// The queue did not do as it was asked.
    pub(super) fn met(&mut self, asked: Asked, error: InboxError) {
        // Words may bear the id of a request: the code says whether it is another trouble.
        let is_new = self
            .now
            .get(&asked)
            .is_none_or(|known| known.code != error.code);
        if is_new {
            tracing::error!(queue = self.queue, code = error.code, cause = %error, "{}", asked.words());
            self.now.insert(asked, error);
            self.show();
        }
    }

    fn show(&self) {
        let lines: Vec<String> = self
            .now
            .iter()
            .map(|(asked, error)| format!("{}: {error}", asked.words()))
            .collect();
        let shown =
            (!lines.is_empty()).then(|| format!("queue.{}: {}", self.queue, lines.join("; ")));
        self.shown.send_replace(shown);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_is_shown_for_as_long_as_it_lasts() {
        let (shown, seen) = watch::channel(None);
        let mut trouble = Trouble::new("orders".to_owned(), shown);
        let error = |code: &str| InboxError {
            code: code.to_owned(),
            cause: format!("{code}!"),
        };
        trouble.met(Asked::Delete, error("denied"));
        trouble.met(Asked::Receive, error("gone"));
        assert_eq!(
            seen.borrow().as_deref(),
            Some(
                "queue.orders: nothing can be received: gone!; what was accepted cannot be deleted and will come again: denied!"
            )
        );
        trouble.over(Asked::Receive);
        trouble.over(Asked::Hold);
        assert!(
            seen.borrow()
                .as_deref()
                .unwrap()
                .ends_with("again: denied!")
        );
        trouble.over(Asked::Delete);
        assert_eq!(*seen.borrow(), None);
    }
}
