//! Plugins that were built for a released version of the contract are served for ever.

use std::fs;
use std::path::Path;

use model::{
    ConsentScope, Failure, LookupMethod, MemoryScope, Moment, Outcome, Proposal, RunResult,
    Unanswered,
};
use sandbox::{Plugin, RunLimits};

use crate::stage::{Recorder, everything, known, load, turn};

fn fixture() -> Plugin {
    load(
        "fixture",
        shipped::FIXTURE_V1,
        &everything(),
        RunLimits::default(),
    )
    .unwrap()
}

#[test]
fn a_released_contract_never_changes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |folder: &str| {
        let entries = fs::read_dir(root.join(folder)).unwrap();
        let mut files: Vec<_> = entries
            .map(|entry| {
                let entry = entry.unwrap();
                let text = fs::read_to_string(entry.path()).unwrap();
                (entry.file_name().into_string().unwrap(), text)
            })
            .collect();
        files.sort();
        files
    };
    let (released, now) = (read("plugins/fixture-v1/wit"), read("wit/v1"));
    let names = |files: &[(String, String)]| {
        let names = files.iter().map(|(name, _)| name.clone());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(&released), names(&now));
    for ((name, released), (_, now)) in released.iter().zip(&now) {
        assert_eq!(
            released, now,
            "wit/v1/{name} is not what was released. A released contract never changes, not even in its comments: plugins \
             that people have built rest on it. Undo the change, or begin a new version in a directory of its own"
        );
    }
}

#[tokio::test]
async fn a_plugin_of_version_1_says_what_it_is_and_checks_settings() {
    let plugin = fixture();
    let description = plugin.description();
    assert_eq!(
        (
            description.name.as_str(),
            description.version.as_str(),
            description.wants.len()
        ),
        ("fixture", "1.0.0", 7)
    );
    let problems = plugin.check("{}", &known()).await.unwrap();
    assert_eq!(problems[0].path, "a.0");
    assert_eq!(
        problems[0].message,
        r#"{} contact.name=false,message.text=true ["support"]"#
    );
    assert_eq!(problems[0].help.as_deref(), Some("none"));
}

#[tokio::test]
async fn a_plugin_of_version_1_uses_all_of_version_1() {
    let (report, host) = fixture()
        .run(&turn("oi"), "everything", Recorder::default())
        .await;
    assert_eq!(report.result, RunResult::Ended(Outcome::Handled));
    assert_eq!(host.sent(), ["oi|1|known|200 {}"]);
    assert_eq!(
        report.log,
        [format!("info: seed {:?} at 1795000000500", [7; 32])]
    );
    assert_eq!(
        (host.questions[0].base.as_str(), host.questions[0].passages),
        ("help", 3)
    );
    assert_eq!(host.questions[0].filters[0].value, "faq");
    assert_eq!(host.lookups[0].method, LookupMethod::Get);
    assert_eq!(
        host.lookups[0].query,
        [("id".to_owned(), "4711".to_owned())]
    );

    let kinds: Vec<_> = host.proposals.iter().map(kind).collect();
    assert_eq!(
        kinds,
        [
            "remember",
            "forget",
            "remember shared",
            "forget shared",
            "send",
            "opt out",
            "tag",
            "untag",
            "note",
            "pause",
            "resume",
            "hand over",
        ]
    );
    assert!(matches!(
        &host.proposals[0],
        Proposal::Remember { key, value, until: Moment(1_795_000_060_500), .. } if key == "last" && value == "oi"
    ));
}

fn kind(proposal: &Proposal) -> &'static str {
    match proposal {
        Proposal::Send { quoting: true, .. } => "send",
        Proposal::Consent(change)
            if !change.opted_in && change.scope == ConsentScope::Marketing =>
        {
            "opt out"
        }
        Proposal::Remember {
            scope: MemoryScope::Contact,
            ..
        } => "remember",
        Proposal::Remember {
            scope: MemoryScope::Shared,
            ..
        } => "remember shared",
        Proposal::Forget {
            scope: MemoryScope::Contact,
            ..
        } => "forget",
        Proposal::Forget {
            scope: MemoryScope::Shared,
            ..
        } => "forget shared",
        Proposal::Tag { .. } => "tag",
        Proposal::Untag { .. } => "untag",
        Proposal::Note { .. } => "note",
        Proposal::Pause { .. } => "pause",
        Proposal::Resume => "resume",
        Proposal::HandOver(_) => "hand over",
        _ => "something else",
    }
}

#[tokio::test]
async fn a_plugin_of_version_1_ends_in_every_way() {
    let plugin = fixture();
    let end = async |settings| {
        let (report, _) = plugin.run(&turn("oi"), settings, Recorder::default()).await;
        report.result
    };
    assert_eq!(end("pass").await, RunResult::Ended(Outcome::Passed));
    assert_eq!(
        end("else").await,
        RunResult::Ended(Outcome::Unanswered(Unanswered::NoAnswer))
    );
    assert_eq!(
        end("fail").await,
        RunResult::Failed(Failure::Said {
            message: "failed on greeting".to_owned()
        })
    );
}
