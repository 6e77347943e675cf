//! Why two studies cannot share their trials.

use sweep_settings::{Direction, Goal, short};

use super::{Cwd, Split, Study};

impl Study {
    /// Why trials of `self` and `other` cannot stand in one study; `None` when they can.
    ///
    /// They must share data, split and every setting that both hold fixed; axes, points, replicates and seeds may
    /// differ.
    pub fn conflict(&self, other: &Study) -> Option<String> {
        let words = |study: &Study| study.command.as_ref().map(|command| command.run.join(" "));
        if let (Some(old), Some(new)) = (words(self), words(other))
            && old != new
        {
            return differ("command", Some(&old), Some(&new));
        }
        let cwd = |study: &Study| {
            study.command.as_ref().map(|command| match command.cwd {
                Cwd::Start => Cwd::Start.word().to_owned(),
                Cwd::Trial => format!("{} (--in-trial-dir)", Cwd::Trial.word()),
            })
        };
        if let (Some(old), Some(new)) = (cwd(self), cwd(other))
            && old != new
        {
            return differ("cwd", Some(&old), Some(&new));
        }
        let length = |study: &Study| study.length.map(|length| length.to_string());
        let kept = [
            ("data", Some(self.data.clone()), Some(other.data.clone())),
            ("label", self.label.clone(), other.label.clone()),
            ("task", self.task.clone(), other.task.clone()),
            ("text", self.text.clone(), other.text.clone()),
            ("tokens", self.tokens.clone(), other.tokens.clone()),
            ("length", length(self), length(other)),
            ("split", Some(split(self)), Some(split(other))),
            ("goal", Some(goal(&self.goal)), Some(goal(&other.goal))),
            ("rule", rules(self), rules(other)),
            ("budget", Some(self.budget().0.to_owned()), Some(other.budget().0.to_owned())),
        ];
        if let Some((what, old, new)) = kept.into_iter().find(|(_, old, new)| old != new) {
            return differ(what, old.as_deref(), new.as_deref());
        }
        let mut both =
            self.settings.iter().filter_map(|(name, old)| Some((name, old, other.settings.get(name)?)));
        let (name, old, new) = both.find(|(_, old, new)| old != new)?;
        differ(name, Some(&old.to_string()), Some(&new.to_string()))
    }
}

fn differ(what: &str, old: Option<&str>, new: Option<&str>) -> Option<String> {
    let named = |value: Option<&str>| {
        value.map_or_else(|| format!("no {what}"), |value| format!("{what}={}", short(value)))
    };
    Some(format!("it was run with {}, not {}", named(old), named(new)))
}

fn split(study: &Study) -> String {
    match study.split {
        Split::Holdout => "holdout",
        Split::Textbook => "textbook",
    }
    .to_owned()
}

fn goal(goal: &Goal) -> String {
    let direction = match goal.direction {
        Direction::Minimize => "minimize",
        Direction::Maximize => "maximize",
    };
    format!("{direction}:{}", goal.metric)
}

/// The rules of derived parameters; `None` where there are none.
fn rules(study: &Study) -> Option<String> {
    let rules: Vec<String> =
        study.derived.iter().map(|derived| format!("{}={}", derived.name(), derived.rule())).collect();
    (!rules.is_empty()).then(|| rules.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Catalogue, SpecFile};

    fn study(change: impl Fn(&mut SpecFile)) -> Study {
        let mut spec =
            SpecFile { axes: vec!["lr=0.1,1".into()], minimize: Some("loss".into()), ..SpecFile::default() };
        change(&mut spec);
        spec.resolve(&Catalogue { open: true, ..Catalogue::default() }).unwrap()
    }

    #[test]
    fn what_differs_is_named_with_both_values() {
        let first = study(|_| {});
        let why = |change: &dyn Fn(&mut SpecFile)| first.conflict(&study(change)).unwrap_or_default();
        let maximize = |spec: &mut SpecFile| spec.maximize = spec.minimize.take();
        assert_eq!(why(&maximize), "it was run with goal=minimize:loss, not goal=maximize:loss");
        let label = |spec: &mut SpecFile| spec.label = Some("y".into());
        assert_eq!(why(&label), "it was run with no label, not label=y");
        let rule = |spec: &mut SpecFile| spec.axes.push("batch=32*lr".into());
        assert_eq!(why(&rule), "it was run with no rule, not rule=batch=32*lr");
        let split = |spec: &mut SpecFile| spec.split = Some("textbook".into());
        assert_eq!(why(&split), "it was run with split=holdout, not split=textbook");
        assert_eq!(why(&|spec: &mut SpecFile| spec.axes = vec!["lr=0.1,1,10".into()]), "");
    }
}
