//! Words in fourteen scripts, each with what is left of it when nothing but the word counts, and the ways in which people and programs
//! write it. By hand: nothing here is computed by what is tested.

/// One word, or a few that are always written together.
pub(super) struct Word {
    /// What is compared: whole words, and in scripts without spaces single characters.
    pub(super) symbols: &'static [&'static str],
    pub(super) spelled: &'static [&'static str],
    /// It needs no space towards a neighbour.
    pub(super) clings: bool,
}

const fn spaced(symbols: &'static [&'static str], spelled: &'static [&'static str]) -> Word {
    Word {
        symbols,
        spelled,
        clings: false,
    }
}

const fn clinging(symbols: &'static [&'static str], spelled: &'static [&'static str]) -> Word {
    Word {
        symbols,
        spelled,
        clings: true,
    }
}

pub(super) const SCRIPTS: [&[Word]; 14] = [
    // Latin.
    &[
        spaced(
            &["horario"],
            &["horário", "HORÁRIO", "horario", "hora\u{301}rio"],
        ),
        spaced(&["horarios"], &["horários", "Horarios"]),
        spaced(&["bom"], &["bom", "BOM", "Bom"]),
        spaced(&["dia"], &["dia", "DIA"]),
        spaced(&["opt", "out"], &["opt-out", "opt out", "OPT…OUT"]),
    ],
    // Latin with letters of its own.
    &[
        spaced(
            &["istanbul"],
            &[
                "İstanbul",
                "istanbul",
                "ISTANBUL",
                "ıstanbul",
                "i\u{307}stanbul",
            ],
        ),
        spaced(&["strasse"], &["Straße", "STRASSE", "STRAẞE", "straße"]),
        spaced(&["lodz"], &["Łódź", "lodz", "ŁÓDŹ"]),
        spaced(&["fim"], &["ﬁm", "FIM", "ｆｉｍ", "fim"]),
        spaced(&["open"], &["ＯＰＥＮ", "open", "𝐨𝐩𝐞𝐧", "OPEN"]),
        spaced(&["oeuvre"], &["œuvre", "ŒUVRE", "oeuvre"]),
    ],
    // Cyrillic.
    &[
        spaced(&["привет"], &["привет", "ПРИВЕТ", "Приве\u{301}т"]),
        spaced(&["еще"], &["ещё", "ЕЩЁ", "еще", "еще\u{308}"]),
        spaced(&["мои"], &["мой", "МОЙ", "мои", "мои\u{306}"]),
        spaced(&["часы"], &["часы", "ЧАСЫ"]),
    ],
    // Greek.
    &[
        spaced(&["ολοσ"], &["ΌΛΟΣ", "όλος", "ολος", "όλοσ"]),
        spaced(&["καλημερα"], &["Καλημέρα", "ΚΑΛΗΜΕΡΑ", "καλημε\u{301}ρα"]),
        spaced(&["ωρα"], &["ώρα", "ὥρα", "ΏΡΑ", "ωρα"]),
    ],
    // Arabic.
    &[
        spaced(&["مرحبا"], &["مرحبا", "مَرْحَبًا", "مـرحـبا"]),
        spaced(&["اهلا"], &["أهلا", "اهلا", "ا\u{654}هلا"]),
        spaced(&["متى"], &["متى", "مَتى"]),
        spaced(&["العمل"], &["العمل", "العَمل"]),
    ],
    // Hebrew.
    &[
        spaced(&["שלום"], &["שלום", "שָׁלוֹם"]),
        spaced(&["מתי"], &["מתי", "מָתַי"]),
        spaced(&["שעות"], &["שעות"]),
    ],
    // Devanagari: its vowels are marks, and count.
    &[
        spaced(&["की"], &["की"]),
        spaced(&["का"], &["का"]),
        spaced(&["ज़रा"], &["\u{91C}\u{93C}रा", "\u{95B}रा"]),
        spaced(&["नमस्ते"], &["नमस्ते"]),
    ],
    // Bengali and Tamil: vowels of two parts.
    &[
        spaced(&["কো"], &["\u{995}\u{9CB}", "\u{995}\u{9C7}\u{9BE}"]),
        spaced(&["ক"], &["ক"]),
        spaced(&["வணக்கம்"], &["வணக்கம்"]),
        spaced(&["கொ"], &["\u{B95}\u{BCA}", "\u{B95}\u{BC6}\u{BBE}"]),
    ],
    // Thai.
    &[
        clinging(&["จ", "อ", "ง"], &["จอง"]),
        clinging(&["โ", "ต", "๊", "ะ"], &["โต๊ะ"]),
        clinging(&["น", "ํ", "า"], &["น\u{E33}", "น\u{E4D}\u{E32}"]),
        clinging(&["จ"], &["จ"]),
    ],
    // Han.
    &[
        clinging(&["予", "約"], &["予約", "予 約"]),
        clinging(&["約", "束"], &["約束"]),
        clinging(&["予"], &["予"]),
        clinging(&["葛"], &["葛", "葛\u{E0100}"]),
        clinging(&["明", "日"], &["明日"]),
    ],
    // Kana.
    &[
        clinging(&["が", "っ", "こ", "う"], &["がっこう", "か\u{3099}っこう"]),
        clinging(&["か"], &["か"]),
        clinging(&["ガ", "ー"], &["ガー", "ｶﾞｰ", "カ\u{3099}ー"]),
        clinging(&["カ"], &["カ", "ｶ"]),
    ],
    // Hangul.
    &[
        spaced(
            &["안녕"],
            &["안녕", "\u{110B}\u{1161}\u{11AB}\u{1102}\u{1167}\u{11BC}"],
        ),
        spaced(&["안"], &["안", "\u{110B}\u{1161}\u{11AB}"]),
        spaced(&["종일"], &["종일"]),
        spaced(&["영업"], &["영업"]),
    ],
    // Emoji, flags, families.
    &[
        clinging(&["👍"], &["👍", "👍🏽", "👍🏿"]),
        clinging(&["❤"], &["❤️", "❤"]),
        clinging(&["👨", "👩", "👧"], &["👨\u{200D}👩\u{200D}👧", "👨👩👧"]),
        clinging(&["🇧🇷"], &["🇧🇷"]),
        clinging(&["🇺🇸"], &["🇺🇸"]),
        clinging(&["🏳", "🌈"], &["🏳\u{FE0F}\u{200D}🌈"]),
        spaced(&["1"], &["1\u{FE0F}\u{20E3}", "1", "１", "①"]),
    ],
    // Mixed, with what cannot be seen.
    &[
        spaced(&["pedido"], &["pedido", "PEDIDO", "pe\u{AD}dido"]),
        spaced(&["4711"], &["4711", "４７１１", "47\u{200B}11"]),
        spaced(&["wifi"], &["wifi", "WiFi", "ＷｉＦｉ"]),
        clinging(&["予", "約"], &["予約"]),
        clinging(&["👍"], &["👍"]),
    ],
];

/// Between words; the first three put nothing there that shows.
pub(super) const SEPARATORS: [&str; 12] = [
    "", "", "\u{200B}", " ", "  ", ", ", "! ", "-", "\n", " … ", "/", "\u{3000}",
];

/// Around a text.
pub(super) const EDGES: [&str; 5] = ["", " ", "¡", "(…) ", "?!"];
