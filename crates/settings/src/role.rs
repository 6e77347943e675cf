//! The two settings that this program is about, and the names that people give them.

use crate::{Scale, Value, names};

/// The role of a parameter in the question this program answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The learning rate, η.
    LearningRate,
    /// The batch size, B.
    Batch,
}

/// The names of a role in training scripts.
struct Names {
    role: Role,
    /// Names that mean nothing else.
    always: &'static [&'static str],
    /// Names that mean the role where no name before them is given; the surest first.
    otherwise: &'static [&'static str],
}

/// Every name that has a role, in lower case with `_`.
const TABLE: [Names; 2] = [
    Names {
        role: Role::LearningRate,
        always: &[names::LR, "learning_rate", "eta"],
        otherwise: &[
            "learningrate",
            "learn_rate",
            "peak_lr",
            "peak_learning_rate",
            "max_lr",
            "max_learning_rate",
            "base_lr",
            "base_learning_rate",
            "init_lr",
            "initial_lr",
            "lr_init",
            "learning_rate_init",
            "initial_learning_rate",
            "init_learning_rate",
            "lr0",
            "alpha",
        ],
    },
    Names {
        role: Role::Batch,
        always: &[names::BATCH, "batch_size", "per_device_train_batch_size"],
        otherwise: &[
            "batchsize",
            "bs",
            "batch_sequences",
            "batch_seqs",
            "batch_tokens",
            "global_batch_size",
            "total_batch_size",
            "train_batch_size",
            "train_bs",
            "per_device_batch_size",
            "per_gpu_train_batch_size",
            "per_gpu_batch_size",
            "mini_batch_size",
            "minibatch_size",
            "micro_batch_size",
            "batch_size_train",
        ],
    },
];

/// Words in the names of axes that may well be a learning rate or a batch size, for a hint.
const ALIKE: [(&str, Role); 6] = [
    ("lr", Role::LearningRate),
    ("learning_rate", Role::LearningRate),
    ("learnrate", Role::LearningRate),
    ("batch", Role::Batch),
    ("batch_size", Role::Batch),
    ("bs", Role::Batch),
];

/// Words beside them that make something else of the name.
const UNLIKE: [&str; 12] = [
    "decay",
    "gamma",
    "schedule",
    "scheduler",
    "min",
    "end",
    "final",
    "warmup",
    "step",
    "factor",
    "patience",
    "norm",
];

impl Role {
    /// Both roles.
    pub const ALL: [Role; 2] = [Role::LearningRate, Role::Batch];

    /// The role that `name` has whatever else is named, if any.
    pub fn by_custom(name: &str) -> Option<Role> {
        TABLE.iter().find(|names| names.always.contains(&name)).map(|names| names.role)
    }

    /// The role of the parameter that a study names `lr` or `batch`.
    pub fn of(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }

    /// The role that `name` has where no surer name is given: that of its last part, in any spelling, such as
    /// `optim.lr`, `batch-size` or `params_lr`.
    pub fn likely(name: &str) -> Option<Role> {
        TABLE.iter().find(|names| names.rank(name).is_some()).map(|names| names.role)
    }

    /// Names that have the role whatever else is named.
    pub fn names(self) -> &'static [&'static str] {
        TABLE.iter().find(|names| names.role == self).map_or(&[], |names| names.always)
    }

    /// Which of `given` has the role where none of [`Role::names`] is among them; `None` also where two are as sure as
    /// each other, such as `encoder.lr` and `decoder.lr`.
    pub fn among<'a>(self, given: impl Iterator<Item = &'a str>) -> Option<&'a str> {
        let names = TABLE.iter().find(|names| names.role == self)?;
        let mut ranked: Vec<(usize, &str)> =
            given.filter_map(|name| Some((names.rank(name)?, name))).collect();
        ranked.sort_unstable();
        ranked.dedup();
        match ranked.as_slice() {
            [] => None,
            [(_, one)] => Some(*one),
            [(best, one), (next, _), ..] => (best < next).then_some(*one),
        }
    }

    /// The role that `name` suggests without being a name of it: `encoder_lr`, `eval_batch`.
    pub fn suggested(name: &str) -> Option<Role> {
        let plain = plain(name);
        if plain.split('_').any(|part| UNLIKE.contains(&part)) {
            return None;
        }
        let part = |word: &str| {
            plain == word
                || plain.starts_with(&format!("{word}_"))
                || plain.ends_with(&format!("_{word}"))
                || plain.contains(&format!("_{word}_"))
        };
        ALIKE.iter().find(|(word, _)| part(word)).map(|(_, role)| *role)
    }

    /// The name of the role in this project.
    pub fn name(self) -> &'static str {
        match self {
            Role::LearningRate => names::LR,
            Role::Batch => names::BATCH,
        }
    }

    /// What it is, in words.
    pub fn what(self) -> &'static str {
        match self {
            Role::LearningRate => "learning rate",
            Role::Batch => "batch size",
        }
    }

    /// The default spacing of a range of it.
    pub fn scale(self) -> Scale {
        match self {
            Role::LearningRate => Scale::Log,
            Role::Batch => Scale::Pow2,
        }
    }

    /// Why `value` cannot be its value in a study of a command, in words that follow `name=value`; `None` if it can.
    pub fn refusal(self, value: &Value) -> Option<String> {
        let number = value.number();
        match self {
            Role::LearningRate if number.is_some_and(|number| number >= 0.0) => None,
            Role::LearningRate => Some("must be a number from 0".to_owned()),
            Role::Batch
                if number.is_some_and(|number| number > 0.0) || *value == Value::Text("full".into()) =>
            {
                None
            }
            Role::Batch => Some("must be a number above 0".to_owned()),
        }
    }
}

