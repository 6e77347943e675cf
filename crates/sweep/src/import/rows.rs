//! The runs in a table: one row per run, or one row per reading if a column holds the step.

use std::collections::HashMap;

use anyhow::Result;
use sweep_study::{Direction, Goal, SECONDS, STEPS_TO_TARGET, Value};

use super::roles::{Part, Roles, flag, goal, roles};
use super::runs::{End, ImportOptions, Readings, Run, Runs, counted};
use super::table::{Row, Table, number, numbers};
use crate::refusal::refuse;

/// The runs in a table.
///
/// # Errors
/// No column that ranks, a column that is not there, text where numbers belong.
pub fn runs(mut table: Table, options: &ImportOptions) -> Result<Runs> {
    table.only(&options.only)?;
    let table = &table;
    let goal = goal(table, options)?;
    let Roles { parts, notes, rung } = roles(table, options, &goal)?;
    let columns = Columns::new(table, &parts);
    let mut found = Runs { goal: Some(goal), notes, ..Runs::default() };
    found.epochs = columns.step.is_some_and(|step| table.columns[step].to_lowercase().contains("epoch"));
    let mut known: HashMap<Vec<&str>, usize> = HashMap::new();
    let mut waiting = 0;
    for row in table.rows() {
        let Some(end) = end(columns.state.map(|index| row.cell(index))) else {
            waiting += 1;
            continue;
        };
        let end = if columns.says_diverged(row) { End::Diverged } else { end };
        let Some(step) = columns.step else {
            let readings = columns.lists(row)?;
            let metrics = columns.figures(row)?.map(|(name, value)| (name.to_owned(), value)).collect();
            let mut run = Run { metrics, end, readings, ..columns.run(row) };
            run.close();
            found.runs.push(run);
            continue;
        };
        let Some(at) = number(row.cell(step)).filter(|at| at.is_finite() && *at >= 0.0) else {
            let (name, text) = (&table.columns[step], row.cell(step));
            return refuse(format!(
                "{}, line {}: {name}=`{text}` is not a valid step",
                table.path,
                row.line()
            ));
        };
        let key: Vec<&str> = columns.same.iter().map(|index| row.cell(*index)).collect();
        let index = *known.entry(key).or_insert(found.runs.len());
        if index == found.runs.len() {
            found.runs.push(columns.run(row));
        }
        found.runs[index].end = end;
        found.runs[index].readings.push(at, columns.figures(row)?);
    }
    found.notes.extend(table.cut.clone());
    found.note_open(waiting, "run");
    if columns.step.is_some() {
        found.runs.iter_mut().for_each(Run::close);
    }
    found.notes.extend(thinned(&mut found.runs));
    if let Some(name) = &options.steps_to_target {
        for run in &mut found.runs {
            let taken = run.metrics.remove(name);
            run.metrics.extend(taken.map(|taken| (STEPS_TO_TARGET.to_owned(), taken)));
        }
        found.goal = Some(Goal { metric: STEPS_TO_TARGET.to_owned(), direction: Direction::Minimize });
    }
    if rung && let Some(step) = columns.step {
        found.notes.extend(stopped(&mut found.runs, &table.columns[step]));
    }
    Ok(found)
}

/// The most readings that a study of imported runs keeps in all.
const READINGS: usize = 200_000;

/// Keeps fewer readings of each run where there are more than charts can show.
fn thinned(runs: &mut [Run]) -> Option<String> {
    let all: usize = runs.iter().map(|run| run.readings.at.len()).sum();
    if all <= READINGS {
        return None;
    }
    let most = (READINGS / runs.len()).max(100);
    runs.iter_mut().for_each(|run| run.readings.thin(most));
    Some(format!(
        "Of {all} readings at most {most} a run are kept, evenly over it; last values are those of the table."
    ))
}

/// Marks the runs that stopped below the highest rung as pruned, so that they are not compared with those that reached it.
fn stopped(runs: &mut [Run], name: &str) -> Option<String> {
    let last = |run: &Run| run.readings.at.last().copied();
    let top = runs.iter().filter_map(last).reduce(f64::max)?;
    let all = runs.len();
    let below = runs.iter_mut().filter(|run| run.end == End::Complete && last(run) < Some(top));
    let below = below.map(|run| run.end = End::Pruned).count();
    let counted = counted(below, "run");
    (below > 0).then(|| {
        format!("{counted} of {all} stopped below the highest rung of {name}, {top}, and are not compared with the rest.")
    })
}

