//! Reads what a rule says: `reply` with `buttons`, a `menu` or `media`, `react`, `template`. All of it is the auto-reply plugin's.

use model::{Language, MediaKind};
use serde_json::{Map, Value as Json, json};

use crate::doing::{Doing, Get};
use crate::findings::{Findings, Site};
use crate::keys::{RULE, suggestion};
use crate::media::{self, File};
use crate::offer::{BUTTONS, MENU, language_sites};
use crate::texts::{self, Reader, Texts};
use crate::value::{Entry, Value};
use crate::{codes, limits};

/// Keys that the auto-reply plugin answers with, by themselves or with a text.
const KEYS: &[&str] = &[
    "reply",
    "buttons",
    "menu",
    "menu_label",
    "media",
    "react",
    "template",
    "quoting",
];
/// Those of them that are something to send.
const SENDS: &[&str] = &["reply", "media", "react", "template"];

/// The settings as they come together.
#[derive(Default)]
struct Said {
    json: Map<String, Json>,
    sites: Vec<(String, Site)>,
}

impl Said {
    fn put(&mut self, key: &str, value: Option<Json>) {
        self.json.extend(value.map(|value| (key.to_owned(), value)));
    }
}

impl Doing<'_> {
    /// All keys of the auto-reply plugin.
    pub(crate) fn answer<'e>(
        &mut self,
        get: &Get<'e, '_>,
        wanted: &[Language],
        findings: &mut Findings,
    ) {
        if !KEYS.iter().any(|key| get(key).is_some()) {
            return;
        }
        let mut said = Said::default();
        let file = get("media")
            .and_then(|entry| media::read(entry.value, "media", &mut said.sites, findings));
        self.reply = self.text(get, file.as_ref(), wanted, &mut said, findings);
        self.offers(get, wanted, &mut said, findings);
        check_together(get, file.as_ref(), findings);
        said.put("media", file.map(|file| file.json));
        if let Some(entry) = get("react") {
            said.sites.push(("react".into(), entry.value.at()));
            said.put("react", emoji(entry.value, findings));
        }
        if let Some(entry) = get("template") {
            let alone = get("reply").is_none() && get("media").is_none();
            let template = self.template(entry, alone, wanted, &mut said.sites, findings);
            said.put("template", template);
        }
        if let Some(entry) = get("quoting") {
            said.sites.push(("quoting".into(), entry.value.at()));
            said.put("quoting", entry.value.truth(findings).map(Json::from));
        }
        let Some(first) = SENDS.iter().find_map(|key| get(key)) else {
            return;
        };
        said.sites.insert(0, (String::new(), first.at()));
        let needed = format!("`{}` needs it: ", first.key);
        self.act(
            "auto-reply",
            &first.at(),
            &needed,
            Json::Object(said.json),
            said.sites,
            findings,
        );
    }

    fn text(
        &self,
        get: &Get<'_, '_>,
        file: Option<&File>,
        wanted: &[Language],
        said: &mut Said,
        findings: &mut Findings,
    ) -> Option<Texts> {
        let reply = get("reply")?;
        let (most_chars, because) = match () {
            () if get("buttons").is_some() => (limits::BUTTONS_BODY_CHARS, "a text with buttons"),
            () if file.is_some() => (limits::CAPTION_CHARS, "the text beneath a file"),
            () => (limits::TEXT_CHARS, "a text"),
        };
        said.sites.push(("reply".to_owned(), reply.at()));
        let texts = self.texts(reply, "the reply", most_chars, because, wanted, findings)?;
        said.sites.extend(language_sites(&texts, "reply"));
        said.put("reply", Some(texts.json()));
        Some(texts)
    }

    /// A text in each language.
    fn texts(
        &self,
        entry: Entry<'_>,
        what: &str,
        most_chars: usize,
        because: &str,
        wanted: &[Language],
        findings: &mut Findings,
    ) -> Option<Texts> {
        let reader = Reader {
            key: entry.key,
            table: "rule",
            above: &RULE,
            nameable: &self.nameable,
            most_chars,
            because,
        };
        let before = findings.errors();
        let texts = reader.read(entry.value, findings)?;
        if findings.errors() == before {
            texts::missing(&texts, wanted, what, &entry.at(), findings);
        }
        Some(texts)
    }

    fn offers(
        &self,
        get: &Get<'_, '_>,
        wanted: &[Language],
        said: &mut Said,
        findings: &mut Findings,
    ) {
        if let Some(entry) = get("buttons") {
            let list = BUTTONS.read(entry, "buttons", self, wanted, &mut said.sites, findings);
            said.put("buttons", Some(list.into()));
        }
        let Some(entry) = get("menu") else {
            if let Some(label) = get("menu_label") {
                findings
                    .error(
                        &label.at(),
                        codes::TOGETHER,
                        "`menu_label` names what opens a menu, and there is none",
                    )
                    .help("add menu = [\"…\"]")
                    .absence_of_text();
            }
            return;
        };
        said.sites.push(("menu".to_owned(), entry.at()));
        let rows = MENU.read(entry, "menu.rows", self, wanted, &mut said.sites, findings);
        let Some(label) = get("menu_label") else {
            let first = wanted.first().map_or("en", Language::as_str);
            findings
                .error(
                    &entry.at(),
                    codes::TOGETHER,
                    "a menu opens with a tap on a button, and that has no name",
                )
                .help(format!("add menu_label.{first} = \"…\""))
                .absence_of_text();
            return;
        };
        said.sites.push(("menu.label".to_owned(), label.at()));
        let most = limits::MENU_LABEL_CHARS;
        let label = self.texts(
            label,
            "the menu's label",
            most,
            "a menu's label",
            wanted,
            findings,
        );
        if let Some(label) = label {
            said.sites.extend(language_sites(&label, "menu.label"));
            said.put("menu", Some(json!({ "label": label.json(), "rows": rows })));
        }
    }

    fn template(
        &self,
        entry: Entry<'_>,
        alone: bool,
        wanted: &[Language],
        sites: &mut Vec<(String, Site)>,
        findings: &mut Findings,
    ) -> Option<Json> {
        let text = entry.value.text(findings)?;
        sites.push(("template".to_owned(), text.at.clone()));
        let templates = self.tenant.templates;
        let Some(template) = templates.get(text.text) else {
            findings
                .error(
                    &text.at,
                    codes::UNKNOWN_NAME,
                    format!("unknown template \"{}\"", text.text),
                )
                .help(format!(
                    "{} (a template is defined by [template.NAME])",
                    suggestion(text.text, templates.keys().map(String::as_str))
                ))
                .absence_of(text.text);
            return None;
        };
        if !template.languages.by_language.is_empty() {
            let what = format!("the template `{}`", text.text);
            texts::missing(&template.languages, wanted, &what, &text.at, findings);
        }
        let parts = template.sites.iter();
        sites.extend(parts.map(|(path, at)| (format!("template.{path}"), at.clone())));
        let mut json = template.json_in(&self.head.languages);
        let when = if alone { "always" } else { "window-closed" };
        json.insert("when".to_owned(), when.into());
        Some(Json::Object(json))
    }
}