impl Names {
    /// How sure it is that `name` means the role, 0 for the surest; `None` if it does not.
    fn rank(&self, name: &str) -> Option<usize> {
        let exact = self.always.iter().position(|other| *other == name);
        let all = || self.always.iter().chain(self.otherwise);
        exact.or_else(|| {
            let plain = plain(name);
            let dotted = usize::from(name.contains(['.', '/']));
            let at = all().position(|other| *other == plain)?;
            // Of a name and the same one within a group, the bare one.
            Some(self.always.len() + 2 * at + dotted)
        })
    }
}

/// The last part of a dotted name, in lower case with `_`, without what Optuna's tables put before it.
fn plain(name: &str) -> String {
    let last = name.rsplit(['.', '/']).next().unwrap_or(name);
    let last = last.trim_start_matches(['-', '+']).to_lowercase().replace('-', "_");
    last.strip_prefix("params_").map_or(last.clone(), str::to_owned)
}

/// The customary spacing of a range of the parameter `name` of a command, if it has one.
pub fn customary_scale(name: &str) -> Option<Scale> {
    if let Some(role) = Role::of(name) {
        return Some(role.scale());
    }
    match plain(name).as_str() {
        names::WEIGHT_DECAY | "wd" | "weightdecay" => Some(Scale::Log),
        "momentum" | "beta1" | "beta2" | "beta_1" | "beta_2" | "adam_beta1" | "adam_beta2" => {
            Some(Scale::OneMinus)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_people_use_have_their_role() {
        for name in ["lr", "init_lr", "learning_rate_init", "lr0", "optim.lr", "params_lr", "learning-rate"] {
            assert_eq!(Role::likely(name), Some(Role::LearningRate), "{name}");
        }
        for name in
            ["bs", "batch-size", "train_batch_size", "data/batch_size", "mini_batch_size", "batchSize"]
        {
            assert_eq!(Role::likely(name), Some(Role::Batch), "{name}");
        }
        for name in ["encoder_lr", "min_lr", "lr_decay", "eval_batch_size", "width"] {
            assert_eq!(Role::likely(name), None, "{name}");
        }
    }

    #[test]
    fn the_surest_of_several_names_has_the_role() {
        let among = |names: &[&'static str]| Role::LearningRate.among(names.iter().copied());
        assert_eq!(among(&["alpha", "peak_lr", "width"]), Some("peak_lr"));
        assert_eq!(among(&["optim.lr", "alpha"]), Some("optim.lr"));
        assert_eq!(among(&["encoder.lr", "decoder.lr"]), None);
        assert_eq!(among(&["width"]), None);
    }

    #[test]
    fn other_names_that_look_like_a_role_suggest_it() {
        assert_eq!(Role::suggested("encoder_lr"), Some(Role::LearningRate));
        assert_eq!(Role::suggested("opt.muon_lr"), Some(Role::LearningRate));
        assert_eq!(Role::suggested("eval_batch"), Some(Role::Batch));
        // Two of one name suggest the role that neither has.
        assert_eq!(Role::suggested("encoder.lr"), Some(Role::LearningRate));
        for name in ["nlr", "width", "lr_decay", "batch_norm", "min_lr", "lr_scheduler.gamma"] {
            assert_eq!(Role::suggested(name), None, "{name}");
        }
    }
}
