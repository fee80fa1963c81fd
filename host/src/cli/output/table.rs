//! Tables that fit where they are shown: as wide as they are where nobody
//! looks, with their last column folded on a terminal, and as blocks where
//! even that doesn't fit.

use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, ContentArrangement};

use super::{BOLD, FAINT, paint};

/// What a folded last column must have at least, in characters.
const LAST_WIDTH_MIN: usize = 20;

/// What parts two columns, in characters.
const GAP: usize = 2;

/// How wide the terminal is; none where there is no terminal.
pub fn width() -> Option<usize> {
    let (terminal_size::Width(columns), _) = terminal_size::terminal_size_of(std::io::stdout())?;
    Some(usize::from(columns).max(20))
}

/// Rows under headings.
#[derive(Debug)]
pub struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    pub fn new(headings: &[&'static str]) -> Self {
        Self { headings: headings.to_vec(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(|cell| visible(&cell)).to_vec());
    }

    /// Shows it at this width, or as wide as it is.
    pub fn render(&self, width: Option<usize>) -> String {
        let widths: Vec<usize> = (0..self.headings.len()).map(|column| self.column_width(column)).collect();
        let last = widths.last().copied().unwrap_or(0);
        let others: usize = widths.iter().map(|w| w + GAP).sum::<usize>().saturating_sub(last + GAP);
        let Some(width) = width.filter(|width| others + last > *width) else { return self.grid(None) };
        if others + last.min(LAST_WIDTH_MIN) > width {
            return self.blocks(width);
        }
        self.grid(Some(width))
    }

    fn grid(&self, width: Option<usize>) -> String {
        let mut table = comfy_table::Table::new();
        table.load_preset(NOTHING).set_header(self.headings.iter().map(|h| h.to_uppercase()));
        table.add_rows(self.rows.iter());
        table.set_content_arrangement(match width {
            Some(_) => ContentArrangement::Dynamic,
            None => ContentArrangement::Disabled,
        });
        if let Some(width) = width {
            table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
        }
        let columns = table.column_count();
        for (index, column) in table.column_iter_mut().enumerate() {
            let gap = if index + 1 < columns { GAP as u16 } else { 0 };
            column.set_padding((0, gap));
            if index + 1 < columns {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        let text = table.trim_fmt();
        match text.split_once('\n') {
            Some((head, rows)) => format!("{}\n{rows}", paint(FAINT, head)),
            None => paint(FAINT, text),
        }
    }

    fn blocks(&self, width: usize) -> String {
        let mut blocks = Vec::new();
        for row in &self.rows {
            let mut facts = Facts::default();
            for (heading, cell) in self.headings.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
                facts.add(heading, cell);
            }
            blocks.push(facts.render(Some(width)));
        }
        blocks.join("\n\n")
    }

    fn column_width(&self, column: usize) -> usize {
        let heading = self.headings.get(column).map_or(0, |heading| heading.len());
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells.flat_map(|cell| cell.lines()).map(unicode_width::UnicodeWidthStr::width).fold(heading, usize::max)
    }
}

/// Words and what they stand for, below each other.
#[derive(Debug, Default)]
pub struct Facts {
    facts: Vec<(String, String)>,
}

impl Facts {
    /// Adds a fact.
    pub fn add(&mut self, word: &str, fact: impl AsRef<str>) {
        self.facts.push((word.to_owned(), visible(fact.as_ref())));
    }

    /// Shows them at this width, or as wide as they are.
    pub fn render(&self, width: Option<usize>) -> String {
        let margin = self.facts.iter().map(|(word, _)| word.len()).max().unwrap_or(0) + 2;
        let mut text = String::new();
        for (word, fact) in &self.facts {
            let shown = fold(fact, width.map(|w| w.saturating_sub(margin).max(16)));
            for (index, part) in shown.iter().enumerate() {
                if !text.is_empty() {
                    text.push('\n');
                }
                let head = if index == 0 { word.as_str() } else { "" };
                text.push_str(&paint(FAINT, format_args!("{head:margin$}")));
                text.push_str(part);
            }
        }
        text
    }
}

/// A text folded to the terminal, its later lines set in.
pub fn wrap(text: &str, indent: usize) -> String {
    let lines = fold(text, width().map(|w| w.saturating_sub(indent).max(16)));
    lines.join(&format!("\n{}", " ".repeat(indent)))
}

/// Lines of at most this width, parted at blanks. What is longer than a line
/// without a blank stays whole: it is a path or an id, and is copied.
fn fold(text: &str, width: Option<usize>) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let Some(width) = width else {
            lines.push(paragraph.to_owned());
            continue;
        };
        let mut line = String::new();
        let mut taken = 0;
        for word in paragraph.split(' ') {
            let long = unicode_width::UnicodeWidthStr::width(word);
            if taken > 0 && taken + 1 + long > width {
                lines.push(std::mem::take(&mut line));
                taken = 0;
            }
            if taken > 0 {
                line.push(' ');
                taken += 1;
            }
            line.push_str(word);
            taken += long;
        }
        lines.push(line);
    }
    lines
}

/// A text of a stranger, without anything that a terminal would obey.
fn visible(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' => '\n',
        '\t' => ' ',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    text.chars().map(shown).collect()
}

/// The headline of a part of an answer.
impl Facts {
    /// Begins with what they are about.
    pub fn under(&self, headline: &str, width: Option<usize>) -> String {
        format!("{}\n{}", paint(BOLD, visible(headline)), self.render(width))
    }
}

#[cfg(test)]
mod tests;
