//! Markdown made fit for a chat: sections with their headings, and in each the paragraphs, lists and tables as plain text.
//!
//! This is no complete Markdown: what a chat cannot show is flattened, and what is unclear stays as it is written.

mod inline;

use inline::Links;

/// What stands under one heading, without its subsections.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Section {
    /// The headings that it stands under, the outermost first, its own last.
    pub(crate) headings: Vec<String>,
    /// Paragraphs, lists, tables.
    pub(crate) blocks: Vec<String>,
}

/// A text without Markdown: paragraphs alone.
pub(crate) fn plain(text: &str) -> Vec<Section> {
    let mut blocks: Vec<String> = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().chain([""]) {
        if !line.trim().is_empty() {
            lines.push(line.trim_end());
        } else if !lines.is_empty() {
            blocks.push(lines.join("\n"));
            lines.clear();
        }
    }
    vec![Section {
        headings: Vec::new(),
        blocks,
    }]
}

/// The sections of a Markdown text, in order.
pub(crate) fn sections(text: &str) -> Vec<Section> {
    let text = without_comments(text);
    let links = Links::defined_in(&text);
    let mut reader = Reader {
        links: &links,
        sections: vec![Section::default()],
        headings: Vec::new(),
        block: Block::None,
        gap: false,
    };
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(fence) = fence_of(line) {
            reader.end_block();
            let code: Vec<&str> = lines
                .by_ref()
                .take_while(|line| fence_of(line) != Some(fence))
                .collect();
            reader.push(code.join("\n"));
        } else {
            reader.line(line);
        }
    }
    reader.end_block();
    reader
        .sections
        .retain(|section| !section.blocks.is_empty() || !section.headings.is_empty());
    reader.sections
}

struct Reader<'l> {
    links: &'l Links,
    sections: Vec<Section>,
    /// Those above the next section, by level.
    headings: Vec<(usize, String)>,
    block: Block,
    /// An empty line went before.
    gap: bool,
}

/// What is being gathered.
enum Block {
    None,
    Paragraph(String),
    List(Vec<String>),
    Table(Vec<String>),
}

impl Reader<'_> {
    fn line(&mut self, line: &str) {
        let bare = unquoted(line);
        let trimmed = bare.trim();
        if trimmed.is_empty() {
            self.gap = true;
            return;
        }
        let gap = std::mem::take(&mut self.gap);
        if Links::is_definition(trimmed) {
            return;
        }
        if let Some((level, title)) = heading(trimmed) {
            self.end_block();
            self.begin_section(level, title);
        } else if let Some((depth, item)) = list_item(bare) {
            if !matches!(self.block, Block::List(_)) {
                self.end_block();
                self.block = Block::List(Vec::new());
            }
            if let Block::List(items) = &mut self.block {
                items.push(format!("{}{item}", "  ".repeat(depth)));
            }
        } else if let Some(level) = underline(trimmed).filter(|_| !gap)
            && let Block::Paragraph(title) = std::mem::replace(&mut self.block, Block::None)
        {
            self.begin_section(level, &title);
        } else if is_rule(trimmed) {
            self.end_block();
        } else if trimmed.starts_with('|') {
            if gap || !matches!(self.block, Block::Table(_)) {
                self.end_block();
                self.block = Block::Table(Vec::new());
            }
            if let (Block::Table(rows), Some(row)) = (&mut self.block, table_row(trimmed)) {
                rows.push(row);
            }
        } else {
            self.text(bare, gap);
        }
    }

    fn text(&mut self, line: &str, gap: bool) {
        let indented = line.starts_with([' ', '\t']);
        match &mut self.block {
            Block::List(items) if !gap || indented => {
                if let Some(item) = items.last_mut() {
                    item.push(' ');
                    item.push_str(line.trim());
                }
            }
            Block::Paragraph(text) if !gap => {
                let broken = text.ends_with("  ") || text.ends_with('\\');
                let kept = text.trim_end_matches([' ', '\\']).len();
                text.truncate(kept);
                text.push(if broken { '\n' } else { ' ' });
                text.push_str(line.trim_start());
            }
            _ => {
                self.end_block();
                self.block = Block::Paragraph(line.trim_start().to_owned());
            }
        }
    }

    fn begin_section(&mut self, level: usize, title: &str) {
        self.headings.retain(|(above, _)| *above < level);
        let title = inline::bare(title, self.links);
        let title: String = title.chars().take(crate::limits::HEADING_CHARS).collect();
        self.headings.push((level, title));
        self.sections.push(Section {
            headings: self
                .headings
                .iter()
                .map(|(_, title)| title.clone())
                .collect(),
            blocks: Vec::new(),
        });
    }

    fn end_block(&mut self) {
        let links = self.links;
        match std::mem::replace(&mut self.block, Block::None) {
            Block::None => {}
            Block::Paragraph(text) => self.push(inline::for_chat(text.trim(), links)),
            Block::List(lines) | Block::Table(lines) => {
                let lines: Vec<String> = lines
                    .iter()
                    .map(|line| inline::for_chat(line, links))
                    .collect();
                self.push(lines.join("\n"));
            }
        }
    }

    fn push(&mut self, block: String) {
        if let (false, Some(section)) = (block.trim().is_empty(), self.sections.last_mut()) {
            section.blocks.push(block);
        }
    }
}

