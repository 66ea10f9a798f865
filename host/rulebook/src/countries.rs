//! Which country a phone's calling code belongs to, and which languages it suggests.

/// Calling codes and what is spoken there, most spoken first. Within +1 and +7 the countries are told apart no further than the
/// languages need it.
const SPOKEN: &[(&str, &str)] = &[
    ("1", "en es"),
    ("1787", "es en"),
    ("1809", "es"),
    ("1829", "es"),
    ("1849", "es"),
    ("1939", "es en"),
    ("7", "ru"),
    ("77", "kk ru"),
    ("20", "ar"),
    ("211", "en ar"),
    ("212", "ar fr"),
    ("213", "ar fr"),
    ("216", "ar fr"),
    ("218", "ar"),
    ("220", "en"),
    ("221", "fr wo"),
    ("222", "ar fr"),
    ("223", "fr"),
    ("224", "fr"),
    ("225", "fr"),
    ("226", "fr"),
    ("227", "fr ha"),
    ("228", "fr"),
    ("229", "fr"),
    ("230", "en fr"),
    ("231", "en"),
    ("232", "en"),
    ("233", "en ak"),
    ("234", "en ha yo"),
    ("235", "fr ar"),
    ("236", "fr"),
    ("237", "fr en"),
    ("238", "pt"),
    ("239", "pt"),
    ("240", "es fr pt"),
    ("241", "fr"),
    ("242", "fr"),
    ("243", "fr"),
    ("244", "pt"),
    ("245", "pt"),
    ("248", "en fr"),
    ("249", "ar en"),
    ("250", "rw en fr"),
    ("251", "am"),
    ("252", "so"),
    ("253", "fr ar"),
    ("254", "sw en"),
    ("255", "sw en"),
    ("256", "en sw"),
    ("257", "rn fr"),
    ("258", "pt"),
    ("260", "en"),
    ("261", "mg fr"),
    ("262", "fr"),
    ("263", "en sn"),
    ("264", "en af"),
    ("265", "en"),
    ("266", "st en"),
    ("267", "en"),
    ("268", "en"),
    ("269", "fr ar"),
    ("27", "en af zu xh"),
    ("297", "nl"),
    ("298", "fo da"),
    ("299", "kl da"),
    ("30", "el"),
    ("31", "nl"),
    ("32", "nl fr de"),
    ("33", "fr"),
    ("34", "es ca gl eu"),
    ("350", "en es"),
    ("351", "pt"),
    ("352", "lb fr de"),
    ("353", "en ga"),
    ("354", "is"),
    ("355", "sq"),
    ("356", "mt en"),
    ("357", "el tr"),
    ("358", "fi sv"),
    ("359", "bg"),
    ("36", "hu"),
    ("370", "lt"),
    ("371", "lv ru"),
    ("372", "et ru"),
    ("373", "ro ru"),
    ("374", "hy"),
    ("375", "be ru"),
    ("376", "ca es fr"),
    ("377", "fr"),
    ("378", "it"),
    ("380", "uk ru"),
    ("381", "sr"),
    ("382", "sr"),
    ("383", "sq sr"),
    ("385", "hr"),
    ("386", "sl"),
    ("387", "bs hr sr"),
    ("389", "mk sq"),
    ("39", "it"),
    ("40", "ro"),
    ("41", "de fr it"),
    ("420", "cs"),
    ("421", "sk"),
    ("423", "de"),
    ("43", "de"),
    ("44", "en cy"),
    ("45", "da"),
    ("46", "sv"),
    ("47", "nb no nn"),
    ("48", "pl"),
    ("49", "de"),
    ("501", "en es"),
    ("502", "es"),
    ("503", "es"),
    ("504", "es"),
    ("505", "es"),
    ("506", "es"),
    ("507", "es"),
    ("508", "fr"),
    ("509", "ht fr"),
    ("51", "es qu"),
    ("52", "es"),
    ("53", "es"),
    ("54", "es"),
    ("55", "pt"),
    ("56", "es"),
    ("57", "es"),
    ("58", "es"),
    ("590", "fr"),
    ("591", "es qu"),
    ("592", "en"),
    ("593", "es"),
    ("594", "fr"),
    ("595", "es gn"),
    ("596", "fr"),
    ("597", "nl"),
    ("598", "es"),
    ("599", "nl"),
    ("60", "ms en zh"),
    ("61", "en"),
    ("62", "id"),
    ("63", "fil tl en"),
    ("64", "en mi"),
    ("65", "en zh ms ta"),
    ("66", "th"),
    ("670", "pt"),
    ("673", "ms"),
    ("675", "en"),
    ("676", "to en"),
    ("677", "en"),
    ("679", "en fj"),
    ("685", "sm en"),
    ("687", "fr"),
    ("689", "fr"),
    ("81", "ja"),
    ("82", "ko"),
    ("84", "vi"),
    ("852", "zh en"),
    ("853", "zh pt"),
    ("855", "km"),
    ("856", "lo"),
    ("86", "zh"),
    ("880", "bn"),
    ("886", "zh"),
    ("90", "tr"),
    ("91", "hi en bn ta te mr gu kn ml pa ur"),
    ("92", "ur en pa"),
    ("93", "fa ps prs"),
    ("94", "si ta en"),
    ("95", "my"),
    ("960", "dv"),
    ("961", "ar fr"),
    ("962", "ar"),
    ("963", "ar"),
    ("964", "ar ku ckb"),
    ("965", "ar"),
    ("966", "ar"),
    ("967", "ar"),
    ("968", "ar"),
    ("970", "ar"),
    ("971", "ar en"),
    ("972", "he ar"),
    ("973", "ar"),
    ("974", "ar"),
    ("975", "dz"),
    ("976", "mn"),
    ("977", "ne"),
    ("98", "fa"),
    ("992", "tg ru"),
    ("993", "tk"),
    ("994", "az"),
    ("995", "ka"),
    ("996", "ky ru"),
    ("998", "uz ru"),
];

