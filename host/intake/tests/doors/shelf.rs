//! Takes notices in for a test: keeps them, or refuses as it is told, and tells the time that it is told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use intake::{Accept, Entrance, NotAccepted, Numbers, Owner, Settings, Voucher};
use model::{Moment, Notice, NumberId, TenantId};

/// Keeps what it is given, or refuses as it is told.
#[derive(Default)]
pub(crate) struct Shelf {
    pub(crate) notices: Mutex<Vec<Notice>>,
    pub(crate) refusal: Mutex<Option<NotAccepted>>,
    pub(crate) now: Mutex<Moment>,
}

#[async_trait]
impl Accept for Shelf {
    async fn accept(&self, notices: Vec<Notice>) -> Result<(), NotAccepted> {
        if let Some(refusal) = self.refusal.lock().unwrap().clone() {
            return Err(refusal);
        }
        self.notices.lock().unwrap().extend(notices);
        Ok(())
    }

    async fn room(&self) {}

    fn now(&self) -> Moment {
        *self.now.lock().unwrap()
    }
}

impl Shelf {
    pub(crate) fn tenants(&self) -> Vec<String> {
        let notices = self.notices.lock().unwrap();
        notices
            .iter()
            .map(|notice| notice.tenant.to_string())
            .collect()
    }

    pub(crate) fn refuse(&self, refusal: Option<NotAccepted>) {
        *self.refusal.lock().unwrap() = refusal;
    }

    /// An entrance before it, where each number belongs to a tenant and listens to one voucher.
    pub(crate) fn entrance(
        self: &Arc<Self>,
        owners: &[(&str, &str, Voucher)],
        settings: Settings,
    ) -> Arc<Entrance> {
        let owner = |(id, tenant, voucher): &(&str, &str, Voucher)| {
            let owner = Owner {
                tenant: TenantId::new(*tenant).unwrap(),
                vouchers: [voucher.clone()].into(),
            };
            (number(id), owner)
        };
        let owners: BTreeMap<_, _> = owners.iter().map(owner).collect();
        let unclaimed = TenantId::new("_unclaimed").unwrap();
        let numbers = Numbers::new(owners, unclaimed, number("none"));
        let accept = Arc::clone(self) as Arc<dyn Accept>;
        Arc::new(Entrance::with(Arc::new(numbers), accept, settings))
    }
}

fn number(id: &str) -> NumberId {
    NumberId::new(id).unwrap()
}

/// Meta's own body: one text message for each number.
pub(crate) fn body(numbers: &[&str]) -> String {
    let change = |number: &&str| {
        format!(
            r#"{{"field":"messages","value":{{"metadata":{{"phone_number_id":"{number}"}},"messages":[{{"from":"15550100001","id":"wamid.{number}","timestamp":"1","type":"text","text":{{"body":"hi"}}}}]}}}}"#
        )
    };
    let changes: Vec<String> = numbers.iter().map(change).collect();
    format!(
        r#"{{"object":"whatsapp_business_account","entry":[{{"id":"1","changes":[{}]}}]}}"#,
        changes.join(",")
    )
}

/// Serves a router on loopback, and says where.
pub(crate) async fn serve(router: axum::Router) -> std::net::SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}
