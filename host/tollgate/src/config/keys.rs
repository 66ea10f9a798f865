//! Every key of `tollgate.toml`, once: type, default, meaning, example. Nothing else lists them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;

use gate::{Bounds, OptIn};
use ledger::Retention;
use model::{DeskName, Interface, Mode, NumberId, Phone, PluginName, Span, TenantId};
use sandbox::Limits;

use super::bounds::{self, Shadow};
use super::check::{self, Carrier, Plugin};
use super::doors::{self, QueueUrl, TopicArn};
use super::grants;
use super::keep;
use super::measure::{Bytes, Thousandths};
use super::reach::{self, KnowledgeKind, Methods, Pin};
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
        /// The SNS topics whose notifications are accepted.
        topics as "topic": BTreeMap<String, Topic>, like "{}";
        /// The SQS queues that are received from.
        queues as "queue": BTreeMap<String, Queue>, like "{}";
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
    /// An SNS topic: its notifications are accepted at `/webhooks/sns`, each by its signature, for the numbers that name it and for no
    /// other. AWS End User Messaging Social publishes to one.
    pub struct Topic, then doors::topic {
        /// Its ARN. Notifications and subscriptions of any other topic are refused.
        arn: TopicArn, like r#""arn:aws:sns:eu-west-1:123456789012:whatsapp""#;
        /// A PEM file, for places where SNS's certificate cannot be fetched: only signatures of that certificate count then.
        certificate: Option<PathBuf>, like r#""sns.pem""#, else "SNS's own, fetched from AWS when it is first needed";
    }
}

section! {
    /// An SQS queue: what lies in it is received for the numbers that name it and for no other, and deleted once it is on disk. An SNS
    /// topic delivers to it, raw or not, or anything else that puts Meta's payloads there.
    pub struct Queue, then doors::queue {
        /// Its URL, as the AWS console shows it. Plain http is for loopback alone.
        url: QueueUrl, like r#""https://sqs.eu-west-1.amazonaws.com/123456789012/whatsapp""#;
        /// The AWS region.
        region: Option<String>, like r#""eu-west-1""#, else "that of `url`; else AWS_REGION or AWS_DEFAULT_REGION of the environment";
        /// Where SQS is reached, if not at AWS: an emulator, say.
        endpoint: Option<Url>, like r#""http://127.0.0.1:4566""#, else "what the AWS SDK finds; that of `url` if it is on loopback";
        /// It is an emulator on loopback: it is shown made-up credentials, never real ones.
        simulator: bool = "false", like "true";
        /// How many receive from it side by side, at most 16. Each has ten messages in hand at most.
        pollers: u32 = "1", like "4";
        /// How long a message that was received stays hidden from other hosts, from 2s to 12h. It is extended while it is worked on: this
        /// is how soon another host goes on when one has died.
        visibility: Span = r#""30s""#, like r#""1m""#;
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
        /// Messages that its account may send in any one second, all its numbers together.
        per_second: Option<u32>, like "500", else "1000 for aws; for graph its numbers have a rate of their own alone";
        /// The account, by any name, that it shares `per_second` with other carriers in.
        account: Option<String>, like r#""production""#, else "one of its own";
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
        /// How long the bot keeps silent towards a contact after a person of yours wrote to them from elsewhere, the app on a phone say.
        /// `"0s"`: not at all.
        agent_pause: Span = r#""30m""#, like r#""2h""#;
        /// The longest wait for a rate that a contact should bear; past it a send is refused instead of queued.
        bearable_wait: Span = r#""1m""#, like r#""20s""#;
        /// The desk for conversations that the bot does not go on with: a message came too late to be answered, or a machine seems to be
        /// writing.
        stale_desk: Option<DeskName>, like r#""support""#, else "the tenant's first desk";
        /// How much its automation may do.
        limits: Bounds, like "{}";
        /// How long it keeps what has come to its end. What is undone, waiting, of unknown outcome or held is kept however old it is, and
        /// the log of consent for ever.
        keep: Retention, like "{}";
        /// Its phone numbers.
        numbers as "number": BTreeMap<String, Number>, like "{}";
        /// Where its conversations are handed to people.
        desks as "desk": BTreeMap<DeskName, Desk>, like "{}";
        /// What its plugins may ask in a contact's words.
        knowledge: BTreeMap<String, KnowledgeBase>, like "{}";
        /// What its plugins may look things up in.
        endpoints as "endpoint": BTreeMap<String, Endpoint>, like "{}";
    }
}

