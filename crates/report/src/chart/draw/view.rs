//! Which axis of a study is drawn where, and which cell each place of the picture shows.

use std::collections::{BTreeMap, BTreeSet};

use sweep_settings::names;
use sweep_study::{Domain, Parameter, Scale, StudyRecord, Value};

use crate::facts::{Cell, Facts, Measure, PANELS, State, is_sampled, varying};
use crate::text;

/// The most values of a number that are drawn as levels; of more, as an imported random search has, each lies at its
/// place on a continuous axis.
const MOST_LEVELS: usize = 30;

/// The values along one side of the picture, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Levels {
    /// The axis' name; `None` where nothing varies and one level without a label stands for all.
    pub name: Option<String>,
    /// The values as typed.
    pub labels: Vec<String>,
    /// Where each lies on the axis' scale, rising.
    pub lines: Vec<f64>,
    /// The ends of the axis on its scale, where points lie anywhere between them.
    pub continuous: Option<(f64, f64)>,
    /// How the values are spaced.
    pub scale: Option<Scale>,
}

/// One place of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// Which panel.
    pub panel: usize,
    /// Which level across.
    pub across: usize,
    /// Which level up.
    pub up: usize,
    /// The cell it shows: of several, the best.
    pub cell: usize,
}

/// What a heatmap shows where.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// Across the page.
    pub across: Levels,
    /// Up the page.
    pub up: Levels,
    /// The panels' values; one without a value where there is a single panel.
    pub panels: Vec<Option<String>>,
    /// The axis that the panels take values of.
    pub panel_axis: Option<String>,
    /// The axes over which each place shows the best.
    pub over: Vec<String>,
    /// The places that show a cell.
    pub spots: Vec<Spot>,
}

impl View {
    /// Assigns the axes and places the cells.
    ///
    /// Across is `lr`, up is `batch`, a panel is an agent or a schedule; where one of these does not vary, another axis
    /// that does takes its side, ordered ones first. What is left over is minimized out: a place shows its best cell.
    pub fn of(record: &StudyRecord, facts: &Facts) -> View {
        let mut free: Vec<&Parameter> = varying(&record.study).collect();
        let ordered = |axis: &Parameter| axis.domain.scale().is_some() && axis.when.is_none();
        let special = |axis: &Parameter| axis.name == names::BATCH || PANELS.contains(&axis.name.as_str());
        let across = take(&mut free, |axis| axis.name == names::LR)
            .or_else(|| take(&mut free, |axis| ordered(axis) && !special(axis)))
            .or_else(|| take(&mut free, |axis| axis.name == names::BATCH))
            .or_else(|| take(&mut free, |axis| axis.when.is_none()));
        let up = take(&mut free, |axis| axis.name == names::BATCH)
            .or_else(|| take(&mut free, |axis| ordered(axis) && !special(axis)))
            .or_else(|| take(&mut free, |axis| axis.when.is_none()));
        let panel = PANELS.iter().find_map(|name| take(&mut free, |axis| axis.name == *name));
        let over = free.iter().map(|axis| axis.name.clone()).collect();
        let levels = |axis| Levels::of(record, facts, axis);
        let panels = match panel {
            None => vec![None],
            Some(axis) => levels(Some(axis)).labels.into_iter().map(Some).collect(),
        };
        let mut view = View {
            across: levels(across),
            up: levels(up),
            panels,
            panel_axis: panel.map(|axis| axis.name.clone()),
            over,
            spots: Vec::new(),
        };
        view.spots = view.place(facts);
        view
    }

    /// Whether the cells lie anywhere on an axis, so that they are drawn as points rather than tiles.
    pub fn scattered(&self) -> bool {
        self.across.continuous.is_some() || self.up.continuous.is_some()
    }

