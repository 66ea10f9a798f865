//! I8: the host answers other messages at normal speed while everything hostile there is is being thrown at it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use model::{Interface, Outcome, RunResult};
use sandbox::{Plugin, RunLimits, Sandbox, Settings};

use crate::handmade::handmade;
use crate::stage::{Recorder, act, everything, grants, load_into, stripped_test_guest, turn};

/// What the test guest is told, again and again.
const HOSTILE: [&str; 15] = [
    r#"{"act": "loop"}"#,
    r#"{"act": "sort"}"#,
    r#"{"act": "grow"}"#,
    r#"{"act": "recurse"}"#,
    r#"{"act": "panic"}"#,
    r#"{"act": "trap"}"#,
    r#"{"act": "send-then-trap"}"#,
    r#"{"act": "fail", "count": 3000000}"#,
    r#"{"act": "log-lines", "count": 1000000}"#,
    r#"{"act": "log-bytes", "count": 3000000}"#,
    r#"{"act": "send", "count": 10000}"#,
    r#"{"act": "send-bytes", "count": 3000000}"#,
    r#"{"act": "tag", "count": 10000}"#,
    r#"{"act": "forge"}"#,
    r#"{"act": "remember"}"#,
];

/// Guests that are hostile whatever they are told.
const HANDMADE: [&str; 10] = [
    "aliased-strings",
    "bad-allocator",
    "bad-answer",
    "deep-recursion",
    "lying-list",
    "lying-string",
    "overlapping-strings",
    "slow-allocator",
    "table-bomb",
    "torn-string",
];

/// What the WASI guest is told.
const HOSTILE_WASI: [&str; 3] = [
    r#"{"act": "await-time"}"#,
    r#"{"act": "print-bytes", "count": 1100}"#,
    r#"{"act": "hoard", "count": 100000}"#,
];

const SETTINGS: &str =
    r#"{"reply": {"pt": "Oi {contact.name|você}!", "en": "Hi {contact.name|there}!"}}"#;

const GOOD_TURNS: usize = 200;
const ATTACKERS: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i08_good_turns_are_answered_at_normal_speed_while_everything_hostile_is_thrown_at_the_sandbox()
 {
    let sandbox = Sandbox::new(Settings::default()).unwrap();
    let good = load_into(
        &sandbox,
        "auto-reply",
        shipped::AUTO_REPLY,
        &grants(&[Interface::Gate]),
        RunLimits::default(),
    )
    .unwrap();
    let attacks = Arc::new(attacks(&sandbox));

    let alone = Times::of(&good, || true).await;
    let (over, thrown) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
    );
    let attackers: Vec<_> = (0..ATTACKERS)
        .map(|attacker| {
            let (attacks, over, thrown) =
                (Arc::clone(&attacks), Arc::clone(&over), Arc::clone(&thrown));
            tokio::spawn(async move {
                for index in attacker.. {
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                    let (plugin, settings) = &attacks[index % attacks.len()];
                    act(plugin, settings).await;
                    thrown.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    // On and on until each attack has been seen twice.
    let enough = 2 * attacks.len();
    let attacked = Times::of(&good, || thrown.load(Ordering::Relaxed) >= enough).await;
    over.store(true, Ordering::Relaxed);
    for attacker in attackers {
        attacker.await.unwrap();
    }

    let thrown = thrown.load(Ordering::Relaxed);
    eprintln!("alone {alone:?}; under {thrown} hostile runs {attacked:?}");
    assert!(thrown >= enough, "{thrown}");
    // Each of the attackers' turns at the two threads may last as long as fuel lasts between two yields, a few
    // milliseconds; an unbounded one would last for seconds.
    assert!(attacked.median < Duration::from_millis(100), "{attacked:?}");
    assert!(attacked.p99 < Duration::from_millis(500), "{attacked:?}");
    let after = Times::of(&good, || true).await;
    assert!(
        after.median < alone.median * 5 + Duration::from_millis(5),
        "{after:?}"
    );
}

fn attacks(sandbox: &Sandbox) -> Vec<(Plugin, String)> {
    let load = |name: &str, component: &[u8]| {
        load_into(
            sandbox,
            name,
            component,
            &everything(),
            RunLimits::default(),
        )
        .unwrap()
    };
    let test_guest = load("test-guest", stripped_test_guest());
    let wasi_guest = load("wasi-guest", shipped::WASI_GUEST);
    let told = |plugin: &Plugin, settings: &str| (plugin.clone(), settings.to_owned());
    let mut attacks: Vec<_> = HOSTILE
        .iter()
        .map(|settings| told(&test_guest, settings))
        .collect();
    attacks.extend(
        HOSTILE_WASI
            .iter()
            .map(|settings| told(&wasi_guest, settings)),
    );
    attacks.extend(
        HANDMADE
            .iter()
            .map(|name| (load(name, &handmade(name)), "{}".to_owned())),
    );
    attacks
}

#[derive(Debug)]
struct Times {
    median: Duration,
    p99: Duration,
}

impl Times {
    /// Turns one after the other, each answered right, until there is enough of them and of whatever else is wanted.
    /// A message waits for its turn at a worker as everybody does, and that is counted.
    async fn of(good: &Plugin, enough: impl Fn() -> bool) -> Self {
        let mut took = Vec::new();
        while took.len() < GOOD_TURNS || !enough() {
            let (good, began) = (good.clone(), Instant::now());
            tokio::spawn(async move {
                let (report, host) = good.run(&turn("oi"), SETTINGS, Recorder::default()).await;
                assert_eq!(report.result, RunResult::Ended(Outcome::Handled));
                assert_eq!(host.sent(), ["Oi Ana!"]);
            })
            .await
            .unwrap();
            took.push(began.elapsed());
        }
        took.sort();
        Self {
            median: took[took.len() / 2],
            p99: took[took.len() * 99 / 100],
        }
    }
}
