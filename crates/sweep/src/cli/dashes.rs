//! Settings that were typed as options: `--model resnet` for `model=resnet`.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::search::search_commands;

/// Commands beside the searches that take settings.
const OTHERS: [&str; 5] = ["search", "run", "tune", "train", "lr-find"];

/// `error` with what to type, where it is about an option that is probably a setting.
pub fn explained(mut error: Error) -> Error {
    let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let takes = words
        .get(1)
        .is_some_and(|own| OTHERS.contains(&own.as_str()) || search_commands().any(|name| name == own));
    let option = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(option)) if takes && error.kind() == ErrorKind::UnknownArgument => {
            option.clone()
        }
        _ => return error,
    };
    if let Some(setting) = setting(&option, &words) {
        let advice =
            format!("a setting or an axis has no dashes: {setting}; words for a command stand after --");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![advice.into()]));
    }
    error
}

/// The setting that the `option` among `words` spells.
fn setting(option: &str, words: &[String]) -> Option<String> {
    let name = option.strip_prefix("--")?;
    let at = words.iter().position(|word| word == option || word.starts_with(&format!("{option}=")))?;
    let joined = words[at].split_once('=').map(|(_, value)| value);
    let next = words.get(at + 1).map(String::as_str).filter(|next| !next.starts_with('-'));
    let value = joined.or(next).unwrap_or("VALUES");
    Some(format!("{}={value}", name.split('=').next().unwrap_or(name).replace('-', "_")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_that_is_a_setting_is_spelled_as_one() {
        let words = |line: &str| shlex::split(line).unwrap();
        let spelled = |option: &str, line: &str| setting(option, &words(line)).unwrap();
        assert_eq!(spelled("--model", "sweep grid --model resnet lr=1"), "model=resnet");
        assert_eq!(spelled("--weight-decay", "sweep grid --weight-decay=0.1"), "weight_decay=0.1");
        assert_eq!(spelled("--amp", "sweep grid --amp -- python a.py"), "amp=VALUES");
    }
}
