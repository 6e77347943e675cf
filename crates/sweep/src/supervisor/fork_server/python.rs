//! Commands that run a Python script and nothing else.

use std::collections::BTreeMap;

/// Options of Python without a value that leave it the program which it is without them.
const FLAGS: &str = "bBdEIOPqsSu";

/// Options of Python that take a value.
const VALUED: &str = "WX";

/// A command that runs a Python script or module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PythonCommand {
    /// The interpreter and its own options.
    pub interpreter: Vec<String>,
    /// What it runs.
    pub target: Target,
    /// The words that the script sees as its arguments, with what stands for the script before them.
    pub arguments: Vec<String>,
    /// The interpreter and all that follows.
    pub words: Vec<String>,
    /// Variables that `env` sets before it.
    pub variables: BTreeMap<String, String>,
}

/// What a Python interpreter runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The script in this file.
    File(String),
    /// The module of this name, with `-m`.
    Module(String),
}

impl PythonCommand {
    /// The command that `words` are; `None` for any other program, and for options of Python that change what it runs.
    pub fn read(words: &[String]) -> Option<PythonCommand> {
        let mut words = words;
        let mut variables = BTreeMap::new();
        if matches!(words.first()?.as_str(), "env" | "/usr/bin/env") {
            words = &words[1..];
            while let Some((name, value)) = words.first()?.split_once('=') {
                variables.insert(name.to_owned(), value.to_owned());
                words = &words[1..];
            }
        }
        let (program, rest) = words.split_first()?;
        if !is_interpreter(program) {
            return None;
        }
        let mut interpreter = vec![program.clone()];
        let mut rest = rest.iter();
        let target = loop {
            let word = rest.next()?;
            let Some(option) = word.strip_prefix('-') else { break Target::File(word.clone()) };
            if option == "m" {
                break Target::Module(rest.next()?.clone());
            }
            interpreter.push(word.clone());
            let mut letters = option.chars();
            if option.is_empty() || !letters.all(|letter| FLAGS.contains(letter)) {
                let mut letters = option.chars();
                letters.next().filter(|first| VALUED.contains(*first))?;
                if letters.as_str().is_empty() {
                    interpreter.push(rest.next()?.clone());
                }
            }
        };
        let first = match &target {
            Target::File(file) => file.clone(),
            Target::Module(_) => "-m".to_owned(),
        };
        let arguments = std::iter::once(first).chain(rest.cloned()).collect();
        Some(PythonCommand { interpreter, target, arguments, words: words.to_vec(), variables })
    }
}

/// Whether a program's name is that of a Python interpreter: `python`, `python3`, `python3.12`.
fn is_interpreter(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    let version = |rest: &str| rest.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
    name.strip_prefix("python").is_some_and(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<PythonCommand> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        PythonCommand::read(&words)
    }

    #[test]
    fn scripts_and_modules_are_recognised() {
        for (line, interpreter, target, arguments) in [
            ("python train.py --lr 1", "python", "train.py", "train.py --lr 1"),
            (
                "/v/bin/python3.12 -uB -W ignore a/b.py -m x",
                "/v/bin/python3.12 -uB -W ignore",
                "a/b.py",
                "a/b.py -m x",
            ),
            ("env OMP=2 A=b=c python3 -Xdev x.py", "python3 -Xdev", "x.py", "x.py"),
            ("python -O -m pkg.train lr=1", "python -O", "-m pkg.train", "-m lr=1"),
        ] {
            let command = read(line).unwrap_or_else(|| panic!("{line} is a Python command"));
            let named = match command.target {
                Target::File(file) => file,
                Target::Module(name) => format!("-m {name}"),
            };
            assert_eq!(
                (command.interpreter.join(" "), named.as_str()),
                (interpreter.to_owned(), target),
                "{line}"
            );
            assert_eq!(command.arguments.join(" "), arguments, "{line}");
        }
        let variables = read("env OMP=2 A=b=c python3 x.py").unwrap().variables;
        assert_eq!(
            variables,
            [("A", "b=c"), ("OMP", "2")].map(|(name, value)| (name.to_owned(), value.to_owned())).into()
        );
    }

    #[test]
    fn other_programs_are_left_alone() {
        for line in [
            "sh run.sh",
            "torchrun train.py",
            "uv run python train.py",
            "pythonic train.py",
            "python -c pass",
            "python - x",
            "python",
            "python -i train.py",
            "python -ux train.py",
            "env -i python train.py",
            "python --version",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
