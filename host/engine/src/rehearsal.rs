//! Rehearsal: the tests that stand beside rules, run as the real thing would run: the real plugins in the real sandbox, the
//! real gate, and a ledger in memory that nothing of remains. Knowledge, endpoints, memory and clock are what the test gives.

mod coverage;
mod given;
mod judge;
mod play;
mod why;

use std::sync::Arc;
use std::time::{Duration, Instant};

use model::{Decision, DeskName, HandOver, Outgoing, RuleName, TenantId};
use rulebook::{Diagnostic, Draft, RuleTest};
use sandbox::Sandbox;
use tokio::task::JoinSet;

use crate::{Edition, Fault, Plan, limits};

pub use coverage::{Coverage, Covered, coverage};
pub use why::{Hindrance, Why};

/// How one test went.
#[derive(Debug, Clone)]
pub struct Rehearsed {
    /// Whose.
    pub tenant: TenantId,
    /// Its name.
    pub name: String,
    /// The rule file it stands in.
    pub file: String,
    /// The line it begins in, from 1.
    pub line: usize,
    /// Everything that was not as expected, each at its line; empty if the test is green.
    pub red: Vec<Red>,
    /// It could not be played to its end, by no fault of the rules: another try may go another way.
    pub is_stuck: bool,
    /// What happened, turn by turn.
    pub turns: Vec<Heard>,
    /// How long it took.
    pub took: Duration,
}

/// One thing that was not as expected.
#[derive(Debug, Clone)]
pub struct Red {
    /// The key that says what was expected: `expect.reply.0`.
    pub key: String,
    /// What was expected.
    pub expected: String,
    /// What was seen.
    pub seen: String,
    /// The turn it shows in, from 0, if it is one.
    pub turn: Option<usize>,
    /// All of it, at its line.
    pub diagnostic: Diagnostic,
}

/// One turn of a test, as it went.
#[derive(Debug, Clone)]
pub struct Heard {
    /// What the contact said.
    pub said: String,
    /// When, by the clocks of the test's file.
    pub at: String,
    /// What went out.
    pub replies: Vec<Outgoing>,
    /// What waits for a person, and at which desk.
    pub drafts: Vec<(DeskName, Outgoing)>,
    /// The desks it was handed to.
    pub hand_offs: Vec<HandOver>,
    /// The rules that answered, in order.
    pub answered: Vec<RuleName>,
    /// The whole record.
    pub decision: Decision,
    /// Why it went as it did, if that is not as expected.
    pub why: Option<Why>,
}

/// How many tests are played at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As many as there are processors: nobody waits but whoever asked.
    Hurried,
    /// One after the other: a host answers messages beside it.
    Unhurried,
}

/// One expectation that was not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// Its key: `expect.reply`.
    key: String,
    /// What was expected.
    expected: String,
    /// What was seen.
    seen: String,
    /// The turn it shows in, if it is one.
    turn: Option<usize>,
}

impl Rehearsed {
    /// Whether everything was as expected.
    #[must_use]
    pub fn is_green(&self) -> bool {
        self.red.is_empty()
    }

    /// Whether it went as in another rehearsal, as far as expectations go.
    pub(crate) fn went_as(&self, other: &Self) -> bool {
        let told = |test: &Self| -> Vec<_> {
            let red = test.red.iter();
            red.map(|red| (red.key.clone(), red.expected.clone(), red.seen.clone()))
                .collect()
        };
        told(self) == told(other)
    }
}

/// What is red, as faults of the files.
pub fn faults<'a>(tests: impl IntoIterator<Item = &'a Rehearsed>) -> Vec<Fault> {
    let red = tests.into_iter().flat_map(|test| &test.red);
    red.map(|red| Fault::Rule(Box::new(red.diagnostic.clone())))
        .collect()
}

/// All tests of an edition, in the order of tenants and files, each with its tenant.
pub fn tests(edition: &Edition) -> impl Iterator<Item = (&TenantId, &RuleTest)> {
    edition
        .rulebooks()
        .flat_map(|(tenant, draft)| draft.tests().iter().map(move |test| (tenant, test)))
}

/// Runs every test of every tenant's rules on this edition.
pub async fn rehearse(
    plan: &Arc<Plan>,
    sandbox: &Arc<Sandbox>,
    edition: &Arc<Edition>,
    pace: Pace,
) -> Vec<Rehearsed> {
    rehearse_some(plan, sandbox, edition, pace, |_, _| true).await
}

