//! WhatsApp as a world has it: it takes requests or does not, answers or does not, tells what became of what it took, and keeps
//! telling until it is heard.

use std::sync::Arc;

use async_trait::async_trait;
use carrier::{Carrier, Rejection, Report, errors};
use gate::Pass;
use model::{
    Channel, ContactKey, Content, Delivery, Echo, Moment, NetworkError, Notice, NoticeBody,
    NoticeKey, NumberId, Outbound, Span, Status, TenantId, Wamid,
};

use crate::sabotage::Sabotage;
use crate::shop;
use crate::world::{Event, State, World};

/// One number's way out.
pub struct Line {
    pub world: Arc<World>,
    pub tenant: TenantId,
    pub number: NumberId,
}

/// What becomes of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    /// It arrives, and is answered.
    Taken,
    /// It arrives, and is refused with this code.
    Refused(i64),
    /// Nobody listens.
    Unreachable,
    /// It never arrives; nobody knows.
    Lost,
    /// It arrives, and the answer does not.
    Unanswered,
    /// It arrives, and the answer comes late.
    Late,
    /// It arrives when nobody waits for the answer any more.
    Overdue,
}

/// How long the host waits for an answer.
const PATIENCE_MS: u64 = 1_000;

/// Codes that WhatsApp refuses with. The last of them stop a number, or everything; they are rare.
const CODES: [i64; 12] = [
    131_056, 130_429, 131_000, 131_026, 131_016, 131_047, 130_429, 131_000, 131_026, 131_056,
    131_057, 190,
];

#[async_trait]
impl Carrier for Line {
    async fn deliver(&self, pass: Pass) -> Report {
        let outbound = pass.outbound().clone();
        if self.world.sabotage == Sabotage::DeliversTwice {
            self.request(&outbound).await;
        }
        self.request(&outbound).await
    }

    async fn mark_read(&self, _number: &NumberId, _message: &Wamid) {}
}

impl Line {
    async fn request(&self, outbound: &Outbound) -> Report {
        let (course, there, back) = self.world.with(|state| {
            let course = course(state);
            let there = state.chance.between(5, 120);
            (course, there, state.chance.between(5, 120))
        });
        let token = &outbound.token;
        self.world.note(|| format!("requests {token}: {course:?}"));
        let _flight = Flight::begin(&self.world);
        // Until it is there, a host that dies may have sent it, or not.
        let mut leaving = Some(Leaving::begin(self, outbound));
        self.world.passes(there).await;
        if course != Course::Overdue {
            leaving = None;
        }
        match course {
            Course::Taken => self.answer(outbound, back).await,
            Course::Late => self.answer(outbound, back * 20).await,
            Course::Refused(code) => {
                self.world.passes(back).await;
                Report::Refused(Rejection {
                    code: code.to_string(),
                    cause: "refused".into(),
                    action: errors::action(code, 400),
                })
            }
            Course::Unreachable => Report::Refused(Rejection {
                code: "unreachable".into(),
                cause: "nobody listens".into(),
                action: errors::UNREACHABLE,
            }),
            Course::Lost => self.no_answer().await,
            Course::Unanswered => {
                let (tenant, number) = self.on();
                self.world
                    .with(|state| take(state, (&tenant, &number), outbound));
                self.no_answer().await
            }
            Course::Overdue => {
                let report = self.no_answer().await;
                drop(leaving);
                let event = Event::Take(
                    self.tenant.clone(),
                    self.number.clone(),
                    Box::new(outbound.clone()),
                );
                self.world.after(back, event);
                report
            }
        }
    }

    async fn answer(&self, outbound: &Outbound, back: u64) -> Report {
        let (tenant, number) = self.on();
        let wamid = self
            .world
            .with(|state| take(state, (&tenant, &number), outbound));
        self.world.passes(back).await;
        // Now and then an answer holds no id that can be read.
        let reads = self
            .world
            .with(|state| !state.odds(|odds| odds.status_bare / 4));
        Report::Accepted(reads.then_some(wamid))
    }

    async fn no_answer(&self) -> Report {
        self.world.passes(PATIENCE_MS).await;
        Report::Unknown {
            cause: "no answer in time".into(),
        }
    }

    fn on(&self) -> (TenantId, NumberId) {
        if self.world.sabotage == Sabotage::CrossesTenants && self.tenant == shop::tenant(1) {
            return (shop::tenant(0), shop::number(0, 0));
        }
        (self.tenant.clone(), self.number.clone())
    }
}

fn course(state: &mut State) -> Course {
    let likely = [
        (state.odds(|odds| odds.refused), {
            let code = *state.chance.pick(&CODES);
            Course::Refused(code)
        }),
        (state.odds(|odds| odds.unreachable), Course::Unreachable),
        (state.odds(|odds| odds.lost), Course::Lost),
        (state.odds(|odds| odds.unanswered), Course::Unanswered),
        (state.odds(|odds| odds.late), Course::Late),
        (state.odds(|odds| odds.overdue), Course::Overdue),
    ];
    let mut likely = likely.into_iter().filter(|(is_so, _)| *is_so);
    likely.next().map_or(Course::Taken, |(_, course)| course)
}

/// A request that is under way counts.
struct Flight<'a>(&'a World);

