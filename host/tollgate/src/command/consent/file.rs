//! A file of consent: comma- or semicolon-separated, as spreadsheets write it. All that is wrong with it is told at once.

use model::{Moment, Phone};
use serde_json::{Value, json};

/// The columns, in the order of an export. A file may have them in any other, and leave out the last four.
pub(super) const COLUMNS: [&str; 7] = [
    "phone", "scope", "change", "at", "source", "evidence", "text",
];

/// The longest that evidence may be: a paragraph.
const EVIDENCE_CHARS: usize = 2000;

/// One entry, with the line it stands on.
#[derive(Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) line: u64,
    /// As `/v1/consent/import` takes it.
    pub(super) json: Value,
}

/// What is wrong with a line, and what puts it right.
#[derive(Debug, PartialEq)]
pub(super) struct Slip {
    pub(super) line: u64,
    pub(super) what: String,
}

/// Reads a file. Every line is looked at, whatever is wrong with those before it.
pub(super) fn read(name: &str, bytes: &[u8]) -> (Vec<Entry>, Vec<Slip>) {
    // Spreadsheets mark UTF-8 so.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head = bytes
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let count = |separator| head.iter().filter(|byte| **byte == separator).count();
    let separator = if count(b';') > count(b',') {
        b';'
    } else {
        b','
    };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let (mut entries, mut slips) = (Vec::new(), Vec::new());
    let places = match reader.byte_headers() {
        Ok(head) => places(head),
        Err(error) => Err(format!("the head cannot be read: {error}")),
    };
    let places = match places {
        Ok(places) => places,
        Err(what) => return (entries, vec![Slip { line: 1, what }]),
    };
    let mut record = csv::ByteRecord::new();
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                slips.push(Slip {
                    line,
                    what: format!("the line cannot be read: {error}"),
                });
                continue;
            }
        }
        if record.iter().all(<[u8]>::is_empty) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        match entry(name, &places, &record) {
            Ok(json) => entries.push(Entry { line, json }),
            Err(whats) => slips.extend(whats.into_iter().map(|what| Slip { line, what })),
        }
    }
    (entries, slips)
}

/// Which column stands where.
type Places = [Option<usize>; 7];

fn places(head: &csv::ByteRecord) -> Result<Places, String> {
    let mut places = [None; 7];
    for (place, name) in head.iter().enumerate() {
        let name = String::from_utf8_lossy(name).to_lowercase();
        let known = COLUMNS.iter().position(|column| *column == name);
        match known.and_then(|known| places.get_mut(known)) {
            Some(Some(_)) => return Err(format!("the column `{name}` stands there twice")),
            Some(found) => *found = Some(place),
            None => {
                return Err(format!(
                    "there is no column {name:?}; the first line names them: {}",
                    COLUMNS.join(",")
                ));
            }
        }
    }
    for (place, name) in places.iter().zip(COLUMNS).take(3) {
        if place.is_none() {
            return Err(format!(
                "the column `{name}` is missing; the first line names them: {}",
                COLUMNS.join(",")
            ));
        }
    }
    Ok(places)
}

/// One line as an entry, or all that is wrong with it. What stands in it is not repeated where it may be a phone (I12).
fn entry(name: &str, places: &Places, record: &csv::ByteRecord) -> Result<Value, Vec<String>> {
    let mut wrong = Vec::new();
    let mut column = |which: usize| -> String {
        let found = places.get(which).copied().flatten();
        let bytes = found
            .and_then(|place| record.get(place))
            .unwrap_or_default();
        match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => {
                let column = COLUMNS.get(which).copied().unwrap_or_default();
                wrong.push(format!(
                    "`{column}` is not UTF-8: save the file as \"CSV UTF-8\""
                ));
                String::new()
            }
        }
    };
    let [phone, scope, change, at, source, evidence, text] = [0, 1, 2, 3, 4, 5, 6].map(&mut column);
    let digits: String = phone
        .trim_start_matches('+')
        .chars()
        .filter(|letter| !" -./()".contains(*letter))
        .collect();
    if Phone::new(&*digits).is_err() || digits.len() < 7 {
        wrong.push(
            "`phone` is no number: write it with the country's code, like +15550100001".into(),
        );
    }
    let scope = match scope.to_lowercase().as_str() {
        "" | "everything" | "all" => "everything",
        "marketing" => "marketing",
        _ => {
            wrong.push("`scope` is everything or marketing".into());
            ""
        }
    };
    let opted_in = match change.to_lowercase().as_str() {
        "in" | "opt-in" | "opt_in" | "yes" => Some(true),
        "out" | "opt-out" | "opt_out" | "no" => Some(false),
        _ => {
            wrong.push("`change` is in or out".into());
            None
        }
    };
    let at = moment(&at).unwrap_or_else(|| {
        wrong.push("`at` is no time: write it like 2026-05-03T10:00:00Z, or 2026-05-03".into());
        Moment(0)
    });
    let words: Vec<&str> = [&source, &evidence, &text]
        .into_iter()
        .map(String::as_str)
        .filter(|text| !text.is_empty())
        .collect();
    let words = words.join(" · ");
    if opted_in == Some(true) && words.is_empty() {
        wrong.push("an opt-in needs what proves it: fill in `source`, `evidence` or `text`".into());
    }
    if words.chars().count() > EVIDENCE_CHARS {
        wrong.push(format!(
            "`source`, `evidence` and `text` together are longer than {EVIDENCE_CHARS} characters"
        ));
    }
    match wrong.is_empty() {
        false => Err(wrong),
        true => Ok(json!({
            "phone": digits,
            "scope": scope,
            "opted_in": opted_in,
            "at": at.0,
            "source": format!("import:{name}"),
            "text": (!words.is_empty()).then_some(words),
        })),
    }
}

