//! Whatever a queue can hold.
#![no_main]

use judge::{NOW, demand_storable};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    if let Ok(found) = intake::envelope::open(body, NOW) {
        demand_storable(&found);
    }
});
