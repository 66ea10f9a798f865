use std::collections::BTreeSet;

use model::{Interface, LookupMethod, Mode, NumberId, Span};

use super::*;

fn parse(text: &str) -> Result<Config, Problems> {
    Config::parse("tollgate.toml", text, Path::new("/etc/tollgate"))
}

/// The embedded defaults with one text put in the place of another.
fn with(old: &str, new: &str) -> String {
    assert!(
        EMBEDDED.contains(old),
        "{old:?} does not stand in the embedded defaults"
    );
    EMBEDDED.replacen(old, new, 1)
}

#[test]
fn the_embedded_defaults_are_a_shop_on_the_simulator() {
    let config = Config::embedded();
    assert_eq!(config.host.listen.to_string(), "127.0.0.1:7070");
    assert_eq!(config.host.data, Path::new("data"));
    let (tenant, shop) = config.tenants.first_key_value().unwrap();
    assert_eq!(
        (tenant.as_str(), shop.title.as_str(), shop.mode),
        ("shop", "A shop", Mode::DryRun)
    );
    assert_eq!(shop.stale_desk.as_ref().unwrap().as_str(), "support");
    assert_eq!(
        (
            shop.answer_within,
            shop.window_margin,
            shop.bearable_wait,
            shop.agent_pause
        ),
        (
            Span::from_hours(6),
            Span::from_minutes(2),
            Span::from_minutes(1),
            Span::from_minutes(30)
        )
    );
    let store = &shop.numbers["store"];
    assert_eq!(
        (store.id.as_str(), store.carrier_id()),
        ("100000000000001", "100000000000001")
    );
    let carrier = &config.carriers["simulator"];
    assert!(carrier.simulator);
    assert_eq!(
        (carrier.timeout, carrier.unsure_after, carrier.if_unsure),
        (
            Span::from_seconds(10),
            Span::from_seconds(2),
            IfUnsure::Resend
        )
    );
    assert!(
        matches!(&carrier.way, Way::Graph { url, token: None } if url.as_str() == "http://127.0.0.1:7071")
    );
}

#[test]
fn shipped_plugins_are_there_unnamed_and_an_entry_takes_their_place() {
    let config = Config::embedded();
    let names: Vec<&str> = config
        .plugins
        .keys()
        .map(model::PluginName::as_str)
        .collect();
    assert_eq!(names, ["auto-reply", "kb-answer", "opt-out", "router"]);
    let text = format!(
        "{EMBEDDED}\n[plugin.router]\ncomponent = \"mine.wasm\"\n\n[plugin.stock]\ncomponent = \"stock.wasm\"\ngrants = [\"gate\"]\nrecipients = [\"+15550100001\"]\n"
    );
    let config = parse(&text).unwrap();
    let plugin = |name: &str| &config.plugins[&model::PluginName::new(name).unwrap()];
    assert_eq!(
        plugin("router").component,
        Component::File("/etc/tollgate/mine.wasm".into())
    );
    assert_eq!(
        plugin("router").grants.interfaces,
        BTreeSet::from([Interface::Gate, Interface::Desk])
    );
    assert_eq!(
        plugin("stock").grants.recipients.first().unwrap().as_str(),
        "15550100001"
    );
    assert!(
        matches!(&plugin("auto-reply").component, Component::Shipped(name) if name.as_str() == "auto-reply")
    );
}

#[test]
fn kb_answer_ships_with_what_it_needs_and_may_ask_every_knowledge_base() {
    let config = Config::embedded();
    let plugin = &config.plugins[&model::PluginName::new("kb-answer").unwrap()];
    assert_eq!(
        plugin.grants.interfaces,
        BTreeSet::from([Interface::Gate, Interface::Memory, Interface::Knowledge])
    );
    assert_eq!(plugin.grants.knowledge, None);
    assert!(plugin.grants.endpoints.is_empty());
}

