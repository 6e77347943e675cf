//! A learning rate carried to another schedule.

use super::bound::Carried;
use super::facts::{Basis, Transfer};
use crate::facts::{CONFIDENCE, Estimate};

/// The same under another schedule of the same length, whose best peak differs as `carried` says; the errors of both are
/// added as those of logarithms.
pub fn to_schedule(mut transfer: Transfer, from: &str, to: &str, carried: Carried) -> Transfer {
    let lr = &mut transfer.lr;
    if let Some(estimate) = lr.estimate {
        let own = |end: Option<f64>| end.map_or(0.0, |end| (end / estimate).ln());
        let reach = |end: Option<f64>| own(end).hypot(carried.error.ln());
        let best = estimate * carried.ratio;
        let (low, high) = (best * (-reach(lr.low)).exp(), best * reach(lr.high).exp());
        *lr = Estimate {
            estimate: Some(best),
            low: Some(low),
            high: Some(high),
            confidence: Some(CONFIDENCE),
            ..lr.clone()
        };
    }
    transfer.basis.push(Basis::Schedule { from: from.to_owned(), to: to.to_owned(), carried });
    transfer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Status;

    #[test]
    fn errors_of_both_are_added() {
        let lr = Estimate {
            estimate: Some(0.1),
            low: Some(0.1 / 1.2),
            high: Some(0.12),
            ..Estimate::none("learning rate", 9, Status::Ok)
        };
        let transfer = Transfer { batch: None, length: None, width: None, lr, basis: Vec::new() };
        let found = to_schedule(transfer, "wsd", "cosine", Carried { ratio: 1.5, error: 1.26 });
        let reach = 1.2f64.ln().hypot(1.26f64.ln()).exp();
        assert!((found.lr.estimate.unwrap() - 0.15).abs() < 1e-12);
        assert!((found.lr.low.unwrap() - 0.15 / reach).abs() < 1e-12);
        assert!((found.lr.high.unwrap() - 0.15 * reach).abs() < 1e-12);
        assert!(matches!(found.basis.as_slice(), [Basis::Schedule { .. }]));
    }
}
