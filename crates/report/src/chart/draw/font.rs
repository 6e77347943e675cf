//! Text with the embedded font: how wide it is, and its pixels.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont};

/// The font's name, for formats that keep text as text.
pub const FAMILY: &str = "Inter, Helvetica, Arial, sans-serif";

/// The height of a capital above the baseline, in ems.
pub const CAPITAL: f64 = 0.727;

static FONT: LazyLock<Option<FontRef<'static>>> =
    LazyLock::new(|| FontRef::try_from_slice(include_bytes!("../../../assets/Inter-Regular.otf")).ok());

/// The scale at which an em is `size` pixels.
fn scale(font: &FontRef<'_>, size: f64) -> PxScale {
    let em = font.units_per_em().unwrap_or(1000.0);
    PxScale::from(size as f32 * font.height_unscaled() / em)
}

/// The width of a line of text whose em is `size`.
pub fn width(text: &str, size: f64) -> f64 {
    let Some(font) = FONT.as_ref() else { return 0.6 * size * text.chars().count() as f64 };
    let font = font.as_scaled(scale(font, size));
    text.chars().map(|letter| f64::from(font.h_advance(font.glyph_id(letter)))).sum()
}

/// `text` cut so that it is at most `most` wide, with an ellipsis where something is missing.
pub fn cut(text: &str, size: f64, most: f64) -> String {
    if width(text, size) <= most {
        return text.to_owned();
    }
    let mut left = most - width("…", size);
    let fits = |letter: &char| {
        left -= width(letter.encode_utf8(&mut [0; 4]), size);
        left >= 0.0
    };
    let kept: String = text.chars().take_while(fits).collect();
    format!("{}…", kept.trim_end())
}

/// `text` in lines at most `most` wide, broken between words, at most so many; the last is cut where words are left.
pub fn wrapped(text: &str, size: f64, most: f64, lines: usize) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let full = found.len() == lines;
        match found.last_mut() {
            Some(line) if width(line, size) + width(" ", size) + width(word, size) <= most => {
                *line += &format!(" {word}");
            }
            Some(line) if full => {
                *line = cut(&format!("{line} {word}"), size, most);
                return found;
            }
            _ => found.push(word.to_owned()),
        }
    }
    found.into_iter().map(|line| cut(&line, size, most)).collect()
}

/// Calls `paint` with each pixel that a text covers, right and down from the beginning of its baseline, and the
/// share of the pixel covered.
pub fn pixels(text: &str, size: f64, mut paint: impl FnMut(i32, i32, f32)) {
    let Some(font) = FONT.as_ref() else { return };
    let scale = scale(font, size);
    let scaled = font.as_scaled(scale);
    let mut at = 0.0;
    for letter in text.chars() {
        let glyph = scaled.glyph_id(letter);
        let placed = glyph.with_scale_and_position(scale, ab_glyph::point(at, 0.0));
        if let Some(outline) = font.outline_glyph(placed) {
            let corner = outline.px_bounds().min;
            outline.draw(|x, y, cover| {
                paint(corner.x as i32 + x as i32, corner.y as i32 + y as i32, cover.min(1.0))
            });
        }
        at += scaled.h_advance(glyph);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_every_sign_that_charts_use() {
        let font = FONT.as_ref().unwrap();
        for sign in "ηBΔ×·±≥≤→←–…⁻¹≈/%é".chars() {
            assert_ne!(font.glyph_id(sign).0, 0, "{sign}");
        }
    }

    #[test]
    fn texts_are_measured_and_cut() {
        assert!((width("00", 20.0) - 2.0 * width("0", 20.0)).abs() < 1e-3);
        assert_eq!(cut("short", 20.0, 500.0), "short");
        let cut = cut("a rather long text", 20.0, 100.0);
        assert!(cut.ends_with('…') && width(&cut, 20.0) <= 100.0, "{cut}");
        let lines = wrapped("a rather long text of words", 20.0, 100.0, 2);
        assert!(lines.len() == 2 && lines[1].ends_with('…'), "{lines:?}");
        assert_eq!(wrapped("one two", 20.0, 500.0, 2), ["one two"]);
    }
}