#[test]
fn what_a_plugin_may_ask_is_declared_by_a_tenant_and_granted_by_name() {
    let config = parse(&format!(
        r#"{EMBEDDED}
[tenant.shop.knowledge.help]
least_score = 500

[tenant.shop.endpoint.orders]
url = "https://orders.example/v1/"
secret = "env:ORDERS"
header = "X-Api-Key"
methods = ["post", "get", "get"]

[tenant.shop.endpoint.calendar]
url = "http://127.0.0.1:9"

[plugin.stock]
component = "stock.wasm"
grants = ["gate", "lookup", "knowledge", "memory", "shared-memory", "wasi"]
endpoints = ["orders"]
knowledge = []
"#
    ))
    .unwrap();
    let shop = config.tenants.values().next().unwrap();
    let help = &shop.knowledge["help"];
    assert_eq!(
        (help.kind, help.folder.as_path(), help.least_score.number()),
        (
            KnowledgeKind::Folder,
            Path::new("/etc/tollgate/knowledge"),
            500
        )
    );
    let orders = &shop.endpoints["orders"];
    assert_eq!(orders.url.as_str(), "https://orders.example/v1");
    assert_eq!(orders.secret, Some(Secret::Env("ORDERS".to_owned())));
    assert_eq!(orders.header.as_deref(), Some("X-Api-Key"));
    assert_eq!(
        orders.methods.as_slice(),
        [LookupMethod::Post, LookupMethod::Get]
    );
    let calendar = &shop.endpoints["calendar"];
    assert_eq!(calendar.timeout, Span::from_seconds(5));
    assert_eq!(calendar.methods.as_slice(), [LookupMethod::Get]);
    let grants = &config.plugins[&model::PluginName::new("stock").unwrap()].grants;
    assert_eq!(grants.endpoints, BTreeSet::from(["orders".to_owned()]));
    assert_eq!(grants.knowledge, Some(BTreeSet::new()));
    assert_eq!(grants.interfaces.len(), 6);
}

#[test]
fn a_number_comes_by_a_meta_app_a_topic_a_queue_or_several_of_them() {
    let doors = r#"
[topic.events]
arn = "arn:aws:sns:eu-west-1:123456789012:whatsapp"
certificate = "sns.pem"

[queue.events]
url = "https://sqs.eu-west-1.amazonaws.com/123456789012/whatsapp"

[queue.near]
url = "http://127.0.0.1:4566/000000000000/whatsapp"
region = "eu-central-1"
simulator = true
pollers = 4
visibility = "2m"
"#;
    let number = |words: &str| {
        let text = with("meta_app = \"main\"", words);
        let config = parse(&format!("{text}{doors}")).unwrap();
        config
            .tenants
            .values()
            .next()
            .unwrap()
            .numbers
            .values()
            .next()
            .unwrap()
            .clone()
    };
    let named = |name: Option<&str>| name.map(str::to_owned);
    for (words, meta_app, topic, queue) in [
        ("topic = \"events\"", None, Some("events"), None),
        ("queue = \"near\"", None, None, Some("near")),
        (
            "meta_app = \"main\"\ntopic = \"events\"\nqueue = \"events\"",
            Some("main"),
            Some("events"),
            Some("events"),
        ),
    ] {
        let number = number(words);
        assert_eq!(
            (number.meta_app, number.topic, number.queue),
            (named(meta_app), named(topic), named(queue)),
            "{words}"
        );
    }
    let config = parse(&format!("{EMBEDDED}{doors}")).unwrap();
    let topic = &config.topics["events"];
    assert_eq!(
        topic.certificate.as_deref(),
        Some(Path::new("/etc/tollgate/sns.pem"))
    );
    let (far, near) = (&config.queues["events"], &config.queues["near"]);
    assert_eq!(
        (far.pollers, far.visibility, far.simulator),
        (1, aws::limits::SQS_VISIBILITY, false)
    );
    assert_eq!(
        (near.pollers, near.visibility, near.simulator),
        (4, Span::from_minutes(2), true)
    );
    assert_eq!(near.region.as_deref(), Some("eu-central-1"));
}

