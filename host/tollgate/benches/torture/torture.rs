//! The real binary under load, killed again and again, against the simulator, whose record is the judge: nothing acknowledged is lost,
//! nothing is sent twice, each contact is answered in order, nobody who stopped hears more (I1, I2, I4, I6, I10, I11).
//!
//! `cargo xtask torture` runs it at length, `tests/torture.rs` a short one with every test run.
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a proof, not the product: what fails here ends it, with the place"
)]

mod book;
mod dice;
mod figures;
mod host;
mod judge;
mod load;
mod network;
#[path = "../driving/process.rs"]
mod process;
mod record;
#[path = "../driving/signer.rs"]
mod signer;
mod town;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use dice::Dice;
pub use figures::Figures;
use host::Host;
use judge::{Evidence, judge};
use load::Load;
use network::Network;
use town::Town;

/// The business's numbers: each may send 80 a second, and what waited while the host was down leaves in a burst.
const NUMBERS: usize = 8;
/// How long everything may take to come to rest when nobody kills any more.
const QUIET: Duration = Duration::from_secs(120);
/// Then nothing is due any more: `unsure_after`, and the time in which a second try is made, with room.
const AFTERWARDS: Duration = Duration::from_secs(5);

pub struct Options {
    pub binary: PathBuf,
    /// It ends after so many kills …
    pub kills: u64,
    /// … and not before so much time.
    pub lasts: Duration,
    /// Messages a second.
    pub rate: u32,
    pub seed: u64,
    /// Says what it does.
    pub talks: bool,
}

/// Tortures a host, and gives its figures, among them all that is not as it must be.
pub async fn torture(options: &Options) -> Figures {
    let mut dice = Dice::new(options.seed);
    let town = Town::new(&options.binary, NUMBERS);
    let network = Network::start(&town).await;
    town.configure(&network.url);
    // Ids of messages are never used again, by no run.
    let load = Load::new(&town.host_url(), NUMBERS, now_ms() << 16 ^ options.seed);
    let mut host = Host::new(town, Arc::clone(&load));
    let mut figures = Figures::default();
    let began = Instant::now();
    if let Err(said) = host.start_until_ready().await {
        figures.find("the host never became ready", said);
        return figures;
    }
    let talking = tokio::spawn(Arc::clone(&load).keep_up(
        options.rate,
        Arc::clone(&network.record),
        dice.split(),
    ));
    if let Err(said) =
        kill_again_and_again(options, &mut host, &network, &load, &mut dice, began).await
    {
        figures.find("the host did not come back", said);
    }
    talking.abort();
    figures.tortured = began.elapsed();
    network.behave().await;
    if figures.findings.is_empty() {
        come_to_rest(&host, &network, &load, &mut dice, &mut figures).await;
    }
    let held = host.held().await;
    sum_up(&host, &network, &load, &held, &mut figures);
    figures
}

async fn kill_again_and_again(
    options: &Options,
    host: &mut Host,
    network: &Network,
    load: &Arc<Load>,
    dice: &mut Dice,
    began: Instant,
) -> Result<(), String> {
    let mut rounds = 0;
    while host.kills < options.kills || began.elapsed() < options.lasts {
        rounds += 1;
        if rounds % 4 == 1 {
            let faults = network.misbehave(dice).await;
            if options.talks {
                let seconds = began.elapsed().as_secs();
                let answers = network.record.lock().unwrap().answers.len();
                eprintln!(
                    "{seconds:>5} s  {:>4} kills, {answers:>7} answers; the network: {faults}",
                    host.kills
                );
            }
        }
        load.bring_again(20, dice);
        match dice.within(0..100) {
            // Long enough for what is unknown to be sent once more.
            0..10 => pause(dice, 4000..6000).await,
            // Hardly there, and gone again.
            10..22 => pause(dice, 0..50).await,
            22..55 => pause(dice, 50..600).await,
            _ => pause(dice, 50..3000).await,
        }
        if dice.percent(30) {
            host.change_rules(dice).await;
        }
        if dice.percent(12) {
            host.end().await;
        } else {
            host.kill();
        }
        // Now and then again before it is up.
        while dice.percent(20) {
            host.start();
            pause(dice, 0..host.usual_start_ms().max(2)).await;
            host.kill();
            host.kills_at_start += 1;
        }
        host.start_until_ready().await?;
    }
    Ok(())
}

/// Nobody kills any more: everything that was acknowledged is answered, or held for a person.
async fn come_to_rest(
    host: &Host,
    network: &Network,
    load: &Arc<Load>,
    dice: &mut Dice,
    figures: &mut Figures,
) {
    let began = Instant::now();
    load.all_said().await;
    let mut rests_since = None;
    while rests_since.is_none_or(|since: Instant| since.elapsed() < AFTERWARDS) {
        if began.elapsed() > QUIET {
            figures.find("it never came to rest", host.unfinished().await);
            break;
        }
        match (
            host.unfinished().await.is_empty(),
            network.waiting().await.0,
        ) {
            (true, 0) => {
                rests_since.get_or_insert_with(Instant::now);
            }
            _ => {
                rests_since = None;
                load.ask_each_number(NUMBERS, dice).await;
            }
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    figures.rested = began.elapsed().saturating_sub(AFTERWARDS);
    let (waiting, given_up) = network.waiting().await;
    if waiting + given_up > 0 {
        let what = format!("{waiting} wait, {given_up} were given up");
        figures.find("webhooks of the network's that the host never took", what);
    }
    let dead = host.dead_letters().await;
    if dead > 0 {
        figures.find(
            "dead letters, though every rule and plugin works",
            dead.to_string(),
        );
    }
}

fn sum_up(
    host: &Host,
    network: &Network,
    load: &Load,
    held: &HashMap<usize, u64>,
    figures: &mut Figures,
) {
    let book = load.book.lock().unwrap();
    let record = network.record.lock().unwrap();
    let lives = load.lives.lock().unwrap();
    let verdict = judge(&Evidence {
        book: &book,
        answers: &record.answers,
        lives: &lives,
        editions: &host.editions,
        held,
    });
    figures.count(host, &record, &load.tally, &book, held.len());
    figures.judged(verdict);
    if record.missed > 0 {
        let what = format!("{} sends", record.missed);
        figures.find("the network's record is not complete", what);
    }
}

async fn pause(dice: &mut Dice, milliseconds: std::ops::Range<u64>) {
    tokio::time::sleep(Duration::from_millis(dice.within(milliseconds))).await;
}

/// The time on this machine's clock, which host and network read too.
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}
