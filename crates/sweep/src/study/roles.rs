//! Parameters of a command that may be its learning rate or its batch size, and are not taken for it; and its seed.

use sweep_study::spec::seeds_remark;
use sweep_study::{Role, Study};

/// A hint for each role that no parameter of a command has, where names suggest one.
pub fn unassigned(study: &Study) -> Vec<String> {
    let Some(command) = &study.command else { return Vec::new() };
    let axes = study.space.parameters.iter();
    let numbers = axes.filter(|axis| axis.domain.levels().iter().all(|level| level.number().is_some()));
    let names: Vec<&str> = numbers.map(|axis| axis.name.as_str()).collect();
    let taken = |role: Role| {
        study.space.get(role.name()).is_some()
            || study.settings.contains_key(role.name())
            || study.derived.iter().any(|derived| derived.name() == role.name())
    };
    let hint = |role: Role| {
        let alike: Vec<&str> = names
            .iter()
            .filter(|name| Role::suggested(name) == Some(role))
            .map(|name| command.name(name))
            .collect();
        let first = alike.first()?;
        Some(format!(
            "no axis is taken for the {}; if {} is, give --roles {}={first}",
            role.what(),
            alike.join(" or "),
            role.name()
        ))
    };
    Role::ALL.into_iter().filter(|role| !taken(*role)).filter_map(hint).collect()
}

/// That a parameter is the seed of replicates and no axis, where it was given as one.
pub fn seeds(study: &Study) -> Option<String> {
    // A W&B sweep file says so among its differences.
    if study.command.as_ref().is_some_and(|command| command.wandb.is_some()) {
        return None;
    }
    let own = study.command.as_ref().and_then(|command| command.seed.as_deref());
    let name = own.or((!study.seeds.is_empty()).then_some("seed"))?;
    Some(seeds_remark(name, study.seeds.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sweep_study::{CommandFile, SpecFile};

    fn hints(axes: &[&str]) -> Vec<String> {
        let command = CommandFile { run: vec!["p".into()], ..CommandFile::default() };
        let catalogue = command.catalogue(axes.iter().filter_map(|axis| axis.split('=').next())).unwrap();
        let axes = axes.iter().map(|axis| (*axis).to_owned()).collect();
        let spec =
            SpecFile { axes, minimize: Some("loss".into()), command: Some(command), ..SpecFile::default() };
        unassigned(&spec.resolve(&catalogue).unwrap())
    }

    #[test]
    fn a_name_that_looks_like_a_role_is_asked_about() {
        assert_eq!(
            hints(&["encoder_lr=0.1,1", "bs=16,32"]),
            ["no axis is taken for the learning rate; if encoder_lr is, give --roles lr=encoder_lr"]
        );
        assert!(hints(&["a.lr=0.1,1", "b.lr=0.1,1"])[0].contains("a.lr or b.lr"));
        for quiet in
            [&["lr=0.1,1", "encoder_lr=0.1,1"][..], &["lr_schedule=a,b"], &["lr_decay=0.1,0.2"], &["x=1,2"]]
        {
            assert!(hints(quiet).is_empty(), "{quiet:?}");
        }
    }
}
