//! I8 where the host is slow: the wall clock ends what waits for it, and what waits for it is not the plugin's time.

use std::time::Duration;

use async_trait::async_trait;
use model::{
    Answer, Entry, Failure, Lookup, LookupAnswer, MemoryScope, Outcome, Proposal, Question,
    Refusal, RunResult, Span, Unanswered, Verdict,
};
use sandbox::{Host, RunLimits};

use crate::stage::{assert_limit, everything, load, test_guest, turn};

/// Answers no sooner than this, if ever.
#[derive(Debug)]
struct Slow(Option<Duration>);

impl Slow {
    async fn wait(&self) -> Refusal {
        match self.0 {
            Some(time) => tokio::time::sleep(time).await,
            None => std::future::pending().await,
        }
        Refusal::OptedOut
    }
}

#[async_trait]
impl Host for Slow {
    async fn propose(&mut self, _: Proposal) -> Verdict {
        Verdict::Refused(self.wait().await)
    }

    async fn recall(&mut self, _: MemoryScope, _: &str) -> Result<Option<Entry>, Refusal> {
        Err(self.wait().await)
    }

    async fn ask(&mut self, _: Question) -> Result<Answer, Refusal> {
        Err(self.wait().await)
    }

    async fn look_up(&mut self, _: Lookup) -> Result<LookupAnswer, Refusal> {
        Err(self.wait().await)
    }
}

#[tokio::test]
async fn i08_a_host_call_that_never_ends_is_cut_off_by_the_wall_clock() {
    let limits = RunLimits {
        wall: Span::from_millis(50),
        ..RunLimits::default()
    };
    let plugins = [
        (test_guest(limits), r#"{"act": "send-once"}"#),
        // Its first call is one to memory.
        (
            load("fixture", shipped::FIXTURE_V1, &everything(), limits).unwrap(),
            "everything",
        ),
    ];
    for (plugin, settings) in plugins {
        let (report, Slow(_)) = plugin.run(&turn("oi"), settings, Slow(None)).await;
        let RunResult::Failed(failure) = report.result else {
            panic!("{report:?}")
        };
        assert_limit(&failure, "wall milliseconds", 50);
    }
}

#[tokio::test]
async fn time_spent_waiting_for_the_host_is_not_the_plugins() {
    let longer = sandbox::limits::BACKSTOP.duration() + sandbox::limits::TICK.duration() * 2;
    let (report, _) = test_guest(RunLimits::default())
        .run(&turn("oi"), r#"{"act": "send-once"}"#, Slow(Some(longer)))
        .await;
    assert_eq!(
        report.result,
        RunResult::Ended(Outcome::Unanswered(Unanswered::Refused))
    );
    let fixture = load(
        "fixture",
        shipped::FIXTURE_V1,
        &everything(),
        RunLimits::default(),
    )
    .unwrap();
    let (report, _) = fixture
        .run(&turn("oi"), "everything", Slow(Some(longer)))
        .await;
    assert!(
        matches!(&report.result, RunResult::Failed(Failure::Said { message }) if message.contains("OptedOut")),
        "{report:?}"
    );
}
