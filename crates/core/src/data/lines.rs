//! The lines of a text, for messages about a place in it.

/// Counts the lines of a text up to ever later places, whatever ends a line: `\n`, `\r\n` or `\r`.
pub struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    /// At the first line of `text`.
    pub fn new(text: &'a [u8]) -> Lines<'a> {
        Lines { text, at: 0, line: 1 }
    }

    /// The line, from 1, of what begins at byte `at` or behind the line ends there; never before an earlier place.
    pub fn of(&mut self, at: usize) -> u64 {
        let ends = |byte: u8| matches!(byte, b'\n' | b'\r');
        let behind = self.text.get(at..).unwrap_or_default().iter().take_while(|byte| ends(**byte)).count();
        let start = (at + behind).min(self.text.len());
        for index in self.at..start {
            let pair = self.text[index] == b'\r' && self.text.get(index + 1) == Some(&b'\n');
            self.line += u64::from(ends(self.text[index]) && !pair);
        }
        self.at = self.at.max(start);
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn every_end_of_a_line_counts_once() {
        for text in ["a\n\nb\nc", "a\r\n\r\nb\r\nc", "a\r\rb\rc"] {
            let mut lines = Lines::new(text.as_bytes());
            let mut line = |word: &str| lines.of(text.find(word).unwrap());
            assert_eq!((line("a"), line("b"), line("c")), (1, 3, 4), "{text:?}");
        }
        assert_eq!(Lines::new(b"a\r\nb").of(1), 2, "a place at the end of a line is that of the next");
        assert_eq!(Lines::new(b"").of(7), 1);
    }
}
