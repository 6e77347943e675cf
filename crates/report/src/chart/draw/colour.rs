//! The colour of a value: how far it falls short of the best one, on viridis, the best brightest.

use plotters::prelude::{ColorMap, ViridisRGB};
use sweep_study::Direction;

use super::scene::{Rgb, WHITE};
use crate::facts::{Facts, Measure};
use crate::text;

/// Of black and white one always has a contrast of 4.5 or more; a softer ink would not.
const BLACK: Rgb = Rgb(0, 0, 0);

/// The ratio to the best at which colours of a loss saturate.
const MOST: f64 = 3.0;

/// The map from values to colours.
#[derive(Clone, Debug, PartialEq)]
pub struct Ramp {
    best: f64,
    measure: Measure,
    /// The difference from the best at which colours saturate, where values compare by difference.
    span: f64,
}

impl Ramp {
    /// The ramp of a study. A loss is coloured by its ratio to the best, saturated at threefold; a return by its share
    /// of the best, saturated at nothing; anything else by its difference, saturated at three times the median
    /// difference.
    pub fn of(facts: &Facts, measure: Measure) -> Ramp {
        let best = facts.best.as_ref().map_or(1.0, |best| best.value);
        let mut gaps: Vec<f64> =
            facts.cells.iter().filter_map(|cell| cell.value).map(|value| (value - best).abs()).collect();
        gaps.sort_by(f64::total_cmp);
        let (median, most) =
            (gaps.get(gaps.len() / 2).copied().unwrap_or(0.0), gaps.last().copied().unwrap_or(0.0));
        let span = if median > 0.0 { most.min(3.0 * median) } else { most };
        let span = if measure.by_share(best) { best } else { nice(span) };
        Ramp { best, measure, span }
    }

    /// How far `value` falls short, from 0 (the best) to 1 (saturated).
    pub fn share(&self, value: f64) -> f64 {
        let short = self.measure.shortfall(value, self.best);
        let share = if self.by_ratio() { short.ln() / MOST.ln() } else { short / self.span };
        if share.is_finite() { share.clamp(0.0, 1.0) } else { 1.0 }
    }

    /// The colour of `value`.
    pub fn colour(&self, value: f64) -> Rgb {
        shade(self.share(value))
    }

    /// The marks of the colour bar: share and text.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        if self.by_ratio() {
            let marks = [(1.0, "1×"), (1.25, "1.25×"), (1.5, "1.5×"), (2.0, "2×"), (MOST, "≥ 3×")];
            return marks.map(|(ratio, text)| (f64::ln(ratio) / MOST.ln(), text.to_owned())).to_vec();
        }
        if self.measure.by_share(self.best) {
            return [0.0, 0.25, 0.5, 0.75]
                .map(|part| (part, format!("{} %", 100.0 * (1.0 - part))))
                .into_iter()
                .chain([(1.0, "≤ 0 %".to_owned())])
                .collect();
        }
        let sign = if self.measure.direction == Direction::Maximize { "−" } else { "+" };
        let mark = |part: f64| {
            let least = if part == 1.0 { if sign == "−" { "≤ " } else { "≥ " } } else { "" };
            let size = sweep_settings::round_significant(part * self.span, 3);
            (
                part,
                if part == 0.0 {
                    "0".to_owned()
                } else {
                    format!("{least}{sign}{}", sweep_settings::plain(size))
                },
            )
        };
        [0.0, 0.25, 0.5, 0.75, 1.0].map(mark).to_vec()
    }

    /// What the colour bar shows, in full and, for a low bar, without saying which reading counts.
    pub fn titles(&self, facts: &Facts) -> [String; 2] {
        let share = self.by_ratio() || self.measure.by_share(self.best);
        let sign = if share { "/" } else { "−" };
        [text::metric(facts), text::metric_name(&facts.metric)].map(|metric| format!("{metric} {sign} best"))
    }

    fn by_ratio(&self) -> bool {
        self.measure.by_ratio(self.best)
    }
}

/// The colour at a share of the way from the best (bright) to saturation (dark).
pub fn shade(share: f64) -> Rgb {
    // The last tenth of viridis is so dark that neighbours look alike in print.
    let colour: plotters::style::RGBColor = ViridisRGB.get_color(1.0 - 0.95 * share.clamp(0.0, 1.0));
    Rgb(colour.0, colour.1, colour.2)
}

/// The colour of text that stands out from `ground`: dark or white, whichever contrasts more (WCAG relative luminance).
pub fn on(ground: Rgb) -> Rgb {
    if contrast(BLACK, ground) >= contrast(WHITE, ground) { BLACK } else { WHITE }
}

/// The contrast ratio of two colours, from 1 to 21 (WCAG 2).
fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn luminance(colour: Rgb) -> f64 {
    let linear = |channel: u8| {
        let share = f64::from(channel) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(colour.0) + 0.7152 * linear(colour.1) + 0.0722 * linear(colour.2)
}

/// The next of 1, 2 or 5 times a power of ten at or above `value`; 1 for nothing.
fn nice(value: f64) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return 1.0;
    }
    let ten = 10f64.powf(value.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().find(|step| step * ten >= value * (1.0 - 1e-9));
    sweep_settings::round_significant(step.unwrap_or(10.0) * ten, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Made;

    fn ramp(made: Made) -> Ramp {
        let record = made.record();
        let facts = crate::facts(&record);
        Ramp::of(&facts, Measure::of(&record.study.goal))
    }

    #[test]
    fn a_loss_saturates_at_three_times_the_best() {
        let ramp = ramp(Made::new(&["lr=0.1,1"]).trial("lr=0.1", &[0.1]).trial("lr=1", &[0.9]));
        assert_eq!((ramp.share(0.1), ramp.share(0.9)), (0.0, 1.0));
        assert!((ramp.share(0.1 * 3f64.sqrt()) - 0.5).abs() < 1e-12);
        assert_eq!(ramp.ticks().last().unwrap().1, "≥ 3×");
    }

    #[test]
    fn the_rest_compares_by_difference() {
        let made = Made::new(&["lr=0.1,1"]).maximize("val_accuracy");
        let ramp = ramp(made.trial("lr=0.1", &[0.95]).trial("lr=1", &[0.91]));
        assert_eq!((ramp.share(0.95), ramp.span), (0.0, 0.05));
        assert!((ramp.share(0.925) - 0.5).abs() < 1e-9);
        assert_eq!(ramp.ticks().last().unwrap().1, "≤ −0.05");
    }

    #[test]
    fn a_return_is_a_share_of_the_best() {
        let made = Made::new(&["lr=0.1,1"]).maximize("return");
        let ramp = ramp(made.trial("lr=0.1", &[480.0]).trial("lr=1", &[120.0]));
        assert_eq!([480.0, 120.0, 0.0, -5.0].map(|value| ramp.share(value)), [0.0, 0.75, 1.0, 1.0]);
        assert_eq!(ramp.ticks()[3], (0.75, "25 %".to_owned()));
    }

    #[test]
    fn text_is_legible_on_every_shade() {
        for step in 0..=100 {
            let ground = shade(f64::from(step) / 100.0);
            assert!(contrast(on(ground), ground) >= 4.5, "{ground:?}");
        }
    }

    #[test]
    fn nice_numbers_are_round() {
        assert_eq!([0.03, 0.05, 0.051, 7.0, 0.0].map(nice), [0.05, 0.05, 0.1, 10.0, 1.0]);
    }
}
