//! Languages: their codes, which one a text is in, which one a contact is answered in.

use model::{Contact, Language, Message};
use whatlang::{Detector, Lang};

use crate::countries;

/// Letters from which on detection may be sure: below, a greeting in one language is a word in the next.
const SURE_FROM_LETTERS: usize = 15;
/// Letters from which on it may be if both detectors say the same.
const AGREED_FROM_LETTERS: usize = 12;
/// Words from which on the second detector is believed though the first, unsure, says otherwise.
const SURE_FROM_WORDS: usize = 4;
/// The first detector's confidence, of 1, from which on it is believed. Measured on short customer messages in Portuguese, English
/// and Spanish: above a half it was right, below a third it guessed. Of 69 such messages it alone was sure of 31, never wrongly;
/// both together are sure of 65, and wrong in three: an address, and lines that are nearly the same in two of the languages.
const SURE_FROM_CONFIDENCE: f64 = 0.5;

/// ISO 639-1, and the three-letter codes that WhatsApp's templates know besides.
const CODES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en \
    eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km \
    kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi \
    pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz \
    ve vi vo wa wo xh yi yo za zh zu fil ckb prs";

/// The detector's name of a language, where it knows it.
const DETECTED: &[(&str, Lang)] = &[
    ("af", Lang::Afr),
    ("ak", Lang::Aka),
    ("am", Lang::Amh),
    ("ar", Lang::Ara),
    ("az", Lang::Aze),
    ("be", Lang::Bel),
    ("bg", Lang::Bul),
    ("bn", Lang::Ben),
    ("ca", Lang::Cat),
    ("cs", Lang::Ces),
    ("cy", Lang::Cym),
    ("da", Lang::Dan),
    ("de", Lang::Deu),
    ("el", Lang::Ell),
    ("en", Lang::Eng),
    ("eo", Lang::Epo),
    ("es", Lang::Spa),
    ("et", Lang::Est),
    ("fa", Lang::Pes),
    ("fi", Lang::Fin),
    ("fil", Lang::Tgl),
    ("fr", Lang::Fra),
    ("gu", Lang::Guj),
    ("he", Lang::Heb),
    ("hi", Lang::Hin),
    ("hr", Lang::Hrv),
    ("hu", Lang::Hun),
    ("hy", Lang::Hye),
    ("id", Lang::Ind),
    ("it", Lang::Ita),
    ("ja", Lang::Jpn),
    ("jv", Lang::Jav),
    ("ka", Lang::Kat),
    ("km", Lang::Khm),
    ("kn", Lang::Kan),
    ("ko", Lang::Kor),
    ("la", Lang::Lat),
    ("lt", Lang::Lit),
    ("lv", Lang::Lav),
    ("mk", Lang::Mkd),
    ("ml", Lang::Mal),
    ("mr", Lang::Mar),
    ("my", Lang::Mya),
    ("nb", Lang::Nob),
    ("ne", Lang::Nep),
    ("nl", Lang::Nld),
    ("no", Lang::Nob),
    ("or", Lang::Ori),
    ("pa", Lang::Pan),
    ("pl", Lang::Pol),
    ("pt", Lang::Por),
    ("ro", Lang::Ron),
    ("ru", Lang::Rus),
    ("si", Lang::Sin),
    ("sk", Lang::Slk),
    ("sl", Lang::Slv),
    ("sn", Lang::Sna),
    ("sr", Lang::Srp),
    ("sv", Lang::Swe),
    ("ta", Lang::Tam),
    ("te", Lang::Tel),
    ("th", Lang::Tha),
    ("tk", Lang::Tuk),
    ("tl", Lang::Tgl),
    ("tr", Lang::Tur),
    ("uk", Lang::Ukr),
    ("ur", Lang::Urd),
    ("uz", Lang::Uzb),
    ("vi", Lang::Vie),
    ("yi", Lang::Yid),
    ("zh", Lang::Cmn),
    ("zu", Lang::Zul),
];

