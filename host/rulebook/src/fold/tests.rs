//! What counts in a text and what does not, in many scripts.

use proptest::prelude::*;

use super::*;

#[test]
fn what_people_do_not_mean_does_not_count() {
    for (text, folded) in [
        ("  Olá,   MUNDO! ", "ola mundo"),
        ("Horário de Funcionamento?", "horario de funcionamento"),
        ("ＯＰＥＮ　ｎｏｗ", "open now"),
        ("opt-out", "opt out"),
        ("S\u{0301}im", "sim"),
        ("İstanbul", "istanbul"),
        ("Straße", "strasse"),
        ("ΌΛΟΣ", "ολοσ"),
        ("Łódź", "lodz"),
        ("d'accord", "d accord"),
        ("d\u{2BC}accord", "d accord"),
        ("ﬁm", "fim"),
        ("مَرْحَبًا", "مرحبا"),
        ("", ""),
        ("?!… —", ""),
    ] {
        assert_eq!(fold(text).as_str(), folded, "{text}");
    }
}

#[test]
fn emoji_survive_as_words() {
    for (text, folded) in [
        ("👍", "👍"),
        ("👍🏽", "👍"),
        ("ok👍obrigado", "ok 👍 obrigado"),
        ("❤️", "❤"),
        ("🇧🇷🇺🇸", "🇧🇷 🇺🇸"),
        ("1️⃣", "1"),
        ("👍👍", "👍 👍"),
    ] {
        assert_eq!(fold(text).as_str(), folded, "{text}");
    }
    assert!(!fold("🇧🇷🇺🇸").has(&fold("🇷🇺")));
}

#[test]
fn a_phrase_is_found_as_whole_words() {
    for (text, phrase, found) in [
        ("Qual o horário, por favor?", "HORARIO", true),
        ("horários", "horário", false),
        ("what are your opening   hours", "opening hours", true),
        ("opening-hours", "opening hours", true),
        ("reopening hours", "opening hours", false),
        ("bom bom b", "bom b", true),
        ("bom bom bom", "bom b", false),
        ("明日予約したいです", "予約", true),
        ("予 約", "予約", true),
        ("wifi予約", "予約", true),
        ("がっこう", "か", false),
        ("ผมอยากจองโต๊ะ", "จอง", true),
        ("ok 👍🏿", "👍", true),
        ("anything", "", false),
        ("하루 종일 영업", "종일", true),
        ("की", "का", false),
    ] {
        assert_eq!(fold(text).has(&fold(phrase)), found, "{phrase} in {text}");
    }
}

#[test]
fn words_are_counted() {
    for (text, count) in [
        ("", 0),
        ("um dois três", 3),
        ("予約したい", 5),
        ("ok 👍", 2),
    ] {
        assert_eq!(fold(text).words(), count, "{text}");
    }
}

#[test]
fn phrases_of_a_phrase() {
    assert_eq!(
        fold("a b c").phrases().collect::<Vec<_>>(),
        ["a", "a b", "a b c", "b", "b c", "c"]
    );
}

