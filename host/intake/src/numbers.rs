//! Which number belongs to whom, and whose word counts for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use model::{Notice, NumberId, TenantId};

use crate::payload::Parsed;

/// Who vouches for a delivery: the Meta app that signed it, or the topic or queue that it came through. Each by its name in
/// `tollgate.toml`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Voucher {
    /// A Meta app.
    App(String),
    /// An SNS topic.
    Topic(String),
    /// An SQS queue.
    Queue(String),
}

impl fmt::Display for Voucher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, name) = match self {
            Self::App(name) => ("meta_app", name),
            Self::Topic(name) => ("topic", name),
            Self::Queue(name) => ("queue", name),
        };
        write!(f, "{kind}.{name}")
    }
}

/// Whose a number is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The tenant.
    pub tenant: TenantId,
    /// Whose word counts for it (I13).
    pub vouchers: BTreeSet<Voucher>,
}

/// All numbers of all tenants.
#[derive(Debug, Clone)]
pub struct Numbers {
    owners: BTreeMap<NumberId, Owner>,
    unclaimed: TenantId,
    /// What a notice that names no number is kept under.
    no_number: NumberId,
}

/// What one delivery brings, by whose it is.
#[derive(Debug, Default)]
pub(crate) struct Sorted {
    /// To be accepted.
    pub(crate) notices: Vec<Notice>,
    /// For numbers that somebody else should have vouched for: refused (I13).
    pub(crate) foreign: usize,
    /// One of these numbers.
    pub(crate) foreign_number: Option<NumberId>,
    /// For numbers that no tenant owns: among the notices, for `_unclaimed`.
    pub(crate) unclaimed: usize,
    /// One of these numbers.
    pub(crate) unclaimed_number: Option<Unknown>,
}

/// A number that we do not know. Somebody else wrote it, and whatever they wrote, a phone number say, it is shown by its end alone (I12).
#[derive(Debug)]
pub(crate) struct Unknown(String);

impl Unknown {
    fn new(number: &NumberId) -> Self {
        let chars: Vec<char> = number.as_str().chars().collect();
        let end = chars.len().saturating_sub(4);
        Self(chars.into_iter().skip(end).collect())
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…{}", self.0)
    }
}

impl Numbers {
    /// From the configuration.
    #[must_use]
    pub fn new(
        owners: BTreeMap<NumberId, Owner>,
        unclaimed: TenantId,
        no_number: NumberId,
    ) -> Self {
        Self {
            owners,
            unclaimed,
            no_number,
        }
    }

    /// Sorts what came by one voucher's word.
    pub(crate) fn sort(&self, parsed: Vec<Parsed>, voucher: &Voucher) -> Sorted {
        let mut sorted = Sorted::default();
        for parsed in parsed {
            let tenant = match parsed.number.as_ref().map(|number| self.owners.get(number)) {
                Some(Some(owner)) if owner.vouchers.contains(voucher) => owner.tenant.clone(),
                Some(Some(_)) => {
                    sorted.foreign += 1;
                    sorted.foreign_number = parsed.number;
                    continue;
                }
                Some(None) => {
                    sorted.unclaimed += 1;
                    sorted.unclaimed_number = parsed.number.as_ref().map(Unknown::new);
                    self.unclaimed.clone()
                }
                // What names no number, a template's approval say, is the tenant's for whom alone the voucher speaks.
                None => self.sole(voucher).unwrap_or(&self.unclaimed).clone(),
            };
            sorted.notices.push(Notice {
                tenant,
                number: parsed.number.unwrap_or_else(|| self.no_number.clone()),
                channel: parsed.channel,
                key: parsed.key,
                body: parsed.body,
            });
        }
        sorted
    }

    fn sole(&self, voucher: &Voucher) -> Option<&TenantId> {
        let mut tenants = self
            .owners
            .values()
            .filter(|owner| owner.vouchers.contains(voucher))
            .map(|owner| &owner.tenant);
        let first = tenants.next()?;
        tenants.all(|tenant| tenant == first).then_some(first)
    }
}
