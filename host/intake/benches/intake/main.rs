//! `cargo xtask bench intake`: what it costs to verify and parse a webhook, beside the least that anybody could do: the digest, and
//! `serde_json` into bare structs.
//!
//! All ways are measured in one process, in turn, about a millisecond each, again and again, so that whatever else the machine does
//! slows all of them alike; what is judged is their ratio. It ends with 1 if that misses its target.

mod bare;
mod figures;
mod payloads;
mod report;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use hmac::{Hmac, KeyInit, Mac};
use intake::payload;
use intake::signature::{App, Signature, voucher};
use model::Moment;
use sha2::Sha256;

use crate::figures::{Figures, Measured};

/// As the product has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const WARM_UP_ROUNDS: usize = 20;
const ROUNDS: usize = 400;
/// About a millisecond of the smaller body.
const RUNS: u32 = 200;
/// Of the larger body: each run is about a millisecond by itself.
const LARGE_ROUNDS: usize = 100;

const SECRET: &[u8] = b"app secret of the benchmark";
const RECEIVED: Moment = Moment(1_790_000_000_000);

pub(crate) type Fault = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("error: {fault}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, Fault> {
    let (mut as_json, mut report_only) = (false, false);
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--json" => as_json = true,
            "--report-only" => report_only = true,
            // Cargo's own.
            "--bench" => {}
            other => return Err(format!("{other:?}: there are --json and --report-only").into()),
        }
    }
    let one = payloads::one_message();
    let thousand = payloads::thousand_messages();
    let figures = Figures {
        one: measure(&one, ROUNDS, RUNS)?,
        thousand: measure(&thousand, LARGE_ROUNDS, 1)?,
    };
    if as_json {
        println!("{:#}", report::json(&figures)?);
    } else {
        println!("{}", report::table(&figures)?);
    }
    Ok(report_only || figures.target()?.is_met())
}

/// A way to take a body in, or a part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// What the product does: the signature, then the notices.
    Ours,
    /// The digest, and `serde_json` into bare structs.
    Bare,
    OurSignature,
    OurParse,
    BareDigest,
    BareParse,
}

impl Way {
    pub(crate) const ALL: [Self; 6] = [
        Self::Ours,
        Self::Bare,
        Self::OurSignature,
        Self::OurParse,
        Self::BareDigest,
        Self::BareParse,
    ];
}

/// What both ways need, made beforehand.
struct Stage<'a> {
    body: &'a [u8],
    header: String,
    apps: [App; 1],
    key: Hmac<Sha256>,
}

fn measure(body: &[u8], rounds: usize, runs: u32) -> Result<Measured, Fault> {
    let key = Hmac::<Sha256>::new_from_slice(SECRET)?;
    let mut code = key.clone();
    code.update(body);
    let stage = Stage {
        body,
        header: format!("sha256={}", hex::encode(code.finalize().into_bytes())),
        apps: [App::new("bench", &[SECRET.to_vec()])],
        key,
    };
    let notices = stage.our_parse();
    if notices != bare::count(&stage.bare_parse()) || !stage.our_signature() {
        return Err("the two ways do not read the same".into());
    }
    let mut measured = Measured::new(body.len(), notices);
    for round in 0..WARM_UP_ROUNDS + rounds {
        let times = Way::ALL.map(|way| {
            let began = Instant::now();
            for _ in 0..runs {
                stage.take(way);
            }
            began.elapsed() / runs
        });
        if round >= WARM_UP_ROUNDS {
            measured.add(times);
        }
    }
    Ok(measured)
}

impl Stage<'_> {
    fn take(&self, way: Way) {
        if matches!(way, Way::Ours | Way::OurSignature) {
            black_box(self.our_signature());
        }
        if matches!(way, Way::Ours | Way::OurParse) {
            black_box(self.our_parse());
        }
        if matches!(way, Way::Bare | Way::BareDigest) {
            let mut code = self.key.clone();
            code.update(black_box(self.body));
            black_box(code.finalize());
        }
        if matches!(way, Way::Bare | Way::BareParse) {
            black_box(self.bare_parse());
        }
    }

    fn our_signature(&self) -> bool {
        Signature::parse(black_box(&self.header)).is_some_and(|signature| {
            voucher(&self.apps, &signature, black_box(self.body)).is_some()
        })
    }

    fn our_parse(&self) -> usize {
        let parsed = payload::parse(black_box(self.body), RECEIVED);
        black_box(parsed).map_or(0, |parsed| parsed.len())
    }

    fn bare_parse(&self) -> Option<bare::Envelope> {
        serde_json::from_slice(black_box(self.body)).ok()
    }
}