impl<'a> Flight<'a> {
    fn begin(world: &'a World) -> Self {
        world.judge(|judge| judge.flies(true));
        Self(world)
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.judge(|judge| judge.flies(false));
    }
}

/// A request on its way. If the host dies, it may arrive all the same.
struct Leaving<'a> {
    world: &'a World,
    place: u64,
}

impl<'a> Leaving<'a> {
    fn begin(line: &'a Line, outbound: &Outbound) -> Self {
        let world = &*line.world;
        let (tenant, number) = (line.tenant.clone(), line.number.clone());
        let event = Event::Take(tenant, number, Box::new(outbound.clone()));
        let place = world.with(|state| state.leaves(event));
        Self { world, place }
    }
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        // Nothing by chance: in which order a dead host's tasks are dropped is nobody's to say.
        self.world.with(|state| state.leaving.remove(&self.place));
    }
}

/// WhatsApp takes a request, and will tell what becomes of it.
pub fn take(state: &mut State, on: (&TenantId, &NumberId), outbound: &Outbound) -> Wamid {
    state.taken += 1;
    let wamid = Wamid::new(format!("wamid.OUT{}", state.taken)).unwrap();
    state.note(&format!(
        "taken {} as {wamid}: {:?}",
        outbound.token,
        outbound.message.body()
    ));
    state.judge.taken(outbound, on);
    if state.odds(|odds| odds.echoed) {
        echo(state, outbound, &wamid);
    }
    let fails = state.odds(|odds| odds.status_failed);
    let course: &[(Delivery, u64)] = match fails {
        true => &[(Delivery::Sent, 300), (Delivery::Failed, 900)],
        false => &[
            (Delivery::Sent, 300),
            (Delivery::Delivered, 900),
            (Delivery::Read, 1_500),
        ],
    };
    for (delivery, most) in course {
        tell(state, outbound, &wamid, *delivery, *most);
    }
    wamid
}

/// One status: perhaps never, perhaps late, perhaps twice, perhaps without what we sent with it.
fn tell(state: &mut State, outbound: &Outbound, wamid: &Wamid, delivery: Delivery, most: u64) {
    let is_lost = state.odds(|odds| odds.status_lost);
    let is_bare = state.odds(|odds| odds.status_bare);
    let is_late = state.odds(|odds| odds.status_late);
    let is_twice = state.odds(|odds| odds.status_twice);
    let tells_both = state.chance.odds(150);
    let mut after = state.chance.between(10, most);
    if is_late {
        after += state.chance.between(1_000, 6_000);
    }
    if is_lost {
        return;
    }
    let at = state.clock().plus(Span::from_millis(after));
    let mut status = Status::new(wamid.clone(), delivery, at);
    status.token = (!is_bare).then(|| outbound.token.clone());
    status.to = Some(match shop::person_of(&outbound.to) {
        Some(person) if tells_both && state.people[person].has_user => {
            ContactKey::Both(shop::phone(person), shop::user(person))
        }
        _ => outbound.to.clone(),
    });
    if delivery == Delivery::Failed {
        status.errors = vec![NetworkError {
            code: 131_026,
            title: "undeliverable".into(),
            details: None,
        }];
    }
    let key = NoticeKey::status(&status, at.0 / 1000);
    let notice = Notice {
        tenant: outbound.tenant.clone(),
        number: outbound.number.clone(),
        channel: Channel::WhatsApp,
        key,
        body: NoticeBody::Status(status),
    };
    // I13: somebody who puts our token onto a status of the other tenant's moves nothing.
    let forged = state.chance.odds(20).then(|| forged(&notice, outbound));
    if let Some(forged) = forged {
        state.deliver(after, vec![forged]);
    }
    if is_twice {
        let again = after + state.chance.below(2_000);
        state.deliver(again, vec![notice.clone()]);
    }
    state.deliver(after, vec![notice]);
}

fn forged(notice: &Notice, outbound: &Outbound) -> Notice {
    let other = usize::from(outbound.tenant == shop::tenant(0));
    Notice {
        tenant: shop::tenant(other),
        number: shop::number(other, 0),
        ..notice.clone()
    }
}

/// What our own side sent comes in as an echo: it is no person who talks.
fn echo(state: &mut State, outbound: &Outbound, wamid: &Wamid) {
    let after = state.chance.between(1, 400);
    let echo = Echo {
        id: wamid.clone(),
        to: outbound.to.clone(),
        at: state.clock(),
        content: Content::Text {
            body: outbound.message.body().to_owned(),
        },
    };
    let notice = notice_of_echo(&outbound.tenant, &outbound.number, echo);
    state.deliver(after, vec![notice]);
}

pub fn notice_of_echo(tenant: &TenantId, number: &NumberId, echo: Echo) -> Notice {
    Notice {
        tenant: tenant.clone(),
        number: number.clone(),
        channel: Channel::WhatsApp,
        key: NoticeKey::echo(&echo.id),
        body: NoticeBody::Echo(echo),
    }
}

/// What a person of the tenant's writes from elsewhere.
pub fn words_of_an_agent(wamid: &str, to: ContactKey, at: Moment) -> Echo {
    Echo {
        id: Wamid::new(wamid).unwrap(),
        to,
        at,
        content: Content::Text {
            body: "a person of ours is at it".into(),
        },
    }
}