fn without_comments(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!--") {
        kept.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}

/// The fence of a block of code: its letter, for its end is the same.
fn fence_of(line: &str) -> Option<char> {
    let line = line.trim_start();
    ['`', '~']
        .into_iter()
        .find(|letter| line.chars().take_while(|other| other == letter).count() >= 3)
}

fn unquoted(line: &str) -> &str {
    let mut inner = line;
    while let Some(quoted) = inner.trim_start().strip_prefix('>') {
        inner = quoted.strip_prefix(' ').unwrap_or(quoted);
    }
    inner
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let title = line.get(level..)?;
    let fits = (1..=6).contains(&level) && (title.is_empty() || title.starts_with([' ', '\t']));
    fits.then(|| (level, title.trim().trim_end_matches('#').trim()))
        .filter(|(_, title)| !title.is_empty())
}

/// A line under a paragraph that makes it a heading.
fn underline(line: &str) -> Option<usize> {
    if line.len() < 2 {
        None
    } else if line.bytes().all(|byte| byte == b'=') {
        Some(1)
    } else if line.bytes().all(|byte| byte == b'-') {
        Some(2)
    } else {
        None
    }
}

fn is_rule(line: &str) -> bool {
    let marks: String = line.chars().filter(|letter| *letter != ' ').collect();
    marks.len() >= 3
        && ["-", "*", "_"]
            .iter()
            .any(|mark| marks.chars().all(|letter| mark.contains(letter)))
}

/// How deep an item stands, and how a chat shows it.
fn list_item(line: &str) -> Option<(usize, String)> {
    let trimmed = line.trim_start();
    if is_rule(trimmed) {
        return None;
    }
    let depth = ((line.len() - trimmed.len()) / 2).min(4);
    if let Some(rest) = ["- ", "* ", "+ "]
        .iter()
        .find_map(|mark| trimmed.strip_prefix(mark))
    {
        let rest = rest.trim();
        let rest = ["[ ] ", "[x] ", "[X] "]
            .iter()
            .find_map(|box_| rest.strip_prefix(box_))
            .unwrap_or(rest);
        return Some((depth, format!("• {rest}")));
    }
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    let rest = trimmed.get(digits..)?;
    let rest = rest
        .strip_prefix(". ")
        .or_else(|| rest.strip_prefix(") "))?;
    (1..=4).contains(&digits).then(|| {
        (
            depth,
            format!(
                "{}. {}",
                trimmed.get(..digits).unwrap_or_default(),
                rest.trim()
            ),
        )
    })
}

/// A row as its cells; nothing for the line that only draws.
fn table_row(line: &str) -> Option<String> {
    let drawn = line
        .bytes()
        .all(|byte| matches!(byte, b'|' | b'-' | b':' | b' '));
    if drawn {
        return None;
    }
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
    Some(cells.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        sections(text)
            .iter()
            .map(|section| {
                format!(
                    "[{}]\n{}",
                    section.headings.join(" > "),
                    section.blocks.join("\n--\n")
                )
            })
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn sections_follow_their_headings() {
        let text = "Before.\n# Shop #\n\nText of\ntwo lines.\n\nAnother.\n## Returns\n> Quoted.\n### Deep\nx\n## Warranty\ny\n\nUnder\n=====\nz";
        assert_eq!(
            shown(text),
            "[]\nBefore.\n[Shop]\nText of two lines.\n--\nAnother.\n[Shop > Returns]\nQuoted.\n[Shop > Returns > Deep]\nx\n[Shop > Warranty]\ny\n[Under]\nz"
        );
    }

    #[test]
    fn lists_tables_and_code_stay_readable() {
        let text = "Bring:\n- the *receipt*\n- a card\n  with a name\n\n- time\n  - much\n\n1) first\n2. second\n\n| day | open |\n|---|:-:|\n| Mon | 9-18 |\n\n***\n```sh\n# no heading\n- no item\n```\nline one  \nline two\n\n<!-- not\nshown -->end";
        assert_eq!(
            shown(text),
            "[]\nBring:\n--\n• the _receipt_\n• a card with a name\n• time\n  • much\n1. first\n2. second\n--\nday | open\nMon | 9-18\n--\n# no heading\n- no item\n--\nline one\nline two\n--\nend"
        );
    }

    #[test]
    fn a_plain_text_keeps_its_lines() {
        let sections = plain("# no heading\n- no item\n\n\n*x*\n");
        assert_eq!(sections[0].blocks, ["# no heading\n- no item", "*x*"]);
    }
}
