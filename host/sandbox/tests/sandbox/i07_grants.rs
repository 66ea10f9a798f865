//! I7: a plugin reaches exactly what it was granted.

use model::{
    ConsentChange, ConsentScope, DeskName, Evidence, Failure, HandOver, Interface, Moment,
    NumberId, Outgoing, Phone, Proposal, Recipient, RunResult, Span, Wamid,
};
use sandbox::{LoadError, RunLimits};

use crate::stage::{Recorder, act, everything, grants, known, load, test_guest, turn};

fn refused(component: &[u8], granted: &[Interface]) -> LoadError {
    load("greeter", component, &grants(granted), RunLimits::default()).unwrap_err()
}

#[test]
fn i07_what_is_imported_and_not_granted_stops_the_load_and_says_what_to_add() {
    let error = refused(shipped::AUTO_REPLY, &[Interface::Desk]);
    assert!(matches!(&error, LoadError::NotGranted { missing, .. } if missing.len() == 1));
    assert_eq!(
        error.to_string(),
        "plugin `greeter` is not granted `gate` (it says: it sends the reply); \
         to grant it, write `grants = [\"gate\", \"desk\"]` under `[plugin.greeter]` in tollgate.toml"
    );
}

#[test]
fn i07_all_that_is_missing_is_said_at_once() {
    let error = refused(shipped::TEST_GUEST, &[Interface::Consent]).to_string();
    assert!(
        error.contains("`gate` (it says: it floods) and `desk` (it says: it bothers people)"),
        "{error}"
    );
    assert!(
        error.contains(r#"grants = ["gate", "consent", "desk"]"#),
        "{error}"
    );
}

#[test]
fn i07_a_plugin_that_ships_imports_what_it_describes_and_no_more() {
    for (component, granted) in [
        (shipped::AUTO_REPLY, Interface::Gate),
        (shipped::ROUTER, Interface::Desk),
        (shipped::OPT_OUT, Interface::Gate),
    ] {
        let imports = |interface: &str| {
            let import = format!("tollgate:plugin/{interface}@1.0.0");
            component
                .windows(import.len())
                .any(|window| window == import.as_bytes())
        };
        for interface in Interface::ALL {
            assert_eq!(
                imports(interface.name()),
                interface == granted,
                "{interface}"
            );
        }
        assert!(!component.windows(5).any(|window| window == b"wasi:"));
    }
}

#[test]
fn i07_no_grant_covers_what_is_not_of_the_contract() {
    for import in [
        "wasi:sockets/tcp@0.2.6",
        "wasi:http/outgoing-handler@0.2.6",
        "wasi:keyvalue/store@0.2.6",
        "wasi:cli/environment@0.3.0",
        "wasi:cli/environment",
        "tollgate:plugin/teleport@1.0.0",
        "tollgate:plugin/wasi@1.0.0",
        "anything",
    ] {
        let error = load(
            "greeter",
            &component_importing(import),
            &everything(),
            RunLimits::default(),
        )
        .unwrap_err();
        assert!(matches!(&error, LoadError::Foreign { .. }), "{error}");
        assert!(
            error
                .to_string()
                .contains(&format!("imports `{import}`, which no grant covers")),
            "{error}"
        );
    }
}

#[test]
fn i07_another_version_of_the_contract_is_refused_with_the_versions_spoken() {
    for version in ["2.0.0", "1.1.0", "0.9.0", "1.0.0-rc.1"] {
        let error = refused(
            &component_importing(&format!("tollgate:plugin/gate@{version}")),
            &Interface::ALL,
        );
        assert!(
            matches!(&error, LoadError::Version { .. }),
            "{version}: {error}"
        );
        assert!(
            error
                .to_string()
                .contains("this host speaks version 1.0.x of the plugin contract"),
            "{error}"
        );
    }
    // A later patch of the same version is spoken: this one fails for want of exports alone.
    let error = refused(&component_importing("tollgate:plugin/types@1.0.7"), &[]);
    assert!(
        error.to_string().contains("it exports no `describe`"),
        "{error}"
    );
}

#[test]
fn what_is_no_component_is_refused_in_words() {
    for (bytes, expected) in [
        (b"not wasm".to_vec(), "it is no WebAssembly component"),
        (vec![], "it is no WebAssembly component"),
        (
            b"\0asm\x01\0\0\0".to_vec(),
            "link it with wasm-component-ld",
        ),
        (b"\0asm\x0d\0\x01\0".to_vec(), "it exports no `describe`"),
        (
            b"\0asm\x0d\0\x01\0\xff\xff".to_vec(),
            "plugin `greeter` cannot be loaded",
        ),
        (vec![0; 4 * 1024 * 1024 + 1], "4 MiB are allowed"),
    ] {
        let error = refused(&bytes, &[]).to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn i07_a_recipient_other_than_the_contact_reaches_the_host_as_such() {
    let (report, host) = act(&test_guest(RunLimits::default()), r#"{"act": "forge"}"#).await;
    let to = Recipient::Phone(Phone::new("15550100001").unwrap());
    let from = Some(NumberId::new("100000000000099").unwrap());
    let message = Outgoing::Text {
        body: "psst".to_owned(),
    };
    assert_eq!(
        host.proposals,
        [Proposal::Send {
            to,
            from,
            message,
            quoting: true
        }]
    );
    // The second recipient was no phone number at all: it never became a proposal, and the record says so.
    assert_eq!(
        report.log,
        ["refused: gate.send: not a phone number: it consists of digits alone"]
    );
}

#[tokio::test]
async fn i07_evidence_of_consent_is_the_hosts_and_never_the_plugins() {
    let (_, host) = act(
        &test_guest(RunLimits::default()),
        r#"{"act": "everything"}"#,
    )
    .await;
    let evidence = Evidence {
        source: "message".to_owned(),
        message: Some(Wamid::new("wamid.HBgNTEST").unwrap()),
        text: Some("oi".to_owned()),
    };
    let at = Moment(1_795_000_000_500);
    let change = ConsentChange {
        scope: ConsentScope::Marketing,
        opted_in: false,
        evidence,
        at,
    };
    let desk = DeskName::new("support").unwrap();
    assert_eq!(
        host.proposals,
        [
            Proposal::Consent(change),
            Proposal::Tag {
                tag: "vip".to_owned()
            },
            Proposal::Untag {
                tag: "new".to_owned()
            },
            Proposal::HandOver(HandOver {
                desk,
                note: "please".to_owned()
            }),
            Proposal::Pause {
                span: Span::from_hours(2)
            },
            Proposal::Resume,
        ]
    );
}

#[tokio::test]
async fn i07_what_is_no_desk_never_becomes_a_proposal() {
    let (report, host) = act(
        &test_guest(RunLimits::default()),
        r#"{"act": "forge-desk"}"#,
    )
    .await;
    assert_eq!(host.proposals, []);
    assert!(
        report.log[0].starts_with("refused: desk.hand-over: not a desk name"),
        "{:?}",
        report.log
    );
}

#[tokio::test]
async fn i07_nothing_is_proposed_while_settings_are_checked() {
    let plugin = test_guest(RunLimits::default());
    let failure = plugin
        .check(r#"{"act": "send-in-check"}"#, &known())
        .await
        .unwrap_err();
    assert_eq!(
        failure,
        Failure::Trapped {
            message: "`gate.send` was called outside of `handle`".to_owned()
        }
    );
    let (report, _) = plugin
        .run(
            &turn("oi"),
            r#"{"act": "send-in-check"}"#,
            Recorder::default(),
        )
        .await;
    assert_eq!(report.result, RunResult::Ended(model::Outcome::Passed));
}

/// The smallest component there is that imports one instance by this name.
fn component_importing(name: &str) -> Vec<u8> {
    let mut component = b"\0asm\x0d\0\x01\0".to_vec();
    // Section 7, types: one, of an instance with nothing in it.
    component.extend([7, 3, 1, 0x42, 0]);
    // Section 10, imports: one, by name, an instance of type 0.
    let length = u8::try_from(name.len()).unwrap();
    component.extend([10, length + 5, 1, 0, length]);
    component.extend(name.as_bytes());
    component.extend([5, 0]);
    component
}
