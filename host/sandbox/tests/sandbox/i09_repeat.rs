//! I9: a run is a function of turn, settings and the host's answers.

use model::{Refusal, RunResult, Verdict};
use sandbox::RunLimits;

use crate::stage::{Recorder, act, known, test_guest, turn};

#[tokio::test]
async fn i09_nothing_a_run_leaves_behind_is_seen_by_the_next() {
    let plugin = test_guest(RunLimits::default());
    for _ in 0..5 {
        let (_, host) = act(&plugin, r#"{"act": "remember"}"#).await;
        assert_eq!(host.sent(), ["run 1"]);
        assert_eq!(
            plugin
                .check(r#"{"act": "remember"}"#, &known())
                .await
                .unwrap()[0]
                .message,
            "run 1"
        );
    }
}

#[tokio::test]
async fn i09_the_same_inputs_give_the_same_run_to_the_last_unit_of_fuel() {
    let refused = || Verdict::Refused(Refusal::OptedOut);
    for settings in [
        r#"{"act": "echo"}"#,
        r#"{"act": "everything"}"#,
        r#"{"act": "send", "count": 3}"#,
        r#"{"act": "loop"}"#,
        r#"{"act": "grow"}"#,
        r#"{"act": "recurse"}"#,
        r#"{"act": "panic"}"#,
    ] {
        let run = async || {
            // A plugin of its own each time: nothing may depend on what the engine did before.
            let plugin = test_guest(RunLimits::default());
            let (report, host) = plugin
                .run(&turn("oi"), settings, Recorder::answering([refused()]))
                .await;
            (report, host.proposals)
        };
        let first = run().await;
        assert!(first.0.fuel > 0);
        assert_eq!(first, run().await, "{settings}");
    }
}

#[tokio::test]
async fn i09_the_hosts_answers_are_the_only_other_input() {
    let plugin = test_guest(RunLimits::default());
    let run = async |verdict| {
        plugin
            .run(
                &turn("oi"),
                r#"{"act": "send-once"}"#,
                Recorder::answering([verdict]),
            )
            .await
            .0
    };
    let admitted = run(Verdict::Admitted).await.result;
    let refused = run(Verdict::Refused(Refusal::Stopped)).await.result;
    assert_ne!(admitted, refused);
    assert!(matches!(
        (admitted, refused),
        (RunResult::Ended(_), RunResult::Ended(_))
    ));
}
