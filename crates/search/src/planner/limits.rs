//! When to end a search.

/// What ends a study before its points are used up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// End when this many trials in a row brought no better loss.
    pub patience: Option<u64>,
    /// End when a loss reaches this value.
    pub target: Option<f64>,
    /// End when the sampler's surrogate expects no improvement by more than this part of the best loss
    /// ([`crate::Sampler::enough`]); the caller of the sampler asks for that too.
    pub regret: Option<f64>,
}

impl Limits {
    /// Whether any limit is set.
    pub fn any(&self) -> bool {
        self.patience.is_some() || self.target.is_some() || self.regret.is_some()
    }

    /// Whether trials that ended with `losses`, in their order, are enough.
    pub fn reached(&self, losses: impl Iterator<Item = f64>) -> bool {
        if !self.any() {
            return false;
        }
        let (mut best, mut since) = (f64::INFINITY, 0);
        for loss in losses {
            if loss < best {
                (best, since) = (loss, 0);
            } else {
                since += 1;
            }
        }
        self.patience.is_some_and(|patience| since >= patience)
            || self.target.is_some_and(|target| best <= target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enough_is_enough() {
        let patient = Limits { patience: Some(2), ..Limits::default() };
        assert!(patient.reached([1.0, 2.0, 1.0].into_iter()));
        assert!(!patient.reached([1.0, 2.0, 0.5, 0.6].into_iter()));
        let target = Limits { target: Some(0.5), ..Limits::default() };
        assert!(target.reached([1.0, 0.5].into_iter()) && !target.reached([1.0].into_iter()));
        assert!(!Limits::default().reached([0.0; 100].into_iter()));
    }
}
