//! What all doors share: whose number is whose, who takes the notices in, what is counted, what is bounded.

mod body;
mod seldom;
mod sources;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use model::Span;

use crate::answer::{Answer, Door};
use crate::payload::Parsed;
use crate::tally::{Kinds, Tally};
use crate::{Accept, NotAccepted, Numbers, Voucher, limits};

use self::body::Budget;
pub(crate) use self::body::{Bounds, InFlight};
use self::seldom::Seldom;
pub use self::sources::source_of;
pub(crate) use self::sources::{Source, source};
use self::sources::{Sources, Standing};

/// What all doors share. One for a host: the doors' bodies share its memory, and a source its bucket.
pub struct Entrance {
    numbers: Arc<Numbers>,
    accept: Arc<dyn Accept>,
    tally: Arc<Tally>,
    budget: Budget,
    sources: Sources,
    seldom: Seldom,
    settings: Settings,
}

/// How much is borne with. The defaults are those of [`limits`].
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long a body may take.
    pub body_wait: Duration,
    /// So much of each body has a place of its own.
    pub usual_body_bytes: usize,
    /// What is more of bodies in memory, all doors together.
    pub bytes_in_flight: usize,
    /// What one source may hold of that.
    pub source_bytes_in_flight: usize,
    /// Beside it, bodies of sources that have spent their bucket, all of them together.
    pub spent_bytes_in_flight: usize,
    /// How long a body waits for its share of these.
    pub bytes_in_flight_wait: Duration,
    /// Deliveries that nothing vouches for, from one source at once.
    pub unverified_burst: u32,
    /// After that many, one more in this time.
    pub unverified_every: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            body_wait: limits::BODY_WAIT,
            usual_body_bytes: limits::USUAL_BODY_BYTES,
            bytes_in_flight: limits::BYTES_IN_FLIGHT,
            source_bytes_in_flight: limits::SOURCE_BYTES_IN_FLIGHT,
            spent_bytes_in_flight: limits::SPENT_BYTES_IN_FLIGHT,
            bytes_in_flight_wait: limits::BYTES_IN_FLIGHT_WAIT,
            unverified_burst: limits::UNVERIFIED_BURST,
            unverified_every: limits::UNVERIFIED_EVERY,
        }
    }
}

/// What became of one delivery's notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// So many are durable; those for foreign numbers, if any, are not among them.
    Accepted(usize),
    /// There were none.
    Nothing,
    /// There were some, and all for numbers that somebody else vouches for (I13): none was taken.
    Foreign,
}

impl Taken {
    /// What is answered to it.
    #[must_use]
    pub fn answer(self) -> Answer {
        match self {
            Self::Accepted(_) => Answer::Accepted,
            Self::Nothing => Answer::Empty,
            Self::Foreign => Answer::Foreign,
        }
    }
}

impl Entrance {
    /// An entrance with the usual limits.
    #[must_use]
    pub fn new(numbers: Arc<Numbers>, accept: Arc<dyn Accept>) -> Self {
        Self::with(numbers, accept, Settings::default())
    }

    /// An entrance with limits of one's own.
    #[must_use]
    pub fn with(numbers: Arc<Numbers>, accept: Arc<dyn Accept>, settings: Settings) -> Self {
        Self {
            numbers,
            accept,
            tally: Arc::default(),
            budget: Budget::new(&settings),
            sources: Sources::new(settings.unverified_burst, settings.unverified_every),
            seldom: Seldom::new(),
            settings,
        }
    }

    /// The counters.
    #[must_use]
    pub fn tally(&self) -> &Arc<Tally> {
        &self.tally
    }

    /// Who takes the notices in.
    #[must_use]
    pub fn accept(&self) -> &Arc<dyn Accept> {
        &self.accept
    }

