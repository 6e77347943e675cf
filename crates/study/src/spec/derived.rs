//! Derived parameters: values that follow from others by a rule, such as `lr=0.1*batch/256` or `weight_decay=0.01*lr`.
//!
//! A derived parameter is not a dimension of the space. Its value is a function of the point, computed where the point
//! is used, so code that proposes or stores points does not deal with it.

use exmex::{Express, FlatEx};
use serde::{Deserialize, Serialize};

use crate::space::foreign;
use crate::{AxisError, Catalogue, Kind, Role, Value};
use sweep_settings::names::BUDGETS;
use sweep_settings::{Entry, quoted, round_significant};

/// Significant digits of a derived number: enough for the exact value, too few to show rounding errors.
const DIGITS: usize = 12;

/// A parameter that follows from others.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Derived {
    written: Written,
    expression: FlatEx<f64>,
}

/// The same as stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Written {
    name: String,
    rule: String,
    /// The full names of the rule's variables, in the alphabetical order of the names typed.
    inputs: Vec<String>,
    integer: bool,
}

impl PartialEq for Derived {
    fn eq(&self, other: &Derived) -> bool {
        self.written == other.written
    }
}

impl TryFrom<Written> for Derived {
    type Error = String;

    fn try_from(written: Written) -> Result<Derived, String> {
        let expression = exmex::parse::<f64>(&written.rule).map_err(|error| error.to_string())?;
        Ok(Derived { written, expression })
    }
}

impl From<Derived> for Written {
    fn from(derived: Derived) -> Written {
        derived.written
    }
}

impl Derived {
    /// The parameter's full name.
    pub fn name(&self) -> &str {
        &self.written.name
    }

    /// The rule as typed.
    pub fn rule(&self) -> &str {
        &self.written.rule
    }

    /// The full names of the parameters and settings that it follows from.
    pub fn inputs(&self) -> &[String] {
        &self.written.inputs
    }

    /// Its value for the given inputs, rounded to the nearest whole number if it must be whole; `None` if an input has
    /// no number. It may be infinite or NaN.
    pub fn value(&self, number: &dyn Fn(&str) -> Option<f64>) -> Option<Value> {
        let inputs: Option<Vec<f64>> = self.inputs().iter().map(|name| number(name)).collect();
        let value = self.expression.eval(&inputs?).ok()?;
        let whole = value.round();
        // Beyond 2⁵³ not every whole number is representable, and no count is that large.
        let countable = self.written.integer && whole.abs() < 9e15;
        Some(if countable {
            Value::Int(whole as i64)
        } else {
            Value::Float(round_significant(value, DIGITS))
        })
    }
}

/// A rule as typed, before its variables are resolved.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The setting that it sets.
    pub entry: Entry,
    /// The axis as typed.
    text: String,
    /// The byte at which the rule begins.
    at: usize,
    expression: FlatEx<f64>,
}

impl Rule {
    /// The rule in `text`, one of the `axes`; `None` if it lists values.
    ///
    /// # Errors
    /// A rule that cannot be read, or a rule for the budget, which all trials share.
    pub fn read(text: &str, axes: &[String], catalogue: &Catalogue) -> Result<Option<Rule>, AxisError> {
        let Some((name, words)) = text.split_once('=') else { return Ok(None) };
        let Some(entry) = catalogue.find(name.trim()) else { return Ok(None) };
        let at = text.len() - words.len();
        let words = words.trim();
        if quoted::items(words, 0, ',').into_iter().any(|item| quoted::unquoted(words[item].trim()).is_some())
        {
            return Ok(None);
        }
        let parsed = exmex::parse::<f64>(words);
        let variables = parsed.as_ref().map(|rule| rule.var_names()).unwrap_or_default();
        let named = |variable: &String| axes.iter().any(|axis| axis.split('=').next() == Some(variable));
        let calculates = words.contains(['*', '^', '(']);
        let combines = !variables.is_empty() && words.contains(['/', '+', '-']);
        let is_rule = match entry.setting.kind {
            _ if words.contains("..") || words.starts_with('@') => false,
            _ if foreign::instead(name.trim(), words, true).is_some() => false,
            Kind::Float { .. } | Kind::Int { .. } | Kind::Batch => {
                let listed = |word: &str| word.trim() == "full" || word.trim().parse::<f64>().is_ok();
                !words.split(',').all(listed) && (calculates || combines)
            }
            Kind::Any => {
                // Any text is allowed here: one that cannot be calculated and names no axis is a plain value.
                let spoken = |word: &str| named(&word.to_owned());
                let speaks = words.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(spoken);
                (calculates && (parsed.is_ok() || speaks)) || (combines && variables.iter().all(named))
            }
            Kind::Choice(_) | Kind::Flag | Kind::Length | Kind::List => false,
        };
        if !is_rule {
            return Ok(None);
        }
        let fail = |why: String| AxisError { text: text.to_owned(), at, why };
        if BUDGETS.contains(&entry.name.as_str()) {
            return Err(fail(format!(
                "{} is the budget and cannot follow a rule: all trials share one budget",
                entry.name
            )));
        }
        let expression = parsed
            .map_err(|error| fail(format!("the rule of {} cannot be read: {}", entry.name, error.msg())))?;
        Ok(Some(Rule { entry, text: text.to_owned(), at, expression }))
    }

    /// An error that points at the rule, or at `word` in it.
    pub fn fail(&self, word: &str, why: String) -> AxisError {
        let at = self.at + self.text.get(self.at..).and_then(|rule| rule.find(word)).unwrap_or(0);
        AxisError { text: self.text.clone(), at, why }
    }

    /// The variables with their full names in `catalogue`.
    pub fn variables(&self, catalogue: &Catalogue) -> Vec<(String, String)> {
        let full = |name: &String| catalogue.find(name).map_or(name.clone(), |entry| entry.name);
        self.expression.var_names().iter().map(|name| (name.clone(), full(name))).collect()
    }

    /// The derived parameter, its variables standing for these `inputs`.
    pub fn of(&self, inputs: Vec<String>) -> Derived {
        let integer = match self.entry.setting.kind {
            Kind::Int { .. } | Kind::Batch => true,
            Kind::Any => Role::by_custom(&self.entry.name) == Some(Role::Batch),
            _ => false,
        };
        let rule = self.text[self.at..].trim().to_owned();
        let written = Written { name: self.entry.name.clone(), rule, inputs, integer };
        Derived { written, expression: self.expression.clone() }
    }
}
