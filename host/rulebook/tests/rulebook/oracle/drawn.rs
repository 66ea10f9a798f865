//! Rules and situations out of a list of numbers: the shorter and smaller the numbers, the plainer what is drawn.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use model::{
    Ad, ContactId, ContactKey, Content, Language, Media, MediaKind, NumberId, Period, Phone,
    RuleCount, RuleName, Span, TapOrigin, UserId, Wamid,
};
use rulebook::Facts;

use super::naive::{CHANNEL, CLOCKS, Situation, Symbols, Wanted};
use super::vocabulary::{EDGES, SCRIPTS, SEPARATORS, Word};
use crate::scene::Scene;

const PATTERNS: [&str; 9] = [
    r"\bpedido ([0-9]+)\b",
    r"([0-9]{2,4})",
    r"(?P<first>[b-d]o)m|(dia$)",
    "予(約|定)",
    r"\bhor[aá]rio\b",
    "^bom",
    "👍",
    "(?-i)OPEN",
    r"[a-z]{7,9}",
];
const KINDS: [&str; 7] = [
    "text", "image", "button", "menu", "reaction", "location", "edit",
];
const TAGS: [&str; 3] = ["vip", "new", "old"];
const ADS: [&str; 3] = ["101", "102", "103"];

/// What choices are made by: numbers in a row, then zeros.
pub(super) struct Genes<'a>(&'a [u16]);

impl<'a> Genes<'a> {
    pub(super) fn new(genes: &'a [u16]) -> Self {
        Self(genes)
    }

    pub(super) fn below(&mut self, most: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        usize::from(*first) % most
    }

