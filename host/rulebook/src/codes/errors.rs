//! Errors: with any of them there is no draft, and what ran before goes on.

use super::{Code, Explanation, codes};
use crate::Severity;

codes! { Severity::Error;
SYNTAX = "R001" "not TOML here",
"The file is written in TOML, and at this place it is not TOML: most often a quote, a bracket or a comma is missing. Texts stand in straight quotes, lists in [ ] with commas between, and each key has a line of its own.",
wrong: r#"[[rule]]
name = "opening-hours"
when.words = ["open", "opening hours]
reply.en = "We are open until 6 pm."
"#,
right: r#"[[rule]]
name = "opening-hours"
when.words = ["open", "opening hours"]
reply.en = "We are open until 6 pm."
"#;

TOO_MUCH = "R002" "more than is read",
"There is more than is read or shown: a file too large, too many files or rules, a list too long, or more findings than anybody reads. Rules are written by people for people; what is longer than this wants to be split.",
wrong: r#"[[rule]]
name = "products"
when.words = ["shirt 1", "shirt 2", "shirt 3", "…", "and so on up to", "shirt 1001"]
reply.en = "Here is our catalogue: https://shop.example/catalogue"
"#,
right: r#"[[rule]]
name = "products"
when.words = ["shirt", "shirts"]
reply.en = "Here is our catalogue: https://shop.example/catalogue"
"#,
given: "the list is written out: it has more than 1,000 entries";

UNKNOWN_KEY = "R003" "unknown key",
"Keys are strict: one that the rule language does not have is an error, so that a slip of the keyboard never turns into a rule that silently does something else. The help names the key that was probably meant.",
wrong: r#"[[rule]]
name = "greeting"
when.words = ["hello", "hi"]
reply.en = "Hello! How can we help?"
onceper = "12h"
"#,
right: r#"[[rule]]
name = "greeting"
when.words = ["hello", "hi"]
reply.en = "Hello! How can we help?"
once_per = "12h"
"#;

WRONG_TYPE = "R005" "a value of the wrong kind",
"The value is of another kind than the key takes. A text stands in quotes, a list of texts in [ ], a number and true or false stand bare.",
wrong: r#"[[rule]]
name = "thanks"
when.words = ["thanks"]
when.max_words = "5"
reply.en = "You are welcome!"
"#,
right: r#"[[rule]]
name = "thanks"
when.words = ["thanks"]
when.max_words = 5
reply.en = "You are welcome!"
"#;

MISSING = "R006" "something is missing",
"Something that has to be there is not: a rule's name, a file's languages, the timezone that hours need, the text in the fallback language. The help shows the line to add.",
wrong: r#"[[rule]]
when.words = ["parking"]
reply.en = "You can park behind the shop."
"#,
right: r#"[[rule]]
name = "parking"
when.words = ["parking"]
reply.en = "You can park behind the shop."
"#;

BAD_VALUE = "R007" "a value that the key does not take",
"The key takes one of a few words, or a value of a certain shape, and this is none of them. The help names those that there are.",
wrong: r#"[[rule]]
name = "photo"
when.kind = "photo"
reply.en = "Thank you for the picture. Somebody will look at it."
"#,
right: r#"[[rule]]
name = "photo"
when.kind = "image"
reply.en = "Thank you for the picture. Somebody will look at it."
"#;

UNKNOWN_NAME = "R008" "a name that nobody defines",
"Rules name other things: hours, options, templates and rules of your own files; plugins, desks, numbers and knowledge of tollgate.toml. Nothing has this name. If it is used in several places, it is told once.",
wrong: r#"[[rule]]
name = "person"
when.words = ["talk to a person"]
reply.en = "Somebody will answer shortly."
hand_to = "suport"
"#,
right: r#"[[rule]]
name = "person"
when.words = ["talk to a person"]
reply.en = "Somebody will answer shortly."
hand_to = "support"
"#;

DUPLICATE = "R009" "the same name twice",
"Names of rules, hours, options, templates and tests are yours alone, over all your files. Two of the same name could not be told apart where a decision or a report names them.",
wrong: r#"[[rule]]
name = "delivery"
when.words = ["delivery time"]
reply.en = "We deliver within three days."

[[rule]]
name = "delivery"
when.words = ["delivery costs"]
reply.en = "Delivery is free from 30 euros on."
"#,
right: r#"[[rule]]
name = "delivery-time"
when.words = ["delivery time"]
reply.en = "We deliver within three days."

[[rule]]
name = "delivery-costs"
when.words = ["delivery costs"]
reply.en = "Delivery is free from 30 euros on."
"#;

LANGUAGE = "R010" "unknown language, or none of the file's",
"Languages are codes of two letters (pt, en, es), with a region if need be (pt_BR, with an underscore). A text is written in one of the `languages` that stand at the top of the file.",
wrong: r#"[[rule]]
name = "greeting"
when.words = ["hello"]
reply.en = "Hello!"
reply.english = "Hello!"
"#,
right: r#"[[rule]]
name = "greeting"
when.words = ["hello"]
reply.en = "Hello!"
"#;

TIMEZONE = "R011" "unknown timezone",
"A timezone is a name like America/Sao_Paulo or Europe/Lisbon. Abbreviations and offsets such as GMT-3 are not taken: they do not know when the clocks change.",
wrong: r#"rules_version = 1
timezone = "Brasilia"
languages = ["en"]
"#,
right: r#"rules_version = 1
timezone = "America/Sao_Paulo"
languages = ["en"]
"#;

CONDITION = "R012" "unknown condition",
"Behind `when.` stands a condition: what has to be so for the rule to hold. This one does not exist; the help names the one that was probably meant, and docs/rules.md lists all of them.",
wrong: r#"[[rule]]
name = "opening-hours"
when.word = ["open", "opening hours"]
reply.en = "We are open until 6 pm."
"#,
right: r#"[[rule]]
name = "opening-hours"
when.words = ["open", "opening hours"]
reply.en = "We are open until 6 pm."
"#;

SPAN = "R013" "this is no span of time",
"A span of time is a number and a letter: s for seconds, m for minutes, h for hours, d for days. Several stand one after the other: \"1h 30m\".",
wrong: r#"[[rule]]
name = "greeting"
when.words = ["hello"]
reply.en = "Hello! How can we help?"
once_per = "12 hours"
"#,
right: r#"[[rule]]
name = "greeting"
when.words = ["hello"]
reply.en = "Hello! How can we help?"
once_per = "12h"
"#;

BUTTONS = "R014" "too many buttons or rows, or two alike",
"WhatsApp shows one to three buttons beneath a message, or a menu of one to ten rows. Each names an [option.NAME], each only once, and no two may bear the same title.",
wrong: r#"[option.hours]
en = "Opening hours"

[option.order]
en = "My order"

[option.prices]
en = "Prices"

[option.person]
en = "Talk to a person"

[[rule]]
name = "greeting"
when.words = ["hello"]
reply.en = "Hello! How can we help?"
buttons = ["hours", "order", "prices", "person"]
"#,
right: r#"[option.hours]
en = "Opening hours"

[option.order]
en = "My order"

[option.person]
en = "Talk to a person"

[[rule]]
name = "greeting"
when.words = ["hello"]
reply.en = "Hello! How can we help?"
buttons = ["hours", "order", "person"]
"#;

TOO_LONG = "R015" "longer than WhatsApp takes",
"WhatsApp takes 4096 characters of text, 1024 with buttons beneath it or a file above it, 20 of a button's title or a menu's label, 24 of a menu row's title and 72 of its description. Characters are counted, and a placeholder counts as nothing.",
wrong: r#"[option.person]
en = "I would like to talk to a person"

[[rule]]
name = "greeting"
when.words = ["hello"]
reply.en = "Hello! How can we help?"
buttons = ["person"]
"#,
right: r#"[option.person]
en = "Talk to a person"

[[rule]]
name = "greeting"
when.words = ["hello"]
reply.en = "Hello! How can we help?"
buttons = ["person"]
"#;

PLACEHOLDER = "R016" "unknown placeholder",
"In a text, { opens a placeholder that is filled in when the text is sent: {contact.first_name|there}, {number.name}, {today} and others; docs/rules.md lists them. Write {{ where a brace is meant.",
wrong: r#"[[rule]]
name = "greeting"
when.words = ["hello"]
reply.en = "Hello {first_name|there}! How can we help?"
"#,
right: r#"[[rule]]
name = "greeting"
when.words = ["hello"]
reply.en = "Hello {contact.first_name|there}! How can we help?"
"#;

DEFAULT = "R017" "a placeholder that may be empty",
"This value may be missing: not everybody has a name, and a picture has no text. Behind a | write what stands there instead.",
wrong: r#"[[rule]]
name = "greeting"
when.words = ["hello"]
reply.en = "Hello {contact.first_name}! How can we help?"
"#,
right: r#"[[rule]]
name = "greeting"
when.words = ["hello"]
reply.en = "Hello {contact.first_name|there}! How can we help?"
"#;

NOTHING_LEFT = "R018" "nothing to listen for",
"Capitals, accents, punctuation and extra spaces do not count when texts are compared. Of this entry nothing is left, so no message could ever match it.",
wrong: r#"[[rule]]
name = "puzzled"
when.says = ["what", "???"]
reply.en = "Tell us in other words what you are looking for."
"#,
right: r#"[[rule]]
name = "puzzled"
when.says = ["what", "pardon"]
reply.en = "Tell us in other words what you are looking for."
"#;

NOTHING_TO_DO = "R019" "a rule that does nothing",
"A rule does something when it holds: it replies, hands the conversation over, tags the contact, keeps the bot quiet or uses a plugin. This one only listens.",
wrong: r#"[[rule]]
name = "parking"
when.words = ["parking", "car park"]
"#,
right: r#"[[rule]]
name = "parking"
when.words = ["parking", "car park"]
reply.en = "You can park behind the shop."
"#;

TOGETHER = "R020" "keys that do not go together",
"Two keys of this rule cannot stand side by side, or one of them needs another that is not there. The message names both.",
wrong: r#"[option.hours]
en = "Opening hours"

[[rule]]
name = "greeting"
when.words = ["hello"]
reply.en = "Hello! How can we help?"
menu = ["hours"]
"#,
right: r#"[option.hours]
en = "Opening hours"

[[rule]]
name = "greeting"
when.words = ["hello"]
reply.en = "Hello! How can we help?"
menu = ["hours"]
menu_label.en = "How can we help?"
"#;

SHADOWED = "R021" "a rule that is never reached",
"Rules are looked at from top to bottom, and the first one that holds answers. A rule above this one holds whenever this one would, so nobody ever gets this answer. Put what is special above what is general.",
wrong: r#"[[rule]]
name = "order"
when.words = ["order"]
reply.en = "What is the number of your order?"

[[rule]]
name = "cancel-order"
when.words = ["cancel my order"]
reply.en = "We will cancel it. What is its number?"
"#,
right: r#"[[rule]]
name = "cancel-order"
when.words = ["cancel my order"]
reply.en = "We will cancel it. What is its number?"

[[rule]]
name = "order"
when.words = ["order"]
reply.en = "What is the number of your order?"
"#;

CIRCLE = "R022" "rules that lead to each other",
"Rules that call each other, or turn to each other when something fails, in a circle would never come to an end. Let one of them name no other.",
wrong: r#"[[rule]]
name = "prices"
when.words = ["prices"]
reply.en = "Prices are on our page."
call = "catalogue"

[[rule]]
name = "catalogue"
when.words = ["catalogue"]
reply.en = "Here is the catalogue: https://shop.example/catalogue"
call = "prices"
"#,
right: r#"[[rule]]
name = "prices"
when.words = ["prices"]
reply.en = "Prices are on our page."
call = "catalogue"

[[rule]]
name = "catalogue"
when.words = ["catalogue"]
reply.en = "Here is the catalogue: https://shop.example/catalogue"
"#;

BOTH_WAYS = "R023" "a word that means stop and start",
"A word in [opt_out] ends all messages, a word in [opt_in] lets them begin again. The same word cannot mean both: take it out of one of the two.",
wrong: r#"[opt_out]
words = ["leave", "no news"]
reply.en = "Done, you will get no more messages from us."

[opt_in]
words = ["come back", "no news"]
reply.en = "Good to have you back!"
"#,
right: r#"[opt_out]
words = ["leave", "no news"]
reply.en = "Done, you will get no more messages from us."

[opt_in]
words = ["come back", "news"]
reply.en = "Good to have you back!"
"#;

MISPLACED = "R024" "a key in the wrong place",
"The key exists, and belongs somewhere else. A header like [rule.reply] takes in every line after it, up to the next header; so write `reply.en = …` as lines of the rule, without a header of its own.",
wrong: r#"[[rule]]
name = "greeting"
when.words = ["hello"]
[rule.reply]
en = "Hello! How can we help?"
once_per = "12h"
"#,
right: r#"[[rule]]
name = "greeting"
when.words = ["hello"]
reply.en = "Hello! How can we help?"
once_per = "12h"
"#;

HOURS = "R025" "hours that cannot be read",
"Hours are written \"09:00-18:00\"; several a day \"09:00-12:00, 13:00-18:00\"; past midnight \"22:00-02:00\"; around the clock \"00:00-24:00\"; a day off \"closed\". Dates are year, month and day: \"2026-12-25\".",
wrong: r#"rules_version = 1
timezone = "America/Sao_Paulo"
languages = ["en"]

[hours.shop]
mon-fri = "9am-6pm"
"#,
right: r#"rules_version = 1
timezone = "America/Sao_Paulo"
languages = ["en"]

[hours.shop]
mon-fri = "09:00-18:00"
"#;

TEST_SHAPE = "R026" "a test that cannot be played",
"A test says what a customer writes and what is to come of it. This part of it cannot be played, or it contradicts another part, or it expects nothing that could fail.",
wrong: r#"[[rule]]
name = "parking"
when.words = ["parking"]
reply.en = "You can park behind the shop."

[[test]]
name = "where to park"
says = ["hello", "parking?"]
expect.rules = ["none", "parking", "none"]
"#,
right: r#"[[rule]]
name = "parking"
when.words = ["parking"]
reply.en = "You can park behind the shop."

[[test]]
name = "where to park"
says = ["hello", "parking?"]
expect.rules = ["none", "parking"]
"#;

PATTERN = "R027" "a pattern that is not one",
"A pattern is a regular expression, written in single quotes '…' so that a backslash stays one. It finds something anywhere in the message, and capitals do not count. Looking ahead, looking back and \\1 are not taken: they can take for ever.",
wrong: r#"[[rule]]
name = "order-status"
when.pattern = 'order ([0-9]+'
reply.en = "We look it up."
"#,
right: r#"[[rule]]
name = "order-status"
when.pattern = 'order ([0-9]+)'
reply.en = "We look it up."
"#;

LIMIT = "R028" "a limit that cannot be read",
"A limit is a number of times in a period: \"5 per contact per hour\" for each contact by itself, \"200 per day\" for all of them together. The period is a minute, an hour, a day or a week.",
wrong: r#"[[rule]]
name = "voucher"
when.words = ["voucher"]
reply.en = "Here is your voucher: SUMMER"
limit = "1 per contact"
"#,
right: r#"[[rule]]
name = "voucher"
when.words = ["voucher"]
reply.en = "Here is your voucher: SUMMER"
limit = "1 per contact per day"
"#;

STAGE = "R029" "a stage that does not exist",
"A stage tries a rule out before everybody gets it: \"shadow\" runs and records it and sends nothing, \"canary 10%\" is for that share of contacts. Without a stage a rule is for everybody.",
wrong: r#"[[rule]]
name = "new-greeting"
when.words = ["hello"]
reply.en = "Hello and welcome! What can we do for you?"
stage = "test"
"#,
right: r#"[[rule]]
name = "new-greeting"
when.words = ["hello"]
reply.en = "Hello and welcome! What can we do for you?"
stage = "shadow"
"#;

PLUGIN = "R030" "settings that the plugin does not take",
"`use` names a plugin and `with` holds its settings. The plugin itself looks at them when rules are read, and does not accept these. What a plugin takes is shown by `tollgate plugin list`.",
wrong: r#"[[rule]]
name = "question"
when.kind = "text"
use = "kb-answer"
with.base = "handbook"
with.max_chars = "short"
once_per = "1m"
"#,
right: r#"[[rule]]
name = "question"
when.kind = "text"
use = "kb-answer"
with.base = "handbook"
with.max_chars = 300
once_per = "1m"
"#,
given: "the plugin is there to be asked";

RED_TEST = "R031" "a test that fails",
"A test expects something else than what these rules do. Mend the rule, or the test. As long as a test fails, the rules from before go on answering.",
wrong: r#"[[rule]]
name = "parking"
when.words = ["parking"]
reply.en = "You can park behind the shop."

[[test]]
name = "where to park"
says = "Is there parking?"
expect.reply_has = "in front of the shop"
"#,
right: r#"[[rule]]
name = "parking"
when.words = ["parking"]
reply.en = "You can park behind the shop."

[[test]]
name = "where to park"
says = "Is there parking?"
expect.rules = "parking"
expect.reply_has = "behind the shop"
"#,
given: "the tests are played, with the plugins";

NEVER = "R032" "a rule that can never hold",
"All conditions of a rule have to hold at once, and two of these exclude each other: whatever anybody writes, both never hold. Take one out, or make two rules of it.",
wrong: r#"[[rule]]
name = "voice-greeting"
when.kind = "voice"
when.words = ["hello"]
reply.en = "Thank you for your voice message."
"#,
right: r#"[[rule]]
name = "voice-greeting"
when.kind = "voice"
reply.en = "Thank you for your voice message."
"#;
}
