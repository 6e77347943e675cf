//! Axes and settings with known values instead of typed text.

use std::collections::BTreeMap;

use super::resolve::entry;
use crate::{Catalogue, Parameter, SpecError, SpecFile, Value};
use sweep_settings::Entry;

impl SpecFile {
    /// Adds the axes and settings with known values to the typed ones; returns their names.
    ///
    /// # Errors
    /// An unknown name, or one that already has values.
    pub(crate) fn take_known(
        &self,
        catalogue: &Catalogue,
        parameters: &mut Vec<Parameter>,
        settings: &mut BTreeMap<String, Value>,
    ) -> Result<Vec<String>, SpecError> {
        let mut names = Vec::new();
        for (name, domain) in &self.domains {
            let entry = free(catalogue, name, parameters, settings)?;
            parameters.push(Parameter {
                name: entry.name,
                domain: domain.clone(),
                when: entry.setting.condition(),
            });
            names.push(name.clone());
        }
        for (name, value) in &self.values {
            let entry = free(catalogue, name, parameters, settings)?;
            settings.insert(entry.name, value.clone());
            names.push(name.clone());
        }
        Ok(names)
    }
}

/// The entry that `name` means, if it has no value yet.
fn free(
    catalogue: &Catalogue,
    name: &str,
    parameters: &[Parameter],
    settings: &BTreeMap<String, Value>,
) -> Result<Entry, SpecError> {
    let entry = entry(catalogue, name).map_err(SpecError::Other)?;
    if parameters.iter().any(|axis| axis.name == entry.name) || settings.contains_key(&entry.name) {
        return Err(SpecError::Other(format!("{} is given twice", entry.name)));
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
