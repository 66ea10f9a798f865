//! The rate of an account, which numbers of several tenants share: kept in any one second, over restarts as well.

use std::time::Duration;

use gate::{AccountPace, Pace, Policy};

use crate::house::{BANK, ECHO, House, SHOP, Wishes, number, person};

/// Messages of the account in a second.
const RATE: usize = 5;

fn one_account(policy: &mut Policy) {
    let pace = Pace {
        per_second: 80,
        account: Some(AccountPace {
            account: "both".into(),
            per_second: u32::try_from(RATE).unwrap(),
        }),
    };
    let numbers = policy.numbers.iter();
    policy.pace = numbers
        .map(|number| (number.clone(), pace.clone()))
        .collect();
}

#[tokio::test(start_paused = true)]
async fn what_an_account_has_spent_in_a_second_is_not_spent_again_after_a_restart() {
    let mut house = House::build(Wishes {
        rules: [ECHO, ECHO],
        policy: one_account,
        ..Wishes::default()
    })
    .await;
    // Twelve write to each at once: that keeps the account busy for five seconds.
    const PEOPLE: usize = 12;
    for place in 0..PEOPLE {
        for to in [SHOP, BANK] {
            house.says(to, &person(place), "say it").await;
        }
    }
    // In every second there is a restart, each time at another place in it.
    let mut restarts = 0;
    while house.network.sends().len() < 2 * PEOPLE {
        house.passes(Duration::from_millis(310)).await;
        house.restarts().await;
        restarts += 1;
        assert!(restarts < 100, "they leave, in spite of the restarts");
    }
    assert!(restarts > 8, "{restarts}");
    let sends = house.network.sends();
    for pair in sends.windows(RATE + 1) {
        let (first, next) = (pair[0].0, pair[RATE].0);
        assert!(
            next - first >= Duration::from_secs(1),
            "{} left within {:?}",
            RATE + 1,
            next - first
        );
    }
    // It is the account's rate and no lower one: five leave at the first moment, and it is used up within the seconds it takes.
    assert_eq!(sends[0].0, sends[RATE - 1].0);
    let took = sends[2 * PEOPLE - 1].0 - sends[0].0;
    assert!(took < Duration::from_secs(8), "{took:?}");
    for of in [SHOP, BANK] {
        assert_eq!(house.network.texts(&number(of)).len(), PEOPLE);
    }
    house.engine.stop().await;
}