#[test]
fn a_plugins_limits_are_the_sandboxs_unless_the_operator_says_otherwise() {
    let limits = |table: &str| {
        let config = parse(&format!(
            "{EMBEDDED}\n[plugin.stock]\ncomponent = \"stock.wasm\"\n{table}"
        ))
        .unwrap();
        config.plugins[&model::PluginName::new("stock").unwrap()].limits
    };
    let usual = sandbox::Limits::default();
    assert_eq!(limits(""), usual);
    assert_eq!(limits("[plugin.stock.limits]"), usual);
    let mut expected = usual;
    expected.run.memory_bytes = 64 << 20;
    expected.run.fuel = 1_600_000_000;
    expected.run.boundary_bytes = 2_000_000;
    expected.run.sends = 2;
    expected.load.compile_time = Span::from_minutes(2);
    let table = "[plugin.stock.limits]\nmemory = \"64MiB\"\nguest_time = \"200ms\"\nboundary_bytes = 2_000_000\nsends = 2\ncompile_time = \"2m\"";
    assert_eq!(limits(table), expected);
    let table = "limits = { memory = \"64MiB\", guest_time = \"200ms\", boundary_bytes = 0x1E8480, sends = 2, compile_time = \"2m\" }";
    assert_eq!(limits(table), expected);
}

#[test]
fn a_tenants_limits_are_the_gates_unless_the_operator_says_otherwise() {
    let bounds = |table: &str| {
        let config = parse(&format!("{EMBEDDED}\n{table}")).unwrap();
        let tenant = config.tenants.into_values().next().unwrap();
        tenant.limits
    };
    let usual = gate::Bounds::default();
    assert_eq!(bounds(""), usual);
    assert_eq!(bounds("[tenant.shop.limits]"), usual);
    let table = "[tenant.shop.limits]\nloop_turns = 6\nloop_within = \"2s\"\nloop_hourly = 100\ncontact_hourly = 20\ntier = 2000\nshadow = [\"tier\", \"rates\"]";
    let expected = gate::Bounds {
        loops: gate::LoopBreaker {
            at_once: 6,
            within: Span::from_seconds(2),
            hourly: 100,
            shadow: false,
        },
        contact_hourly: gate::Bound {
            most: 20,
            shadow: false,
        },
        tier: Some(gate::Bound {
            most: 2000,
            shadow: true,
        }),
        rates_shadow: true,
    };
    assert_eq!(bounds(table), expected);
    assert!(
        bounds("[tenant.shop.limits]\nshadow = [\"loop\"]")
            .loops
            .shadow
    );
    let contact = bounds("[tenant.shop.limits]\nshadow = [\"contact\"]");
    assert!(contact.contact_hourly.shadow);
}

#[test]
fn carriers_share_an_accounts_rate_if_they_name_it() {
    let account = |keys: &str| {
        let text = format!(
            "{EMBEDDED}\n[carrier.other]\nsimulator = true\nurl = \"http://127.0.0.1:7099\"\n{keys}"
        );
        let account = parse(&text).unwrap().carriers["other"].account.clone();
        account.map(|pace| (pace.account, pace.per_second))
    };
    let pace = |account: &str, per_second| Some((account.to_owned(), per_second));
    assert_eq!(account("kind = \"graph\""), None);
    assert_eq!(account("kind = \"aws\""), pace("carrier other", 1000));
    assert_eq!(
        account("kind = \"graph\"\nper_second = 50"),
        pace("carrier other", 50)
    );
    assert_eq!(
        account("kind = \"aws\"\naccount = \"main\""),
        pace("account main", 1000)
    );
}

