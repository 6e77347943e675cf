//! Sizes as people write them.

/// A number, or one with a letter for thousands (k), millions (M), billions (B or G) or trillions (T), such as `85M`.
pub fn size(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let letter = text.chars().next_back()?;
    let times = match letter {
        'k' | 'K' => 1e3,
        'm' | 'M' => 1e6,
        'b' | 'B' | 'g' | 'G' => 1e9,
        't' | 'T' => 1e12,
        _ => return None,
    };
    let number: f64 = text[..text.len() - letter.len_utf8()].parse().ok()?;
    Some(number * times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_numbers() {
        let read: Vec<Option<f64>> = ["85M", "1.2B", "64", "3k", "adam", "M", "α"].map(size).to_vec();
        assert_eq!(read, [Some(85e6), Some(1.2e9), Some(64.0), Some(3e3), None, None, None]);
    }
}
