//! Tables: one row per run, or one row per reading if a column holds the step.

use std::collections::HashMap;

use anyhow::Result;
use sweep_settings::{names, nearest};
use sweep_study::{Direction, Goal, Metrics, Role, SECONDS, Value};

use super::alike::repeats;
use super::runs::{End, ImportOptions, Run, Runs};
use super::words;
use crate::refusal::refuse;

/// Cells as text, empty where there is nothing.
#[derive(Debug)]
pub struct Table {
    /// Where it was read.
    pub path: String,
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The rows, each as long as the columns are many.
    pub rows: Vec<Row>,
    /// That the file is cut off, since its writer was killed or is still at work, and what is left out for it.
    pub cut: Option<String>,
}

/// That the last line of a file is not whole.
pub const CUT_LINE: &str = "The last line is cut off and has been left out.";

/// A row and the line on which it stands.
#[derive(Debug)]
pub struct Row {
    /// The line, from 1.
    pub line: u64,
    /// The cells.
    pub cells: Vec<String>,
}

/// The role of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Parameter,
    Metric,
    Seed,
    Step,
    State,
    Seconds,
    Label,
}

impl Table {
    /// The table, if its column names are unique and it has rows.
    ///
    /// # Errors
    /// A duplicate name; no row.
    pub fn checked(self) -> Result<Table> {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for (index, name) in self.columns.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            if let Some(first) = seen.insert(name, index) {
                let (path, first, second) = (&self.path, first + 1, index + 1);
                return refuse(format!(
                    "{path}: the columns {first} and {second} are both called {name}; rename one"
                ));
            }
        }
        if self.rows.is_empty() {
            return refuse(format!("{}: the table has a header but no row", self.path));
        }
        Ok(self)
    }

    fn column(&self, name: &str) -> Result<usize> {
        if let Some(index) = self.columns.iter().position(|column| column == name) {
            return Ok(index);
        }
        refuse(format!("{}: there is no column `{name}`; {}", self.path, instead(name, &self.columns)))
    }

    fn cells(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().map(move |row| row.cells[column].as_str())
    }

    /// Whether a column holds numbers and nothing else.
    fn numeric(&self, column: usize) -> bool {
        let mut filled = self.cells(column).filter(|cell| !cell.is_empty()).peekable();
        filled.peek().is_some() && filled.all(|cell| number(cell).is_some())
    }

    /// The metric that ranks the runs: from the options, else the only metric.
    fn goal(&self, options: &ImportOptions) -> Result<Goal> {
        if let Some(goal) = &options.goal {
            self.column(&goal.metric)?;
            return Ok(goal.clone());
        }
        let is_metric = |index: &usize| words::metric(&self.columns[*index]) && self.numeric(*index);
        let metrics: Vec<&String> =
            (0..self.columns.len()).filter(is_metric).map(|index| &self.columns[index]).collect();
        match metrics.as_slice() {
            [one] if words::last(one).contains("loss") => {
                Ok(Goal { metric: (*one).clone(), direction: Direction::Minimize })
            }
            [] => refuse(format!(
                "{}: the metric to rank by is missing; name its column with --minimize or --maximize; {}",
                self.path,
                there_are(&self.columns)
            )),
            some => {
                let names: Vec<String> = some.iter().map(|name| (*name).clone()).collect();
                refuse(format!(
                    "{}: the metric to rank by is missing; name its column with --minimize or --maximize; {}",
                    self.path,
                    there_are(&names)
                ))
            }
        }
    }

    fn parts(&self, options: &ImportOptions, goal: &Goal) -> Result<Vec<Part>> {
        let own = |index: usize, name: &str| match () {
            () if names::is_seed(name) => Part::Seed,
            () if words::seconds(name) && self.numeric(index) => Part::Seconds,
            () if words::state(name) && !self.numeric(index) => Part::State,
            () if words::label(name) => Part::Label,
            () if words::metric(name) && self.numeric(index) => Part::Metric,
            () if self.cells(index).all(str::is_empty) => Part::Label,
            () => Part::Parameter,
        };
        let mut parts: Vec<Part> =
            self.columns.iter().enumerate().map(|(index, name)| own(index, name)).collect();
        let named = options.map.iter().map(|(_, there)| there);
        for name in named.chain(&options.params).chain(&options.groups) {
            parts[self.column(name)?] = Part::Parameter;
        }
        if !(options.params.is_empty() && options.groups.is_empty()) {
            let by_name: Vec<&str> = if options.params.is_empty() {
                Role::ALL
                    .iter()
                    .filter_map(|role| role.among(self.columns.iter().map(String::as_str)))
                    .collect()
            } else {
                Vec::new()
            };
            let wanted = |name: &String| {
                options.params.contains(name)
                    || options.groups.contains(name)
                    || options.map.iter().any(|(_, there)| there == name)
                    || by_name.contains(&name.as_str())
            };
            let others = parts
                .iter_mut()
                .zip(&self.columns)
                .filter(|(part, name)| **part == Part::Parameter && !wanted(name));
            others.for_each(|(part, _)| *part = Part::Label);
        }
        if !options.groups.is_empty() && options.steps.is_none() {
            let all = || 0..parts.len();
            let unused = |at: &usize| parts[*at] == Part::Label && !words::label(&self.columns[*at]);
            let left: Vec<usize> = all().filter(unused).filter(|at| self.numeric(*at)).collect();
            let told: Vec<usize> =
                all().filter(|at| matches!(parts[*at], Part::Parameter | Part::Seed)).collect();
            let rows = self.rows.iter().map(|row| row.cells.as_slice());
            repeats(&self.path, &self.columns, rows, &told, &left)?;
        }
        parts[self.column(&goal.metric)?] = Part::Metric;
        if let Some(name) = &options.replicates {
            parts.iter_mut().filter(|part| **part == Part::Seed).for_each(|part| *part = Part::Label);
            parts[self.column(name)?] = Part::Seed;
        }
        if let Some(name) = &options.steps {
            parts[self.column(name)?] = Part::Step;
        }
        Ok(parts)
    }
}

