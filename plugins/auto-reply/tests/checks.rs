//! What is found to be wrong when a rule is saved.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that finds something else than it expects has failed"
)]

use auto_reply::AutoReply;
use sdk::testing::{problems, schema_differences};

/// Exactly one problem, which begins like this.
#[track_caller]
fn finds(settings: &str, expected: &str) {
    let found = problems::<AutoReply>(settings);
    assert_eq!(found.len(), 1, "{settings}: {found:?}");
    assert!(
        found[0].starts_with(expected),
        "{settings}\n{}\n{expected}",
        found[0]
    );
}

#[test]
fn mistakes_in_the_words() {
    for (settings, expected) in [
        (
            r"{}",
            "reply: there is no text to reply with (add `reply.pt = \"…\"`)",
        ),
        (r#"{"reply": {"pt": " "}}"#, "reply.pt: the text is empty"),
        (
            r#"{"reply": "a", "butons": []}"#,
            "butons: unknown key `butons` (did you mean `buttons`?)",
        ),
        (
            r#"{"reply": {"pt": "{contact.nam|}!"}}"#,
            "reply.pt: `{contact.nam}` is no known placeholder (did you mean",
        ),
        (
            r#"{"reply": {"pt": "{contact.name}!"}}"#,
            "reply.pt: `{contact.name}` may be missing and has no default",
        ),
        (
            r#"{"reply": {"pt": "Oi {contact.name"}}"#,
            "reply.pt: `{contact.name` opens a placeholder",
        ),
        (
            r#"{"reply": {"pt": "{contact.name|}"}}"#,
            "reply.pt: nothing is left of it if a value is missing",
        ),
        (
            r#"{"reply": {"es": "a"}}"#,
            "reply.es: `es` is no language of this rule file",
        ),
        (
            r#"{"reply": "a", "header": "b"}"#,
            "header: a header goes with buttons, a menu or a link",
        ),
        (
            r#"{"reply": "a", "footer": "b"}"#,
            "footer: a footer goes with buttons, a menu or a link",
        ),
        (
            r#"{"reply": "a", "react": "ok"}"#,
            "react: `ok` is not one emoji",
        ),
        (r#"{"react": "👍👍"}"#, "react: `👍👍` is not one emoji"),
    ] {
        finds(settings, expected);
    }
}

#[test]
fn mistakes_in_buttons() {
    for (buttons, expected) in [
        (
            r#"{"id": "a", "title": {"pt": "exactly 21 characters"}}"#,
            "buttons.0.title.pt: it has 21 characters (a button's title holds at most 20: shorten it by 1)",
        ),
        (
            r#"{"id": "a", "title": "{contact.name|somebody} 123456789012"}"#,
            "buttons.0.title: it has 21 characters",
        ),
        (
            r#"{"id": "a", "title": "x"}, {"id": "a", "title": "y"}"#,
            "buttons.1.id: `a` is the id of an earlier button",
        ),
        (
            r#"{"id": "a", "title": "x"}, {"id": "b", "title": {"pt": "z", "en": "x"}}"#,
            "buttons.1.title.en: `x` is the title of an earlier button",
        ),
        (
            r#"{"id": "", "title": "x"}"#,
            "buttons.0.id: the id is empty",
        ),
        (
            r#"{"id": "a", "title": {}}"#,
            "buttons.0.title: there is no title for the button",
        ),
        (
            r#"{"id": "a", "title": "x\ny"}"#,
            "buttons.0.title: it has several lines",
        ),
        (r#"{"id": "a"}"#, "buttons.0: `title` is missing"),
    ] {
        finds(
            &format!(r#"{{"reply": "a", "buttons": [{buttons}]}}"#),
            expected,
        );
    }
    let ids = |chars: usize| {
        format!(
            r#"{{"reply": "a", "buttons": [{{"id": "{}", "title": "x"}}]}}"#,
            "i".repeat(chars)
        )
    };
    assert_eq!(problems::<AutoReply>(&ids(256)), [""; 0]);
    finds(
        &ids(257),
        "buttons.0.id: it has 257 characters (a button's id holds at most 256",
    );
    finds(
        r#"{"buttons": [{"id": "a", "title": "x"}]}"#,
        "reply: there is no text to reply with",
    );
}

#[test]
fn texts_are_counted_in_characters_and_less_fits_above_buttons() {
    let above = |count: usize, rest: &str| {
        let found = problems::<AutoReply>(&format!(
            r#"{{"reply": {{"pt": "{}"}}{rest}}}"#,
            "é".repeat(count)
        ));
        found.join("\n")
    };
    let button = r#", "buttons": [{"id": "a", "title": "x"}]"#;
    let menu = r#", "menu": {"label": "x", "rows": [{"id": "a", "title": "x"}]}"#;
    let link = r#", "link": {"label": "x", "url": "https://a.example"}"#;
    let media = r#", "media": {"kind": "image", "id": "1"}"#;
    for (rest, most, what) in [
        ("", 4096, "a text holds"),
        (button, 1024, "a text with buttons beneath holds"),
        (menu, 4096, "a text with a menu beneath holds"),
        (link, 1024, "a text with a link beneath holds"),
        (media, 1024, "a caption holds"),
    ] {
        assert_eq!(above(most, rest), "", "{what}");
        let expected = format!(
            "reply.pt: it has {} characters ({what} at most {most}",
            most + 1
        );
        assert!(
            above(most + 1, rest).starts_with(&expected),
            "{}",
            above(most + 1, rest)
        );
    }
}

#[test]
fn mistakes_in_numbers() {
    let some = |count: usize| {
        let one = |index| format!(r#"{{"id": "{index}", "title": "t{index}"}}"#);
        (0..count).map(one).collect::<Vec<_>>().join(",")
    };
    finds(
        &format!(r#"{{"reply": "a", "buttons": [{}]}}"#, some(4)),
        "buttons: there are 4 buttons; WhatsApp shows at most 3 (keep three, or use a menu)",
    );
    let menu =
        |rows: &str| format!(r#"{{"reply": "a", "menu": {{"label": "x", "rows": [{rows}]}}}}"#);
    assert_eq!(problems::<AutoReply>(&menu(&some(10))), [""; 0]);
    finds(
        &menu(&some(12)),
        "menu.rows: there are 12 rows; WhatsApp shows at most 10 (take 2 out",
    );
    finds(&menu(""), "menu.rows: the menu has no rows");
}

#[test]
fn mistakes_in_menus_and_links() {
    for (settings, expected) in [
        (
            r#"{"reply": "a", "menu": {"label": "exactly 21 characters", "rows": [{"id": "a", "title": "x"}]}}"#,
            "menu.label: it has 21 characters (a menu's label holds at most 20",
        ),
        (
            r#"{"reply": "a", "menu": {"label": {}, "rows": [{"id": "a", "title": "x"}]}}"#,
            "menu.label: there is no label for the menu (add `menu.label.pt",
        ),
        (
            r#"{"reply": "a", "menu": {"label": "x", "rows": [{"id": "a", "title": "twenty-five characters ok"}]}}"#,
            "menu.rows.0.title: it has 25 characters (a row's title holds at most 24",
        ),
        (
            r#"{"reply": "a", "menu": {"label": "x", "rows": [{"id": "a", "title": "x"}, {"id": "a", "title": "y"}]}}"#,
            "menu.rows.1.id: `a` is the id of an earlier row",
        ),
        (
            r#"{"reply": "a", "buttons": [{"id": "a", "title": "x"}],
                "menu": {"label": "x", "rows": [{"id": "a", "title": "x"}]}}"#,
            "menu: `menu` and `buttons` do not go into one message",
        ),
        (
            r#"{"reply": "a", "link": {"label": "x", "url": "http://a.example"}}"#,
            "link.url: `http://a.example` does not begin with https://",
        ),
        (
            r#"{"reply": "a", "link": {"label": "x", "url": "https://{message.text}/x"}}"#,
            "link.url: a contact's words would choose the host",
        ),
        (
            r#"{"reply": "a", "link": {"label": "x", "url": "https://a.example/a b"}}"#,
            "link.url: the address holds a blank",
        ),
        (
            r#"{"reply": "a", "link": {"label": "x", "url": "https://bank.example@a.example/"}}"#,
            "link.url: the address has a name or password before its host",
        ),
        (
            r#"{"reply": "a", "link": {"label": "x", "url": "https://a.example/{contact.name}"}}"#,
            "link.url: `{contact.name}` may be missing",
        ),
    ] {
        finds(settings, expected);
    }
}

#[test]
fn mistakes_in_files() {
    for (media, expected) in [
        (
            r#"{"kind": "image"}"#,
            "media: it does not say where the file is",
        ),
        (
            r#"{"kind": "image", "id": "1", "link": "https://a.example"}"#,
            "media: it has both",
        ),
        (
            r#"{"kind": "image", "link": "http://a.example/a.png"}"#,
            "media.link: `http://a.example/a.png` does not",
        ),
        (
            r#"{"kind": "image", "id": "1 2"}"#,
            "media.id: the id is empty or holds a blank",
        ),
        (
            r#"{"kind": "picture", "id": "1"}"#,
            "media.kind: unknown word `picture` (known are image, video",
        ),
        (
            r#"{"kind": "image", "id": "1", "filename": "a.png"}"#,
            "media.filename: only a document has a name",
        ),
    ] {
        finds(&format!(r#"{{"media": {media}}}"#), expected);
    }
    finds(
        r#"{"reply": "a", "media": {"kind": "voice", "id": "1"}}"#,
        "reply: WhatsApp shows no words beneath a file of kind voice",
    );
    finds(
        r#"{"reply": "a", "media": {"kind": "image", "id": "1"}, "buttons": [{"id": "a", "title": "x"}]}"#,
        "media: `media` and `buttons` do not go into one message",
    );
}

#[test]
fn mistakes_in_templates() {
    let template = |rest: &str| {
        format!(
            r#"{{"template": {{"name": "t", "languages": {{"pt": "pt_BR"}}, "category": "utility", {rest}}}}}"#
        )
    };
    for (rest, expected) in [
        (r#""params": [""]"#, "template.params.0: the text is empty"),
        (
            r#""params": ["{contact.name|}"]"#,
            "template.params.0: nothing is left of it",
        ),
        (
            r#""params": ["a", {"name": "b", "text": "c"}]"#,
            "template.params: 1 of 2 parameters have a name",
        ),
        (
            r#""params": [{"name": "b", "text": "c"}, {"name": "b", "text": "d"}]"#,
            "template.params.1.name: `b` is filled already",
        ),
        (
            r#""params": [{"name": "b", "text": {"pt": "{x}"}}]"#,
            "template.params.0.text.pt: `{x}` is no known",
        ),
        (
            r#""params": [{"name": "b", "pt": "c"}]"#,
            "template.params.0: `text` is missing",
        ),
        (
            r#""params": [5]"#,
            "template.params.0: expected a text, one for each language, or `name`",
        ),
        (
            r#""header": {"kind": "audio", "id": "1"}"#,
            "template.header.kind: a file of kind audio does not go",
        ),
        (
            r#""header": {"id": "1"}"#,
            "template.header: it does not say what kind of file it is",
        ),
        (
            r#""header": {}"#,
            "template.header.text: there is no text for the header",
        ),
        (
            r#""header": {"kind": "image"}"#,
            "template.header: it does not say where the file is",
        ),
        (
            r#""buttons": [{"index": 0}]"#,
            "template.buttons.0: it does not say what fills the button",
        ),
        (
            r#""buttons": [{"index": 0, "payload": "a"}, {"index": 0, "payload": "b"}]"#,
            "template.buttons.1.index: button 0 is filled already",
        ),
        (
            r#""buttons": [{"index": 10, "payload": "a"}]"#,
            "template.buttons.0.index: there is no button 10",
        ),
        (
            r#""buttons": [{"index": 0, "payload": ""}]"#,
            "template.buttons.0.payload: the payload is empty",
        ),
        (
            r#""when": "window-closed""#,
            "template.when: there is no reply for as long as the window is open",
        ),
        (
            r#""when": "never""#,
            "template.when: unknown word `never` (known are always, window-closed)",
        ),
    ] {
        finds(&template(rest), expected);
    }
    let long = format!(r#""params": ["{0}", "{0}"]"#, "é".repeat(600));
    finds(
        &template(&long),
        "template.params: the parameters have 1200 characters together",
    );

    for (languages, expected) in [
        (
            r"{}",
            "template.languages: the template has no language (add `pt",
        ),
        (
            r#"{"es": "es"}"#,
            "template.languages.es: `es` is no language of this rule file",
        ),
        (
            r#"{"pt": "pt-BR"}"#,
            "template.languages.pt: `pt-BR` is no language code (write it as",
        ),
    ] {
        let settings = format!(
            r#"{{"template": {{"name": "t", "languages": {languages}, "category": "utility"}}}}"#
        );
        finds(&settings, expected);
    }
    finds(
        r#"{"template": {"name": "my template", "languages": {"pt": "pt_BR"}, "category": "utility"}}"#,
        "template.name: `my template` is no template's name",
    );
    finds(
        r#"{"reply": "a", "template": {"name": "t", "languages": {"pt": "pt_BR"}, "category": "utility", "when": "always"}}"#,
        "template.when: the template would go out instead of the reply, always",
    );
}

/// Each is free of problems, and together they have every key.
const WHOLE: [&str; 5] = [
    r#"{"reply": {"pt": "a", "en": "b"}, "react": "👍", "quoting": true, "header": "a", "footer": {"pt": "b"},
        "buttons": [{"id": "a", "title": "x"}, {"id": "b", "title": {"pt": "y"}}]}"#,
    r#"{"reply": "a", "menu": {"label": "x", "rows": [{"id": "a", "title": "x", "description": {"pt": "y"}}]}}"#,
    r#"{"reply": "a", "link": {"label": "x", "url": "https://a.example/?q={contact.name|nobody at all}"}}"#,
    r#"{"reply": "a", "media": {"kind": "document", "link": "https://a.example/b.pdf", "filename": "b.pdf"},
        "template": {"name": "t", "languages": {"pt": "pt_BR", "en": "fil"}, "category": "marketing", "when": "window-closed",
        "params": ["a", {"pt": "b"}], "header": {"text": "a"}, "buttons": [{"index": 0, "payload": "a"}]}}"#,
    r#"{"media": {"kind": "sticker", "id": "1"}, "template": {"name": "t", "languages": {"pt": "zh_Hans"},
        "category": "authentication", "params": [{"name": "a", "text": "b"}], "header": {"kind": "video", "id": "1", "link": "https://a.example/b"},
        "buttons": [{"index": 9, "url_suffix": "{message.text}"}]}}"#,
];

#[test]
fn settings_without_mistakes_have_no_problems() {
    for settings in &WHOLE[..4] {
        assert_eq!(problems::<AutoReply>(settings), [""; 0], "{settings}");
    }
    finds(WHOLE[4], "template.header: it has both `id` and `link`");
}

#[test]
fn the_schema_and_the_type_are_in_step() {
    assert_eq!(schema_differences::<AutoReply>(&WHOLE), [""; 0]);
}
