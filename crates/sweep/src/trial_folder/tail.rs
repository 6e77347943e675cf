//! A file that grows, read line by line as it does.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::PathBuf;

/// The longest line kept; what is longer is cut, so that memory is bounded whatever a program prints.
const LONGEST: usize = 64 * 1024;

/// How much is read at once.
const PIECE: usize = 64 * 1024;

/// Where in the file one is.
#[derive(Debug)]
pub struct Tail {
    path: PathBuf,
    file: Option<File>,
    /// The line that has begun.
    begun: Vec<u8>,
}

impl Tail {
    /// From the beginning of a file that may not be there yet.
    pub fn new(path: PathBuf) -> Tail {
        Tail { path, file: None, begun: Vec::new() }
    }

    /// Hands over each line that has ended since the last time, without its end. A carriage return ends a line too, and
    /// what is not UTF-8 is replaced.
    pub fn read(&mut self, line: &mut dyn FnMut(&str)) {
        if self.file.is_none() {
            self.file = File::open(&self.path).ok();
        }
        let Some(file) = &mut self.file else { return };
        let mut piece = vec![0; PIECE];
        // A file that cannot be read has nothing new.
        while let Ok(count @ 1..) = file.read(&mut piece) {
            for &byte in &piece[..count] {
                if byte == b'\n' || byte == b'\r' {
                    end(&mut self.begun, line);
                } else if self.begun.len() < LONGEST {
                    self.begun.push(byte);
                }
            }
        }
    }

    /// Hands over what is left, also a last line without an end.
    pub fn finish(&mut self, line: &mut dyn FnMut(&str)) {
        self.read(line);
        end(&mut self.begun, line);
    }

    /// Bytes read so far.
    pub fn position(&mut self) -> u64 {
        self.file.as_mut().and_then(|file| file.stream_position().ok()).unwrap_or(0)
    }
}

fn end(begun: &mut Vec<u8>, line: &mut dyn FnMut(&str)) {
    if !begun.is_empty() {
        line(&String::from_utf8_lossy(begun));
        begun.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn lines_come_when_they_end_and_bytes_that_are_no_text_do_no_harm() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut tail = Tail::new(path.clone());
        let mut lines = Vec::new();
        tail.read(&mut |line| lines.push(line.to_owned()));
        let mut file = File::create(path).unwrap();
        file.write_all(b"one\rtw").unwrap();
        tail.read(&mut |line| lines.push(line.to_owned()));
        assert_eq!(lines, ["one"]);
        file.write_all(b"o\r\n\n\xe2\x82").unwrap();
        tail.read(&mut |line| lines.push(line.to_owned()));
        assert_eq!(lines, ["one", "two"]);
        file.write_all(&[b'x'; 3 * LONGEST]).unwrap();
        tail.finish(&mut |line| lines.push(line.to_owned()));
        assert_eq!(lines.len(), 3);
        assert!(lines[2].starts_with('\u{fffd}') && lines[2].len() <= LONGEST + 3);
        assert_eq!(tail.position(), 12 + 3 * LONGEST as u64);
    }
}
