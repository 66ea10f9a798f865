//! How long a tenant keeps what.

use ledger::Retention;
use toml::Spanned;
use toml::de::DeValue;

use super::grants::Within;
use super::keys::KeepKeys;
use super::limits;
use super::section::{Place, Reader, Shape};
use super::value::Value;

/// Nothing goes while it may still be asked for, and nothing for ever.
pub(super) fn within(
    keys: KeepKeys,
    table: &Spanned<DeValue<'_>>,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> KeepKeys {
    let mut within = Within {
        table,
        place,
        reader,
    };
    let spans = [
        ("dull", keys.dull),
        ("decisions", keys.decisions),
        ("sends", keys.sends),
        ("hand_offs", keys.hand_offs),
        ("drafts", keys.drafts),
        ("notes", keys.notes),
        ("dead_letters", keys.dead_letters),
        ("notices", keys.notices),
    ];
    for (key, span) in spans {
        within.check(key, span, limits::LEAST_KEPT, limits::MOST_KEPT);
    }
    keys
}

impl Value for Retention {
    const SHAPE: Shape = KeepKeys::SHAPE;

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        KeepKeys::read(value, place, reader).map(Self::from)
    }

    fn absent(place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        KeepKeys::absent(place, reader).map(Self::from)
    }
}

impl From<KeepKeys> for Retention {
    fn from(keys: KeepKeys) -> Self {
        Self {
            dull: keys.dull,
            decisions: keys.decisions,
            sends: keys.sends,
            hand_offs: keys.hand_offs,
            drafts: keys.drafts,
            notes: keys.notes,
            dead_letters: keys.dead_letters,
            notices: keys.notices,
        }
    }
}

#[cfg(test)]
mod tests {
    use model::Span;

    use super::*;

    #[test]
    fn what_is_usual_is_said_in_one_voice() {
        let config = super::super::Config::embedded();
        for tenant in config.tenants.values() {
            assert_eq!(tenant.keep, Retention::default());
        }
        assert!(limits::LEAST_KEPT >= Span::from_hours(24));
    }
}