/// The languages of the longest calling code that the digits begin with.
pub(crate) fn languages_of(digits: &str) -> impl Iterator<Item = &'static str> {
    let country = SPOKEN
        .iter()
        .filter(|(code, _)| digits.starts_with(code))
        .max_by_key(|(code, _)| code.len());
    country
        .map_or("", |(_, languages)| *languages)
        .split_ascii_whitespace()
}

/// Calling codes and the country that they belong to, as ISO code. The longest that fits counts; where a code is shared, its
/// larger part names it and the smaller ones stand beside it with more digits.
const COUNTRIES: &str = "\
    1:US 1204:CA 1226:CA 1236:CA 1249:CA 1250:CA 1257:CA 1263:CA 1289:CA 1306:CA 1343:CA 1354:CA 1365:CA 1367:CA 1368:CA 1382:CA 1403:CA \
    1416:CA 1418:CA 1428:CA 1431:CA 1437:CA 1438:CA 1450:CA 1460:CA 1468:CA 1474:CA 1506:CA 1514:CA 1519:CA 1548:CA 1579:CA 1581:CA \
    1584:CA 1587:CA 1604:CA 1613:CA 1639:CA 1647:CA 1672:CA 1683:CA 1705:CA 1709:CA 1742:CA 1753:CA 1778:CA 1780:CA 1782:CA 1807:CA \
    1819:CA 1825:CA 1867:CA 1873:CA 1879:CA 1902:CA 1905:CA 1942:CA \
    1242:BS 1246:BB 1264:AI 1268:AG 1284:VG 1340:VI 1345:KY 1441:BM 1473:GD 1649:TC 1658:JM 1664:MS 1670:MP 1671:GU 1684:AS 1721:SX \
    1758:LC 1767:DM 1784:VC 1787:PR 1809:DO 1829:DO 1849:DO 1868:TT 1869:KN 1876:JM 1939:PR \
    20:EG 211:SS 212:MA 213:DZ 216:TN 218:LY 220:GM 221:SN 222:MR 223:ML 224:GN 225:CI 226:BF 227:NE 228:TG 229:BJ 230:MU 231:LR 232:SL \
    233:GH 234:NG 235:TD 236:CF 237:CM 238:CV 239:ST 240:GQ 241:GA 242:CG 243:CD 244:AO 245:GW 246:IO 248:SC 249:SD 250:RW 251:ET \
    252:SO 253:DJ 254:KE 255:TZ 256:UG 257:BI 258:MZ 260:ZM 261:MG 262:RE 262269:YT 262639:YT 263:ZW 264:NA 265:MW 266:LS 267:BW 268:SZ \
    269:KM 27:ZA 290:SH 291:ER 297:AW 298:FO 299:GL \
    30:GR 31:NL 32:BE 33:FR 34:ES 350:GI 351:PT 352:LU 353:IE 354:IS 355:AL 356:MT 357:CY 358:FI 359:BG 36:HU 370:LT 371:LV 372:EE \
    373:MD 374:AM 375:BY 376:AD 377:MC 378:SM 380:UA 381:RS 382:ME 383:XK 385:HR 386:SI 387:BA 389:MK 39:IT 3906698:VA \
    40:RO 41:CH 420:CZ 421:SK 423:LI 43:AT 44:GB 45:DK 46:SE 47:NO 48:PL 49:DE \
    500:FK 501:BZ 502:GT 503:SV 504:HN 505:NI 506:CR 507:PA 508:PM 509:HT 51:PE 52:MX 53:CU 54:AR 55:BR 56:CL 57:CO 58:VE 590:GP 591:BO \
    592:GY 593:EC 594:GF 595:PY 596:MQ 597:SR 598:UY 599:CW 5993:BQ 5994:BQ 5997:BQ \
    60:MY 61:AU 62:ID 63:PH 64:NZ 65:SG 66:TH 670:TL 672:NF 673:BN 674:NR 675:PG 676:TO 677:SB 678:VU 679:FJ 680:PW 681:WF 682:CK 683:NU \
    685:WS 686:KI 687:NC 688:TV 689:PF 690:TK 691:FM 692:MH \
    7:RU 76:KZ 77:KZ 81:JP 82:KR 84:VN 850:KP 852:HK 853:MO 855:KH 856:LA 86:CN 880:BD 886:TW \
    90:TR 91:IN 92:PK 93:AF 94:LK 95:MM 960:MV 961:LB 962:JO 963:SY 964:IQ 965:KW 966:SA 967:YE 968:OM 970:PS 971:AE 972:IL 973:BH \
    974:QA 975:BT 976:MN 977:NP 98:IR 992:TJ 993:TM 994:AZ 995:GE 996:KG 998:UZ";

