//! Which number belongs to whom.

use std::collections::BTreeMap;

use model::{NumberId, TenantId};

/// A Meta app by its name in `tollgate.toml`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AppName(pub String);

/// Whose a number is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The tenant.
    pub tenant: TenantId,
    /// The Meta app whose signature vouches for it.
    pub app: AppName,
}

/// All numbers of all tenants.
#[derive(Debug, Clone)]
pub struct Numbers {
    owners: BTreeMap<NumberId, Owner>,
    unclaimed: TenantId,
}

/// For whom a notice on a number is, if one app vouched for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim<'a> {
    /// This tenant's.
    Tenant(&'a TenantId),
    /// Nobody's: kept aside.
    Unclaimed(&'a TenantId),
    /// Another app's number: refused (I13).
    Foreign,
}

impl Numbers {
    /// From the configuration.
    #[must_use]
    pub fn new(owners: BTreeMap<NumberId, Owner>, unclaimed: TenantId) -> Self {
        Self { owners, unclaimed }
    }

    pub(crate) fn claim(&self, number: &NumberId, voucher: &AppName) -> Claim<'_> {
        match self.owners.get(number) {
            None => Claim::Unclaimed(&self.unclaimed),
            Some(owner) if owner.app == *voucher => Claim::Tenant(&owner.tenant),
            Some(_) => Claim::Foreign,
        }
    }
}