/// What cannot stand in one message.
fn check_together(get: &Get<'_, '_>, file: Option<&File>, findings: &mut Findings) {
    let offer = get("buttons").or_else(|| get("menu"));
    if let Some(offer) = offer.filter(|_| get("reply").is_none()) {
        let message = format!("{} beneath a text, and there is none", stands(offer.key));
        findings
            .error(&offer.at(), codes::TOGETHER, message)
            .help("add reply.… = \"…\"")
            .absence_of_text();
    }
    if let (Some(_), Some(menu)) = (get("buttons"), get("menu")) {
        findings
            .error(
                &menu.at(),
                codes::TOGETHER,
                "a message has buttons or a menu, not both",
            )
            .help("put the buttons' options into the menu, too");
    }
    if let (Some(offer), Some(media)) = (offer, get("media")) {
        let message = format!("a file goes without {}", offer.key);
        findings
            .error(&media.at(), codes::TOGETHER, message)
            .help("send the file from a rule of its own with also = true");
    }
    let mute = file.filter(|file| {
        matches!(
            file.kind,
            MediaKind::Audio | MediaKind::Voice | MediaKind::Sticker
        )
    });
    if let (Some(file), Some(reply)) = (mute, get("reply")) {
        let message = format!("WhatsApp shows no text beneath {}", a(file.kind));
        findings
            .error(&reply.at(), codes::TOGETHER, message)
            .help("send the file from a rule of its own with also = true");
    }
    if let Some(quoting) =
        get("quoting").filter(|_| get("reply").is_none() && get("media").is_none())
    {
        findings
            .error(
                &quoting.at(),
                codes::TOGETHER,
                "`quoting` shows the contact's message above the reply, and there is none",
            )
            .help("add reply.… = \"…\"")
            .absence_of_text();
    }
}

fn stands(key: &str) -> &'static str {
    if key == "menu" {
        "a menu stands"
    } else {
        "buttons stand"
    }
}

fn a(kind: MediaKind) -> &'static str {
    match kind {
        MediaKind::Sticker => "a sticker",
        MediaKind::Voice => "a voice note",
        _ => "a sound file",
    }
}

/// One emoji.
fn emoji(value: Value<'_>, findings: &mut Findings) -> Option<Json> {
    let text = value.text(findings)?;
    let foreign = |character: char| character.is_alphabetic() || character.is_whitespace();
    let good = text.text.chars().count() <= limits::EMOJI_CHARS
        && !text.text.is_ascii()
        && !text.text.chars().any(foreign);
    if !good {
        findings
            .error(
                &text.at,
                codes::BAD_VALUE,
                format!("\"{}\" is no emoji", text.text),
            )
            .help("write one, like react = \"👍\"");
    }
    good.then(|| text.text.into())
}