section! {
    /// How much a tenant's automation may do. What goes past a limit is refused when a plugin proposes it, so that the rule's
    /// `if_refused` can lead to people.
    pub(super) struct BoundKeys, then bounds::within {
        /// The automatic turn of a conversation that is refused, if the contact answered each of those before it at once: a machine
        /// does. The conversation goes to `stale_desk`, and the bot keeps silent for 12h or until a person gives it back. Whoever taps
        /// on a button, a menu or a form is a person.
        loop_turns: u32 = "10", like "6";
        /// What at once means, at most 1m.
        loop_within: Span = r#""5s""#, like r#""2s""#;
        /// Automatic turns with one contact in an hour. The next one ends the same way.
        loop_hourly: u32 = "30", like "100";
        /// Messages to one contact in an hour. What people send counts, and is not held back.
        contact_hourly: u32 = "60", like "20";
        /// Your messaging limit with WhatsApp: contacts that templates reach outside of their windows in any 24 hours.
        tier: Option<u32>, like "2000", else "WhatsApp alone keeps it";
        /// Limits that are only counted (`tollgate_shadow_refusals_total`) and refuse nothing: `loop`, `contact`, `tier`, `rates`. What
        /// leaves is kept within the rates all the same.
        shadow: BTreeSet<Shadow> = "[]", like r#"["loop", "tier"]"#;
    }
}

section! {
    /// How long a tenant keeps what has come to its end, each from `1d` to ten years. It is removed in the background, the oldest first.
    pub(super) struct KeepKeys, then keep::within {
        /// Decisions on messages that no rule applied to and of which nothing came, with the messages.
        dull: Span = r#""7d""#, like r#""1d""#;
        /// All other decisions, with their messages. What is older cannot be explained any more.
        decisions: Span = r#""90d""#, like r#""30d""#;
        /// Sends that arrived, failed or were taken back.
        sends: Span = r#""90d""#, like r#""30d""#;
        /// Conversations that were handed to people.
        hand_offs: Span = r#""90d""#, like r#""365d""#;
        /// Drafts that were sent or dropped.
        drafts: Span = r#""90d""#, like r#""30d""#;
        /// What plugins noted about contacts.
        notes: Span = r#""365d""#, like r#""90d""#;
        /// Messages that could not be done.
        dead_letters: Span = r#""90d""#, like r#""30d""#;
        /// Notices that were kept as they came.
        notices: Span = r#""30d""#, like r#""7d""#;
    }
}