/// Calling codes with their countries.
fn countries() -> impl Iterator<Item = (&'static str, &'static str)> {
    COUNTRIES
        .split_ascii_whitespace()
        .filter_map(|pair| pair.split_once(':'))
}

/// The country of the longest calling code that the digits begin with, as ISO code.
pub(crate) fn country_of(digits: &str) -> Option<&'static str> {
    countries()
        .filter(|(code, _)| digits.starts_with(code))
        .max_by_key(|(code, _)| code.len())
        .map(|(_, country)| country)
}

/// Digits of no phone, but of one that would be that country's: to try what a rule makes of it.
pub(crate) fn example(country: &str) -> Option<String> {
    countries()
        .filter(|(_, known)| *known == country)
        .map(|(code, _)| format!("{code}0000000"))
        .find(|digits| country_of(digits) == Some(country))
}

/// Whether phones of such a country are known.
pub(crate) fn exists(country: &str) -> bool {
    all().any(|known| known == country)
}

/// The ISO codes of all countries, some of them more than once.
pub(crate) fn all() -> impl Iterator<Item = &'static str> {
    countries().map(|(_, country)| country)
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

    #[test]
    fn a_phone_tells_its_country_even_where_a_calling_code_is_shared() {
        for (digits, country) in [
            ("5511900000001", Some("BR")),
            ("14165550100", Some("CA")),
            ("12125550100", Some("US")),
            ("18095550100", Some("DO")),
            ("77010000001", Some("KZ")),
            ("79010000001", Some("RU")),
            ("351910000001", Some("PT")),
            ("000", None),
        ] {
            assert_eq!(country_of(digits), country, "{digits}");
        }
        assert!(exists("BR") && !exists("UK"));
    }
}