/// What the second detector knows.
const SECOND_KNOWS: [Lang; 16] = [
    Lang::Ara,
    Lang::Cmn,
    Lang::Deu,
    Lang::Eng,
    Lang::Fra,
    Lang::Hin,
    Lang::Ita,
    Lang::Jpn,
    Lang::Kor,
    Lang::Nld,
    Lang::Por,
    Lang::Rus,
    Lang::Spa,
    Lang::Swe,
    Lang::Tur,
    Lang::Vie,
];

/// Whether there is such a language, whatever its region.
pub(crate) fn exists(language: &Language) -> bool {
    CODES
        .split_ascii_whitespace()
        .any(|code| code == base(language))
}

/// A language's name in English, where the detector knows it.
pub(crate) fn name(language: &Language) -> Option<&'static str> {
    DETECTED
        .iter()
        .find(|(code, _)| *code == base(language))
        .map(|(_, lang)| lang.eng_name())
}

/// The language without its region.
pub(crate) fn base(language: &Language) -> &str {
    language.as_str().split('_').next().unwrap_or_default()
}

/// Whether `wanted` means `language`: itself, or the same without a region.
pub(crate) fn means(wanted: &Language, language: &Language) -> bool {
    wanted == language || wanted.as_str() == base(language)
}

/// One of `languages` for what was seen: itself, else another region of the same language.
pub(crate) fn among<'a>(languages: &'a [Language], seen: &Language) -> Option<&'a Language> {
    languages
        .iter()
        .find(|language| *language == seen)
        .or_else(|| {
            languages
                .iter()
                .find(|language| base(language) == base(seen))
        })
}

/// The language to answer in, of those there are: the text's if it is long enough to be sure, the contact's, the phone's
/// country's, the first.
pub(crate) fn choose<'a>(
    languages: &'a [Language],
    message: &Message,
    contact: &Contact,
) -> Option<&'a Language> {
    if languages.len() < 2 {
        return languages.first();
    }
    detect(languages, message.content.words().unwrap_or_default())
        .or_else(|| {
            contact
                .language
                .as_ref()
                .and_then(|last| among(languages, last))
        })
        .or_else(|| {
            let phone = contact.key.phone().or_else(|| message.from.phone())?;
            let spoken = countries::languages_of(phone.as_str());
            spoken
                .filter_map(|code| Language::new(code).ok())
                .find_map(|code| among(languages, &code))
        })
        .or_else(|| languages.first())
}

/// Which of the languages a text is in, if that is sure.
fn detect<'a>(languages: &'a [Language], text: &str) -> Option<&'a Language> {
    let letters = text
        .chars()
        .filter(|character| character.is_alphabetic())
        .count();
    let known = |language: &Language| {
        DETECTED
            .iter()
            .find(|(code, _)| *code == base(language))
            .map(|(_, lang)| *lang)
    };
    let detector = Detector::with_allowlist(languages.iter().filter_map(known).collect());
    let found = detector.detect(text)?;
    let among = |lang: Lang| {
        languages
            .iter()
            .find(|language| known(language) == Some(lang))
    };
    // A script of one language alone is sure from the first letters on.
    let own_script = found.script().langs().len() == 1;
    let confident = found.confidence() >= SURE_FROM_CONFIDENCE;
    if confident && (letters >= SURE_FROM_LETTERS || own_script) {
        return among(found.lang());
    }
    // Trigrams know many languages and are seldom sure of a line; the second opinion knows sixteen, and short texts well.
    let second = Lang::from_code(whichlang::detect_language(text).three_letter_code())?;
    let agreed = second == found.lang() && letters >= AGREED_FROM_LETTERS;
    // Of a language that it does not know it would say another.
    let knows_all = languages
        .iter()
        .all(|language| known(language).is_some_and(|lang| SECOND_KNOWS.contains(&lang)));
    let alone = knows_all
        && !confident
        && letters >= SURE_FROM_LETTERS
        && text.split_whitespace().count() >= SURE_FROM_WORDS;
    (agreed || alone).then(|| among(second)).flatten()
}
