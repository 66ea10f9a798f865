//! Rehearsal: the tests that stand beside rules, run as the real thing would run: the real plugins in the real sandbox, the
//! real gate, and a ledger in memory that nothing of remains. Knowledge, endpoints, memory and clock are what the test gives.

mod given;
mod judge;
mod play;

use std::sync::Arc;

use model::{Decision, TenantId};
use rulebook::Diagnostic;
use sandbox::Sandbox;

use crate::{Edition, Fault, Plan};

/// How one test went.
#[derive(Debug, Clone)]
pub struct Rehearsed {
    /// Whose.
    pub tenant: TenantId,
    /// Its name.
    pub name: String,
    /// The rule file it stands in.
    pub file: String,
    /// Everything that was not as expected, each at its line; empty if the test is green.
    pub red: Vec<Diagnostic>,
    /// What happened, turn by turn: for whoever wants to know why.
    pub turns: Vec<Heard>,
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
}

/// One turn of a test, as it went.
#[derive(Debug, Clone)]
pub struct Heard {
    /// What the contact said.
    pub said: String,
    /// What went out.
    pub replies: Vec<model::Outgoing>,
    /// The whole record.
    pub decision: Decision,
}

impl Rehearsed {
    /// Whether everything was as expected.
    #[must_use]
    pub fn is_green(&self) -> bool {
        self.red.is_empty()
    }
}

/// What is red, as faults of the files.
#[must_use]
pub fn faults(tests: &[Rehearsed]) -> Vec<Fault> {
    let red = tests.iter().flat_map(|test| &test.red);
    red.map(|red| Fault::Rule(Box::new(red.clone()))).collect()
}

/// Runs every test of every tenant's rules on this edition.
pub async fn rehearse(
    plan: &Arc<Plan>,
    sandbox: &Arc<Sandbox>,
    edition: &Arc<Edition>,
) -> Vec<Rehearsed> {
    let mut rehearsed = Vec::new();
    for (tenant, settings) in &plan.tenants {
        let Some(draft) = edition.rulebook(tenant) else {
            continue;
        };
        for (index, test) in draft.tests().iter().enumerate() {
            let plan = given::plan(tenant, settings, test);
            let (sandbox, edition) = (Arc::clone(sandbox), Arc::clone(edition));
            let (turns, mismatches) = match play::play(tenant, plan, sandbox, edition, test).await {
                Ok(turns) => {
                    let mismatches = judge::judge(test, &turns);
                    (turns, mismatches)
                }
                Err(play::Stuck { turns, cause }) => {
                    let mismatch = Mismatch {
                        key: "says".to_owned(),
                        expected: "every message is decided".to_owned(),
                        seen: cause,
                    };
                    (turns, vec![mismatch])
                }
            };
            let red = mismatches.into_iter().map(|mismatch| {
                let message = format!("expected {}, seen {}", mismatch.expected, mismatch.seen);
                draft.red(index, &mismatch.key, message, None)
            });
            rehearsed.push(Rehearsed {
                tenant: tenant.clone(),
                name: test.name.clone(),
                file: test.file.clone(),
                red: red.collect(),
                turns: turns.into_iter().map(|turn| turn.heard).collect(),
            });
        }
    }
    rehearsed
}