    /// One time in so many.
    fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == many - 1
    }

    fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    fn some<T: Copy>(&mut self, one_in: usize, list: &[T]) -> Option<Vec<T>> {
        self.one_in(one_in)
            .then(|| (0..1 + self.below(2)).map(|_| self.of(list)).collect())
    }

    /// A few scripts, that rules and messages have in common.
    pub(super) fn scripts(&mut self) -> Vec<&'static [Word]> {
        (0..1 + self.below(2)).map(|_| self.of(&SCRIPTS)).collect()
    }

    /// So many words, as compared and as written.
    fn phrase(
        &mut self,
        scripts: &[&'static [Word]],
        words: usize,
        gaps: &[&str],
    ) -> (Symbols, String) {
        let (mut symbols, mut text) = (Vec::new(), String::new());
        let mut clings = true;
        for index in 0..words {
            let script = self.of(scripts);
            let word = &script[self.below(script.len())];
            let mut gap = self.of(gaps);
            if !clings && !word.clings && ["", "\u{200B}"].contains(&gap) {
                gap = " ";
            }
            if index > 0 {
                text.push_str(gap);
            }
            text.push_str(self.of(word.spelled));
            symbols.extend(word.symbols);
            clings = word.clings;
        }
        (symbols, text)
    }

    /// A key with phrases, if it is drawn.
    fn phrases(
        &mut self,
        key: &str,
        one_in: usize,
        scripts: &[&'static [Word]],
        into: &mut String,
    ) -> Option<Vec<Symbols>> {
        if !self.one_in(one_in) {
            return None;
        }
        let drawn: Vec<_> = (0..1 + self.below(3))
            .map(|_| {
                let words = 1 + self.below(3);
                self.phrase(scripts, words, &[" ", "", "-", "  "])
            })
            .collect();
        let written: Vec<_> = drawn
            .iter()
            .map(|(_, text)| format!("\"{text}\""))
            .collect();
        let _ = writeln!(into, "when.{key} = [{}]", written.join(", "));
        Some(drawn.into_iter().map(|(symbols, _)| symbols).collect())
    }

    /// A key with names, if it is drawn.
    fn names(
        &mut self,
        key: &str,
        one_in: usize,
        list: &[&'static str],
        into: &mut String,
    ) -> Option<Vec<&'static str>> {
        let names = self.some(one_in, list)?;
        let written: Vec<_> = names.iter().map(|name| format!("'{name}'")).collect();
        let _ = writeln!(into, "when.{key} = [{}]", written.join(", "));
        Some(names)
    }

    /// A rule, as meant and as written.
    pub(super) fn rule(&mut self, number: usize, scripts: &[&'static [Word]]) -> (Wanted, String) {
        let mut text = format!("[[rule]]\nname = \"r{number}\"\nreply.pt = \"x\"\n");
        let mut rule = Wanted {
            name: format!("r{number}"),
            within_minutes: 30,
            ..Wanted::default()
        };
        rule.words = self.phrases("words", 2, scripts, &mut text);
        rule.says = self.phrases("says", 7, scripts, &mut text);
        rule.starts = self.phrases("starts", 6, scripts, &mut text);
        rule.patterns = self.names("pattern", 7, &PATTERNS, &mut text);
        rule.kinds = self.names("kind", 8, &KINDS, &mut text);
        rule.options = self.names("option", 8, &["talk", "buy-now"], &mut text);
        rule.hours = self.names("hours", 12, &["shop", "saturdays"], &mut text);
        rule.outside = self.names("outside", 12, &["shop", "saturdays"], &mut text);
        rule.languages = self.names("language", 12, &["pt", "en"], &mut text);
        rule.countries = self.names("country", 12, &["BR", "CA", "US"], &mut text);
        rule.tags = self.names("tags", 9, &TAGS, &mut text);
        rule.not_tags = self.names("not_tags", 10, &TAGS, &mut text);
        rule.numbers = self.names("number", 12, &["main", "second"], &mut text);
        if self.one_in(2) {
            rule.ads = self.names("ad", 8, &ADS, &mut text);
        } else if self.one_in(8) {
            rule.any_ad = Some(self.line("when.ad", &[true, false], &mut text));
        }
        if self.one_in(12) {
            rule.quoting = Some(self.line("when.quoting", &[true, false], &mut text));
        }
        if self.one_in(12) {
            rule.min_words = Some(self.line("when.min_words", &[1, 2, 3, 5], &mut text));
        }
        if self.one_in(12) {
            rule.max_words = Some(self.line("when.max_words", &[1, 2, 3, 5, 8], &mut text));
        }
        let days = ["2026-11-21", "2026-11-22", "2026-11-24", "2026-12-25"];
        if self.one_in(14) {
            rule.from = Some(self.quoted("when.from", &days, &mut text));
        }
        if self.one_in(14) {
            rule.until = Some(self.quoted("when.until", &days, &mut text));
        }
        if self.one_in(12) {
            rule.first = Some(self.quoted("when.first", &["ever", "today", "7d"], &mut text));
        }
        if self.one_in(8) {
            let names: Vec<_> = (0..1 + self.below(2))
                .map(|_| format!("r{}", self.below(number + 1)))
                .collect();
            let _ = writeln!(text, "when.after = {names:?}");
            if self.one_in(2) {
                text.push_str("when.within = \"2h\"\n");
                rule.within_minutes = 120;
            }
            rule.after = Some(names);
        }
        rule.channel = self.one_in(20);
        if rule.channel {
            text.push_str("when.channel = \"whatsapp\"\n");
        }
        self.bounds(&mut rule, &mut text);
        (rule, text)
    }

    fn bounds(&mut self, rule: &mut Wanted, text: &mut String) {
        if self.one_in(4) {
            text.push_str("also = true\n");
        }
        if self.one_in(6) {
            let hours = self.of(&[1, 12]);
            let _ = writeln!(text, "once_per = \"{hours}h\"");
            rule.once_per_hours = Some(hours);
        }
        if self.one_in(5) {
            let period = self.of(&Period::ALL);
            rule.limits.push((
                1 + u32::try_from(self.below(3)).unwrap(),
                self.one_in(2),
                period,
            ));
            if self.one_in(2) {
                let other = self.of(&Period::ALL);
                rule.limits.push((
                    1 + u32::try_from(self.below(3)).unwrap(),
                    !rule.limits[0].1,
                    other,
                ));
            }
            let limits = rule.limits.iter().map(|(times, per_contact, period)| {
                let contact = if *per_contact { "per contact " } else { "" };
                format!("{times} {contact}per {}", period.word())
            });
            let _ = writeln!(text, "limit = {:?}", limits.collect::<Vec<_>>());
        }
        if self.one_in(6) {
            let share = self.of(&[10, 50, 90]);
            let _ = writeln!(text, "stage = \"canary {share}%\"");
            rule.canary = Some(share);
        } else if self.one_in(8) {
            text.push_str("stage = \"shadow\"\n");
        }
        rule.off = self.one_in(15);
        if rule.off {
            text.push_str("off = true\n");
        }
        rule.only_called = self.one_in(15);
        if rule.only_called {
            text.push_str("only = \"called\"\n");
        }
    }

    fn line<T: Copy + std::fmt::Display>(&mut self, key: &str, list: &[T], into: &mut String) -> T {
        let value = self.of(list);
        let _ = writeln!(into, "{key} = {value}");
        value
    }

    fn quoted(&mut self, key: &str, list: &[&'static str], into: &mut String) -> &'static str {
        let value = self.of(list);
        let _ = writeln!(into, "{key} = \"{value}\"");
        value
    }

    /// Something that some rule listens for.
    fn heard(&mut self, rules: &[Wanted]) -> Option<Symbols> {
        if rules.is_empty() || !self.one_in(3) {
            return None;
        }
        let rule = &rules[self.below(rules.len())];
        let phrases = [&rule.words, &rule.says, &rule.starts];
        let phrases: Vec<_> = phrases.into_iter().flatten().flatten().collect();
        (!phrases.is_empty()).then(|| phrases[self.below(phrases.len())].clone())
    }

    /// A message in these scripts: sometimes what a rule listens for, among other words.
    pub(super) fn situation(&mut self, scripts: &[&'static [Word]], rules: &[Wanted]) -> Situation {
        let words = self.below(7);
        let (mut symbols, mut text) = self.phrase(scripts, words, &SEPARATORS);
        if let Some(heard) = self.heard(rules) {
            match self.below(3) {
                0 => (symbols, text) = (heard.clone(), heard.join(" ")),
                1 => {
                    text = format!("{} {text}", heard.join(" "));
                    symbols.splice(0..0, heard);
                }
                _ => {
                    text = format!("{text} {}", heard.join(" "));
                    symbols.extend(heard);
                }
            }
        }
        let kind = match self.below(9) {
            0..5 => "text",
            5 | 6 => "button",
            _ => self.of(&KINDS),
        };
        let titles = [("Talk!", "talk"), ("BUY  NOW", "buy-now"), ("", "")];
        let tapped = self.of(&titles);
        let id = self.of(&["talk", "buy-now", "payload"]);
        let template = self.one_in(2);
        let is_tap = ["button", "menu"].contains(&kind);
        let has_words = match kind {
            "text" | "edit" => true,
            "image" => self.one_in(2),
            _ => false,
        };
        let titled: Symbols = match tapped.1 {
            "talk" => vec!["talk"],
            "buy-now" => vec!["buy", "now"],
            _ => Vec::new(),
        };
        let (text, symbols) = match (has_words, is_tap) {
            (true, _) => (
                format!("{}{text}{}", self.of(&EDGES), self.of(&EDGES)),
                symbols,
            ),
            (_, true) => (tapped.0.to_owned(), titled),
            _ => (String::new(), Vec::new()),
        };
        let spells = (!tapped.1.is_empty()).then_some(tapped.1);
        let minutes = [0, 5, 31, 59, 60, 119, 121, 720, 1_500, 10_081];
        let mut fired = BTreeMap::new();
        let mut answered = BTreeMap::new();
        for rule in rules {
            if self.one_in(4) {
                fired.insert(rule.name.clone(), self.of(&minutes));
            }
            for (_, _, period) in &rule.limits {
                let times = [0, 1, 2, 3];
                let pair = (self.of(&times), self.of(&times));
                answered.insert((rule.name.clone(), period.word()), pair);
            }
        }
        let last = self
            .one_in(2)
            .then(|| (format!("r{}", self.below(5)), self.of(&minutes)));
        Situation {
            text,
            symbols,
            kind,
            tap: is_tap.then_some((id, spells, template && kind == "button")),
            moment: &CLOCKS[self.below(CLOCKS.len())],
            language: self.of(&["pt", "pt_BR", "en", "es"]),
            country: self.of(&[Some("BR"), Some("CA"), Some("US"), None]),
            tags: self.some(2, &TAGS).unwrap_or_default(),
            number: self.of(&["main", "second"]),
            ad: self.one_in(3).then(|| self.of(&ADS)),
            quotes: self.one_in(3),
            wrote_minutes: self.one_in(2).then(|| self.of(&minutes)),
            last_rule: last,
            fired,
            answered,
            contact: u64::try_from(self.below(40)).unwrap(),
        }
    }
}

/// A situation as the search is told of it.
pub(super) struct Arrived {
    scene: Scene,
    counts: Vec<RuleCount>,
}

impl Arrived {
    pub(super) fn new(situation: &Situation, rules: &[Wanted]) -> Self {
        let now = situation.moment.at;
        let ago = |minutes: i64| now.minus(Span::from_minutes(minutes.unsigned_abs()));
        let name = |name: &str| RuleName::new(name).unwrap();
        let mut scene = Scene::says(&situation.text);
        scene.now = now;
        scene.language = Language::new(situation.language).unwrap();
        scene.number = NumberId::new(if situation.number == "main" {
            "100001"
        } else {
            "100002"
        })
        .unwrap();
        let phone = |digits: &str| ContactKey::Phone(Phone::new(digits).unwrap());
        let key = match situation.country {
            Some("BR") => phone("5511900000001"),
            Some("CA") => phone("14165550100"),
            Some(_) => phone("12125550100"),
            None => ContactKey::User(UserId::new("BR.abc123").unwrap()),
        };
        (scene.message.from, scene.contact.key) = (key.clone(), key);
        scene.contact.id = ContactId(situation.contact);
        scene.contact.tags = situation
            .tags
            .iter()
            .map(|tag| (*tag).to_owned())
            .collect::<BTreeSet<_>>();
        scene.contact.previous_inbound = situation.wrote_minutes.map(ago);
        scene.contact.last_rule = situation
            .last_rule
            .as_ref()
            .map(|(rule, minutes)| (name(rule), ago(*minutes)));
        scene.contact.fired = situation
            .fired
            .iter()
            .map(|(rule, minutes)| (name(rule), ago(*minutes)))
            .collect();
        scene.message.ad = situation.ad.map(|id| Ad {
            id: id.into(),
            ..Ad::default()
        });
        scene.message.quoting = situation.quotes.then(|| Wamid::new("wamid.0").unwrap());
        scene.message.content = content(situation);
        let mut counts = Vec::new();
        for rule in rules {
            for (_, _, period) in &rule.limits {
                let times = situation.answered.get(&(rule.name.clone(), period.word()));
                let (own, all) = times.copied().unwrap_or_default();
                let count = |times| RuleCount {
                    rule: name(&rule.name),
                    per: *period,
                    since: situation.moment.since(*period),
                    times,
                };
                scene.contact.counts.push(count(own));
                counts.push(count(all));
            }
        }
        Self { scene, counts }
    }

    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            channel: &CHANNEL,
            counts: &self.counts,
            number_name: "a number",
            ..self.scene.facts()
        }
    }
}

fn content(situation: &Situation) -> Content {
    let wamid = || Wamid::new("wamid.0").unwrap();
    match (situation.kind, situation.tap) {
        (kind, Some((id, _, template))) => Content::Tap {
            id: id.into(),
            title: situation.text.clone(),
            origin: match (kind, template) {
                ("menu", _) => TapOrigin::Menu,
                (_, true) => TapOrigin::Template,
                (_, false) => TapOrigin::Button,
            },
        },
        ("image", _) => Content::Media(Media {
            caption: (!situation.text.is_empty()).then(|| situation.text.clone()),
            ..Media::new(MediaKind::Image)
        }),
        ("reaction", _) => Content::Reaction {
            message: wamid(),
            emoji: None,
        },
        ("edit", _) => Content::Edit {
            original: wamid(),
            text: Some(situation.text.clone()),
        },
        ("location", _) => Content::Location(model::Location {
            latitude: 0.0,
            longitude: 0.0,
            name: None,
            address: None,
        }),
        _ => Content::Text {
            body: situation.text.clone(),
        },
    }
}
