//! Every key of `tollgate.toml`, once: type, default, meaning, example. Nothing else lists them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;

use gate::OptIn;
use model::{DeskName, Interface, Mode, NumberId, Phone, PluginName, Span, TenantId};

use super::check::{self, Carrier, Plugin};
use super::secret::{Secret, Secrets};
use super::section::section;
use super::setting::{ApiVersion, CarrierKind, Component, IfUnsure, LogFilter, Title, Url};

section! {
    /// The whole file.
    pub struct Config, then check::config {
        /// Where the host listens and where it keeps its state.
        host: Host, like "{}";
        /// The Meta apps whose webhooks are accepted.
        meta_apps as "meta_app": BTreeMap<String, MetaApp>, like "{}";
        /// The ways out.
        carriers as "carrier": BTreeMap<String, Carrier>, like "{}";
        /// The businesses.
        tenants as "tenant": BTreeMap<TenantId, Tenant>, like "{}";
        /// What plugins may reach.
        plugins as "plugin": BTreeMap<PluginName, Plugin>, like "{}";
    }
}

section! {
    /// Where the host listens and where it keeps its state.
    pub struct Host, then check::host {
        /// The address that webhooks, the console and `/v1` are served on. Beyond loopback, `api_key` is needed.
        listen: SocketAddr = r#""127.0.0.1:7070""#, like r#""0.0.0.0:8080""#;
        /// The folder of the ledger. It is created if it is not there.
        data: PathBuf = r#""data""#, like r#""/var/lib/tollgate""#;
        /// What is logged: a level, or levels by module.
        log: LogFilter = r#""info""#, like r#""info,engine=debug""#;
        /// The bearer key that `/v1` and the console ask for.
        api_key: Option<Secret>, like r#""env:TOLLGATE_API_KEY""#, else "nothing is asked for, on loopback alone";
    }
}

section! {
    /// A Meta app: its webhooks are accepted for the numbers that name it, and for no other.
    pub struct MetaApp {
        /// What Meta signs its webhooks with. A list while it is being rotated: any of them is accepted.
        app_secret: Secrets, like r#""env:TOLLGATE_APP_SECRET""#;
        /// What Meta shows when it verifies the webhook's address; made up by you, and entered in Meta's dashboard too.
        verify_token: Secret, like r#""env:TOLLGATE_VERIFY_TOKEN""#;
    }
}

section! {
    /// A way out to WhatsApp: Meta's Graph API, or AWS End User Messaging Social.
    pub(super) struct CarrierKeys {
        /// Which of the two.
        kind: CarrierKind, like r#""graph""#;
        /// Where it is reached. Plain http is for loopback alone.
        url: Option<Url>, like r#""https://graph.facebook.com""#, else "`https://graph.facebook.com` for graph; what the AWS SDK finds for aws";
        /// The version of Meta's API that messages are written for.
        api_version: ApiVersion = r#""v23.0""#, like r#""v23.0""#;
        /// The access token. Graph alone, and needed there unless it is a simulator.
        token: Option<Secret>, like r#""env:TOLLGATE_GRAPH_TOKEN""#, else "none is sent";
        /// The AWS region. aws alone.
        region: Option<String>, like r#""eu-west-1""#, else "AWS_REGION or AWS_DEFAULT_REGION of the environment";
        /// It is the simulator: it delivers in every `mode`, and `url` must be on loopback. `TOLLGATE_DRY_RUN=1` in the environment
        /// withholds even that.
        simulator: bool = "false", like "true";
        /// How long one delivery may take.
        timeout: Span = r#""10s""#, like r#""5s""#;
        /// How long the outcome of a lost reply is waited for before `if_unsure` applies.
        unsure_after: Option<Span>, like r#""10m""#, else "`10m`; `2s` on a simulator";
        /// A send whose outcome stays unknown is sent once more (`resend`), or held for a person to decide (`hold`).
        if_unsure: IfUnsure = r#""resend""#, like r#""hold""#;
    }
}

section! {
    /// A business: its numbers, rules, contacts and desks.
    pub struct Tenant, then check::tenant {
        /// What people call it.
        title: Title, like r#""A shop""#;
        /// The folder of its rules.
        rules: PathBuf = r#""rules""#, like r#""rules/shop""#;
        /// `dry-run` withholds every send that would leave through a carrier that is no simulator; `live` lets them go.
        mode: Mode = r#""dry-run""#, like r#""live""#;
        /// What allows service replies: a message from the contact (`inbound`), or recorded consent alone (`explicit`).
        opt_in: OptIn = r#""inbound""#, like r#""explicit""#;
        /// A message older than this when its turn comes is not answered; it goes to `stale_desk`.
        answer_within: Span = r#""6h""#, like r#""1h""#;
        /// Kept free before the 24-hour window ends, since clocks differ.
        window_margin: Span = r#""2m""#, like r#""5m""#;
        /// The longest wait for a rate that a contact should bear; past it a send is refused instead of queued.
        bearable_wait: Span = r#""1m""#, like r#""20s""#;
        /// The desk for messages that came too late to be answered.
        stale_desk: Option<DeskName>, like r#""support""#, else "the tenant's first desk";
        /// Its phone numbers.
        numbers as "number": BTreeMap<String, Number>, like "{}";
        /// Where its conversations are handed to people.
        desks as "desk": BTreeMap<DeskName, Desk>, like "{}";
    }
}

section! {
    /// A business phone number. Rules know it by the name in the header.
    pub struct Number, then check::number {
        /// Meta's `phone_number_id`. No two numbers share one.
        id: NumberId, like r#""100000000000001""#;
        /// What people call it.
        title: Title, like r#""Loja Aurora""#;
        /// The `[meta_app.NAME]` whose webhooks it comes with.
        meta_app: String, like r#""main""#;
        /// The `[carrier.NAME]` that its sends leave through.
        carrier: String, like r#""simulator""#;
        /// What the carrier knows it by: for aws its `phone-number-id-…` or ARN.
        carrier_id: Option<String>, like r#""phone-number-id-0123456789abcdef0123456789abcdef""#, else "`id`";
    }
}

section! {
    /// A desk: where conversations are handed to people.
    pub struct Desk {
        /// What people call it.
        title: Title, like r#""Support""#;
    }
}

section! {
    /// A plugin and what it may reach. `auto-reply`, `router` and `opt-out` ship with the host and need no entry; one here takes
    /// the place of theirs.
    pub(super) struct PluginKeys {
        /// A component file, or one that ships with the host, as `shipped:auto-reply`.
        component: Option<Component>, like r#""plugins/stock-check.wasm""#, else "the shipped one of that name";
        /// The interfaces it may import: `gate` to send, `consent` to change consent, `desk` to hand over, pause and tag.
        grants: Option<BTreeSet<Interface>>, like r#"["gate", "desk"]"#, else "what the shipped one has; nothing for others";
        /// Phone numbers other than the contact's own that it may write to.
        recipients: Option<BTreeSet<Phone>>, like r#"["+15550100001"]"#, else "nobody but the contact";
    }
}
