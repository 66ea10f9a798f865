//! The orders, and who may see them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// The shop.
pub(crate) struct Shop {
    authorization: String,
}

/// What is asked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    /// By their name in lower case.
    pub(crate) headers: BTreeMap<String, String>,
}

/// What is answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// One order. A real shop has them in a database.
struct Order {
    number: &'static str,
    phone: &'static str,
    status: &'static str,
    due: Option<&'static str>,
    carrier: Option<&'static str>,
    is_open: bool,
}

/// Phones of nobody: those that `tollgate chat` and the simulator speak as.
const ORDERS: [Order; 4] = [
    Order {
        number: "4711",
        phone: "5511900000001",
        status: "on its way",
        due: Some("Friday"),
        carrier: Some("Parcel Bird"),
        is_open: true,
    },
    Order {
        number: "4712",
        phone: "5511900000001",
        status: "being packed",
        due: None,
        carrier: None,
        is_open: true,
    },
    Order {
        number: "4700",
        phone: "5511900000001",
        status: "delivered",
        due: None,
        carrier: Some("Parcel Bird"),
        is_open: false,
    },
    Order {
        number: "4800",
        phone: "5511900000002",
        status: "on its way",
        due: Some("Monday"),
        carrier: None,
        is_open: true,
    },
];

impl Shop {
    pub(crate) fn new(secret: &str) -> Self {
        Self {
            authorization: format!("Bearer {secret}"),
        }
    }

    pub(crate) fn answer(&self, request: &Request) -> Answer {
        let header = |name: &str| {
            request
                .headers
                .get(name)
                .map(String::as_str)
                .unwrap_or_default()
        };
        if !is_same(header("authorization"), &self.authorization) {
            return Answer::refusing(401, "the secret is wrong");
        }
        let phone = header("tollgate-phone").trim_start_matches('+');
        let theirs = |order: &&Order| order.phone == phone && !phone.is_empty();
        let mut orders = ORDERS.iter().filter(theirs);
        match (
            request.method.as_str(),
            request.path.strip_prefix("/orders"),
        ) {
            ("GET", Some("" | "/")) => {
                let only_open = request.query.split('&').any(|part| part == "open=true");
                let shown = orders.filter(|order| order.is_open || !only_open);
                Answer::of(&json!({ "orders": shown.map(Order::json).collect::<Vec<_>>() }))
            }
            ("GET", Some(number)) => {
                match orders.find(|order| number.strip_prefix('/') == Some(order.number)) {
                    Some(order) => Answer::of(&order.json()),
                    None => Answer::refusing(404, "no such order"),
                }
            }
            _ => Answer::refusing(404, "nothing is here"),
        }
    }
}

impl Order {
    fn json(&self) -> Value {
        json!({
            "number": self.number,
            "phone": format!("+{}", self.phone),
            "status": self.status,
            "due": self.due,
            "carrier": self.carrier,
        })
    }
}

impl Answer {
    fn of(body: &Value) -> Self {
        Self {
            status: 200,
            body: body.to_string(),
        }
    }

    pub(crate) fn refusing(status: u16, why: &str) -> Self {
        Self {
            status,
            body: json!({ "error": why }).to_string(),
        }
    }
}

/// Takes the same time wherever the first difference is.
fn is_same(given: &str, wanted: &str) -> bool {
    let differences = given
        .bytes()
        .zip(wanted.bytes())
        .fold(0, |all, (a, b)| all | (a ^ b));
    differences == 0 && given.len() == wanted.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(path: &str, query: &str, headers: &[(&str, &str)]) -> Answer {
        let request = Request {
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
        };
        Shop::new("secret").answer(&request)
    }

    const SECRET: (&str, &str) = ("authorization", "Bearer secret");
    const FIRST: (&str, &str) = ("tollgate-phone", "+5511900000001");

    #[test]
    fn an_order_is_given_to_its_owner_alone() {
        let answer = ask("/orders/4711", "", &[SECRET, FIRST]);
        assert_eq!(answer.status, 200);
        assert!(
            answer.body.contains("\"phone\":\"+5511900000001\""),
            "{answer:?}"
        );
        // Another's is answered as none is.
        assert_eq!(
            ask("/orders/4800", "", &[SECRET, FIRST]),
            ask("/orders/9999", "", &[SECRET, FIRST])
        );
        assert_eq!(ask("/orders/4800", "", &[SECRET, FIRST]).status, 404);
        assert_eq!(ask("/orders/4711", "", &[SECRET]).status, 404);
        assert_eq!(
            ask("/orders/4711", "", &[SECRET, ("tollgate-phone", "")]).status,
            404
        );
    }

    #[test]
    fn a_list_has_the_contacts_orders_alone() {
        let answer = ask("/orders", "open=true", &[SECRET, FIRST]);
        assert!(
            answer.body.contains("4711") && answer.body.contains("4712"),
            "{answer:?}"
        );
        assert!(
            !answer.body.contains("4700") && !answer.body.contains("4800"),
            "{answer:?}"
        );
        assert!(ask("/orders", "", &[SECRET, FIRST]).body.contains("4700"));
        assert_eq!(ask("/orders", "", &[SECRET]).body, r#"{"orders":[]}"#);
    }

    #[test]
    fn without_the_secret_nothing_is_given() {
        for headers in [
            &[FIRST][..],
            &[FIRST, ("authorization", "Bearer secre")],
            &[FIRST, ("authorization", "secret")],
        ] {
            assert_eq!(ask("/orders/4711", "", headers).status, 401);
        }
    }
}
