//! Warnings: the draft works, and probably not as meant.

use super::{Code, Explanation, codes};
use crate::Severity;

codes! { Severity::Warning;
NO_TEXT = "R101" "no text in one of the languages",
"The file speaks several languages, and in one of them there is no text here. People who write in it get the text in the file's first language.",
wrong: r#"rules_version = 1
languages = ["en", "pt"]

[[rule]]
name = "parking"
when.words = ["parking", "estacionamento"]
reply.en = "You can park behind the shop."
"#,
right: r#"rules_version = 1
languages = ["en", "pt"]

[[rule]]
name = "parking"
when.words = ["parking", "estacionamento"]
reply.en = "You can park behind the shop."
reply.pt = "Há estacionamento atrás da loja."
"#;

CATCH_ALL = "R102" "an answer to everything, without a bound",
"This rule holds for nearly every message, and nothing bounds how often. Somebody who writes five short lines is answered five times. `once_per` bounds it.",
wrong: r#"[[rule]]
name = "fallback"
reply.en = "We got your message and will answer soon."
"#,
right: r#"[[rule]]
name = "fallback"
reply.en = "We got your message and will answer soon."
once_per = "12h"
"#;

OPT_OUT_WORD = "R103" "a word that is an opt-out",
"When this word is the whole message, it is taken as an opt-out before any rule is looked at, so here it is only heard within a longer message. If it is not to stop everything, `except` in [opt_out] takes a built-in word out.",
wrong: r#"[[rule]]
name = "cancel-order"
when.words = ["cancel", "cancellation"]
reply.en = "What is the number of your order?"
"#,
right: r#"[opt_out]
except = ["cancel"]
reply.en = "Done, you will get no more messages from us."

[[rule]]
name = "cancel-order"
when.words = ["cancel", "cancellation"]
reply.en = "What is the number of your order?"
"#;

UNHEARD = "R104" "a reply asks for a word that nobody hears",
"The reply tells people to write a word, and no rule listens for it. Whoever does as told gets another answer, or none.",
wrong: r#"[[rule]]
name = "newsletter"
when.words = ["newsletter"]
reply.en = "It comes once a month. Reply YES to get it."
"#,
right: r#"[[rule]]
name = "newsletter"
when.words = ["newsletter"]
reply.en = "It comes once a month. Reply YES to get it."

[[rule]]
name = "newsletter-yes"
when.says = ["yes"]
when.after = "newsletter"
reply.en = "Done, welcome!"
tag = "newsletter"
"#;

TURNED_OFF = "R105" "a rule that is off is named",
"Another rule names this one, and it is off: nothing follows there. Take `off` away, or name another rule.",
wrong: r#"[[rule]]
name = "prices"
when.words = ["prices"]
reply.en = "Prices are on our page."
call = "sale"

[[rule]]
name = "sale"
only = "called"
off = true
reply.en = "Everything is 10% off this week."
"#,
right: r#"[[rule]]
name = "prices"
when.words = ["prices"]
reply.en = "Prices are on our page."
call = "sale"

[[rule]]
name = "sale"
only = "called"
reply.en = "Everything is 10% off this week."
"#;

UNTESTED = "R106" "a rule without a test",
"There are tests, and none of them expects this rule. A change elsewhere could silence it, and nobody would notice.",
wrong: r#"[[rule]]
name = "parking"
when.words = ["parking"]
reply.en = "You can park behind the shop."

[[rule]]
name = "delivery"
when.words = ["delivery"]
reply.en = "We deliver within three days."

[[test]]
name = "where to park"
says = "Is there parking?"
expect.rules = "parking"
"#,
right: r#"[[rule]]
name = "parking"
when.words = ["parking"]
reply.en = "You can park behind the shop."

[[rule]]
name = "delivery"
when.words = ["delivery"]
reply.en = "We deliver within three days."

[[test]]
name = "where to park"
says = "Is there parking?"
expect.rules = "parking"

[[test]]
name = "how long delivery takes"
says = "How long does delivery take?"
expect.rules = "delivery"
"#;

NEVER_OPEN = "R107" "hours that never open",
"These hours have not a single open time. Rules with `when.hours` of them never hold, and rules with `when.outside` always do.",
wrong: r#"rules_version = 1
timezone = "America/Sao_Paulo"
languages = ["en"]

[hours.shop]
sat = "closed"
sun = "closed"
"#,
right: r#"rules_version = 1
timezone = "America/Sao_Paulo"
languages = ["en"]

[hours.shop]
mon-fri = "09:00-18:00"
sat = "closed"
sun = "closed"
"#;

UNCALLED = "R108" "a rule that waits to be called",
"The rule has `only = \"called\"`: by itself it never holds, and no rule names it. Name it in `call` or `if_…` of another rule, or take `only` out.",
wrong: r#"[[rule]]
name = "sale"
only = "called"
reply.en = "Everything is 10% off this week."
"#,
right: r#"[[rule]]
name = "prices"
when.words = ["prices"]
reply.en = "Prices are on our page."
call = "sale"

[[rule]]
name = "sale"
only = "called"
reply.en = "Everything is 10% off this week."
"#;

DEAD_WORD = "R109" "a word that is answered further up",
"A rule above this one answers every message with this word, so here it is never heard. Take it out here, or move this rule up.",
wrong: r#"[[rule]]
name = "delivery"
when.words = ["delivery", "shipping"]
reply.en = "We deliver within three days."

[[rule]]
name = "costs"
when.words = ["costs", "shipping"]
reply.en = "Shipping is free from 30 euros on."
"#,
right: r#"[[rule]]
name = "delivery"
when.words = ["delivery"]
reply.en = "We deliver within three days."

[[rule]]
name = "costs"
when.words = ["costs", "shipping"]
reply.en = "Shipping is free from 30 euros on."
"#;

OUTSIDE = "R110" "a reply that may come too late",
"24 hours after a contact's last message WhatsApp lets nothing through but approved templates. Messages are answered for longer than that here, so this reply may find the window closed: a `template` beside it goes out instead.",
wrong: r#"[[rule]]
name = "parking"
when.words = ["parking"]
reply.en = "You can park behind the shop."
"#,
right: r#"[template.parking]
category = "utility"
languages.en = "en"

[[rule]]
name = "parking"
when.words = ["parking"]
reply.en = "You can park behind the shop."
template = "parking"
"#,
given: "tollgate.toml says answer_within = \"48h\"";

UNLOOKED = "R111" "conditions that nobody looks at",
"Who calls a rule by name does not ask for its conditions. In a rule with `only = \"called\"` they mean nothing: take them out, or take `only` out.",
wrong: r#"[[rule]]
name = "prices"
when.words = ["prices"]
reply.en = "Prices are on our page."
call = "sale"

[[rule]]
name = "sale"
only = "called"
when.words = ["sale"]
reply.en = "Everything is 10% off this week."
"#,
right: r#"[[rule]]
name = "prices"
when.words = ["prices"]
reply.en = "Prices are on our page."
call = "sale"

[[rule]]
name = "sale"
only = "called"
reply.en = "Everything is 10% off this week."
"#;

LISTED = "R112" "a list within one text",
"This is one text with several commas in it, and it is looked for as a whole. If each part is meant to be listened for by itself, write a list: each in quotes of its own, with commas between them.",
wrong: r#"[[rule]]
name = "opening-hours"
when.words = "open, opening hours, closed"
reply.en = "We are open until 6 pm."
"#,
right: r#"[[rule]]
name = "opening-hours"
when.words = ["open", "opening hours", "closed"]
reply.en = "We are open until 6 pm."
"#;
}
