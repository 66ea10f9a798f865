//! Which languages a phone's calling code suggests.

/// Calling codes and what is spoken there, most spoken first. Within +1 and +7 the countries are told apart no further than the
/// languages need it.
const SPOKEN: &[(&str, &str)] = &[
    ("1", "en es"), ("1787", "es en"), ("1809", "es"), ("1829", "es"), ("1849", "es"), ("1939", "es en"), ("7", "ru"), ("77", "kk ru"),
    ("20", "ar"), ("211", "en ar"), ("212", "ar fr"), ("213", "ar fr"), ("216", "ar fr"), ("218", "ar"), ("220", "en"), ("221", "fr wo"),
    ("222", "ar fr"), ("223", "fr"), ("224", "fr"), ("225", "fr"), ("226", "fr"), ("227", "fr ha"), ("228", "fr"), ("229", "fr"),
    ("230", "en fr"), ("231", "en"), ("232", "en"), ("233", "en ak"), ("234", "en ha yo"), ("235", "fr ar"), ("236", "fr"), ("237", "fr en"),
    ("238", "pt"), ("239", "pt"), ("240", "es fr pt"), ("241", "fr"), ("242", "fr"), ("243", "fr"), ("244", "pt"), ("245", "pt"),
    ("248", "en fr"), ("249", "ar en"), ("250", "rw en fr"), ("251", "am"), ("252", "so"), ("253", "fr ar"), ("254", "sw en"),
    ("255", "sw en"), ("256", "en sw"), ("257", "rn fr"), ("258", "pt"), ("260", "en"), ("261", "mg fr"), ("262", "fr"), ("263", "en sn"),
    ("264", "en af"), ("265", "en"), ("266", "st en"), ("267", "en"), ("268", "en"), ("269", "fr ar"), ("27", "en af zu xh"), ("297", "nl"),
    ("298", "fo da"), ("299", "kl da"), ("30", "el"), ("31", "nl"), ("32", "nl fr de"), ("33", "fr"), ("34", "es ca gl eu"), ("350", "en es"),
    ("351", "pt"), ("352", "lb fr de"), ("353", "en ga"), ("354", "is"), ("355", "sq"), ("356", "mt en"), ("357", "el tr"), ("358", "fi sv"),
    ("359", "bg"), ("36", "hu"), ("370", "lt"), ("371", "lv ru"), ("372", "et ru"), ("373", "ro ru"), ("374", "hy"), ("375", "be ru"),
    ("376", "ca es fr"), ("377", "fr"), ("378", "it"), ("380", "uk ru"), ("381", "sr"), ("382", "sr"), ("383", "sq sr"), ("385", "hr"),
    ("386", "sl"), ("387", "bs hr sr"), ("389", "mk sq"), ("39", "it"), ("40", "ro"), ("41", "de fr it"), ("420", "cs"), ("421", "sk"),
    ("423", "de"), ("43", "de"), ("44", "en cy"), ("45", "da"), ("46", "sv"), ("47", "nb no nn"), ("48", "pl"), ("49", "de"), ("501", "en es"),
    ("502", "es"), ("503", "es"), ("504", "es"), ("505", "es"), ("506", "es"), ("507", "es"), ("508", "fr"), ("509", "ht fr"), ("51", "es qu"),
    ("52", "es"), ("53", "es"), ("54", "es"), ("55", "pt"), ("56", "es"), ("57", "es"), ("58", "es"), ("590", "fr"), ("591", "es qu"),
    ("592", "en"), ("593", "es"), ("594", "fr"), ("595", "es gn"), ("596", "fr"), ("597", "nl"), ("598", "es"), ("599", "nl"),
    ("60", "ms en zh"), ("61", "en"), ("62", "id"), ("63", "fil tl en"), ("64", "en mi"), ("65", "en zh ms ta"), ("66", "th"),
    ("670", "pt"), ("673", "ms"), ("675", "en"), ("676", "to en"), ("677", "en"), ("679", "en fj"), ("685", "sm en"), ("687", "fr"), ("689", "fr"),
    ("81", "ja"), ("82", "ko"), ("84", "vi"), ("852", "zh en"), ("853", "zh pt"), ("855", "km"), ("856", "lo"), ("86", "zh"), ("880", "bn"),
    ("886", "zh"), ("90", "tr"), ("91", "hi en bn ta te mr gu kn ml pa ur"), ("92", "ur en pa"), ("93", "fa ps prs"), ("94", "si ta en"), ("95", "my"),
    ("960", "dv"), ("961", "ar fr"), ("962", "ar"), ("963", "ar"), ("964", "ar ku ckb"), ("965", "ar"), ("966", "ar"), ("967", "ar"), ("968", "ar"),
    ("970", "ar"), ("971", "ar en"), ("972", "he ar"), ("973", "ar"), ("974", "ar"), ("975", "dz"), ("976", "mn"), ("977", "ne"), ("98", "fa"),
    ("992", "tg ru"), ("993", "tk"), ("994", "az"), ("995", "ka"), ("996", "ky ru"), ("998", "uz ru"),
];

/// The languages of the longest calling code that the digits begin with.
pub(crate) fn languages_of(digits: &str) -> impl Iterator<Item = &'static str> {
    let country = SPOKEN.iter().filter(|(code, _)| digits.starts_with(code)).max_by_key(|(code, _)| code.len());
    country.map_or("", |(_, languages)| *languages).split_ascii_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_calling_code_counts() {
        assert_eq!(languages_of("18095550100").collect::<Vec<_>>(), ["es"]);
        assert_eq!(languages_of("15550100001").next(), Some("en"));
        assert_eq!(languages_of("5511900000001").next(), Some("pt"));
        assert_eq!(languages_of("0").next(), None);
    }
}