/// The columns of a table by the parts that they play.
struct Columns<'a> {
    table: &'a Table,
    parameters: Vec<usize>,
    metrics: Vec<usize>,
    seed: Option<usize>,
    step: Option<usize>,
    state: Option<usize>,
    diverged: Option<usize>,
    seconds: Option<usize>,
    /// The metrics whose cells hold a list of readings.
    listed: Vec<usize>,
    /// Those whose cells are the same in all readings of a run, and tell it from others.
    same: Vec<usize>,
}

impl<'a> Columns<'a> {
    fn new(table: &'a Table, parts: &[Part]) -> Columns<'a> {
        let all = |part: Part| (0..parts.len()).filter(|index| parts[*index] == part).collect::<Vec<usize>>();
        let first = |part: Part| parts.iter().position(|other| *other == part);
        let same = |index: &usize| matches!(parts[*index], Part::Parameter | Part::Seed | Part::Identity);
        let metrics = all(Part::Metric);
        let listed = metrics.iter().copied().filter(|index| !table.numeric(*index) && table.measured(*index));
        Columns {
            table,
            parameters: all(Part::Parameter),
            listed: listed.collect(),
            metrics,
            seed: first(Part::Seed),
            step: first(Part::Step),
            state: first(Part::State),
            diverged: first(Part::Diverged),
            seconds: first(Part::Seconds),
            same: (0..parts.len()).filter(same).collect(),
        }
    }

    /// Whether a row says that its run diverged.
    fn says_diverged(&self, row: Row) -> bool {
        self.diverged.is_some_and(|index| flag(row.cell(index)) == Some(true))
    }

    /// The readings in the lists of a row: the first value of each was taken at 1.
    fn lists(&self, row: Row) -> Result<Readings> {
        let mut lists: Vec<(&str, Vec<f64>)> = Vec::new();
        for index in &self.listed {
            let name = &self.table.columns[*index];
            let Some(values) = numbers(row.cell(*index)) else {
                let (path, line) = (&self.table.path, row.line());
                return refuse(format!("{path}, line {line}: {name} is not a list of numbers"));
            };
            lists.push((name, values));
        }
        let longest = lists.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
        let mut readings = Readings::default();
        for at in 0..longest {
            let figure = |(name, values): &(&'a str, Vec<f64>)| Some((*name, *values.get(at)?));
            readings.push((at + 1) as f64, lists.iter().filter_map(figure));
        }
        Ok(readings)
    }

    /// The figures in a row, by name.
    fn figures(&self, row: Row) -> Result<impl Iterator<Item = (&'a str, f64)>> {
        let mut figures = Vec::with_capacity(self.metrics.len() + 1);
        let single = self.metrics.iter().filter(|index| !self.listed.contains(index));
        for index in single.filter(|index| !row.cell(**index).is_empty()) {
            let (name, text) = (self.table.columns[*index].as_str(), row.cell(*index));
            let Some(number) = number(text) else {
                let (path, line) = (&self.table.path, row.line());
                return refuse(format!("{path}, line {line}: {name}=`{text}` is not a number"));
            };
            figures.push((name, number));
        }
        let took = self.seconds.and_then(|index| number(row.cell(index)));
        figures.extend(took.map(|took| (SECONDS, took)));
        Ok(figures.into_iter())
    }

    /// The run of a row without its figures.
    fn run(&self, row: Row) -> Run {
        let filled = self.parameters.iter().filter(|index| !absent(row.cell(**index)));
        let value = |index: &usize| (self.table.columns[*index].clone(), Value::read(row.cell(*index)));
        let seed = self.seed.map(|index| row.cell(index).to_owned()).filter(|seed| !seed.is_empty());
        Run { params: filled.map(value).collect(), seed, ..Run::default() }
    }
}

/// Whether a cell of a parameter says that there is none.
fn absent(cell: &str) -> bool {
    cell.is_empty() || cell.eq_ignore_ascii_case("nan")
}

/// How a run ended by the word for its state; `None` where it has not ended.
fn end(state: Option<&str>) -> Option<End> {
    let word = state.unwrap_or_default().to_lowercase();
    match word.as_str() {
        "running" | "pending" | "waiting" | "queued" | "created" => None,
        "pruned" | "stopped" | "early_stopped" => Some(End::Pruned),
        "crashed" | "failed" | "fail" | "killed" | "error" | "terminated" => Some(End::Failed(word)),
        _ => Some(End::Complete),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::import::csv;

    fn read(text: &str, options: &ImportOptions) -> Result<Runs, String> {
        let table = csv::table("runs.csv", text).map_err(|error| error.to_string())?;
        runs(table, options).map_err(|error| error.to_string())
    }

    fn minimize(metric: &str) -> ImportOptions {
        let goal = Goal { metric: metric.into(), direction: Direction::Minimize };
        ImportOptions { goal: Some(goal), ..ImportOptions::default() }
    }

    #[test]
    fn columns_play_their_parts() {
        let text = "Name,State,lr,seed,val_loss,val_acc,Runtime\na,finished,0.1,3,0.5,0.9,12\nb,crashed,1,4,,,2\nc,running,2,4,,,1\n";
        let read = read(text, &minimize("val_loss")).unwrap();
        let [good, bad] = read.runs.as_slice() else { panic!("two runs ended") };
        assert_eq!(good.params, BTreeMap::from([("lr".to_owned(), Value::Float(0.1))]));
        assert_eq!(
            (good.seed.as_deref(), good.metrics["val_acc"], good.metrics[SECONDS]),
            (Some("3"), 0.9, 12.0)
        );
        assert_eq!(bad.end, End::Failed("crashed".into()));
        assert_eq!(read.notes, ["1 run has not ended and been left out."]);
    }

    #[test]
    fn rows_with_a_step_are_readings() {
        let text = "lr,seed,step,loss\n0.1,0,20,0.4\n0.1,0,10,0.6\n0.1,1,10,0.7\n";
        let options = ImportOptions { steps: Some("step".into()), ..minimize("loss") };
        let read = read(text, &options).unwrap();
        assert_eq!(read.runs.len(), 2);
        assert_eq!(read.runs[0].readings.at, [10.0, 20.0]);
        assert_eq!(read.runs[0].metrics["loss"], 0.4);
    }

    #[test]
    fn of_very_many_readings_some_are_kept_with_the_last() {
        let mut text = String::from("lr,step,loss\n");
        for lr in [1, 2] {
            for step in 1..=120_000 {
                text += &format!("{lr},{step},{}\n", 1.0 / f64::from(step));
            }
        }
        let options = ImportOptions { steps: Some("step".into()), ..minimize("loss") };
        let read = read(&text, &options).unwrap();
        let at = &read.runs[1].readings.at;
        assert_eq!((at.len(), at.last()), (100_000, Some(&120_000.0)));
        assert_eq!(read.runs[1].metrics["loss"], 1.0 / 120_000.0);
        assert!(read.notes[0].starts_with("Of 240000 readings"), "{:?}", read.notes);
    }

    #[test]
    fn a_last_line_that_is_cut_off_is_left_out() {
        for text in ["lr,batch,loss\n1,16,2\n0.1,3", "lr,batch,loss\r\n1,16,2\r\n0.1,"] {
            let read = read(text, &minimize("loss")).unwrap();
            assert_eq!((read.runs.len(), read.notes.len()), (1, 1), "{text}");
        }
        // A line that ends is whole.
        assert!(read("lr,batch,loss\n1,16,2\n0.1,3\n", &minimize("loss")).is_err());
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, options, advice) in [
            ("lr,lr,loss\n1,2,3\n", minimize("loss"), "columns 1 and 2 are both called lr"),
            ("lr,loss\n1,2,3\n", minimize("loss"), "line 2: 3 cells under 2 columns"),
            ("lr,loss\n1,low\n", minimize("loss"), "line 2: loss=`low` is not a number"),
            ("lr,loss\r\n1,2\r\n2,low\r\n", minimize("loss"), "line 3: loss=`low`"),
            ("lr,loss\r\n\r\n\"a\r\nb\",2\r\n2,low", minimize("loss"), "line 5: loss=`low`"),
            ("lr,loss\n", minimize("loss"), "no row"),
            ("lr,val_loss\n1,2\n", minimize("valloss"), "did you mean val_loss?"),
            ("lr,val_loss,val_acc\n1,2,3\n", ImportOptions::default(), "there are val_loss, val_acc"),
            ("lr,width\n1,2\n", ImportOptions::default(), "the metric to rank by is missing"),
        ] {
            let error = read(text, &options).unwrap_err();
            assert!(error.contains(advice), "{error}");
        }
    }
}
