//! The figures as a table and as JSON.

use serde_json::{Value, json};

use crate::figures::{Figures, Measured};
use crate::{Fault, Way};

impl Way {
    fn title(self) -> &'static str {
        match self {
            Self::Ours => "ours: verify and parse",
            Self::Bare => "HMAC and bare structs",
            Self::OurSignature => "  our signature check",
            Self::OurParse => "  our parse",
            Self::BareDigest => "  HMAC alone",
            Self::BareParse => "  bare structs alone",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Bare => "bare",
            Self::OurSignature => "our_signature",
            Self::OurParse => "our_parse",
            Self::BareDigest => "bare_digest",
            Self::BareParse => "bare_parse",
        }
    }
}

/// For people.
pub(crate) fn table(figures: &Figures) -> Result<String, Fault> {
    let mut lines = Vec::new();
    for measured in [&figures.one, &figures.thousand] {
        lines.push(format!(
            "{:<27}{:>10}{:>10}{:>10}",
            format!("{} bytes, {} in it, µs", measured.bytes, measured.notices),
            "median",
            "p99",
            "MB/s"
        ));
        for way in Way::ALL {
            let (median, p99) = measured.spread(way)?;
            let rate = megabytes(measured, median);
            lines.push(format!(
                "{:<27}{median:>10.2}{p99:>10.2}{rate:>10.0}",
                way.title()
            ));
        }
        let ratio = measured.ratio(Way::Ours, Way::Bare)?;
        let rate = each_second(measured)?;
        lines.push(format!(
            "ours is {ratio:.2} times the bare way; {rate:.0} messages a second on one thread"
        ));
        lines.push(String::new());
    }
    let target = figures.target()?;
    let verdict = if target.is_met() { "met" } else { "MISSED" };
    lines.push(format!(
        "{verdict}: ours at most {:.1} times the bare way: {:.2}",
        target.at_most, target.found
    ));
    Ok(lines.join("\n"))
}

/// For programs.
pub(crate) fn json(figures: &Figures) -> Result<Value, Fault> {
    let target = figures.target()?;
    Ok(json!({
        "one": body(&figures.one)?,
        "thousand": body(&figures.thousand)?,
        "targets": [{
            "target": "verify and parse over HMAC and bare structs",
            "found": target.found,
            "at_most": target.at_most,
            "met": target.is_met(),
        }],
    }))
}

fn body(measured: &Measured) -> Result<Value, Fault> {
    let mut ways = serde_json::Map::new();
    for way in Way::ALL {
        let (median, p99) = measured.spread(way)?;
        ways.insert(
            way.key().to_owned(),
            json!({ "median_us": median, "p99_us": p99 }),
        );
    }
    Ok(json!({
        "bytes": measured.bytes,
        "messages": measured.notices,
        "ways": ways,
        "ratio": measured.ratio(Way::Ours, Way::Bare)?,
        "messages_per_second": each_second(measured)?,
    }))
}

fn megabytes(measured: &Measured, median_us: f64) -> f64 {
    count(measured.bytes) / median_us
}

fn each_second(measured: &Measured) -> Result<f64, Fault> {
    let (median, _) = measured.spread(Way::Ours)?;
    Ok(count(measured.notices) / median * 1e6)
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn count(of: usize) -> f64 {
    of as f64
}
