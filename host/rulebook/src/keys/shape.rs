//! What the value of a key looks like.

use crate::keys::Keys;
use crate::keys::words::Choice;
use crate::limits;

/// The shape of a value.
pub(crate) enum Shape {
    /// A text, with at most so many characters; placeholders make the length of some uncertain, and those have none.
    Text(Option<usize>),
    /// A text with something in it.
    Words(Option<usize>),
    /// One of a few words.
    OneOf(&'static dyn Choice),
    /// Some words that are offered, or any other text.
    Offered(&'static dyn Choice),
    /// A text of a certain form.
    Form(Form),
    /// The name of something that is defined elsewhere.
    Name(Name),
    /// True or false.
    Truth,
    /// A number of things: from, to.
    Count(usize, usize),
    /// A whole number, this one alone.
    Exactly(usize),
    /// Any of these.
    Either(&'static [Shape]),
    /// A list: of what, of how many at least and at most.
    List(&'static Shape, usize, usize),
    /// One, or a list.
    OneOrMany(&'static Shape, usize, usize),
    /// A table with a value for each language.
    ByLanguage(&'static Shape),
    /// A table with a value for each name; what the name stands for, in capitals.
    ByName(&'static str, Name, &'static Shape),
    /// A table of the language.
    Table(&'static Keys),
    /// Many of them, each under `[[…]]`.
    Tables(&'static Keys),
    /// Whatever a plugin or an endpoint makes of it.
    AnyTable,
    Anything,
}

/// Forms of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Span,
    Pause,
    Limit,
    Stage,
    Date,
    Hours,
    Moment,
    Timezone,
    Language,
    Country,
    Tag,
    Emoji,
    Https,
    Phone,
}

/// Whose names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Name {
    Option,
    Hours,
    /// As its header has it: what WhatsApp calls it may be another.
    Template,
    /// As WhatsApp has it.
    TemplateThere,
    Rule,
    Desk,
    Plugin,
    /// Anything that has a name.
    Thing,
}

/// As the reader takes a list of texts: never empty.
pub(crate) const fn many(of: &'static Shape) -> Shape {
    Shape::OneOrMany(of, 1, limits::LIST_ENTRIES)
}

/// A list that may be empty: none at all is what is meant then.
pub(crate) const fn any_number(of: &'static Shape) -> Shape {
    Shape::OneOrMany(of, 0, limits::LIST_ENTRIES)
}

pub(crate) static WORDS: Shape = Shape::Words(None);
pub(crate) static PHRASE: Shape = Shape::Words(Some(limits::PHRASE_CHARS));
pub(crate) static TAG: Shape = Shape::Form(Form::Tag);
pub(crate) static DATE: Shape = Shape::Form(Form::Date);
pub(crate) static LANGUAGE: Shape = Shape::Form(Form::Language);
pub(crate) static OPTION: Shape = Shape::Name(Name::Option);
pub(crate) static HOURS: Shape = Shape::Name(Name::Hours);
pub(crate) static RULE: Shape = Shape::Name(Name::Rule);
