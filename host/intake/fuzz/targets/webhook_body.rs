//! Meta's body, once its signature held.
#![no_main]

use judge::{NOW, demand_all, demand_storable};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    if let Ok(found) = intake::payload::parse(body, NOW) {
        demand_storable(&found);
        demand_all(body, &found);
    }
});
