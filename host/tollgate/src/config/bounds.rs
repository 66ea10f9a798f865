//! How much a tenant's automation may do, and how fast its numbers send.

use std::collections::BTreeSet;

use gate::{Bound, Bounds, LoopBreaker};
use model::Span;
use toml::Spanned;
use toml::de::DeValue;

use super::grants::Within;
use super::keys::BoundKeys;
use super::limits;
use super::section::{Place, Reader, Shape};
use super::value::{Value, list_of, parsed};

/// A limit that can be a shadow: counted, and nothing is refused. Named like the gate's check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shadow {
    /// The loop breaker.
    Loop,
    /// `contact_hourly`.
    Contact,
    /// `tier`.
    Tier,
    /// The rates, when a send is proposed.
    Rates,
}

const SHADOWS: &[(&str, Shadow)] = &[
    ("loop", Shadow::Loop),
    ("contact", Shadow::Contact),
    ("tier", Shadow::Tier),
    ("rates", Shadow::Rates),
];

impl Value for BTreeSet<Shadow> {
    const SHAPE: Shape = Shape::Scalar {
        kind: r#"list of "loop", "contact", "tier", "rates""#,
        secret: false,
    };

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        list_of(value, place, reader, |item, reader| {
            parsed(item, "limit", place, reader, |word| {
                let shadow = SHADOWS.iter().find(|(name, _)| *name == word);
                let known = SHADOWS.iter().map(|(name, _)| *name).collect::<Vec<_>>();
                shadow
                    .map(|(_, shadow)| *shadow)
                    .ok_or_else(|| format!("there is no limit {word:?} here: {}", known.join(", ")))
            })
        })
    }
}

/// Each limit within what makes sense.
pub(super) fn within(
    keys: BoundKeys,
    table: &Spanned<DeValue<'_>>,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> BoundKeys {
    let mut within = Within {
        table,
        place,
        reader,
    };
    // One turn is no conversation.
    within.check("loop_turns", keys.loop_turns, 2, limits::COUNTED);
    within.check(
        "loop_within",
        keys.loop_within,
        Span::from_millis(100),
        limits::LOOP_WITHIN,
    );
    within.check("loop_hourly", keys.loop_hourly, 1, limits::COUNTED);
    within.check("contact_hourly", keys.contact_hourly, 1, limits::COUNTED);
    if let Some(tier) = keys.tier {
        within.check("tier", tier, 1, limits::COUNTED);
    }
    keys
}

impl Value for Bounds {
    const SHAPE: Shape = BoundKeys::SHAPE;

    fn read(
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
        reader: &mut Reader<'_>,
    ) -> Option<Self> {
        BoundKeys::read(value, place, reader).map(Self::from)
    }

    fn absent(place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        BoundKeys::absent(place, reader).map(Self::from)
    }
}

impl From<BoundKeys> for Bounds {
    fn from(keys: BoundKeys) -> Self {
        let is_shadow = |limit| keys.shadow.contains(&limit);
        Self {
            loops: LoopBreaker {
                at_once: keys.loop_turns,
                within: keys.loop_within,
                hourly: keys.loop_hourly,
                shadow: is_shadow(Shadow::Loop),
            },
            contact_hourly: Bound {
                most: keys.contact_hourly,
                shadow: is_shadow(Shadow::Contact),
            },
            tier: keys.tier.map(|most| Bound {
                most,
                shadow: is_shadow(Shadow::Tier),
            }),
            rates_shadow: is_shadow(Shadow::Rates),
        }
    }
}
