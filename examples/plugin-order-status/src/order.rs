//! Orders, as the shop tells them.

use sdk::lookup::{LookupError, get, get_json};
use sdk::{Turn, Value, log};
use serde::Deserialize;

/// What placeholders can name of an order, and whether every order has it.
pub(crate) const VALUES: [(&str, bool); 5] = [
    ("order.number", true),
    ("order.status", true),
    ("order.due", false),
    ("order.carrier", false),
    ("order.tracking", false),
];

/// The shop, asked on behalf of this turn's contact.
pub(crate) struct Shop<'a> {
    endpoint: &'a str,
    turn: &'a Turn,
}

/// One order.
#[derive(Debug, Deserialize)]
pub(crate) struct Order {
    /// Its number, digits alone.
    pub(crate) number: String,
    /// Where it is, in words for the contact.
    pub(crate) status: String,
    /// Whose it is: a phone, with or without its plus.
    phone: Option<String>,
    /// Whose it is, for a contact without a known phone: WhatsApp's id of them.
    user: Option<String>,
    due: Option<String>,
    carrier: Option<String>,
    tracking: Option<String>,
}

#[derive(Deserialize)]
struct Orders {
    orders: Vec<Order>,
}

impl<'a> Shop<'a> {
    pub(crate) fn new(endpoint: &'a str, turn: &'a Turn) -> Self {
        Self { endpoint, turn }
    }

    /// The contact's order with this number.
    pub(crate) fn order(&self, number: &str) -> Result<Option<Order>, LookupError> {
        match get_json::<Order>(&get(self.endpoint, &format!("orders/{number}"))) {
            Ok(order) => Ok(Some(order).filter(|order| order.number == number && self.owns(order))),
            Err(LookupError::Status(403 | 404)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The contact's orders that are not there yet.
    pub(crate) fn open_orders(&self) -> Result<Vec<Order>, LookupError> {
        let Orders { mut orders } = get_json(&get(self.endpoint, "orders").query("open", "true"))?;
        orders.retain(|order| self.owns(order));
        Ok(orders)
    }

    /// An order that does not say whose it is belongs to nobody here.
    fn owns(&self, order: &Order) -> bool {
        let contact = &self.turn.contact;
        let is_theirs = match (&order.phone, &contact.phone) {
            (Some(named), Some(known)) => named.trim_start_matches('+') == known,
            _ => order.user.is_some() && order.user == contact.user_id,
        };
        if !is_theirs {
            log::error("the endpoint gave out an order that is not the contact's");
        }
        is_theirs
    }
}

impl Order {
    /// The turn with the order's values beside its own.
    pub(crate) fn added_to(&self, turn: &Turn) -> Turn {
        let of = |name: &str| match name {
            "order.number" => Some(&self.number),
            "order.status" => Some(&self.status),
            "order.due" => self.due.as_ref(),
            "order.carrier" => self.carrier.as_ref(),
            "order.tracking" => self.tracking.as_ref(),
            _ => None,
        };
        let mut turn = turn.clone();
        turn.values.extend(VALUES.iter().filter_map(|(name, _)| {
            Some(Value {
                name: (*name).to_owned(),
                text: of(name)?.clone(),
            })
        }));
        turn
    }
}
