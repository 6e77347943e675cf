//! Reporting studies of commands whose batch size follows from several parameters: by the effective batch size.

use crate::space::{Domain, Parameter, Space};
use crate::study::Study;
use crate::{StudyRecord, Value};
use sweep_settings::Role;

impl StudyRecord {
    /// The record with the effective batch size as an axis, in place of the first axis that it follows from; the points
    /// keep all their values. Other records stay unchanged.
    pub fn by_effective_batch(mut self) -> StudyRecord {
        let batch = Role::Batch.name();
        let declared = self.study.command.as_ref().is_some_and(|command| command.batch_is);
        let Some(at) = self.study.derived.iter().position(|derived| derived.name() == batch) else {
            return self;
        };
        if !declared {
            return self;
        }
        let sizes: Vec<Option<Value>> =
            self.trials.iter().map(|trial| self.study.setting(&trial.point, batch)).collect();
        let values: Vec<Value> = sizes.iter().flatten().cloned().collect();
        if values.is_empty() {
            return self;
        }
        for (trial, size) in self.trials.iter_mut().zip(sizes) {
            trial.point.0.extend(size.map(|size| (batch.to_owned(), size)));
        }
        let inputs = self.study.derived.remove(at).inputs().to_vec();
        let domain = Domain::listed(values, Some(Role::Batch.scale()));
        let axis = Parameter { name: batch.to_owned(), domain, when: None };
        replace(&mut self.study, &inputs, axis);
        self
    }
}

/// Puts `axis` in place of the first of the `inputs` that varies, otherwise in front.
fn replace(study: &mut Study, inputs: &[String], axis: Parameter) {
    let mut parameters = study.space.parameters.clone();
    let first =
        parameters.iter().position(|other| inputs.contains(&other.name) && other.domain.levels().len() > 1);
    match first {
        Some(first) => parameters[first] = axis,
        None => parameters.insert(0, axis),
    }
    study.space = Space::new(parameters);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CommandFile, Outcome, SpecFile, Trial};

    fn study(batch_is: Option<&str>) -> Result<Study, String> {
        let command = CommandFile {
            run: vec!["p".into()],
            batch_is: batch_is.map(str::to_owned),
            ..CommandFile::default()
        };
        let axes =
            ["lr=0.1,1", "per_device_train_batch_size=8,16", "accumulate=1,2"].map(str::to_owned).to_vec();
        let catalogue = command
            .catalogue(axes.iter().map(|axis| crate::space::axis::typed_name(axis)))
            .map_err(|error| error.to_string())?;
        let spec =
            SpecFile { axes, minimize: Some("l".into()), command: Some(command), ..SpecFile::default() };
        spec.resolve(&catalogue).map_err(|error| error.to_string())
    }

    #[test]
    fn the_effective_batch_size_is_an_axis_of_the_report() {
        let study = study(Some("per_device_train_batch_size*4*accumulate")).unwrap();
        assert!(study.space.get("batch").is_none() && study.space.cells() == 8);
        let trial = |cell: u64| {
            let point = study.space.cell(u128::from(cell)).unwrap();
            Trial::ended(cell, point, (0, 0), Outcome::Complete { stuck: false })
        };
        let trials: Vec<Trial> = (0..8).map(trial).collect();
        let record = StudyRecord::new(study, trials).by_effective_batch();
        let axes: Vec<&str> = record.study.space.parameters.iter().map(|axis| axis.name.as_str()).collect();
        assert_eq!(axes, ["lr", "batch", "accumulate"]);
        let sizes: Vec<String> =
            record.study.space.get("batch").unwrap().domain.levels().iter().map(Value::to_string).collect();
        assert_eq!(sizes, ["32", "64", "128"]);
        let last = &record.trials[7].point;
        assert_eq!(last.to_string(), "accumulate=2 batch=128 lr=1 per_device_train_batch_size=16");
        assert_eq!(record.study.batch(last), Some(128.0));
    }

    #[test]
    fn an_invalid_expression_is_refused() {
        assert!(study(Some("per_gpu*2")).unwrap_err().contains("no axis or setting `per_gpu`"));
        assert!(study(Some("2*(accumulate")).unwrap_err().contains("cannot be read"));
        let plain = study(None).unwrap();
        let record = StudyRecord::new(plain.clone(), Vec::new());
        assert_eq!(record.by_effective_batch().study, plain);
    }
}