#[test]
fn a_pin_is_a_digest_in_either_spelling() {
    let digest = "9F86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    for written in [digest.to_owned(), format!("sha256:{digest}")] {
        let config = parse(&format!(
            "{EMBEDDED}\n[plugin.router]\npin = \"{written}\"\n"
        ))
        .unwrap();
        let plugin = &config.plugins[&model::PluginName::new("router").unwrap()];
        assert_eq!(
            plugin.pin.as_ref().map(Pin::as_str),
            Some(digest.to_lowercase().as_str())
        );
    }
}

#[test]
fn relative_paths_are_those_of_the_files_folder() {
    let config = parse(&with(
        "verify_token = \"env:TOLLGATE_VERIFY_TOKEN\"",
        "verify_token = \"file:secrets/verify\"",
    ))
    .unwrap();
    assert_eq!(config.host.data, Path::new("/etc/tollgate/data"));
    assert_eq!(
        config.tenants.values().next().unwrap().rules,
        Path::new("/etc/tollgate/rules")
    );
    assert_eq!(
        config.meta_apps["main"].verify_token,
        Secret::File("/etc/tollgate/secrets/verify".into())
    );
}

#[test]
fn an_app_secret_can_be_rotated() {
    let config = parse(&with(
        "app_secret = \"env:TOLLGATE_APP_SECRET\"",
        "app_secret = [\"env:NEW\", \"env:OLD\"]",
    ))
    .unwrap();
    let names: Vec<String> = config.meta_apps["main"]
        .app_secret
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(names, ["env:NEW", "env:OLD"]);
}

#[test]
fn aws_numbers_have_their_id_or_arn() {
    let aws = |id: &str| {
        let text = with("kind = \"graph\"", "kind = \"aws\"");
        parse(&text.replace(
            "carrier = \"simulator\"",
            &format!("carrier = \"simulator\"\ncarrier_id = \"{id}\""),
        ))
    };
    let hex = "0123456789abcdef0123456789abcdef";
    assert!(aws(&format!("phone-number-id-{hex}")).is_ok());
    let config = aws(&format!(
        "arn:aws:social-messaging:eu-west-1:123456789012:phone-number-id/{hex}"
    ))
    .unwrap();
    assert!(matches!(
        config.carriers["simulator"].way,
        Way::Aws { region: None, .. }
    ));
    assert!(aws("100000000000001").is_err());
    assert!(
        aws(&format!(
            "arn:aws:sns:eu-west-1:123456789012:phone-number-id/{hex}"
        ))
        .is_err()
    );
}

#[test]
fn beyond_loopback_a_key_is_needed_on_the_command_line_too() {
    let outside = "0.0.0.0:7070".parse().unwrap();
    let mut config = Config::embedded();
    assert!(
        config
            .listen_on(outside)
            .unwrap_err()
            .to_string()
            .contains("api_key")
    );
    let mut config = parse(&with(
        "data = \"data\"",
        "api_key = \"env:TOLLGATE_API_KEY\"",
    ))
    .unwrap();
    config.listen_on(outside).unwrap();
    assert_eq!(config.host.listen, outside);
}

#[test]
fn a_missing_file_says_what_to_do() {
    let problems = Config::read(Path::new("/nowhere/tollgate.toml")).unwrap_err();
    assert!(
        problems
            .to_string()
            .starts_with("/nowhere/tollgate.toml: error: there is no such file"),
        "{problems}"
    );
}

#[test]
fn a_configuration_is_read_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tollgate.toml");
    std::fs::write(&path, EMBEDDED).unwrap();
    assert_eq!(
        Config::read(&path).unwrap().host.data,
        folder.path().join("data")
    );
    std::fs::write(&path, [0xff, 0xfe]).unwrap();
    assert!(
        Config::read(&path)
            .unwrap_err()
            .to_string()
            .contains("UTF-8")
    );
}