    /// Takes in what one voucher delivered: durable once this returns (I1). What is for a foreign number is dropped and counted (I13),
    /// what is for nobody's is kept aside.
    pub async fn take(
        &self,
        door: Door,
        parsed: Vec<Parsed>,
        voucher: &Voucher,
    ) -> Result<Taken, NotAccepted> {
        if parsed.is_empty() {
            return Ok(Taken::Nothing);
        }
        let sorted = self.numbers.sort(parsed, voucher);
        let count = sorted.notices.len();
        if count > 0 {
            let kinds = Kinds::of(&sorted.notices);
            self.accept.accept(sorted.notices).await?;
            self.tally.accepted(kinds);
        }
        if let Some(number) = sorted.foreign_number {
            self.tally.foreign(door, sorted.foreign);
            if self.is_due("dropped", &format!("{voucher} {number}")) {
                tracing::warn!(%number, %voucher, notices = sorted.foreign, "dropped: this number is not bound to who vouched for it");
            }
        }
        if let Some(number) = sorted.unclaimed_number {
            self.tally.unclaimed(door, sorted.unclaimed);
            if self.is_due("kept aside", &number.to_string()) {
                tracing::warn!(%number, notices = sorted.unclaimed, "kept aside: no tenant owns this number");
            }
        }
        Ok(match count {
            0 => Taken::Foreign,
            count => Taken::Accepted(count),
        })
    }

    /// As [`take`](Self::take), answered over HTTP.
    pub(crate) async fn take_and_answer(
        &self,
        door: Door,
        parsed: Vec<Parsed>,
        voucher: &Voucher,
        well: Answer,
    ) -> Response {
        match self.take(door, parsed, voucher).await {
            // I1: this is said only when the ledger has it all.
            Ok(Taken::Accepted(_)) => self.say(door, well),
            Ok(taken @ Taken::Nothing) => self.say(door, taken.answer()),
            Ok(taken @ Taken::Foreign) => self.refuse(door, taken.answer(), Source::Vouched),
            Err(NotAccepted::Full { retry_after }) => {
                self.refuse_until(door, Answer::Full, Some(retry_after))
            }
            Err(NotAccepted::Ledger { cause }) => {
                if self.is_due("ledger", "") {
                    tracing::error!(%cause, "deliveries cannot be stored; their senders come again");
                }
                self.refuse_until(door, Answer::NotStored, None)
            }
        }
    }

    /// Reads a body, within its bounds and its source's share of the memory.
    pub(crate) async fn read(
        &self,
        body: Body,
        bytes: usize,
        source: Source,
    ) -> Result<InFlight, Answer> {
        let share = self.budget.share(source, self.sources.standing(source));
        let bounds = Bounds {
            bytes,
            wait: self.settings.body_wait,
            share_wait: self.settings.bytes_in_flight_wait,
        };
        self.budget.read(body, &bounds, share).await
    }

    /// Reads on what a refused sender still writes, for a while, so that it gets to see the answer.
    pub(crate) fn linger(&self, body: Body) {
        self.budget.linger(body);
    }

    /// Too many deliveries from this source had nothing to vouch for them.
    pub(crate) fn is_spent(&self, source: Source) -> bool {
        self.sources.standing(source) == Standing::Spent
    }

    /// It is time to write this of that into the log; otherwise it was there a moment ago.
    pub(crate) fn is_due(&self, what: &'static str, of: &str) -> bool {
        self.seldom.is_due(what, of.to_owned())
    }

    /// Answers that all is well.
    pub(crate) fn say(&self, door: Door, answer: Answer) -> Response {
        self.tally.answered(door, answer);
        answer.response(None)
    }

    /// Refuses. What was not verified counts against its source, which, once it is spent, is told to slow down instead of the cause.
    pub(crate) fn refuse(&self, door: Door, answer: Answer, source: Source) -> Response {
        let blamed = answer.is_unverified().then(|| self.sources.blame(source));
        let answer = match blamed {
            Some(Standing::Spent) => Answer::Limited,
            _ => answer,
        };
        self.tally.answered(door, answer);
        // A flood is counted, and not written down line by line.
        let is_said = match blamed {
            Some(Standing::Fine) => true,
            _ => self.is_due(answer.word(), door.word()),
        };
        if is_said {
            tracing::warn!(
                door = door.word(),
                answer = answer.word(),
                status = answer.status(),
                why = answer.sentence(),
                "a delivery was refused"
            );
        }
        answer.response(None)
    }

    fn refuse_until(&self, door: Door, answer: Answer, retry_after: Option<Span>) -> Response {
        self.tally.answered(door, answer);
        answer.response(retry_after)
    }
}