/// In each script: what is written alike, whatever the keyboard and the program.
#[test]
fn every_script_folds_as_its_writers_read_it() {
    for (script, spellings) in [
        (
            "Latin",
            &[
                "Ação",
                "AÇÃO",
                "acao",
                "ac\u{327}a\u{303}o",
                "ａｃａｏ",
                "𝒶𝒸𝒶ℴ",
            ][..],
        ),
        (
            "Latin, Turkish",
            &["İstanbul", "ISTANBUL", "ıstanbul", "i\u{307}stanbul"],
        ),
        (
            "Latin, German",
            &["Straße", "STRASSE", "STRAẞE", "Stra\u{DF}e"],
        ),
        (
            "Latin, Vietnamese",
            &[
                "Việt",
                "VIỆT",
                "Vie\u{323}\u{302}t",
                "Vie\u{302}\u{323}t",
                "viet",
            ],
        ),
        (
            "Latin, ligatures",
            &["oﬃce", "OFFICE", "oﬀice", "ｏｆｆｉｃｅ"],
        ),
        ("Greek", &["Όλος", "ΌΛΟΣ", "ολοσ", "ὅλος"]),
        ("Greek, subscript", &["ᾳ", "ΑΙ", "α\u{345}", "ᾼ"]),
        ("Cyrillic", &["ещё", "ЕЩЁ", "еще", "еще\u{308}"]),
        (
            "Cyrillic, Ukrainian",
            &["п'ять", "П’ЯТЬ", "п\u{2BC}ять", "п`ять", "п ять"],
        ),
        ("Armenian", &["և", "ԵՒ", "եւ"]),
        ("Georgian", &["გამარჯობა", "ᲒᲐᲛᲐᲠᲯᲝᲑᲐ"]),
        ("Arabic", &["مَرْحَبًا", "مرحبا", "مـرحبا", "ﻣﺮﺣﺒﺎ"]),
        ("Hebrew", &["שָׁלוֹם", "שלום", "\u{FB2A}לום"]),
        ("Devanagari", &["क़लम", "\u{915}\u{93C}लम", "\u{958}लम"]),
        ("Bengali", &["কো", "\u{995}\u{9C7}\u{9BE}"]),
        ("Tamil", &["கொ", "\u{B95}\u{BC6}\u{BBE}"]),
        ("Thai", &["น้ำ", "น\u{E49}\u{E4D}\u{E32}"]),
        ("Han", &["葛", "葛\u{E0100}", "葛\u{FE00}"]),
        (
            "Kana",
            &[
                "がっこう",
                "か\u{3099}っこう",
                "か\u{200D}\u{3099}っこう",
                "か \u{3099}っこう",
            ],
        ),
        ("Kana, half width", &["ガイド", "ｶﾞｲﾄﾞ"]),
        (
            "Hangul",
            &["한국", "\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}"],
        ),
        ("emoji", &["👍", "👍🏽", "👍\u{FE0F}"]),
        (
            "families",
            &["👨\u{200D}👩\u{200D}👧", "👨👩👧", "👨 👩 👧"],
        ),
        (
            "digits",
            &[
                "42",
                "４２",
                "𝟜𝟚",
                "4\u{FE0F}\u{20E3}2\u{FE0F}\u{20E3}",
                "④②",
            ],
        ),
    ] {
        for spelling in spellings {
            assert_eq!(fold(spelling), fold(spellings[0]), "{script}: {spelling}");
        }
        assert!(!fold(spellings[0]).is_empty(), "{script}");
    }
}

#[test]
fn the_table_of_latin_letters_says_what_unicode_says() {
    for (character, letter) in ('\u{C0}'..='\u{17F}').zip(LATIN) {
        // Behind a letter: what leaves a gap before or behind it is more than one.
        let mut folder = Folder {
            folded: "x".to_owned(),
            previous: Class::Word,
            gap: false,
            may_compose: false,
        };
        folder.take_others(character.encode_utf8(&mut [0; 4]));
        let gap = folder.gap;
        let folded = folder.folded().0;
        let expected = match folded.as_bytes() {
            [b'x', one] if one.is_ascii_alphabetic() && !gap => *one,
            _ => b'?',
        };
        assert_eq!(char::from(*letter), char::from(expected), "{character}");
    }
}

#[test]
fn each_character_folds_like_its_capital_and_its_other_forms() {
    // Of the tens of thousands of ideographs and syllables that follow one rule each, some.
    let all = ('\0'..='\u{33FF}')
        .chain(('\u{3400}'..='\u{D7FF}').step_by(61))
        .chain('\u{F900}'..='\u{1FFFF}')
        .chain(('\u{20000}'..=char::MAX).step_by(997));
    for character in all {
        let text = character.to_string();
        let folded = fold(&text);
        for other in [
            text.to_uppercase(),
            text.to_lowercase(),
            text.nfc().collect(),
            text.nfd().collect(),
            text.nfkc().collect(),
            text.nfkd().collect(),
            folded.0.clone(),
        ] {
            assert_eq!(fold(&other), folded, "{character:?} and {other:?}");
        }
    }
}

