//! A parameter that is the seed: its values are replicates of each point, and no axis, since the best of several seeds is
//! luck.

use sweep_settings::names;

use super::error::SpecError;
use super::file::SpecFile;
use crate::space::axis::{Values, typed_name};
use crate::space::levels::domain;
use crate::{Axis, Catalogue, Domain, Entry, Kind, Scale, Setting};

/// What is printed of the parameter `name`, which is the seed and was given `count` values, or a range to draw from.
pub fn seeds_remark(name: &str, count: usize) -> String {
    match count {
        0 | 1 => format!(
            "{name} is not searched, since the best of several seeds is luck; set --replicates N for N seeds per point"
        ),
        _ => format!("{name} is not searched: its {count} values are replicates of each point"),
    }
}

impl SpecFile {
    /// Makes each of `seeds` the seed of a replicate.
    pub fn replicate_over(&mut self, seeds: Vec<u64>) {
        self.replicates = self.replicates.or(Some(seeds.len().max(1) as u64));
        self.seeds = seeds;
    }

    /// The same study with the axis that is the seed as replicates; `None` if there is none. In an open catalogue without
    /// a command, whoever asks for points says what a seed is.
    ///
    /// # Errors
    /// A value that is no seed, several axes that are.
    pub(crate) fn seeds_as_replicates(&self, catalogue: &Catalogue) -> Result<Option<SpecFile>, SpecError> {
        if self.command.is_none() && catalogue.open {
            return Ok(None);
        }
        let is_seed = |text: &&String| {
            let name = typed_name(text);
            names::is_seed(name) && !catalogue.settings.iter().any(|setting| setting.name == name)
        };
        let mut found: Option<(&String, Vec<u64>)> = None;
        for text in self.axes.iter().filter(is_seed) {
            let axis = Axis::read(text)?;
            // One value is one for all trials, as is a rule.
            let Some(seeds) = self.seeds_of(&axis)? else { continue };
            if let Some((other, _)) = found {
                let (one, another) = (typed_name(other), axis.name.as_str());
                let why = format!("{one} and {another} are both seeds; give one of them a single value");
                return Err(axis.fail(0, why).into());
            }
            found = Some((text, seeds));
        }
        let Some((text, seeds)) = found else { return Ok(None) };
        let mut spec = self.clone();
        spec.axes.retain(|other| other != text);
        spec.replicate_over(seeds);
        if let Some(command) = &mut spec.command {
            let name = typed_name(text);
            let own =
                command.map.iter().position(|(from, _)| from == name).map(|at| command.map.remove(at).1);
            command.seed = Some(own.unwrap_or_else(|| name.to_owned()));
        }
        Ok(Some(spec))
    }

    /// The seeds that `axis` lists, none where it is a range to draw from; `None` if it is no list.
    fn seeds_of(&self, axis: &Axis) -> Result<Option<Vec<u64>>, SpecError> {
        if matches!(&axis.values, Values::List(values) if values.len() < 2) {
            return Ok(None);
        }
        let whole = Setting::new("", Kind::Int { low: 0, high: i64::MAX }, "").on(Scale::Linear);
        let domain = domain(axis, &Entry { name: axis.name.clone(), setting: whole })?;
        let grid = self.sampler.as_deref().is_none_or(|sampler| sampler == "grid");
        match domain {
            Domain::Interval { .. } if !grid => Ok(Some(Vec::new())),
            Domain::Interval { low, high, .. } if high - low < MOST => {
                Ok(Some((low as u64..=high as u64).collect()))
            }
            Domain::Interval { .. } => {
                Err(axis.fail(axis.start(), format!("at most {MOST} seeds are replicates of a point")).into())
            }
            domain => {
                Ok(Some(domain.levels().iter().filter_map(|level| Some(level.number()? as u64)).collect()))
            }
        }
    }
}

/// The most replicates that a study may have.
const MOST: f64 = 1000.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CommandFile, Study};

    fn study(axes: &[&str], change: impl Fn(&mut SpecFile)) -> Result<Study, String> {
        let command = CommandFile { run: vec!["train".into()], ..CommandFile::default() };
        let axes: Vec<String> = axes.iter().map(|axis| (*axis).to_owned()).collect();
        let mut spec =
            SpecFile { axes, minimize: Some("loss".into()), command: Some(command), ..SpecFile::default() };
        change(&mut spec);
        let catalogue = spec.command.as_ref().unwrap().catalogue(spec.names()).unwrap();
        spec.resolve(&catalogue).map_err(|error| error.to_string())
    }

    fn seeds(study: &Study) -> Vec<u64> {
        (0..study.replicates).map(|replicate| study.replicate_seed(replicate)).collect()
    }

    #[test]
    fn the_values_of_a_seed_are_replicates() {
        for (axis, expected) in [
            ("seed=1..3", &[1, 2, 3][..]),
            ("seed=3,7", &[3, 7]),
            ("train.random_state=0..20:5", &[0, 5, 10, 15, 20]),
        ] {
            let study = study(&["lr=0.1,1", axis], |_| {}).unwrap();
            assert_eq!((study.space.parameters.len(), seeds(&study).as_slice()), (1, expected), "{axis}");
            assert_eq!(study.command.unwrap().seed.as_deref(), axis.split('=').next());
        }
        let more = study(&["lr=0.1,1", "seed=3,7"], |spec| spec.replicates = Some(4)).unwrap();
        assert_eq!(seeds(&more), [3, 7, 8, 9]);
        let drawn =
            study(&["lr=0.1..1", "seed=1..1000000"], |spec| spec.sampler = Some("random".into())).unwrap();
        assert_eq!((drawn.space.parameters.len(), seeds(&drawn)), (1, vec![0]));
        let file = SpecFile::from_toml("[space]\nlr = [0.1, 1]\nseed = [1, 2, 3]").unwrap();
        let native =
            Catalogue { settings: vec![Setting::new("lr", Kind::POSITIVE, "")], ..Catalogue::default() };
        assert_eq!(seeds(&file.resolve(&native).unwrap()), [1, 2, 3]);
    }

    #[test]
    fn one_value_stays_a_setting_and_no_number_is_no_seed() {
        let fixed = study(&["lr=0.1,1", "data.seed=5", "seed=1,2"], |_| {}).unwrap();
        assert_eq!((fixed.space.parameters.len(), fixed.replicates), (2, 2));
        for (axes, advice) in [
            (&["lr=1", "seed=1,x"][..], "whole number"),
            (&["lr=1", "seed=0.5,1"], "whole number"),
            (&["lr=1", "seed=-1,1"], "must be"),
            (&["lr=1", "seed=1..5000"], "at most 1000"),
            (&["lr=1", "seed=1,2", "data.seed=1,2"], "seed and data.seed are both seeds"),
        ] {
            let error = study(axes, |_| {}).unwrap_err();
            assert!(error.contains(advice), "{error}");
        }
        let open = Catalogue { open: true, ..Catalogue::default() };
        let asked = SpecFile { axes: vec!["seed=1,2".into()], ..SpecFile::default() }.resolve(&open).unwrap();
        assert_eq!(asked.space.parameters.len(), 1);
    }
}
