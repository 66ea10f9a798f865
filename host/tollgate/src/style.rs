//! Colours at a terminal.

/// Colours, or none.
pub(crate) struct Style {
    pub(crate) colour: bool,
}

impl Style {
    fn paint(&self, code: &str, text: &str) -> String {
        if self.colour {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    pub(crate) fn strong(&self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn faint(&self, text: &str) -> String {
        self.paint("2", text)
    }

    pub(crate) fn good(&self, text: &str) -> String {
        self.paint("32", text)
    }

    pub(crate) fn bad(&self, text: &str) -> String {
        self.paint("31", text)
    }
}