/// The most names that a message lists.
const LISTED: usize = 12;

/// `there are a, b, c`, cut short where they are many.
pub fn there_are(names: &[String]) -> String {
    if names.is_empty() {
        return "there are none".to_owned();
    }
    let shown = names.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
    let rest = names.len().saturating_sub(LISTED);
    if rest > 0 { format!("there are {shown} and {rest} more") } else { format!("there are {shown}") }
}

/// A suggestion for a name that is not among `names`: a similar one, or all of them.
pub fn instead(name: &str, names: &[String]) -> String {
    let near = nearest(name, names.iter().map(String::as_str));
    near.map_or_else(|| there_are(names), |near| format!("did you mean {near}?"))
}

/// A number as programs write it, NaN and infinities among them.
pub fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// The runs in a table.
///
/// # Errors
/// No column that ranks, a column that is not there, text where numbers belong.
pub fn runs(table: &Table, options: &ImportOptions) -> Result<Runs> {
    let goal = table.goal(options)?;
    let columns = Columns::new(table, &table.parts(options, &goal)?);
    let mut found = Runs { goal: Some(goal), ..Runs::default() };
    found.epochs = options.steps.as_ref().is_some_and(|name| name.to_lowercase().contains("epoch"));
    let mut known: HashMap<Vec<&str>, usize> = HashMap::new();
    let mut waiting = 0;
    for row in &table.rows {
        let Some(end) = end(columns.state.map(|index| row.cells[index].as_str())) else {
            waiting += 1;
            continue;
        };
        let figures = columns.figures(row)?;
        let Some(step) = columns.step else {
            found.runs.push(Run { metrics: figures, end, ..columns.run(row) });
            continue;
        };
        let Some(at) = number(&row.cells[step]).filter(|at| at.is_finite() && *at >= 0.0) else {
            let (name, text) = (&table.columns[step], &row.cells[step]);
            return refuse(format!("{}, line {}: {name}=`{text}` is not a valid step", table.path, row.line));
        };
        let key: Vec<&str> = columns.same.iter().map(|index| row.cells[*index].as_str()).collect();
        let index = *known.entry(key).or_insert(found.runs.len());
        if index == found.runs.len() {
            found.runs.push(columns.run(row));
        }
        found.runs[index].end = end;
        found.runs[index].readings.push((at, figures));
    }
    found.notes.extend(table.cut.clone());
    if waiting > 0 {
        let runs = if waiting == 1 { "1 run has".to_owned() } else { format!("{waiting} runs have") };
        found.notes.push(format!("{runs} not ended and been left out."));
    }
    found.runs.iter_mut().for_each(Run::close);
    Ok(found)
}