    fn place(&self, facts: &Facts) -> Vec<Spot> {
        let measure = facts.measure;
        let (by_across, by_up) = (self.across.by_label(), self.up.by_label());
        let index = |levels: &Levels, by_label: &BTreeMap<&str, usize>, cell: &Cell| match &levels.name {
            None => Some(0),
            Some(name) => by_label.get(cell.params.get(name)?.to_string().as_str()).copied(),
        };
        let mut best: BTreeMap<(usize, usize, usize), usize> = BTreeMap::new();
        let mut spots = Vec::new();
        for (number, cell) in facts.cells.iter().enumerate() {
            let own = self.panel_axis.as_ref().and_then(|name| cell.params.get(name)).map(Value::to_string);
            let Some(panel) = self.panels.iter().position(|panel| *panel == own) else { continue };
            let across = index(&self.across, &by_across, cell);
            let Some((across, up)) = across.zip(index(&self.up, &by_up, cell)) else { continue };
            if self.scattered() {
                spots.push(Spot { panel, across, up, cell: number });
                continue;
            }
            let shown = best.entry((panel, up, across)).or_insert(number);
            if facts.cells.get(*shown).is_some_and(|old| tells_more(cell, old, &measure)) {
                *shown = number;
            }
        }
        spots.extend(best.into_iter().map(|((panel, up, across), cell)| Spot { panel, across, up, cell }));
        spots
    }
}

/// Whether a place shows `new` rather than `old`: the better value, else the state that went less wrong.
fn tells_more(new: &Cell, old: &Cell, measure: &Measure) -> bool {
    let rank = |state: State| match state {
        State::Complete => 0,
        State::Unstable => 1,
        State::Pruned | State::EndedEarly => 2,
        State::Censored => 3,
        State::Stuck => 4,
        State::Collapsed => 5,
        State::Diverged => 6,
        State::Infeasible => 7,
        State::Failed => 8,
        State::Missing => 9,
    };
    match (new.value, old.value) {
        (Some(new), Some(old)) => measure.better(new, old),
        _ => rank(new.state) < rank(old.state),
    }
}

/// Takes the first axis that fits out of `free`.
fn take<'a>(free: &mut Vec<&'a Parameter>, fits: impl Fn(&Parameter) -> bool) -> Option<&'a Parameter> {
    let at = free.iter().position(|axis| fits(axis))?;
    Some(free.remove(at))
}

impl Levels {
    /// The values that an axis takes in a study; none for no axis.
    pub fn of(record: &StudyRecord, facts: &Facts, axis: Option<&Parameter>) -> Levels {
        let Some(axis) = axis else {
            return Levels {
                name: None,
                labels: vec![String::new()],
                lines: vec![0.0],
                continuous: None,
                scale: None,
            };
        };
        let study = &record.study;
        let sampled = is_sampled(study, &axis.domain);
        let mut values: Vec<Value> = if sampled { Vec::new() } else { axis.domain.levels().to_vec() };
        let mut known: BTreeSet<String> = values.iter().map(Value::to_string).collect();
        for value in facts.cells.iter().filter_map(|cell| cell.params.get(&axis.name)) {
            if known.insert(value.to_string()) {
                values.push(value.clone());
            }
        }
        let scale = axis.domain.scale();
        let mut placed: Vec<(f64, String)> = values
            .iter()
            .enumerate()
            .map(|(index, value)| {
                let full = *value == Value::Text("full".to_owned());
                let number = if full { Some(study.train_examples as f64) } else { value.number() };
                let line = scale.map_or(Some(index as f64), |scale| number.map(|number| scale.line(number)));
                (line.unwrap_or(f64::INFINITY), value.to_string())
            })
            .collect();
        placed.sort_by(|a, b| a.0.total_cmp(&b.0));
        let continuous = match (&axis.domain, scale) {
            (Domain::Interval { low, high, .. }, Some(scale)) if sampled => {
                Some((scale.line(*low), scale.line(*high)))
            }
            _ if placed.len() > MOST_LEVELS && scale.is_some() => {
                placed.first().zip(placed.last()).map(|(first, last)| (first.0, last.0))
            }
            _ => None,
        };
        let continuous = continuous.filter(|(low, high)| low.is_finite() && high.is_finite());
        let (mut lines, labels): (Vec<f64>, Vec<String>) = placed.into_iter().unzip();
        level_out(&mut lines);
        Levels { name: Some(axis.name.clone()), labels, lines, continuous, scale }
    }