section! {
    /// A business phone number. Rules know it by the name in the header. Whose word counts for it is said by `meta_app`, `topic` and
    /// `queue`: at least one of them; what comes for it by any other is refused.
    pub struct Number, then check::number {
        /// Meta's `phone_number_id`. No two numbers share one.
        id: NumberId, like r#""100000000000001""#;
        /// What people call it.
        title: Title, like r#""Loja Aurora""#;
        /// The `[meta_app.NAME]` whose webhooks it comes with.
        meta_app: Option<String>, like r#""main""#, else "no webhook of Meta's counts for it";
        /// The `[topic.NAME]` whose notifications it comes with.
        topic: Option<String>, like r#""events""#, else "no SNS notification counts for it";
        /// The `[queue.NAME]` that it comes through.
        queue: Option<String>, like r#""events""#, else "nothing from an SQS queue counts for it";
        /// The `[carrier.NAME]` that its sends leave through.
        carrier: String, like r#""simulator""#;
        /// What the carrier knows it by: for aws its `phone-number-id-…` or ARN.
        carrier_id: Option<String>, like r#""phone-number-id-0123456789abcdef0123456789abcdef""#, else "`id`";
        /// Messages that it may send in any one second: WhatsApp upgrades some numbers to 1000, and gives 20 to those that an app on a
        /// phone uses too.
        per_second: u32 = "80", like "20";
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
    /// A knowledge base: what the business wrote down, and plugins answer from. A folder of Markdown (`.md`) and text (`.txt`)
    /// documents, read again when they change. A document says its language, title, address and marks at its top
    /// (`lang: pt`, `title: …`, `url: https://…`, `product: bicycle` between two lines of `---`); the language is also told by its
    /// name (`returns.pt.md`, `pt/returns.md`), else by its words.
    pub struct KnowledgeBase {
        /// What sort of knowledge base.
        kind: KnowledgeKind = r#""folder""#, like r#""folder""#;
        /// The folder of its documents.
        folder: PathBuf = r#""knowledge""#, like r#""knowledge/shop""#;
        /// The least share of a question that a passage must cover, in thousandths: with less there is no answer. A passage that has
        /// every word of the question once has 800; higher answers less and errs less.
        least_score: Thousandths = "350", like "500";
    }
}

section! {
    /// An endpoint: a system of yours that plugins may ask. A plugin knows its name alone; the host adds the secret and says on whose
    /// behalf it asks (headers `tollgate-tenant`, `tollgate-contact`, `tollgate-phone` or `tollgate-user`, `tollgate-request`).
    pub struct Endpoint, then reach::endpoint {
        /// Where it is reached; plugins ask below this. Plain http is for loopback alone.
        url: Url, like r#""https://orders.example/v1""#;
        /// What it is shown with each request, as `authorization: Bearer …`.
        secret: Option<Secret>, like r#""env:ORDERS_TOKEN""#, else "none is sent";
        /// The header that the secret stands in, as it is.
        header: Option<String>, like r#""x-api-key""#, else "`authorization`, after `Bearer`";
        /// How long it may take, at most 15s. Past it a plugin is told that it is slow.
        timeout: Span = r#""5s""#, like r#""2s""#;
        /// What plugins may do with it: read (`get`), hand something over (`post`).
        methods: Methods = r#"["get"]"#, like r#"["get", "post"]"#;
    }
}

section! {
    /// A plugin and what it may reach. `auto-reply`, `kb-answer`, `router` and `opt-out` ship with the host and need no entry; one
    /// here takes the place of theirs.
    pub(super) struct PluginKeys {
        /// A component file, or one that ships with the host, as `shipped:auto-reply`.
        component: Option<Component>, like r#""plugins/stock-check.wasm""#, else "the shipped one of that name";
        /// The component's SHA-256: any other is refused. `tollgate plugin pin` writes it.
        pin: Option<Pin>, like r#""9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08""#, else "whatever stands in the file is loaded";
        /// The interfaces it may import: `gate` to send, `consent` to change consent, `desk` to hand over, pause and tag, `memory` to
        /// keep things of a contact, `shared-memory` to keep things for all contacts, `knowledge` to ask knowledge bases, `lookup` to
        /// ask endpoints; `wasi` for a language that cannot do without, a virtual one that holds nothing of the machine's.
        grants: Option<BTreeSet<Interface>>, like r#"["gate", "lookup"]"#, else "what the shipped one has; nothing for others";
        /// Phone numbers other than the contact's own that it may write to.
        recipients: Option<BTreeSet<Phone>>, like r#"["+15550100001"]"#, else "nobody but the contact";
        /// The knowledge bases that it may ask, by their names, if `knowledge` is granted.
        knowledge: Option<BTreeSet<String>>, like r#"["help"]"#, else "every one of the tenant's";
        /// The endpoints that it may ask, by their names; `lookup` must be granted too.
        endpoints: Option<BTreeSet<String>>, like r#"["orders"]"#, else "none";
        /// Messages that it may send for one tenant in an hour of the clock.
        hourly_sends: Option<u32>, like "500", else "as many as it likes";
        /// How much it may use.
        limits: Limits, like "{}";
    }
}

section! {
    /// How much a plugin may use. What goes past a limit ends that run, or keeps the plugin from being loaded, and nothing else. A
    /// plugin in a language with an interpreter inside needs more memory, a larger component and more time to compile.
    pub(super) struct LimitKeys, then grants::limits {
        /// Memory of one run, at most 128MiB.
        memory: Bytes = r#""8MiB""#, like r#""64MiB""#;
        /// Computing of one run, at most 1s. It is counted in instructions, eight a nanosecond, so that it ends at the same place
        /// whenever a run is repeated.
        guest_time: Span = r#""50ms""#, like r#""200ms""#;
        /// All of a run by the clock, waiting for answers included; at most 60s.
        wall: Span = r#""20s""#, like r#""10s""#;
        /// Calls to granted interfaces in one run.
        host_calls: u32 = "64", like "32";
        /// Messages sent in one run, at most 80.
        sends: u32 = "8", like "2";
        /// What one run may log, at most 256KiB.
        log_bytes: Bytes = r#""64KiB""#, like r#""16KiB""#;
        /// The lines that one run may log.
        log_lines: u32 = "64", like "200";
        /// One text across the boundary, at least 64KiB.
        string_bytes: Bytes = r#""256KiB""#, like r#""512KiB""#;
        /// All texts of one run across the boundary, in and out; at least `string_bytes`.
        boundary_bytes: Bytes = r#""1MiB""#, like r#""4MiB""#;
        /// The component, at most 64MiB.
        component_bytes: Bytes = r#""4MiB""#, like r#""48MiB""#;
        /// One function of the component.
        function_bytes: Bytes = r#""128KiB""#, like r#""1MiB""#;
        /// How long compiling it may take, at most 10m.
        compile_time: Span = r#""10s""#, like r#""2m""#;
        /// Memory that compiling it may take, at least 64MiB and at most 8GiB.
        compile_memory: Bytes = r#""512MiB""#, like r#""4GiB""#;
    }
}
