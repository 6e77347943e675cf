//! What a rule costs: one square per rule; rows are the batch size tuned at, columns the one trained with.

use sweep_study::{STEPS_TO_TARGET, StudyRecord};

use super::{Fate, Move, RuleFacts, RulePrices};
use crate::chart::draw::colour::{Gaps, on, shade};
use crate::chart::draw::colourbar::ColourBar;
use crate::chart::draw::labels::{self, Style};
use crate::chart::draw::scene::{Anchor, GREY, INK, PALE, Rect, Scene, WHITE};
use crate::chart::draw::sizes::{AXIS, TICK, WIDTH};
use crate::chart::draw::title::{TWO_LINES, heading, title};
use crate::chart::draw::{font, marks, render};
use crate::chart::{ChartError, Format};
use crate::facts::Facts;
use crate::format::brief;
use crate::text;

/// Where the first square begins, and the room between squares.
const LEFT: f64 = 150.0;
const GAP: f64 = 26.0;
/// Where squares begin down the page.
const TOP: f64 = 190.0;
/// The price at and above which a tile is darkest, as a ratio less one: threefold, on the logarithm.
const DARKEST: f64 = 2.0;
/// Room for the colour bar with its labels.
const BAR: f64 = 200.0;
/// The largest price written out.
const MOST: f64 = 9.99;

/// Draws the price of each rule. A tile gives by how much the metric is worse than at the batch size's own best rate,
/// in percent; frames mark those that do not differ significantly from it.
///
/// # Errors
/// The drawing library refused, or the pixels could not be encoded.
pub fn chart(
    record: &StudyRecord,
    facts: &Facts,
    costs: &RuleFacts,
    format: Format,
) -> Result<Vec<u8>, ChartError> {
    render::draw(&scene(record, facts, costs), format)
}

fn scene(record: &StudyRecord, facts: &Facts, costs: &RuleFacts) -> Scene {
    let wide = (WIDTH - LEFT - BAR - 2.0 * GAP) / 3.0;
    let mut scene = Scene::new(WIDTH, TOP + wide + 214.0);
    let metric = text::metric(facts);
    let unit = if ratio(costs) { ", in %" } else { "" };
    let subtitle =
        format!("Cost of carrying η from one batch size to another by a rule; rise of the {metric}{unit}");
    let end = heading(&mut scene, LEFT, &title(&record.study, facts), &subtitle);
    let first = scene.shapes.len();
    for (index, prices) in costs.rules.iter().enumerate() {
        let left = LEFT + index as f64 * (wide + GAP);
        let rect = Rect { left, top: TOP, right: left + wide, bottom: TOP + wide };
        scene.text((rect.centre().0, TOP - 28.0), prices.rule.title(), AXIS, INK, Anchor::Middle);
        square(&mut scene, record, costs, prices, rect, index == 0);
        scene.text((rect.centre().0, rect.bottom + 66.0), "trained with B", AXIS, INK, Anchor::Middle);
    }
    scene.text_upward((46.0, TOP + wide / 2.0), "η tuned at B", AXIS, INK);
    bar(&mut scene, costs, &metric, TOP + wide);
    legend(&mut scene, facts, costs, TOP + wide + 138.0);
    scene.lower(first, end - TWO_LINES);
    scene
}

/// Whether prices are ratios less one rather than differences in the metric.
fn ratio(costs: &RuleFacts) -> bool {
    costs.unit != "metric"
}

/// The scale of the prices: for ratios always the same, so that studies can be compared.
fn scale(costs: &RuleFacts) -> Gaps {
    let moves = || costs.rules.iter().flat_map(|rule| rule.moves.iter().flatten());
    let price = |moved: &Move| moved.price.estimate.filter(|_| moved.fate == Fate::Priced);
    if ratio(costs) { Gaps::new(1.0, DARKEST) } else { Gaps::of(moves().filter_map(price), None) }
}

fn bar(scene: &mut Scene, costs: &RuleFacts, metric: &str, bottom: f64) {
    let label = |(share, gap): (f64, f64)| match (ratio(costs), gap) {
        (_, 0.0) => (share, "0".to_owned()),
        (true, gap) => (share, format!("+{:.0} %", 100.0 * gap)),
        (false, gap) => (share, format!("+{}", brief(gap))),
    };
    let left = WIDTH - BAR + 22.0;
    let bar = ColourBar {
        rect: Rect { left, top: TOP, right: left + 24.0, bottom },
        over: false,
        paint: shade,
        falls: false,
        ticks: scale(costs).ticks().into_iter().map(label).collect(),
        titles: vec![format!("{metric} worse by (log scale)"), "worse by (log scale)".to_owned()],
    };
    bar.draw(scene);
}

