//! Fewer of many.

/// At most `most` items, evenly chosen, the first and the last among them.
pub fn thinned<T: Clone>(items: &[T], most: usize) -> Vec<T> {
    if items.len() <= most || most < 2 {
        return items.to_vec();
    }
    let at = |index: usize| items.get(index * (items.len() - 1) / (most - 1)).cloned();
    (0..most).filter_map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thinning_keeps_both_ends() {
        let items: Vec<usize> = (0..100).collect();
        assert_eq!(thinned(&items, 4), [0, 33, 66, 99]);
        assert_eq!(thinned(&items[..3], 4), [0, 1, 2]);
    }
}
