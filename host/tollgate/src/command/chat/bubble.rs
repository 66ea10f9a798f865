//! A message as the customer sees it in the terminal: lines, and what can be tapped beneath.

use model::{Frame, Menu, Outgoing, TapOrigin, Template, TemplateButtonFill};

use crate::shown;

/// Something that can be tapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tap {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) on: TapOrigin,
}

/// A message, drawn.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Bubble {
    /// What is said, line by line.
    pub(super) words: Vec<String>,
    /// What stands beneath; what can be tapped bears its number.
    pub(super) beneath: Vec<String>,
    /// What can be tapped, in the order of the numbers.
    pub(super) taps: Vec<Tap>,
}

impl Bubble {
    /// Draws a message whose first tap bears the number after `taps_before`.
    pub(super) fn of(message: &Outgoing, taps_before: usize) -> Self {
        let mut bubble = Self::default();
        match message {
            Outgoing::Text { body } => bubble.say(body),
            Outgoing::Buttons {
                body,
                buttons,
                frame,
            } => {
                bubble.framed(body, frame);
                for button in buttons {
                    let line = format!("[{}]", shown::tame(&button.title));
                    bubble.tap(
                        taps_before,
                        &line,
                        &button.id,
                        &button.title,
                        TapOrigin::Button,
                    );
                }
            }
            Outgoing::Menu(menu) => bubble.menu(menu, taps_before),
            Outgoing::Link(link) => {
                bubble.framed(&link.body, &link.frame);
                let (label, url) = (shown::tame(&link.label), shown::tame(&link.url));
                bubble.beneath.push(format!("[{label}] → {url}"));
            }
            Outgoing::Media(media) => {
                bubble.words.push(shown::file(media));
                bubble.say(media.caption.as_deref().unwrap_or_default());
            }
            Outgoing::Template(template) => bubble.template(template, taps_before),
            Outgoing::Contacts { cards } => {
                bubble.words.extend(
                    cards
                        .iter()
                        .map(|card| format!("[contact] {}", shown::card(card))),
                );
            }
            Outgoing::Location(_) | Outgoing::Reaction { .. } => {
                bubble.words.push(shown::outgoing(message));
            }
        }
        bubble
    }

    fn menu(&mut self, menu: &Menu, taps_before: usize) {
        self.framed(&menu.body, &menu.frame);
        self.beneath.push(format!("[{}]", shown::tame(&menu.label)));
        for section in &menu.sections {
            self.beneath.extend(
                section
                    .title
                    .as_deref()
                    .map(|title| format!("  {}", shown::tame(title))),
            );
            for row in &section.rows {
                let description = row
                    .description
                    .as_deref()
                    .map(shown::tame)
                    .unwrap_or_default();
                let line = format!("{}  {description}", shown::tame(&row.title));
                self.tap(
                    taps_before,
                    line.trim_end(),
                    &row.id,
                    &row.title,
                    TapOrigin::Menu,
                );
            }
        }
    }

    fn template(&mut self, template: &Template, taps_before: usize) {
        let (name, language) = (shown::tame(&template.name), shown::tame(&template.language));
        self.words.push(format!("[template] {name} ({language})"));
        self.words
            .extend(template.header.as_ref().map(shown::template_header));
        for (parameter, place) in template.parameters.iter().zip(1..) {
            let place = parameter
                .name
                .as_deref()
                .map_or_else(|| format!("{place}"), shown::tame);
            self.say(&format!("{place} = {}", parameter.text));
        }
        for button in &template.buttons {
            let line = shown::template_button(button.index, &button.fill);
            match &button.fill {
                // What the template itself calls the button, nobody here knows.
                TemplateButtonFill::Payload(payload) => {
                    self.tap(
                        taps_before,
                        &format!("[{line}]"),
                        payload,
                        payload,
                        TapOrigin::Template,
                    );
                }
                TemplateButtonFill::UrlSuffix(_) => self.beneath.push(format!("[{line}]")),
            }
        }
    }

    fn framed(&mut self, body: &str, frame: &Frame) {
        self.say(frame.header.as_deref().unwrap_or_default());
        self.say(body);
        self.say(frame.footer.as_deref().unwrap_or_default());
    }

    fn say(&mut self, words: &str) {
        self.words.extend(words.lines().map(shown::tame));
    }

    fn tap(&mut self, taps_before: usize, line: &str, id: &str, title: &str, on: TapOrigin) {
        let (id, title) = (id.to_owned(), title.to_owned());
        self.taps.push(Tap { id, title, on });
        self.beneath
            .push(format!("/{} {line}", taps_before + self.taps.len()));
    }
}