fn square(
    scene: &mut Scene,
    record: &StudyRecord,
    costs: &RuleFacts,
    prices: &RulePrices,
    rect: Rect,
    labelled: bool,
) {
    let count = costs.batches.len() as f64;
    let (wide, high) = (rect.width() / count, rect.height() / count);
    let names: Vec<String> =
        costs.batches.iter().map(|batch| text::batch_size(&record.study, *batch)).collect();
    // The matrix reads as the heatmap does: the batch size rises upward and to the right.
    let place = |from: usize, to: usize| {
        let (left, top) = (rect.left + to as f64 * wide, rect.bottom - (from + 1) as f64 * high);
        Rect { left, top, right: left + wide, bottom: top + high }
    };
    let (scale, mut level) = (scale(costs), Vec::new());
    for (from, row) in prices.moves.iter().enumerate() {
        for (to, moved) in row.iter().enumerate() {
            let tile = place(from, to);
            self::tile(scene, &scale, moved, tile.inset(1.0), ratio(costs));
            let apart = moved.price.low.is_none_or(|low| low > 0.0);
            if moved.fate == Fate::Own || (moved.fate == Fate::Priced && !apart) {
                level.push(((to as i64, from as i64), tile));
            }
        }
    }
    marks::outline(scene, &level, 3.0);
    let mut under = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let tile = place(index, index);
        under.push(((tile.centre().0, rect.bottom + 24.0), name.clone()));
        if labelled {
            scene.text((rect.left - 12.0, tile.centre().1), name, TICK, INK, Anchor::End);
        }
    }
    labels::along(scene, &under, Style { size: TICK, colour: INK }, Anchor::Middle);
}

fn tile(scene: &mut Scene, scale: &Gaps, moved: &Move, rect: Rect, ratio: bool) {
    let (x, y) = rect.centre();
    match (moved.fate, moved.price.estimate) {
        (Fate::Own, _) => {
            scene.fill(rect, shade(0.0));
            marks::small_dot(scene, (x, y));
        }
        (Fate::Diverges, _) => {
            scene.fill(rect, marks::DIVERGED);
            marks::hatch(scene, rect);
        }
        (Fate::Cliff, _) => scene.fill(rect, marks::NO_VALUE),
        (_, None) => {
            scene.fill(rect, WHITE);
            scene.frame(rect, PALE, 2.0);
        }
        (_, Some(price)) => {
            let ground = shade(scale.share(price));
            scene.fill(rect, ground);
            let words = written(price, ratio);
            let size = TICK.min((rect.width() - 6.0) / font::width(&words, 1.0)).min(rect.height() * 0.6);
            if size >= 11.0 {
                scene.text((x, y), words, size, on(ground), Anchor::Middle);
            }
        }
    }
}

/// A price as shown in a tile.
fn written(price: f64, ratio: bool) -> String {
    match ratio {
        true if price > MOST => format!("×{:.0}", price + 1.0),
        true => format!("{:.0}", 100.0 * price),
        false => brief(price),
    }
}

fn legend(scene: &mut Scene, facts: &Facts, costs: &RuleFacts, top: f64) {
    let (mut x, mut y) = (LEFT, top);
    let mut entry = |scene: &mut Scene, draw: &dyn Fn(&mut Scene, Rect), words: &str| {
        let wide = 50.0 + font::width(words, TICK);
        if x + wide > WIDTH - 40.0 {
            (x, y) = (LEFT, y + 42.0);
        }
        let rect = Rect { left: x, top: y - 13.0, right: x + 38.0, bottom: y + 13.0 };
        draw(scene, rect);
        scene.text((x + 50.0, y), words, TICK, INK, Anchor::Start);
        x += wide + 34.0;
    };
    let own = |scene: &mut Scene, rect: Rect| {
        scene.fill(rect, shade(0.0));
        marks::small_dot(scene, rect.centre());
    };
    entry(scene, &own, "its own best measured");
    let has = |fate: Fate| {
        costs.rules.iter().flat_map(|rule| rule.moves.iter().flatten()).any(|moved| moved.fate == fate)
    };
    let level = costs.rules.iter().flat_map(|rule| rule.moves.iter().flatten());
    if level.clone().any(|moved| moved.fate == Fate::Priced && moved.price.low.is_some_and(|low| low <= 0.0))
    {
        entry(scene, &|scene, rect| scene.frame(rect, INK, 3.0), "no significant difference (95 %)");
    }
    if has(Fate::Diverges) {
        let draw = |scene: &mut Scene, rect: Rect| {
            scene.fill(rect, marks::DIVERGED);
            marks::hatch(scene, rect);
            scene.frame(rect, GREY, 1.0);
        };
        entry(scene, &draw, "diverges or gets stuck");
    }
    if has(Fate::Cliff) {
        entry(
            scene,
            &|scene, rect| scene.fill(rect, marks::NO_VALUE),
            "next to a rate that did not complete",
        );
    }
    if has(Fate::Unmeasured) {
        let words =
            if facts.metric == STEPS_TO_TARGET { "not measured or not reached" } else { "not measured" };
        entry(scene, &|scene, rect| scene.frame(rect, PALE, 2.0), words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::draw::labels::collisions;
    use crate::decide::rules;

    use crate::fixtures::until;

    #[test]
    fn prices_are_drawn() {
        let record = until(&["batch=8..4096", "lr=0.125,0.25,0.5,1"], 150.0);
        let facts = crate::facts(&record);
        let costs = rules::facts(&facts).unwrap();
        let svg = String::from_utf8(chart(&record, &facts, &costs, Format::Svg).unwrap()).unwrap();
        for words in ["η grows as √B", "η tuned at B", "trained with B", "diverges", "4096"] {
            assert!(svg.contains(words), "{words}");
        }
        assert_eq!(collisions(&scene(&record, &facts, &costs)), Vec::<String>::new());
        assert_eq!((written(0.123, true), written(20.0, true)), ("12".into(), "×21".into()));
    }
}
