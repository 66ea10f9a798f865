//! Says where an order is, to the contact whose order it is.
//!
//! A number in the message names the order. Without one, the contact's open orders are looked up: one is told at once,
//! several are offered as a menu, and the answer to that arrives as the second step (`when.after` in `rules/rules.toml`).
//!
//! Whose order it is, is nobody's claim: the host tells the endpoint on whose behalf it asks, and the endpoint returns that
//! contact's orders alone. The plugin looks again, so that a careless endpoint tells no stranger anything.
#![deny(unsafe_code)]

mod number;
mod order;
mod settings;

use sdk::{
    Description, Failure, Known, Outcome, Outgoing, Plugin, Problems, Texts, Turn, Unanswered,
    limits, log,
};

use order::{Order, Shop};
pub use settings::Settings;

/// The plugin.
pub struct OrderStatus;

impl Plugin for OrderStatus {
    type Settings = Settings;

    fn describe() -> Description {
        Description::new(
            "order-status",
            env!("CARGO_PKG_VERSION"),
            include_str!("../settings.schema.json"),
        )
        .wants("gate", "it tells where the order is")
        .wants("lookup", "it asks the shop for the order")
    }

    fn check(settings: &Settings, known: &Known, problems: &mut Problems) {
        settings.check(known, problems);
    }

    fn handle(turn: &Turn, settings: &Settings) -> Result<Outcome, Failure> {
        let shop = Shop::new(&settings.endpoint, turn);
        let Some(number) = turn.text().and_then(number::find) else {
            return settings.offer(turn, &shop);
        };
        let order = match shop.order(number) {
            Ok(order) => order,
            Err(error) => return Ok(settings.is_down(turn, &error)),
        };
        match order {
            Some(order) => settings.tell(turn, &order),
            None => Ok(say_or(turn, &settings.not_found, Unanswered::NoAnswer)),
        }
    }
}

sdk::export_plugin!(OrderStatus);

impl Settings {
    /// Without a number: the one open order, or the question which of them.
    fn offer(&self, turn: &Turn, shop: &Shop<'_>) -> Result<Outcome, Failure> {
        if self.needs_number {
            return Ok(Outcome::Passed);
        }
        let orders = match shop.open_orders() {
            Ok(orders) => orders,
            Err(error) => return Ok(self.is_down(turn, &error)),
        };
        match &orders[..] {
            [order] => self.tell(turn, order),
            orders => {
                let ask = self.ask.say(turn, limits::MENU_BODY);
                let ask = ask.ok_or_else(|| Failure::new("`ask` has no text in any language"))?;
                Ok(sdk::answer(self.question(turn, ask, orders)))
            }
        }
    }

    /// The question, with the orders to choose from if there are some.
    fn question(&self, turn: &Turn, ask: String, orders: &[Order]) -> Outgoing {
        let label = self.label.say(turn, limits::MENU_LABEL);
        let (Some(label), false) = (label, orders.is_empty()) else {
            return ask.into();
        };
        let rows = orders.iter().take(limits::MENU_ROWS);
        rows.fold(sdk::menu(ask, label), |menu, order| {
            let title = limits::ROW_TITLE.fit(&order.number);
            menu.row_about(
                &order.number,
                title,
                limits::ROW_DESCRIPTION.fit(&order.status),
            )
        })
        .into()
    }

    fn tell(&self, turn: &Turn, order: &Order) -> Result<Outcome, Failure> {
        match self.found.say(&order.added_to(turn), limits::TEXT) {
            Some(text) => Ok(sdk::answer(text)),
            None => Err(Failure::new("`found` has no text in any language")),
        }
    }

    fn is_down(&self, turn: &Turn, error: &sdk::lookup::LookupError) -> Outcome {
        log::warn(&error.to_string());
        say_or(turn, &self.down, Unanswered::Slow)
    }
}

/// What the rule's texts say, or the rule's own way out (`if_no_answer`, `if_slow`).
fn say_or(turn: &Turn, texts: &Texts, otherwise: Unanswered) -> Outcome {
    match texts.say(turn, limits::TEXT) {
        Some(text) => sdk::answer(text),
        None => Outcome::Unanswered(otherwise),
    }
}
