//! A table for the terminal: columns as wide as they need, the last one wrapped into what is left.

use crate::screen::{Look, Screen, wrap};

const GAP: &str = "  ";
const NARROWEST_LAST: usize = 24;

/// One cell.
#[derive(Clone, Debug)]
pub struct Cell {
    text: String,
    look: Look,
}

impl Cell {
    /// A cell that looks like this.
    #[must_use]
    pub fn new(look: Look, text: impl Into<String>) -> Self {
        Self { text: text.into(), look }
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(Look::Plain, text)
    }
}

/// A table of so many columns.
#[derive(Clone, Debug)]
pub struct Table<const COLUMNS: usize> {
    heads: [&'static str; COLUMNS],
    rows: Vec<[Cell; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// An empty table with these heads.
    #[must_use]
    pub fn new(heads: [&'static str; COLUMNS]) -> Self {
        Self { heads, rows: Vec::new() }
    }

    /// One row more.
    pub fn row(&mut self, cells: [Cell; COLUMNS]) {
        self.rows.push(cells);
    }

    /// The table's lines.
    #[must_use]
    pub fn lines(&self, screen: Screen) -> Vec<String> {
        let widths = self.widths(screen.width());
        let heads = self.heads.map(|head| Cell::new(Look::Dim, head));
        std::iter::once(&heads).chain(&self.rows).flat_map(|row| row_lines(row, &widths, screen)).collect()
    }

    /// All but the last column are as wide as their widest cell; when too little is left for the last one, they wrap too.
    fn widths(&self, total: usize) -> [usize; COLUMNS] {
        let mut widths = self.heads.map(|head| head.chars().count());
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        let gaps = GAP.len() * COLUMNS.saturating_sub(1);
        let room = total.saturating_sub(gaps).max(COLUMNS);
        let Some((last, firsts)) = widths.split_last_mut() else { return widths };
        while firsts.iter().sum::<usize>() + NARROWEST_LAST.min(*last) > room {
            match firsts.iter_mut().max() {
                Some(widest) if *widest > 8 => *widest -= 1,
                _ => break,
            }
        }
        *last = (*last).min(room.saturating_sub(firsts.iter().sum()).max(1));
        widths
    }
}

fn row_lines<const COLUMNS: usize>(row: &[Cell; COLUMNS], widths: &[usize; COLUMNS], screen: Screen) -> Vec<String> {
    let wrapped: Vec<Vec<String>> = row.iter().zip(widths).map(|(cell, width)| wrap(&cell.text, *width)).collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or_default();
    (0..height)
        .map(|line| {
            let cells = row.iter().zip(widths).zip(&wrapped).map(|((cell, width), parts)| {
                let part = parts.get(line).map_or("", String::as_str);
                let padding = " ".repeat(width.saturating_sub(part.chars().count()));
                format!("{}{padding}", screen.paint(cell.look, part))
            });
            cells.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(width: usize) -> Vec<String> {
        let mut table = Table::new(["image", "why"]);
        table.row(["web-1".into(), "in use by instance i-1, which is stopped".into()]);
        table.row(["a-rather-long-name".into(), "expired".into()]);
        table.lines(Screen::plain(width))
    }

    #[test]
    fn a_wide_table_has_a_line_a_row() {
        assert_eq!(
            lines(80),
            [
                "image               why",
                "web-1               in use by instance i-1, which is stopped",
                "a-rather-long-name  expired",
            ]
        );
    }

    #[test]
    fn a_narrow_table_wraps_its_last_column() {
        assert_eq!(
            lines(46),
            [
                "image               why",
                "web-1               in use by instance i-1,",
                "                    which is stopped",
                "a-rather-long-name  expired",
            ]
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in 36..90 {
            assert!(lines(width).iter().all(|line| line.chars().count() <= width), "{width}: {:#?}", lines(width));
        }
    }
}
