//! The words of a W&B sweep's command, their macros expanded as W&B's agent does it: a macro is a whole word, but for
//! `${envvar:NAME}`, which may stand within one
//! (<https://docs.wandb.ai/guides/sweeps/sweep-config-keys#command>).

use regex::{Captures, Regex};
use serde_json::{Map, Value as Json};

use super::python;

/// The macro of the file that holds the parameters.
pub const JSON_FILE: &str = "${args_json_file}";

/// The words of a command for a trial with the parameters `config`, which stand in `file` too where a word asks for it.
pub fn expand(run: &[String], config: &Map<String, Json>, file: &str) -> Vec<String> {
    run.iter().flat_map(|word| expanded(word, config, file)).collect()
}

fn expanded(word: &str, config: &Map<String, Json>, file: &str) -> Vec<String> {
    let pairs = config.iter().map(|(name, value)| (name, value, python::text(value)));
    match word {
        "${args}" => pairs.map(|(name, _, text)| format!("--{name}={text}")).collect(),
        "${args_no_hyphens}" => pairs.map(|(name, _, text)| format!("{name}={text}")).collect(),
        "${args_no_equals}" => pairs.flat_map(|(name, _, text)| [format!("--{name}"), text]).collect(),
        "${args_no_boolean_flags}" => pairs
            .filter(|(_, value, _)| **value != Json::Bool(false))
            .map(|(name, value, text)| match value {
                Json::Bool(_) => format!("--{name}"),
                _ => format!("--{name}={text}"),
            })
            .collect(),
        "${args_json}" => vec![Json::Object(config.clone()).to_string()],
        JSON_FILE => vec![file.to_owned()],
        _ => vec![with_environment(word)],
    }
}

/// A word with variables of the environment in their places; one that is not set leaves its name.
pub fn with_environment(word: &str) -> String {
    let Ok(variable) = Regex::new(r"\$\{envvar:([A-Za-z0-9_-]*)\}") else { return word.to_owned() };
    let value = |found: &Captures<'_>| std::env::var(&found[1]).unwrap_or_else(|_| found[1].to_owned());
    variable.replace_all(word, value).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn words(word: &str) -> Vec<String> {
        let config = json!({ "amp": true, "bias": false, "lr": 1e-5, "net": { "width": [8, 4] } });
        expand(&[word.to_owned()], config.as_object().unwrap(), "args.json")
    }

    #[test]
    fn macros_are_those_of_the_documentation() {
        let net = "{'width': [8, 4]}";
        assert_eq!(words("${args}"), ["--amp=True", "--bias=False", "--lr=1e-05", &format!("--net={net}")]);
        assert_eq!(words("${args_no_hyphens}")[..3], ["amp=True", "bias=False", "lr=1e-05"]);
        assert_eq!(words("${args_no_boolean_flags}"), ["--amp", "--lr=1e-05", &format!("--net={net}")]);
        assert_eq!(words("${args_no_equals}")[4..6], ["--lr", "1e-05"]);
        let parsed: Json = serde_json::from_str(&words("${args_json}")[0]).unwrap();
        assert_eq!(parsed["net"]["width"], json!([8, 4]));
        assert_eq!(words(JSON_FILE), ["args.json"]);
        assert_eq!(words("x/${envvar:NO_SUCH_VARIABLE_IS_SET}/{lr}"), ["x/NO_SUCH_VARIABLE_IS_SET/{lr}"]);
        assert_ne!(words("${envvar:PATH}"), ["PATH"]);
    }
}