/// A time, or a day's beginning in UTC.
fn moment(text: &str) -> Option<Moment> {
    let at = text.parse::<jiff::Timestamp>().ok().or_else(|| {
        let day = text.parse::<jiff::civil::Date>().ok()?;
        let begins = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(begins.timestamp())
    })?;
    Some(Moment(at.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "phone,scope,change,at,source,evidence,text\n";

    fn lines(text: &[u8]) -> (usize, Vec<(u64, String)>) {
        let (entries, slips) = read("list.csv", text);
        let slips = slips.into_iter().map(|slip| (slip.line, slip.what));
        (entries.len(), slips.collect())
    }

    #[test]
    fn a_file_is_read_as_spreadsheets_write_it() {
        let cases: &[(&str, Vec<u8>)] = &[
            ("plain", format!("{HEAD}+15550100001,everything,in,2026-05-03,form,\"3 May, signed\",\n").into()),
            ("byte order mark and CRLF", format!("\u{feff}{}+15550100001,,in,2026-05-03T00:00:00Z,form,\"3 May, signed\",\r\n", HEAD.replace('\n', "\r\n")).into()),
            ("semicolons", b"phone;scope;change;at;source;evidence\n+1 555 010-0001;everything;opt-in;2026-05-03;form;3 May, signed\n".to_vec()),
            ("columns in another order, and an empty line", b"change,at,phone,scope,evidence,source\nyes,2026-05-03,15550100001,all,\"3 May, signed\",form\n\n".to_vec()),
        ];
        for (what, text) in cases {
            let (entries, slips) = read("list.csv", text);
            assert_eq!(slips, [], "{what}");
            let expected = json!({
                "phone": "15550100001", "scope": "everything", "opted_in": true, "at": 1_777_766_400_000_i64,
                "source": "import:list.csv", "text": "form · 3 May, signed",
            });
            assert_eq!(entries.len(), 1, "{what}");
            assert_eq!(entries[0].json, expected, "{what}");
        }
    }

    #[test]
    fn every_slip_is_told_with_its_line() {
        let text = format!(
            "{HEAD}12,everything,in,2026-05-03,form,,\n+15550100009,all of it,maybe,yesterday,form,,\n\"two\nlines\",everything,out,2026-05-03,,,\n+15550100009,everything,in,2026-05-03,,,\n+15550100002,marketing,out,2026-05-03,,,\n"
        );
        let (entries, slips) = lines(text.as_bytes());
        assert_eq!(entries, 1);
        let told: Vec<_> = slips
            .iter()
            .map(|(line, what)| (*line, what.split(' ').next().unwrap()))
            .collect();
        assert_eq!(
            told,
            [
                (2, "`phone`"),
                (3, "`scope`"),
                (3, "`change`"),
                (3, "`at`"),
                (4, "`phone`"),
                (6, "an"),
            ]
        );
        assert!(slips.iter().all(|(_, what)| !what.contains("0100009")));
    }

    #[test]
    fn what_is_not_utf_8_says_how_to_save_it() {
        let mut text = HEAD.as_bytes().to_vec();
        text.extend(b"+15550100001,everything,out,2026-05-03,caf\xe9,,\n");
        let (_, slips) = lines(&text);
        assert_eq!(slips[0].0, 2);
        assert!(slips[0].1.contains("CSV UTF-8"));
    }

    #[test]
    fn a_head_that_is_wrong_names_the_columns() {
        for head in [
            "telephone,scope,change\n",
            "phone,phone,scope\n",
            "phone,scope\n",
            "",
        ] {
            let (entries, slips) = lines(head.as_bytes());
            assert_eq!((entries, slips.len()), (0, 1), "{head:?}");
            assert!(slips[0].1.contains("column"), "{slips:?}");
        }
    }
}
