//! The heading of a picture: what it shows, what was trained, with which budget and how many seeds.

use std::path::Path;

use sweep_settings::names;
use sweep_study::{Split, Study, Value};

use super::font;
use super::scene::{Anchor, GREY, INK, Scene};
use crate::facts::Facts;
use crate::text;

/// The size of a title.
pub const TITLE: f64 = 34.0;
/// Where a heading of two lines ends.
pub const TWO_LINES: f64 = 112.0;
/// The most lines of a title or a subtitle.
const MOST_LINES: usize = 8;
/// The size of a subtitle.
pub const SUBTITLE: f64 = 25.0;

/// `mnist · mlp 128 · 3 epochs · 1 seed`: data, agent, model, optimizer, what else is fixed of the schedule, momentum,
/// batch size and learning rate, then budget and seeds.
pub fn title(study: &Study, facts: &Facts) -> String {
    let setting = |name: &str| study.settings.get(name).map(Value::to_string);
    let plain = |name: &str| {
        setting(name).filter(|value| !matches!(value.as_str(), "constant" | "0" | "none" | "sgd"))
    };
    let batch = setting(names::BATCH).map(|batch| format!("B={batch}"));
    let momentum = plain("momentum").map(|momentum| format!("momentum {momentum}"));
    let rule =
        study.derived.iter().find(|derived| derived.name() == names::LR).map(|lr| lr.rule().to_owned());
    let lr = setting(names::LR).or(rule).map(|lr| format!("η={lr}"));
    let split = (study.split == Split::Textbook).then(|| "validated on the test set".to_owned());
    let parts = [
        Some(data(study)),
        setting("agent"),
        model(study),
        plain("optimizer"),
        plain(names::SCHEDULE),
        momentum,
        batch,
        lr,
        Some(text::conditions(facts, " · ")),
        split,
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The data by the stem of its file.
pub fn data(study: &Study) -> String {
    Path::new(&study.data).file_stem().map_or(study.data.clone(), |stem| stem.to_string_lossy().into())
}

/// The model and its hidden layers, where it is not an axis.
pub fn model(study: &Study) -> Option<String> {
    let model = study.settings.get("model")?;
    Some(match study.settings.get("hidden") {
        Some(hidden) => format!("{model} {hidden}"),
        None => model.to_string(),
    })
}

/// `mnist · mlp 128 · adam`: data, model and optimizer.
pub fn subject(study: &Study) -> String {
    let optimizer = study.settings.get("optimizer").map(Value::to_string);
    let momentum = study.settings.get("momentum").filter(|value| value.number() != Some(0.0));
    let momentum = momentum.map(|momentum| format!("momentum {momentum}"));
    let parts = [Some(data(study)), model(study), optimizer, momentum];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Puts at the top of a scene, from `left`, what it shows, and below it the rest of that and what was `run`. What is
/// `shown` is a name, then its details after a comma or a semicolon. Gives where the heading ends.
pub fn heading(scene: &mut Scene, left: f64, run: &str, shown: &str) -> f64 {
    let end = shown.find([',', ';']).unwrap_or(shown.len());
    let (name, details) = shown.split_at(end);
    let details = details.trim_start_matches([',', ';', ' ']);
    let below = [run, details].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    titled(scene, left, name, &below)
}

/// Puts title and subtitle at the top of a scene, from `left`, in as many lines as they need; gives where they end.
pub fn titled(scene: &mut Scene, left: f64, title: &str, subtitle: &str) -> f64 {
    let room = scene.width - left - left.min(40.0);
    let mut y = 50.0;
    for line in font::wrapped(title, TITLE, room, MOST_LINES) {
        scene.text((left, y), line, TITLE, INK, Anchor::Start);
        y += 42.0;
    }
    for line in font::wrapped(subtitle, SUBTITLE, room, MOST_LINES) {
        scene.text((left, y), line, SUBTITLE, GREY, Anchor::Start);
        y += 33.0;
    }
    y - 13.0
}
