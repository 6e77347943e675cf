//! The pruning of a study, as typed.

use super::error::SpecError;
use super::file::SpecFile;
use crate::Pruning;

impl SpecFile {
    /// The selected pruner, `none` by default, and its settings.
    ///
    /// # Errors
    /// A value that is not a number, a share outside 0 to 1, or settings or an audit without a pruner.
    pub fn pruning(&self) -> Result<Pruning, SpecError> {
        let other = |why| Err(SpecError::Other(why));
        let mut pruning = Pruning::default();
        pruning.pruner = self.pruner.clone().unwrap_or(pruning.pruner);
        for (name, text) in &self.pruner_set {
            match text.parse::<f64>() {
                Ok(value) if value.is_finite() => drop(pruning.pruner_set.insert(name.clone(), value)),
                _ => return other(format!("pruner_set.{name}={text} must be a number")),
            }
        }
        pruning.audit = self.audit.unwrap_or(0.0);
        if !(0.0..=1.0).contains(&pruning.audit) {
            return other(format!("audit={} must be a share from 0 to 1, such as 0.1", pruning.audit));
        }
        if !pruning.any() && (pruning.audit > 0.0 || !pruning.pruner_set.is_empty()) {
            return other("audit and pruner_set need a pruner, such as pruner=asha".into());
        }
        Ok(pruning)
    }
}
