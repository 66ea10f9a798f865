//! Measures as people write them: sizes in bytes, counts, shares.

use std::fmt;

use toml::Spanned;
use toml::de::DeValue;

use super::problem::Problem;
use super::section::{Place, Reader, Shape};
use super::value::{Value, kind_of};

/// A size in bytes: `"8MiB"`, `"256KiB"`, or a whole number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bytes(pub(super) u64);

const KIB: u64 = 1024;
const UNITS: &[(&str, u64)] = &[
    ("GiB", KIB * KIB * KIB),
    ("MiB", KIB * KIB),
    ("KiB", KIB),
    ("B", 1),
];

impl Bytes {
    pub(super) const fn kib(count: u64) -> Self {
        Self(count * KIB)
    }

    pub(super) const fn mib(count: u64) -> Self {
        Self(count * KIB * KIB)
    }

    /// As a size in memory.
    pub(super) fn in_memory(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no size: write it like \"256KiB\" or \"8MiB\"");
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let unit = unit.trim();
        let factor = UNITS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit))
            .map(|(_, factor)| *factor);
        let Some(factor) = factor else {
            // MB means one thing to some and another to others.
            let meant = UNITS
                .iter()
                .find(|(name, _)| name.replace('i', "").eq_ignore_ascii_case(unit));
            return Err(match meant {
                Some((name, _)) => format!(
                    "{text:?}: write \"{number}{name}\", a {name} is 1024 of the next smaller"
                ),
                None => wrong(),
            });
        };
        let count: u64 = number.parse().map_err(|_| wrong())?;
        count.checked_mul(factor).map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let even = UNITS
            .iter()
            .find(|(_, factor)| self.0 >= *factor && self.0.is_multiple_of(*factor));
        match even {
            Some((name, factor)) => write!(f, "{}{name}", self.0 / factor),
            None => write!(f, "{}B", self.0),
        }
    }
}

impl Value for Bytes {
    const SHAPE: Shape = Shape::Scalar {
        kind: "size in bytes",
        secret: false,
    };

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        let read = match value.get_ref() {
            DeValue::String(text) => Self::parse(text.trim()),
            DeValue::Integer(_) => match whole(value.get_ref()) {
                Some(bytes) => Ok(Self(bytes)),
                None => Err("it is below zero, or past all measure".to_owned()),
            },
            other => Err(format!("it is {}, and must be a size", kind_of(other))),
        };
        read.map_err(|reason| {
            reader.report(unfit(
                value,
                place,
                &reason,
                "a size: \"256KiB\", \"8MiB\", or a number of bytes",
            ));
        })
        .ok()
    }
}

/// A share in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thousandths(u16);

impl Thousandths {
    /// As a number from 0 to 1000.
    #[must_use]
    pub fn number(self) -> u16 {
        self.0
    }
}

impl Value for Thousandths {
    const SHAPE: Shape = Shape::Scalar {
        kind: "0 to 1000",
        secret: false,
    };

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        let number = whole(value.get_ref()).and_then(|number| u16::try_from(number).ok());
        match number.filter(|number| *number <= 1000) {
            Some(number) => Some(Self(number)),
            None => {
                let reason = format!("it is {}", shown(value, reader));
                reader.report(unfit(
                    value,
                    place,
                    &reason,
                    "a whole number from 0 to 1000, without quotes",
                ));
                None
            }
        }
    }
}

impl Value for u32 {
    const SHAPE: Shape = Shape::Scalar {
        kind: "whole number",
        secret: false,
    };

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        let number = whole(value.get_ref()).and_then(|number| u32::try_from(number).ok());
        if number.is_none() {
            let reason = format!("it is {}", shown(value, reader));
            reader.report(unfit(
                value,
                place,
                &reason,
                "a whole number, without quotes",
            ));
        }
        number
    }
}

fn whole(value: &DeValue<'_>) -> Option<u64> {
    let number = value.as_integer()?;
    u64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn shown(value: &Spanned<DeValue<'_>>, reader: &Reader<'_>) -> String {
    match value.get_ref() {
        DeValue::Integer(_) | DeValue::Float(_) => reader.source(&value.span()).to_owned(),
        other => kind_of(other).to_owned(),
    }
}

fn unfit(value: &Spanned<DeValue<'_>>, place: &Place<'_>, reason: &str, expected: &str) -> Problem {
    let what = format!("`{}` in [{}]: {reason}", place.key, place.table);
    Problem::new(value.span(), what)
        .expected(expected)
        .fix(place.example())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_they_are_shown() {
        for (written, bytes, shown) in [
            ("8MiB", 8 << 20, "8MiB"),
            ("256 KiB", 256 << 10, "256KiB"),
            ("1024KiB", 1 << 20, "1MiB"),
            ("1gib", 1 << 30, "1GiB"),
            ("1000B", 1000, "1000B"),
            ("0B", 0, "0B"),
        ] {
            let read = Bytes::parse(written).unwrap();
            assert_eq!(
                (read.0, read.to_string().as_str()),
                (bytes, shown),
                "{written}"
            );
        }
        for written in [
            "",
            "8",
            "MiB",
            "8 megs",
            "-1KiB",
            "1.5MiB",
            "99999999999GiB",
            "8MiBs",
        ] {
            assert!(Bytes::parse(written).is_err(), "{written}");
        }
        assert!(Bytes::parse("8MB").unwrap_err().contains("\"8MiB\""));
    }
}
