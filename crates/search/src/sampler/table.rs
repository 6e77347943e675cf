//! The table of samplers, from which names, help, choices and laws come.

use sweep_study::Study;

use super::queued::Queued;
use super::warm::{Warm, earlier};
use super::{Sampler, TABLE};

/// A sampler as a user selects it.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The name in studies.
    pub name: &'static str,
    /// Other names that may be typed. The first one is also the name of the subcommand, which is `name` if there is no
    /// alias.
    pub aliases: &'static [&'static str],
    /// What it does, in one line.
    pub help: &'static str,
    /// Whether it uses results; the others propose the same points whatever the results.
    pub learns: bool,
    /// Whether it has a surrogate that bounds the remaining regret (see [`Sampler::enough`]).
    pub bounds_regret: bool,
    /// Builds one without any proposals yet.
    pub new: fn() -> Box<dyn Sampler>,
}

/// A name that no sampler has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no sampler `{0}`; the samplers are {names}", names = names().collect::<Vec<_>>().join(", "))]
pub struct UnknownSampler(pub String);

/// The names of the samplers.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|entry| entry.name)
}

/// The sampler of a name or an alias.
///
/// # Errors
/// A name that no sampler has.
///
/// ```
/// use sweep_search::sampler::find;
///
/// assert_eq!(find("bayes")?.name, "ridge");
/// assert!(find("gird").unwrap_err().to_string().starts_with("there is no sampler `gird`; the samplers are grid, random"));
/// # Ok::<(), sweep_search::sampler::UnknownSampler>(())
/// ```
pub fn find(name: &str) -> Result<&'static Entry, UnknownSampler> {
    let named = |entry: &&Entry| entry.name == name || entry.aliases.contains(&name);
    TABLE.iter().find(named).ok_or_else(|| UnknownSampler(name.to_owned()))
}

/// The names of the samplers that bound the remaining regret.
pub fn bounding_regret() -> Vec<&'static str> {
    TABLE.iter().filter(|entry| entry.bounds_regret).map(|entry| entry.name).collect()
}

/// Whether the sampler of a name uses results.
pub fn learns(name: &str) -> bool {
    find(name).is_ok_and(|entry| entry.learns)
}

/// The sampler of a study. It tries the enqueued points first and, if it learns, knows the trials that warm-start the
/// study.
///
/// # Errors
/// A name that no sampler has.
pub fn for_study(study: &Study) -> Result<Box<dyn Sampler>, UnknownSampler> {
    let entry = find(&study.sampler)?;
    let mut sampler = (entry.new)();
    if entry.learns && !study.from.is_empty() {
        sampler = Box::new(Warm::new(earlier(study), sampler));
    }
    if !study.enqueue.is_empty() {
        sampler = Box::new(Queued::new(study.enqueue.clone(), sampler, entry.learns));
    }
    Ok(sampler)
}
