//! What loading and running cost. The numbers are printed (`--nocapture`); what is asserted is that nothing exploded.

use std::time::{Duration, Instant};

use model::{Interface, Outcome, RunResult};
use sandbox::{Limits, RunLimits, Sandbox, Settings, Source, limits};

use crate::stage::{Recorder, act, grants, name, test_guest, turn};

#[tokio::test]
async fn an_ordinary_run_is_cheap() {
    let sandbox = Sandbox::new(Settings::default()).unwrap();
    let load = |plugin: &str, component, granted: &[Interface]| {
        let source = Source {
            name: &name(plugin),
            component,
            grants: &grants(granted),
            limits: &Limits::default(),
            symbols: None,
        };
        sandbox.load(source).unwrap()
    };
    for (plugin, component) in shipped::all() {
        let began = Instant::now();
        load(plugin, component, &Interface::ALL);
        eprintln!(
            "{plugin}: {} bytes, loaded in {:?}",
            component.len(),
            began.elapsed()
        );
    }

    let plugin = load("auto-reply", shipped::AUTO_REPLY, &[Interface::Gate]);
    let settings =
        r#"{"reply": {"pt": "Oi {contact.name|você}!", "en": "Hi {contact.name|there}!"}}"#;
    let turn = turn("oi");
    let mut took = Vec::new();
    let mut fuel = 0;
    for _ in 0..2000 {
        let began = Instant::now();
        let (report, host) = plugin.run(&turn, settings, Recorder::default()).await;
        took.push(began.elapsed());
        assert_eq!(
            (report.result, host.sent().len()),
            (RunResult::Ended(Outcome::Handled), 1)
        );
        fuel = report.fuel;
    }
    took.sort();
    let (p50, p99) = (took[took.len() / 2], took[took.len() * 99 / 100]);
    eprintln!("auto-reply: p50 {p50:?}, p99 {p99:?}, fuel {fuel}");
    assert!(p50 < Duration::from_millis(5), "{p50:?}");
}

#[tokio::test]
async fn the_default_fuel_ends_before_the_backstop_strikes() {
    let limits = RunLimits::default();
    let plugin = test_guest(limits);
    for settings in [r#"{"act": "loop"}"#, r#"{"act": "sort"}"#] {
        let began = Instant::now();
        let (report, _) = act(&plugin, settings).await;
        let took = began.elapsed();
        eprintln!("{settings}: {} fuel in {took:?}", report.fuel);
        assert!(report.fuel >= limits.fuel);
        assert!(took < limits::BACKSTOP.duration(), "{settings}: {took:?}");
    }
}
