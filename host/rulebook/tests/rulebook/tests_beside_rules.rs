//! `[[test]]` as plain data, and a failed expectation at its line.

use std::collections::BTreeMap;

use crate::names::{drafted, names};
use model::{
    Content, DeskName, Language, MediaKind, Moment, NumberId, RuleName, Span, TapOrigin, Wamid,
};
use rulebook::{
    Bot, Earlier, Given, GivenKnowledge, GivenLookup, HandedTo, Opted, RuleTest, Said, Severity,
    Source, What, read,
};

const RULES: &str = "rules_version = 1
timezone = \"America/Sao_Paulo\"
languages = [\"pt\", \"en\"]
[option.sales]
pt = \"Vendas\"
en = \"Sales\"
[option.person]
pt = \"Pessoa\"
en = \"Person\"
[[rule]]
name = \"mark\"
when.words = [\"oi\"]
tag = \"x\"
also = true
[[rule]]
name = \"greeting\"
when.words = [\"oi\"]
reply.pt = \"Oi\"
reply.en = \"Hi\"
menu = [\"sales\"]
menu_label.pt = \"Menu\"
menu_label.en = \"Menu\"
[[rule]]
name = \"rest\"
once_per = \"1h\"
reply.pt = \"Hm\"
reply.en = \"Hm\"
buttons = [\"person\"]
";

fn draft(tests: &str) -> rulebook::Draft {
    drafted(format!("{RULES}{tests}"))
}

fn test(body: &str) -> RuleTest {
    draft(&format!("[[test]]\nname = \"it\"\n{body}\n")).tests()[0].clone()
}

/// What arrives of a turn, for somebody who reads English.
fn content(said: &Said) -> Option<Content> {
    let language = |code: &str| Language::new(code).unwrap();
    let earlier = Earlier {
        ours: Wamid::new("wamid.OURS").unwrap(),
        theirs: Wamid::new("wamid.THEIRS").unwrap(),
    };
    match said {
        Said::Message { what, .. } => {
            Some(what.content(&language("en"), &language("pt"), &earlier))
        }
        Said::Wait(_) => None,
    }
}

fn rule(name: &str) -> RuleName {
    RuleName::new(name).unwrap()
}

fn sent(what: What) -> Said {
    Said::Message {
        what,
        ad: None,
        quoting: false,
    }
}

#[test]
fn all_that_a_test_can_say_is_read() {
    let read = test(
        "at = \"2026-11-22 15:00\"
lang = \"pt\"
from = \"+55 (11) 90000-0001\"
number = \"second\"
says = [\"oi\", { wait = \"3h\" }, { option = \"sales\" }, { option = \"person\" }, { image = \"uma foto\" }, { voice = \"\" }, { kind = \"welcome\" }, { text = \"oi\", ad = \"42\" }]
given.name = \"Ana Souza\"
given.tags = [\"vip\", \"new\"]
given.opted = \"out-of-marketing\"
given.paused = \"2h\"
given.knowledge = \"We open at nine.\"
given.last_seen = \"3d\"
given.lookup.orders = { status = 404, body = { error = \"unknown\" } }
given.lookup.stock = \"slow\"
given.lookup.shop = { body = \"{}\" }
given.memory.order = \"4711\"
expect.rules = [[\"mark\", \"greeting\"], \"rest\", \"none\", \"opt_out\", \"none\", \"none\", \"rest\"]
expect.reply = [\"Oi\", \"Hm\"]
expect.reply_has = \"O\"
expect.reply_lacks = [\"adeus\", \"tchau\"]
expect.sends = 2
expect.refused = [\"window-closed\"]
expect.opted = \"out\"
expect.handed_to = \"support\"
expect.bot = \"paused\"
expect.tags = []",
    );
    // Three hours behind Greenwich.
    assert_eq!(read.at, Moment(1_795_370_400_000));
    assert_eq!(read.language.as_ref().map(Language::as_str), Some("pt"));
    assert_eq!(
        read.from.as_ref().map(model::Phone::as_str),
        Some("5511900000001")
    );
    assert_eq!(read.number, Some(NumberId::new("100002").unwrap()));
    assert_eq!((read.file.as_str(), read.line), ("a.toml", 29));
    let contents: Vec<_> = read.says.iter().map(content).collect();
    assert_eq!(contents[0], Some(Content::Text { body: "oi".into() }));
    assert_eq!(
        (&contents[1], &read.says[1]),
        (&None, &Said::Wait(Span::from_hours(3)))
    );
    let tap = |id: &str, title: &str, origin| {
        Some(Content::Tap {
            id: id.into(),
            title: title.into(),
            origin,
        })
    };
    assert_eq!(contents[2], tap("sales", "Sales", TapOrigin::Menu));
    assert_eq!(contents[3], tap("person", "Person", TapOrigin::Button));
    assert_eq!(
        read.says[4],
        sent(What::File {
            kind: MediaKind::Image,
            caption: Some("uma foto".into())
        })
    );
    assert_eq!(
        read.says[5],
        sent(What::File {
            kind: MediaKind::Voice,
            caption: None
        })
    );
    assert_eq!(contents[6], Some(Content::Welcome));
    assert_eq!(
        read.says[7],
        Said::Message {
            what: What::Text("oi".into()),
            ad: Some("42".into()),
            quoting: false
        }
    );
    let answered = |status, body: &str| GivenLookup::Answered {
        status,
        body: body.into(),
    };
    assert_eq!(
        read.given,
        Given {
            name: Some("Ana Souza".into()),
            tags: ["new", "vip"].map(str::to_owned).into(),
            opted: Some(Opted::OutOfMarketing),
            paused: Some(Span::from_hours(2)),
            knowledge: Some(GivenKnowledge::Text("We open at nine.".into())),
            last_seen: Some("3d".parse().unwrap()),
            lookup: BTreeMap::from([
                (
                    "orders".to_owned(),
                    answered(404, "{\"error\":\"unknown\"}")
                ),
                ("shop".to_owned(), answered(200, "{}")),
                ("stock".to_owned(), GivenLookup::Slow),
            ]),
            memory: [("order".to_owned(), "4711".to_owned())].into(),
        }
    );
    let expect = read.expect;
    assert_eq!(
        expect.rules.unwrap(),
        [
            vec![rule("mark"), rule("greeting")],
            vec![rule("rest")],
            vec![],
            vec![rule("opt_out")],
            vec![],
            vec![],
            vec![rule("rest")]
        ]
    );
    assert_eq!(expect.reply.unwrap(), ["Oi", "Hm"]);
    assert_eq!(expect.reply_has, ["O"]);
    assert_eq!(expect.reply_lacks, ["adeus", "tchau"]);
    assert_eq!(expect.sends, Some(2));
    assert_eq!(expect.refused.unwrap(), ["window-closed"]);
    assert_eq!(expect.opted, Some(Opted::Out));
    assert_eq!(
        expect.handed_to,
        Some(HandedTo::Desk(DeskName::new("support").unwrap()))
    );
    assert_eq!(expect.bot, Some(Bot::Paused));
    assert_eq!(expect.tags, Some([].into()));
}

#[test]
fn a_test_that_says_little_has_the_rest_by_default() {
    let read = test("says = \"oi\"\nexpect.rules = \"none\"\nexpect.handed_to = \"none\"");
    assert_eq!(read.given, Given::default());
    assert_eq!(read.expect.rules, Some(vec![vec![]]));
    assert_eq!(read.expect.handed_to, Some(HandedTo::Nobody));
    assert_eq!(read.says.len(), 1);
    // Wednesday, 18 November 2026, noon in São Paulo.
    assert_eq!(read.at, Moment(1_795_014_000_000));
}

#[test]
fn a_weekday_is_the_same_day_in_every_run() {
    let at = |at: &str| {
        test(&format!(
            "at = \"{at}\"\nsays = \"oi\"\nexpect.rules = \"greeting\""
        ))
        .at
    };
    assert_eq!(at("Wed 12:00"), Moment(1_795_014_000_000));
    assert_eq!(at("Sun 15:00"), at("2026-11-22 15:00"));
    assert_eq!(at("mon 00:00"), at("2026-11-16 00:00"));
}

#[test]
fn every_kind_that_a_rule_can_ask_for_can_be_played() {
    for (turn, kind, words) in [
        ("\"oi\"", "text", Some("oi")),
        ("{ image = \"\" }", "image", None),
        ("{ kind = \"image\", text = \"oi\" }", "image", Some("oi")),
        ("{ video = \"oi\" }", "video", Some("oi")),
        ("{ audio = \"\" }", "audio", None),
        ("{ kind = \"voice\" }", "voice", None),
        ("{ document = \"oi\" }", "document", Some("oi")),
        ("{ kind = \"sticker\" }", "sticker", None),
        ("{ kind = \"location\" }", "location", None),
        ("{ kind = \"contacts\" }", "contacts", None),
        ("{ option = \"person\" }", "button", Some("Person")),
        ("{ option = \"sales\" }", "menu", Some("Sales")),
        ("{ quick_reply = \"Yes\" }", "button", Some("Yes")),
        ("{ kind = \"form\" }", "form", None),
        ("{ form = { size = \"M\" } }", "form", None),
        ("{ kind = \"reaction\" }", "reaction", None),
        ("{ kind = \"order\", text = \"oi\" }", "order", Some("oi")),
        ("{ kind = \"edit\", text = \"oi\" }", "edit", Some("oi")),
        ("{ kind = \"revoke\" }", "revoke", None),
        ("{ kind = \"welcome\" }", "welcome", None),
        ("{ kind = \"unsupported\" }", "unsupported", None),
    ] {
        let read = test(&format!("says = {turn}\nexpect.rules = \"none\""));
        let content = content(&read.says[0]).unwrap();
        assert_eq!((content.kind(), content.words()), (kind, words), "{turn}");
    }
}

#[test]
fn a_turn_says_what_it_is_about() {
    let read = test(
        "says = [{ kind = \"reaction\", text = \"❤\" }, { kind = \"reaction\", text = \"\" }, { kind = \"revoke\" }, { form = { size = \"M\" } }, { quick_reply = \"Yes\", payload = \"go\" }, { text = \"oi\", quoting = true, ad = \"7\" }]
expect.sends = 0",
    );
    let contents: Vec<_> = read.says.iter().filter_map(content).collect();
    let (ours, theirs) = (Wamid::new("wamid.OURS"), Wamid::new("wamid.THEIRS"));
    let reaction = |emoji: Option<&str>| Content::Reaction {
        message: ours.clone().unwrap(),
        emoji: emoji.map(str::to_owned),
    };
    assert_eq!(contents[0], reaction(Some("❤")));
    assert_eq!(contents[1], reaction(None));
    let original = theirs.unwrap();
    assert_eq!(contents[2], Content::Revoke { original });
    assert!(
        matches!(&contents[3], Content::Form(form) if form.fields()["size"] == "M"),
        "{:?}",
        contents[3]
    );
    let (id, title) = ("go".to_owned(), "Yes".to_owned());
    let origin = TapOrigin::Template;
    assert_eq!(contents[4], Content::Tap { id, title, origin });
    assert_eq!(
        read.says[5],
        Said::Message {
            what: What::Text("oi".into()),
            ad: Some("7".into()),
            quoting: true
        }
    );
}

#[test]
fn a_local_time_is_told_as_it_was_written_also_on_days_of_23_or_25_hours() {
    for at in ["2026-03-29 12:00", "2026-10-25 02:30", "2026-11-22 15:00"] {
        let file = format!(
            "rules_version = 1\ntimezone = \"Europe/Lisbon\"\nlanguages = [\"en\"]\n[[rule]]\nname = \"all\"\nreply.en = \"x\"\n[[test]]\nname = \"it\"\nat = \"{at}\"\nsays = \"x\"\nexpect.rules = \"all\"\n"
        );
        let name = "a.toml".into();
        let draft = read(&[Source { name, text: file }], &names()).draft;
        let draft = draft.unwrap();
        let test = &draft.tests()[0];
        assert!(test.local(test.at).ends_with(at), "{}", test.local(test.at));
    }
}

#[test]
fn a_test_is_the_same_wherever_it_stands() {
    let body = "[[test]]\nname = \"it\"\nsays = \"oi\"\nexpect.rules = \"greeting\"\n";
    let (here, there) = (draft(body), draft(&format!("\n\n{body}")));
    assert_ne!(here.tests()[0], there.tests()[0]);
    assert!(here.tests()[0].is_same_as(&there.tests()[0]));
    let other = draft(&body.replace("says = \"oi\"", "says = \"oi!\""));
    assert!(!here.tests()[0].is_same_as(&other.tests()[0]));
}

#[test]
fn a_failed_expectation_is_shown_at_its_line() {
    let draft = draft(
        "[[test]]\nname = \"one\"\nsays = [\"oi\", \"oi\"]\nexpect.rules = [\"greeting\", \"rest\"]\nexpect.reply_has = \"Oi\"\n",
    );
    for (key, line, column) in [
        (
            "expect.rules.1",
            "expect.rules = [\"greeting\", \"rest\"]",
            29,
        ),
        (
            "expect.rules.7",
            "expect.rules = [\"greeting\", \"rest\"]",
            16,
        ),
        ("expect.reply_has", "expect.reply_has = \"Oi\"", 20),
        ("says.1", "says = [\"oi\", \"oi\"]", 15),
        ("given.tags", "[[test]]", 1),
    ] {
        let found = draft.red(0, key, "it said \"Hm\"".into(), Some("mend it".into()));
        assert_eq!(
            (found.source_line.as_str(), found.column, found.code),
            (line, column, "R031"),
            "{key}"
        );
        assert_eq!(found.severity, Severity::Error);
    }
    assert_eq!(draft.red(9, "expect", "x".into(), None).line, 1);
}

#[test]
fn a_test_may_begin_on_any_day_of_the_week() {
    for day in [
        "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "TUE", "thu",
    ] {
        let text = format!(
            "[[test]]\nname = \"it\"\nat = \"{day} 15:00\"\nsays = \"oi\"\nexpect.sends = 1\n"
        );
        let draft = draft(&text);
        let test = &draft.tests()[0];
        let begins = test.local(test.at);
        assert!(
            begins.to_lowercase().starts_with(&day.to_lowercase()),
            "{day}: {begins}"
        );
    }
}