/// Runs those tests that are chosen. The report has the order of the files, whichever test ended first.
pub async fn rehearse_some(
    plan: &Arc<Plan>,
    sandbox: &Arc<Sandbox>,
    edition: &Arc<Edition>,
    pace: Pace,
    chosen: impl Fn(&TenantId, &RuleTest) -> bool,
) -> Vec<Rehearsed> {
    let mut waiting = Vec::new();
    for (tenant, draft) in edition.rulebooks() {
        let tests = draft.tests().iter().enumerate();
        let ours = tests.filter(|(_, test)| chosen(tenant, test));
        waiting.extend(ours.map(|(index, _)| (tenant.clone(), index)));
    }
    let at_once = match pace {
        Pace::Unhurried => 1,
        Pace::Hurried => std::thread::available_parallelism()
            .map_or(1, usize::from)
            .min(limits::TESTS_AT_ONCE),
    };
    let mut waiting = waiting.into_iter().enumerate();
    let mut under_way = JoinSet::new();
    let mut rehearsed = Vec::new();
    loop {
        while under_way.len() < at_once
            && let Some((place, (tenant, index))) = waiting.next()
        {
            let (plan, sandbox, edition) =
                (Arc::clone(plan), Arc::clone(sandbox), Arc::clone(edition));
            under_way
                .spawn(async move { (place, one(&plan, sandbox, edition, &tenant, index).await) });
        }
        match under_way.join_next().await {
            Some(Ok(done)) => rehearsed.push(done),
            // A panic is ours: it goes on where it is seen.
            Some(Err(error)) => {
                if let Ok(panic) = error.try_into_panic() {
                    std::panic::resume_unwind(panic);
                }
            }
            None => break,
        }
    }
    rehearsed.sort_by_key(|(place, _)| *place);
    rehearsed.into_iter().filter_map(|(_, test)| test).collect()
}

/// One test; none if it vanished.
async fn one(
    plan: &Plan,
    sandbox: Arc<Sandbox>,
    edition: Arc<Edition>,
    tenant: &TenantId,
    index: usize,
) -> Option<Rehearsed> {
    let began = Instant::now();
    let whole = Arc::clone(&edition);
    let draft = whole.rulebook(tenant)?;
    let test = draft.tests().get(index)?;
    let plan = given::plan(tenant, plan.tenants.get(tenant)?, test);
    let played = play::play(tenant, plan, sandbox, edition, test).await;
    let (mut turns, mismatches, is_stuck) = match played {
        Ok(turns) => {
            let mismatches = judge::judge(test, &turns);
            (turns, mismatches, false)
        }
        Err(play::Stuck { turns, cause }) => {
            let mismatch = Mismatch {
                key: "says".to_owned(),
                expected: "every message is decided".to_owned(),
                seen: cause,
                turn: None,
            };
            (turns, vec![mismatch], true)
        }
    };
    for at in why::at_fault(test, &turns, &mismatches) {
        let why = turns.get(at).map(|turn| why::why(draft, test, turn, at));
        if let Some(turn) = turns.get_mut(at) {
            turn.heard.why = why;
        }
    }
    let turns: Vec<_> = turns.into_iter().map(|turn| turn.heard).collect();
    let red = mismatches.into_iter();
    Some(Rehearsed {
        tenant: tenant.clone(),
        name: test.name.clone(),
        file: test.file.clone(),
        line: test.line,
        red: red
            .map(|mismatch| red_at(draft, index, mismatch, &turns))
            .collect(),
        is_stuck,
        turns,
        took: began.elapsed(),
    })
}

/// A mismatch at its line, with what kept the expected rules from answering.
fn red_at(draft: &Draft, index: usize, mismatch: Mismatch, turns: &[Heard]) -> Red {
    let Mismatch {
        key,
        expected,
        seen,
        turn,
    } = mismatch;
    let message = format!("expected {expected}, seen {seen}");
    let why = turn
        .filter(|_| key.starts_with("expect.rules"))
        .and_then(|turn| turns.get(turn)?.why.as_ref());
    let absent = why.map_or_else(Vec::new, |why| {
        let absent = why.absent.iter();
        absent
            .map(|(rule, hindrance)| format!("{rule} {hindrance}"))
            .collect()
    });
    let help = (!absent.is_empty()).then(|| absent.join("; "));
    let diagnostic = draft.red(index, &key, message, help);
    Red {
        key,
        expected,
        seen,
        turn,
        diagnostic,
    }
}