    /// Whether values lie anywhere along it rather than on a few levels.
    pub fn scattered(&self) -> bool {
        self.continuous.is_some()
    }

    /// The index of each level by its label.
    pub fn by_label(&self) -> BTreeMap<&str, usize> {
        self.labels.iter().enumerate().map(|(index, label)| (label.as_str(), index)).collect()
    }

    /// The text beside the axis.
    pub fn title(&self) -> String {
        match self.name.as_deref() {
            None => String::new(),
            Some(names::LR) => "learning rate η".to_owned(),
            Some(names::BATCH) => "batch size B".to_owned(),
            Some(name) => text::metric_name(name).replace('_', " "),
        }
    }

    /// The same for an axis with ticks, which says whether equal ratios take equal room.
    pub fn axis_title(&self) -> String {
        let log = matches!(self.scale, Some(Scale::Log | Scale::Pow2)) && self.labels.len() > 1;
        self.title() + if log { " (log scale)" } else { "" }
    }

    /// The smallest and the largest line that the axis must show.
    pub fn span(&self) -> (f64, f64) {
        self.continuous.unwrap_or_else(|| {
            (self.lines.first().copied().unwrap_or(0.0), self.lines.last().copied().unwrap_or(0.0))
        })
    }
}

/// Puts levels that a scale cannot reach (zero on a logarithmic one) a step outside the others.
fn level_out(lines: &mut [f64]) {
    let finite: Vec<f64> = lines.iter().copied().filter(|line| line.is_finite()).collect();
    let (first, last) = (finite.first().copied().unwrap_or(0.0), finite.last().copied().unwrap_or(0.0));
    let gap = if finite.len() > 1 { (last - first) / (finite.len() - 1) as f64 } else { 1.0 };
    for line in lines.iter_mut().filter(|line| !line.is_finite()) {
        *line = if *line < 0.0 { first - gap } else { last + gap };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Made;

    fn view(made: Made) -> View {
        let record = made.record();
        View::of(&record, &crate::facts(&record))
    }

    #[test]
    fn axes_take_their_sides() {
        let sides = |axes: &[&str]| {
            let view = view(Made::new(axes));
            (view.across.name, view.up.name, view.panel_axis, view.over)
        };
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(
            sides(&["batch=16,32", "lr=0.1,1", "schedule=constant,cosine"]),
            (some("lr"), some("batch"), some("schedule"), vec![])
        );
        assert_eq!(
            sides(&["lr=0.1,1", "schedule=constant,cosine"]),
            (some("lr"), some("schedule"), None, vec![])
        );
        assert_eq!(sides(&["schedule=constant,cosine"]), (some("schedule"), None, None, vec![]));
        assert_eq!(
            sides(&["lr=0.1,1", "batch=16,32", "momentum=0,0.9"]),
            (some("lr"), some("batch"), None, vec!["momentum".to_owned()])
        );
        assert_eq!(
            sides(&["activation=relu,tanh", "batch=16,32"]),
            (some("batch"), some("activation"), None, vec![])
        );
        assert_eq!(sides(&["lr=0.1"]), (None, None, None, vec![]));
    }

    #[test]
    fn a_place_shows_its_best_cell() {
        let view = view(
            Made::new(&["lr=0.1,1", "batch=16,32", "momentum=0,0.9"])
                .trial("lr=0.1 batch=16 momentum=0", &[0.3])
                .trial("lr=0.1 batch=16 momentum=0.9", &[0.2]),
        );
        assert_eq!(view.spots.len(), 4);
        assert_eq!(view.spots[0], Spot { panel: 0, across: 0, up: 0, cell: 1 });
    }

    #[test]
    fn full_batches_lie_at_their_size_and_zero_beside_a_log_axis() {
        let view = view(Made::new(&["batch=1,32,full"]));
        assert_eq!(view.across.labels, ["1", "32", "full"]);
        assert!((view.across.lines[2] - 50_000f64.ln()).abs() < 1e-12);
        let mut lines = [f64::NEG_INFINITY, 0.0, 1.0, 2.0];
        level_out(&mut lines);
        assert_eq!(lines, [-1.0, 0.0, 1.0, 2.0]);
    }
}
