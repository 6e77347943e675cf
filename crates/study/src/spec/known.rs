//! Axes and settings with known values instead of typed text.

use std::collections::BTreeMap;

use super::resolve::entry;
use super::twice::twice;
use crate::{Catalogue, Parameter, SpecError, SpecFile, Value};
use sweep_settings::Entry;

impl SpecFile {
    /// Adds the axes and settings with known values to the others, and their names to those `typed`.
    ///
    /// # Errors
    /// An unknown name, or one that already has values.
    pub(crate) fn take_known(
        &self,
        catalogue: &Catalogue,
        (parameters, settings): (&mut Vec<Parameter>, &mut BTreeMap<String, Value>),
        typed: &mut Vec<String>,
    ) -> Result<(), SpecError> {
        for (name, domain) in &self.domains {
            typed.push(name.clone());
            let entry = free(name, (parameters, settings), typed, catalogue)?;
            let when = entry.setting.condition();
            parameters.push(Parameter { name: entry.name, domain: domain.clone(), when });
        }
        for (name, value) in &self.values {
            typed.push(name.clone());
            let entry = free(name, (parameters, settings), typed, catalogue)?;
            settings.insert(entry.name, value.clone());
        }
        Ok(())
    }
}

/// The entry that `name`, the last of those `typed`, means, if it has no value yet.
fn free(
    name: &str,
    (parameters, settings): (&[Parameter], &BTreeMap<String, Value>),
    typed: &[String],
    catalogue: &Catalogue,
) -> Result<Entry, SpecError> {
    let entry = entry(catalogue, name).map_err(SpecError::Other)?;
    if parameters.iter().any(|axis| axis.name == entry.name) || settings.contains_key(&entry.name) {
        return Err(SpecError::Other(twice(&entry.name, typed, catalogue)));
    }
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Domain, Scale};

    #[test]
    fn known_values_join_typed_ones_without_duplicates() {
        let catalogue = Catalogue { open: true, ..Catalogue::default() };
        let words = Domain::listed(vec![Value::Text("a,b".into()), Value::Text("1..2".into())], None);
        let spec = SpecFile {
            axes: vec!["x=1,2".into()],
            domains: vec![
                ("words".into(), words),
                ("y".into(), Domain::interval(0.0, 1.0, Scale::Linear, false)),
            ],
            values: vec![("z".into(), Value::List(vec![Value::Int(1)]))],
            cap: Some(3),
            ..SpecFile::default()
        };
        let study = spec.resolve(&catalogue).unwrap();
        assert_eq!((study.space.cells(), study.trials, study.settings.len()), (20, Some(3), 1));
        let twice = SpecFile { axes: vec!["z=1,2".into()], ..spec };
        assert!(twice.resolve(&catalogue).unwrap_err().to_string().contains("z is given twice"));
    }
}