/// Texts in many scripts, with marks where nobody would put them.
fn texts() -> impl Strategy<Value = String> {
    const PARTS: [&str; 40] = [
        "a",
        "É",
        "ß",
        "ı",
        "İ",
        "ﬁ",
        "Ω",
        "ς",
        "ᾳ",
        "ж",
        "Ё",
        "й",
        "א",
        "שׁ",
        "ع",
        "أ",
        "ـ",
        "क",
        "की",
        "ड़",
        "কো",
        "கொ",
        "จ",
        "น้ำ",
        "予",
        "葛\u{E0100}",
        "か",
        "ｶﾞ",
        "ー",
        "한",
        "ᄀ",
        "ᅡ",
        "👍🏽",
        "🇧🇷",
        "🇺",
        "①",
        "Ａ",
        "x",
        " ",
        "-",
    ];
    const MARKS: [&str; 16] = [
        "\u{301}", "\u{327}", "\u{345}", "\u{3099}", "\u{309A}", "\u{93C}", "\u{9BE}", "\u{64E}",
        "\u{5B8}", "\u{E4D}", "\u{200D}", "\u{FE0F}", "\u{20E3}", "\u{11A8}", " ", "",
    ];
    let part = prop_oneof![
        4 => proptest::sample::select(&PARTS[..]).prop_map(str::to_owned),
        2 => proptest::sample::select(&MARKS[..]).prop_map(str::to_owned),
        1 => "\\PC".prop_map(|character| character),
    ];
    proptest::collection::vec(part, 0..16).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn folding_twice_changes_nothing(text in texts()) {
        let once = fold(&text);
        prop_assert_eq!(&fold(once.as_str()), &once);
    }

    #[test]
    fn the_same_text_in_another_form_folds_alike(text in texts()) {
        let folded = fold(&text);
        for other in [text.nfc().collect::<String>(), text.nfd().collect(), text.nfkc().collect(), text.nfkd().collect()] {
            prop_assert_eq!(&fold(&other), &folded, "{}", other.escape_unicode());
        }
    }

    #[test]
    fn capitals_do_not_count(text in texts()) {
        // Marks in their order: a capital is no mark any more, and would keep another from its place.
        let text: String = text.nfd().collect();
        let folded = fold(&text);
        for other in [text.to_uppercase(), text.to_lowercase()] {
            prop_assert_eq!(&fold(&other), &folded, "{}", other.escape_unicode());
        }
    }

    #[test]
    fn a_phrase_is_found_wherever_it_stands_between_spaces(before in texts(), phrase in texts(), after in texts()) {
        let folded = fold(&phrase);
        // Where a script knows no spaces a mark clings to what is before it, whatever stands between.
        let text = fold(&format!("{before}x . {phrase} . x{after}"));
        prop_assert!(folded.is_empty() || text.has(&folded), "{folded:?} in {text:?}");
    }

    #[test]
    fn a_text_has_itself_and_its_parts(text in texts()) {
        let folded = fold(&text);
        for phrase in folded.phrases().filter(|phrase| !phrase.is_empty()) {
            prop_assert!(folded.has(&Folded(phrase.to_owned())));
        }
    }

    #[test]
    fn symbols_are_what_phrases_are_compared_by(text in texts(), phrase in texts()) {
        let (text, phrase) = (fold(&text), fold(&phrase));
        let (all, wanted) = (text.symbols().collect::<Vec<_>>(), phrase.symbols().collect::<Vec<_>>());
        let found = !wanted.is_empty() && all.windows(wanted.len()).any(|window| window == wanted);
        prop_assert_eq!(found, text.has(&phrase));
        prop_assert_eq!(!wanted.is_empty() && all.starts_with(&wanted), text.starts_with(&phrase));
        prop_assert_eq!(all == wanted, text == phrase);
    }
}