/// The columns of a table by the parts that they play.
struct Columns<'a> {
    table: &'a Table,
    parameters: Vec<usize>,
    metrics: Vec<usize>,
    seed: Option<usize>,
    step: Option<usize>,
    state: Option<usize>,
    seconds: Option<usize>,
    /// Those whose cells are the same in all readings of a run, and tell it from others.
    same: Vec<usize>,
}

impl<'a> Columns<'a> {
    fn new(table: &'a Table, parts: &[Part]) -> Columns<'a> {
        let all = |part: Part| (0..parts.len()).filter(|index| parts[*index] == part).collect::<Vec<usize>>();
        let first = |part: Part| parts.iter().position(|other| *other == part);
        let same = |index: &usize| match parts[*index] {
            Part::Parameter | Part::Seed => true,
            Part::Label => words::identity(&table.columns[*index]),
            _ => false,
        };
        Columns {
            table,
            parameters: all(Part::Parameter),
            metrics: all(Part::Metric),
            seed: first(Part::Seed),
            step: first(Part::Step),
            state: first(Part::State),
            seconds: first(Part::Seconds),
            same: (0..parts.len()).filter(same).collect(),
        }
    }

    /// The figures in a row.
    fn figures(&self, row: &Row) -> Result<Metrics> {
        let mut figures = Metrics::new();
        for index in self.metrics.iter().filter(|index| !row.cells[**index].is_empty()) {
            let (name, text) = (&self.table.columns[*index], &row.cells[*index]);
            let Some(number) = number(text) else {
                let (path, line) = (&self.table.path, row.line);
                return refuse(format!("{path}, line {line}: {name}=`{text}` is not a number"));
            };
            figures.insert(name.clone(), number);
        }
        let took = self.seconds.and_then(|index| number(&row.cells[index]));
        figures.extend(took.map(|took| (SECONDS.to_owned(), took)));
        Ok(figures)
    }

    /// The run of a row without its figures.
    fn run(&self, row: &Row) -> Run {
        let filled = self.parameters.iter().filter(|index| !absent(&row.cells[**index]));
        let value = |index: &usize| (self.table.columns[*index].clone(), Value::read(&row.cells[*index]));
        let seed = self.seed.map(|index| row.cells[index].clone()).filter(|seed| !seed.is_empty());
        Run { params: filled.map(value).collect(), seed, ..Run::default() }
    }
}

impl Run {
    /// Puts the readings in order and takes the last figure of each metric for its own.
    pub fn close(&mut self) {
        self.readings.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (_, figures) in &self.readings {
            self.metrics.extend(figures.clone());
        }
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
        runs(&table, options).map_err(|error| error.to_string())
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
        assert_eq!(read.runs[0].readings.iter().map(|reading| reading.0).collect::<Vec<_>>(), [10.0, 20.0]);
        assert_eq!(read.runs[0].metrics["loss"], 0.4);
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
