//! Markdown tables whose columns also line up in a terminal.

use std::fmt;

/// A table.
#[derive(Debug)]
pub struct Table<const COLUMNS: usize> {
    head: [String; COLUMNS],
    rows: Vec<[String; COLUMNS]>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// An empty table.
    #[must_use]
    pub fn new(head: [&str; COLUMNS]) -> Self {
        Self { head: head.map(str::to_owned), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: [String; COLUMNS]) {
        self.rows.push(cells);
    }
}

impl<const COLUMNS: usize> fmt::Display for Table<COLUMNS> {
    /// The first column to the left, the others to the right.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut widths = [3; COLUMNS];
        for row in std::iter::once(&self.head).chain(&self.rows) {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let line = |f: &mut fmt::Formatter<'_>, row: &[String; COLUMNS]| {
            for (at, (cell, width)) in row.iter().zip(widths).enumerate() {
                if at == 0 { write!(f, "| {cell:<width$} ")? } else { write!(f, "| {cell:>width$} ")? }
            }
            f.write_str("|\n")
        };
        line(f, &self.head)?;
        for (at, width) in widths.into_iter().enumerate() {
            if at == 0 { write!(f, "|{:-<1$}", "", width + 2)? } else { write!(f, "|{:-<1$}:", "", width + 1)? }
        }
        f.write_str("|\n")?;
        self.rows.iter().try_for_each(|row| line(f, row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_the_table_is_markdown() {
        let mut table = Table::new(["figure", "ours"]);
        table.row(["start".into(), "3.90 ms".into()]);
        table.row(["peak RSS, of all".into(), "≤ 1".into()]);
        let expected = "\
| figure           |    ours |
|------------------|--------:|
| start            | 3.90 ms |
| peak RSS, of all |     ≤ 1 |
";
        assert_eq!(table.to_string(), expected);
    }
}
