//! An SNS notification whose message is anything: it reads as the message by itself.
#![no_main]

use intake::envelope::{open, open_message};
use judge::{NOW, demand_storable};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(found) = open(bytes, NOW) {
        demand_storable(&found);
    }
    let Ok(message) = std::str::from_utf8(bytes) else { return };
    let wrapped = json!({ "Type": "Notification", "MessageId": "m", "TopicArn": "t", "Message": message }).to_string();
    // A wrapper more may be one too many; whatever opens in it opens alike without.
    if let Ok(found) = open(wrapped.as_bytes(), NOW) {
        assert_eq!(open_message(message, NOW).as_ref(), Ok(&found));
    }
});
