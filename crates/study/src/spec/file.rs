//! The study as typed, on a command line or in a TOML file, before anything is checked.

use super::command::CommandFile;
use super::error::SpecError;
use super::toml_value::{Form, Key, flatten, scalar};
use crate::space::axis::typed_name;
use crate::{Domain, Value};

/// Declares [`SpecFile`]: under `keys` the fields that are keys of a study file and are read by their types, under
/// `other` those that [`SpecFile::from_toml`] reads separately.
macro_rules! spec_file {
    (
        keys { $($(#[$about:meta])* $key:ident: $type:ty,)* }
        other { $($(#[$other_about:meta])* $other:ident: $other_type:ty,)* }
    ) => {
        /// A study as written; missing values take their defaults.
        ///
        /// ```
        /// use sweep_study::{Catalogue, SpecFile};
        ///
        /// let spec = SpecFile::from_toml(r#"
        ///     sampler = "random"
        ///     trials = 20
        ///     minimize = "loss"
        ///     [space]
        ///     lr = "1e-4..1"
        ///     batch = [16, 32, 64]
        /// "#)?;
        /// let study = spec.resolve(&Catalogue { open: true, ..Catalogue::default() })?;
        /// assert_eq!((study.trials, study.space.parameters.len()), (Some(20), 2));
        /// # Ok::<(), sweep_study::SpecError>(())
        /// ```
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct SpecFile {
            $($(#[$about])* pub $key: $type,)*
            $($(#[$other_about])* pub $other: $other_type,)*
        }

        /// The keys of the first kind.
        const KEYS: &[&str] = &[$(stringify!($key),)*];

        impl SpecFile {
            /// Reads a key of the first kind; returns whether it is one.
            fn read_key(&mut self, key: &str, value: &toml::Value) -> Result<bool, SpecError> {
                match key {
                    $(stringify!($key) => self.$key = Key::read(key, value)?,)*
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }
    };
}

spec_file! {
    keys {
        /// The study's name.
        name: Option<String>,
        /// The sampler's name (default `grid`).
        sampler: Option<String>,
        /// The data (default `mnist`).
        data: Option<String>,
        /// The label column of a table.
        label: Option<String>,
        /// The text column of a table.
        text: Option<String>,
        /// `char` or `word`.
        tokens: Option<String>,
        /// Sequence length in tokens.
        length: Option<u64>,
        /// `classify` or `regress`: what is made of the label column.
        task: Option<String>,
        /// `holdout` (default) or `textbook`.
        split: Option<String>,
        /// The study's seed (default 0).
        seed: Option<u64>,
        /// Repeats of each point (default 1).
        replicates: Option<u64>,
        /// Points to try.
        trials: Option<u64>,
        /// The name of a pruner (default `none`).
        pruner: Option<String>,
        /// The share of the pruned trials that is run to the end as an audit (default 0).
        audit: Option<f64>,
        /// Bounds that a trial must satisfy, as typed: `seconds<60`.
        subject_to: Vec<String>,
        /// Points to try first, as typed: `lr=0.1 batch=32`.
        enqueue: Vec<String>,
        /// Studies whose trials warm-start the sampler, by name.
        from: Vec<String>,
        /// `last` (default) or `best`.
        rank: Option<String>,
        /// The lowest value that a minimized metric can reach.
        floor: Option<f64>,
    }
    other {
        /// Which results a proposal may use: those up to this many points before, or `async` for all finished so far.
        lag: Option<String>,
        /// Settings of the pruner, name and value as typed.
        pruner_set: Vec<(String, String)>,
        /// A metric of which lower is better, or several joined by commas.
        minimize: Option<String>,
        /// A metric of which higher is better, or several joined by commas.
        maximize: Option<String>,
        /// The command that a trial runs; the default is the built-in trainer.
        command: Option<CommandFile>,
        /// How trials run as jobs of a Slurm cluster, names and values as typed; not part of the resolved study.
        slurm: Option<Vec<(String, String)>>,
        /// Fixed settings, name and value as typed.
        settings: Vec<(String, String)>,
        /// The axes as typed.
        axes: Vec<String>,
        /// Axes whose values are known already, by name: those of other programs' files.
        domains: Vec<(String, Domain)>,
        /// Settings whose values are known already, by name.
        values: Vec<(String, Value)>,
        /// The seeds of the first replicates, where they are not the study's seed and those after it.
        seeds: Vec<u64>,
        /// The maximum number of points, also for a sampler that ends by itself.
        cap: Option<u64>,
    }
}

/// The keys that [`SpecFile::from_toml`] reads separately.
const OTHER_KEYS: [&str; 7] = ["minimize", "maximize", "pruner_set", "lag", "command", "slurm", "space"];

/// Every key of a study file, other than settings.
pub(super) fn keys() -> impl Iterator<Item = &'static str> {
    KEYS.iter().copied().chain(OTHER_KEYS)
}

impl SpecFile {
    /// The names of the axes and settings that it gives values to, as typed.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let axes = self.axes.iter().map(|axis| typed_name(axis));
        let settings = self.settings.iter().map(|(name, _)| name.trim());
        let known = self.domains.iter().map(|(name, _)| name).chain(self.values.iter().map(|(name, _)| name));
        axes.chain(settings).chain(known.map(String::as_str))
    }

    /// Reads a study file. Keys that are neither of a study nor of the catalogue are refused when it is resolved.
    ///
    /// # Errors
    /// Text that is not valid TOML, or a key whose value has the wrong type.
    pub fn from_toml(text: &str) -> Result<SpecFile, SpecError> {
        // Some editors begin a file with a mark of its byte order.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let table: toml::Table =
            text.parse().map_err(|error: toml::de::Error| SpecError::Toml(error.to_string()))?;
        let mut spec = SpecFile::default();
        for (key, value) in &table {
            if spec.read_key(key, value)? {
                continue;
            }
            match key.as_str() {
                "minimize" => spec.minimize = Some(Vec::read(key, value)?.join(",")),
                "maximize" => spec.maximize = Some(Vec::read(key, value)?.join(",")),
                "pruner_set" => {
                    flatten("", value, Form::Plain, &mut |name, text| spec.pruner_set.push((name, text)))?
                }
                "lag" => spec.lag = Some(scalar(key, value)?),
                "command" => spec.command = Some(CommandFile::from_toml(value)?),
                "slurm" => {
                    let options = spec.slurm.insert(Vec::new());
                    flatten("", value, Form::Plain, &mut |name, text| options.push((name, text)))?
                }
                "space" => flatten("", value, Form::Axis, &mut |name, text| {
                    spec.axes.push(format!("{name}={text}"))
                })?,
                // The limit of a trial with a target is its budget.
                "cap_epochs" | "cap_steps" | "cap_examples" => {
                    flatten(&key["cap_".len()..], value, Form::Setting, &mut |name, text| {
                        spec.settings.push((name, text))
                    })?
                }
                _ => flatten(key, value, Form::Setting, &mut |name, text| spec.settings.push((name, text)))?,
            }
        }
        Ok(spec)
    }
}
