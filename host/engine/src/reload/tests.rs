//! Tests beside rules decide whether an edit is taken up.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gate::{OptIn, Policy, Rates};
use ledger::sqlite::SqliteLedger;
use model::{Grants, Interface, Mode, NumberId, PluginName, Span};
use sandbox::{Limits, Sandbox};

use super::*;
use crate::{Fault, Line, Parts, PluginSource, SystemClock, Tenant};

/// Two rules, and a test beside each: what they reply and are expected to.
fn rules(hello: [&str; 2], bye: [&str; 2]) -> String {
    let both = [("hello", hello), ("bye", bye)].map(|(word, [reply, expected])| {
        format!(
            "[[rule]]\nname = \"{word}\"\nwhen.words = [\"{word}\"]\nreply.en = \"{reply}\"\n[[test]]\nname = \"{word}\"\nsays = \"{word}\"\nexpect.reply = \"{expected}\"\n"
        )
    });
    format!("rules_version = 1\nlanguages = [\"en\"]\n{}", both.concat())
}

async fn core(folder: &Path, rules: &str) -> Arc<Core> {
    fs::write(folder.join("10.toml"), rules).unwrap();
    let number = NumberId::new("100000000000001").unwrap();
    let line = Line {
        alias: "store".into(),
        title: "The store".into(),
        route: None,
    };
    let tenant = Tenant {
        title: "A shop".into(),
        policy: Policy {
            desks: [].into(),
            numbers: [number.clone()].into(),
            simulated: [number.clone()].into(),
            mode: Mode::DryRun,
            opt_in: OptIn::Inbound,
            window_margin: Span::from_minutes(2),
            bearable_wait: Span::from_minutes(1),
            pace: std::collections::BTreeMap::new(),
            bounds: gate::Bounds::default(),
            answer_within: Span::from_hours(6),
        },
        lines: BTreeMap::from([(number, line)]),
        knowledge: BTreeMap::new(),
        endpoints: BTreeMap::new(),
        stale_desk: None,
        agent_pause: Span::from_minutes(30),
        rules: RuleSource::Folder(folder.to_owned()),
    };
    let plugin = |name: &str, component, interface| {
        let source = PluginSource {
            component: Component::Embedded(component),
            grants: Grants {
                interfaces: [Interface::Gate, interface].into(),
                ..Grants::default()
            },
            limits: Limits::default(),
            pin: None,
        };
        (PluginName::new(name).unwrap(), source)
    };
    let plan = Arc::new(Plan {
        tenants: [(TenantId::new("shop").unwrap(), Arc::new(tenant))].into(),
        plugins: [
            plugin("auto-reply", shipped::AUTO_REPLY, Interface::Gate),
            plugin("opt-out", shipped::OPT_OUT, Interface::Consent),
        ]
        .into(),
    });
    let sandbox = Arc::new(Sandbox::new(sandbox::Settings::default()).unwrap());
    let made = edition::make(&plan, &sandbox, None).await;
    let edition = made.unwrap_or_else(|refused| panic!("{refused}"));
    let parts = Parts {
        plan,
        ledger: Arc::new(SqliteLedger::in_memory().unwrap()),
        sandbox,
        edition: Arc::new(edition),
        clock: Arc::new(SystemClock),
        secret: [7; 32],
    };
    Arc::new(Core::new(parts, Rates::default()))
}

#[tokio::test]
async fn i10_a_red_test_that_touches_what_changed_keeps_the_old_edition() {
    let folder = tempfile::tempdir().unwrap();
    let core = core(folder.path(), &rules(["Hello", "Hello"], ["Bye", "Bye"])).await;
    let edit = |text: String| fs::write(folder.path().join("10.toml"), text).unwrap();
    let first = core.edition.load().hash().to_owned();

    edit(rules(["Hi", "Hello"], ["Bye", "Bye"]));
    let refused = reload(&core).await.err().unwrap().to_string();
    assert!(
        refused.contains("expected \"Hello\", seen \"Hi\""),
        "{refused}"
    );
    assert_eq!(core.edition.load().hash(), first, "the old edition stays");

    // The test is mended with the rule: both are taken up.
    edit(rules(["Hi", "Hi"], ["Bye", "Bye"]));
    let second = reload(&core).await.unwrap().hash().to_owned();
    assert_ne!(second, first);

    // A test that only becomes red by its own change is refused as well.
    edit(rules(["Hi", "Hello"], ["Bye", "Bye"]));
    reload(&core).await.err().unwrap();
    assert_eq!(core.edition.load().hash(), second);
}

#[tokio::test]
async fn a_test_that_was_red_before_in_just_the_same_way_refuses_no_other_change() {
    let folder = tempfile::tempdir().unwrap();
    // A start does not wait for tests: this edition is in force, red as it is.
    let core = core(folder.path(), &rules(["Hi", "Hello"], ["Bye", "Bye"])).await;
    let edit = |text: String| fs::write(folder.path().join("10.toml"), text).unwrap();
    let first = core.edition.load().hash().to_owned();

    edit(rules(["Hi", "Hello"], ["Goodbye", "Goodbye"]));
    let second = reload(&core).await.unwrap().hash().to_owned();
    assert_ne!(second, first);

    edit(rules(["Hi", "Hello"], ["Goodbye", "Bye"]));
    let refused = reload(&core).await.err().unwrap().to_string();
    assert!(refused.contains("seen \"Goodbye\""), "{refused}");
    assert!(
        !refused.contains("seen \"Hi\""),
        "only what the change touches: {refused}"
    );

    edit(rules(["Hey", "Hello"], ["Goodbye", "Goodbye"]));
    let refused = reload(&core).await.err().unwrap().to_string();
    assert!(
        refused.contains("seen \"Hey\""),
        "red in another way is touched: {refused}"
    );
    assert_eq!(core.edition.load().hash(), second);
}

#[tokio::test]
async fn a_red_edit_is_rehearsed_once_until_a_file_changes() {
    let folder = tempfile::tempdir().unwrap();
    let core = core(folder.path(), &rules(["Hello", "Hello"], ["Bye", "Bye"])).await;
    let edit = |text: String| fs::write(folder.path().join("10.toml"), text).unwrap();
    edit(rules(["Hi", "Hello"], ["Bye", "Bye"]));
    reload(&core).await.err().unwrap();

    // Whoever rehearses again would find out better.
    if let Some((_, refused)) = &mut *locked(&core.red) {
        refused.faults = vec![Fault::File {
            path: "remembered".into(),
            problem: String::new(),
            help: String::new(),
        }];
    }
    let again = reload(&core).await.err().unwrap().to_string();
    assert!(again.starts_with("remembered"), "{again}");

    edit(rules(["Hey", "Hello"], ["Bye", "Bye"]));
    let other = reload(&core).await.err().unwrap().to_string();
    assert!(other.contains("seen \"Hey\""), "{other}");

    edit(rules(["Hello", "Hello"], ["Bye", "Bye"]));
    reload(&core).await.unwrap();
    assert!(locked(&core.last_refusal).is_none());
}