#[test]
fn i12_a_literal_secret_is_not_shown_whether_or_not_toml_reads_it() {
    let lines = [
        "app_secret = \"s3cret-value\"",
        "app_secret = s3cret-value",
        "app_secret = ['env:FINE', 's3cret-value']",
        "app_secret = 's3cret-value' # why",
        "app_secret = \"s3cret-value",
        "app_secret = \"\"\"\ns3cret-value\"\"\"",
        "app_secret = \"s3cret-value\" \"",
        "app_secret= “s3cret-value”",
        "app_secret = { literal = \"s3cret-value\" }",
        "\"app_secret\" = \"s3cret-value\"",
        "app_secret = \"\"\"\ns3cret-value",
        "app_secret = [\n \"env:FINE\",\n s3cret-value\n]",
        "app_secret.literal = \"s3cret-value\"",
        "app_secret = \"é s3cret-value\" ü",
        "client_password = \"s3cret-value\"",
    ];
    for line in lines {
        let problems = parse(&with("app_secret = \"env:TOLLGATE_APP_SECRET\"", line)).unwrap_err();
        let shown = format!("{problems} {problems:?}");
        assert!(!shown.contains("s3cret"), "{line}: {shown}");
    }
    let shown = parse(&with(
        "app_secret = \"env:TOLLGATE_APP_SECRET\"",
        "app_secrt = \"s3cret-value\"",
    ))
    .unwrap_err()
    .to_string();
    assert!(!shown.contains("s3cret"), "{shown}");
}

#[test]
fn no_text_makes_the_parser_panic() {
    let whole = sample();
    for cut in (0..whole.len())
        .step_by(7)
        .filter(|cut| whole.is_char_boundary(*cut))
    {
        let _ = parse(&whole[..cut]).map_err(|problems| problems.to_string());
        let _ = parse(&whole[cut..]).map_err(|problems| problems.to_string());
    }
    for text in [
        "[tenant]",
        "tenant = 5",
        "[[tenant]]\n[[host]]",
        "[tenant.shop.number]\nstore = 1",
        "\u{feff}[host]\n",
        "é = “é”\r\nü=1",
        "host.listen.x = 1\n[host]",
    ] {
        assert!(!parse(text).unwrap_err().to_string().is_empty(), "{text}");
    }
}

/// Each folder entry `NAME.toml` is a bad file and `NAME.txt` what is said of it; `UPDATE=1` writes the latter.
#[test]
fn bad_files_are_explained_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configuration");
    let mut names: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    names.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    });
    assert!(names.len() >= 15);
    for path in names {
        let text = std::fs::read_to_string(&path).unwrap();
        let problems = Config::parse("tollgate.toml", &text, Path::new("")).unwrap_err();
        check_file(&path.with_extension("txt"), &problems.to_string());
    }
}

#[test]
fn every_default_and_example_is_read_by_its_own_parser() {
    assert_eq!(reference::unreadable(), Vec::<String>::new());
}

#[test]
fn number_ids_are_unique_across_tenants() {
    let second = EMBEDDED
        .split_once("[tenant.shop]")
        .unwrap()
        .1
        .replace("tenant.shop", "tenant.other");
    let text = format!("{EMBEDDED}\n[tenant.other]\n{second}");
    let said = parse(&text).unwrap_err().to_string();
    assert!(
        said.contains("is that of [tenant.") && said.contains("two owners"),
        "{said}"
    );
    let text = text.replacen("\"100000000000001\"", "\"100000000000002\"", 1);
    assert_eq!(
        parse(&text)
            .unwrap()
            .tenants
            .values()
            .flat_map(|tenant| tenant.numbers.values())
            .map(|number| &number.id)
            .collect::<BTreeSet<&NumberId>>()
            .len(),
        2
    );
}

/// Compares a file with what it should hold; `UPDATE=1` writes it.
pub(super) fn check_file(path: &Path, expected: &str) {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, expected).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    let differs = found
        .lines()
        .zip(expected.lines())
        .find(|(found, expected)| found != expected);
    assert!(
        found == expected,
        "{} is not current, `UPDATE=1` writes it; first difference (found, expected): {differs:#?}",
        path.display()
    );
}
