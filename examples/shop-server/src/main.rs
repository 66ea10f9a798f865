//! A small shop's order system, for `plugin-order-status` to ask: the other side of a lookup.
//!
//! It shows what an endpoint has to do: check the secret, believe the host's word for whose contact it is (`tollgate-phone`),
//! give out that contact's orders alone, and answer 404 for another's as for none, so that numbers cannot be tried out.
//!
//! ```sh
//! SHOP_SECRET=change-me cargo run -p shop-server -- 127.0.0.1:7090
//! curl -H 'authorization: Bearer change-me' -H 'tollgate-phone: +5511900000001' http://127.0.0.1:7090/orders/4711
//! ```
#![forbid(unsafe_code)]

mod http;
mod shop;

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::net::TcpListener;

use shop::Shop;

/// Where it listens if nothing is said: this machine alone.
const ADDRESS: &str = "127.0.0.1:7090";

fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| ADDRESS.to_owned());
    let secret = env::var("SHOP_SECRET")
        .ok()
        .filter(|secret| !secret.is_empty())
        .ok_or("SHOP_SECRET is not set: it is the secret of `[tenant.NAME.endpoint.orders]` in tollgate.toml")?;
    let shop = Shop::new(&secret);
    let listener = TcpListener::bind(&address)
        .map_err(|error| format!("it cannot listen on {address}: {error}"))?;
    writeln!(
        io::stderr(),
        "the shop answers on http://{}",
        listener.local_addr()?
    )?;
    // One after the other: a caller that is slow is given up by its deadline.
    for caller in listener.incoming() {
        if let Err(error) = caller.and_then(|caller| http::serve(&caller, &shop)) {
            writeln!(io::stderr(), "a caller went away: {error}")?;
        }
    }
    Ok(())
}
