//! A ledger with a million contacts, and what a host on it keeps in memory.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ledger::Ledger;
use ledger::sqlite::SqliteLedger;
use model::{ContactKey, Moment, Phone, TenantId};
use tokio::task::JoinSet;

pub const CONTACTS: u32 = 1_000_000;
/// So many are made at once.
const TOGETHER: u32 = 2000;

/// Makes them, in a ledger of their own; says how long it took.
pub async fn fill(data: &Path) -> Duration {
    let began = Instant::now();
    std::fs::create_dir_all(data).unwrap();
    let ledger = Arc::new(SqliteLedger::open(&data.join("ledger.db")).unwrap());
    let tenant = TenantId::new("shop").unwrap();
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = Moment(i64::try_from(since.as_millis()).unwrap());
    for first in (0..CONTACTS).step_by(TOGETHER as usize) {
        let mut making = JoinSet::new();
        for which in first..first + TOGETHER {
            let (ledger, tenant) = (Arc::clone(&ledger), tenant.clone());
            let key = ContactKey::Phone(Phone::new(format!("1555010{which:06}")).unwrap());
            making.spawn(async move { ledger.meet(&tenant, &key, now).await.unwrap() });
        }
        making.join_all().await;
    }
    began.elapsed()
}
