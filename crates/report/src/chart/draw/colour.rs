//! The colour of a value: how far it falls short of the best one, on viridis, the best brightest.

use plotters::prelude::{ColorMap, ViridisRGB};
use sweep_study::Direction;

use super::colourbar::ColourBar;
use super::scene::{Rect, Rgb, WHITE};
use crate::facts::Facts;
use crate::text;

/// Of black and white one always has a contrast of 4.5 or more; a softer ink would not.
const BLACK: Rgb = Rgb(0, 0, 0);

/// The share of the median difference that takes the place of the noise where that is not known.
const UNKNOWN: f64 = 0.25;

/// The map from differences to shares of a colour scale: the logarithm of 1 + d/σ, where d is the difference from the
/// best and σ the noise. So differences within the noise look alike, and those beyond it stay apart, however small they
/// are against the loss itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gaps {
    /// The difference up to which the scale is about linear.
    noise: f64,
    /// The largest one, whose share is 1.
    most: f64,
}

impl Gaps {
    /// A scale up to `most`, linear up to about `noise`.
    pub fn new(noise: f64, most: f64) -> Gaps {
        Gaps { noise: noise.min(most), most }
    }

    /// The scale of differences from a best; where the noise is not known, their median sets it.
    pub fn of(gaps: impl Iterator<Item = f64>, noise: Option<f64>) -> Gaps {
        let mut gaps: Vec<f64> = gaps.collect();
        gaps.sort_by(f64::total_cmp);
        let most = gaps.last().copied().filter(|most| *most > 0.0).unwrap_or(1.0);
        let median = gaps.get(gaps.len() / 2).copied().filter(|median| *median > 0.0).unwrap_or(most);
        Gaps::new(noise.filter(|noise| *noise > 0.0).unwrap_or(UNKNOWN * median), most)
    }

    /// The share of a difference, from 0 (none) to 1.
    pub fn share(&self, gap: f64) -> f64 {
        let share = self.at(gap.max(0.0));
        if share.is_finite() { share.clamp(0.0, 1.0) } else { 1.0 }
    }

    fn at(&self, gap: f64) -> f64 {
        (gap / self.noise).ln_1p() / (self.most / self.noise).ln_1p()
    }

    /// Round differences with their shares, for the marks of a colour bar; none first.
    pub fn ticks(&self) -> Vec<(f64, f64)> {
        let mut ticks = vec![(0.0, 0.0)];
        for share in [0.25, 0.5, 0.75, 1.0] {
            let gap = round(self.noise * (share * (self.most / self.noise).ln_1p()).exp_m1());
            let at = self.at(gap);
            if at <= 1.0 && ticks.last().is_none_or(|(last, _)| at - last > 0.1) {
                ticks.push((at, gap));
            }
        }
        ticks
    }
}

/// The map from values to colours: how far each falls short of the best, in the unit of the metric, on the scale of the
/// noise of a run. The worst value measured is darkest.
#[derive(Clone, Debug, PartialEq)]
pub struct Ramp {
    best: f64,
    direction: Direction,
    gaps: Gaps,
}

impl Ramp {
    /// The ramp of a study.
    pub fn of(facts: &Facts) -> Ramp {
        let best = facts.best.as_ref().map_or(1.0, |best| best.value);
        let values = facts.cells.iter().filter_map(|cell| cell.value);
        let gaps = Gaps::of(values.map(|value| (value - best).abs()), facts.noise.at_best);
        Ramp { best, direction: facts.direction, gaps }
    }

    /// How far `value` falls short, from 0 (the best) to 1 (the worst).
    pub fn share(&self, value: f64) -> f64 {
        self.gaps.share(match self.direction {
            Direction::Minimize => value - self.best,
            Direction::Maximize => self.best - value,
        })
    }

    /// The colour of `value`.
    pub fn colour(&self, value: f64) -> Rgb {
        shade(self.share(value))
    }

    /// The marks of the colour bar: share and text.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        let sign = if self.direction == Direction::Maximize { "−" } else { "+" };
        let label = |gap: f64| match gap {
            0.0 => "0".to_owned(),
            gap => format!("{sign}{}", sweep_settings::plain(gap)),
        };
        self.gaps.ticks().into_iter().map(|(share, gap)| (share, label(gap))).collect()
    }

    /// The bar with the values at which the colours `paint` stand: the best at its foot where lower is better, at its top
    /// where higher is; its title `over` it or beside it.
    pub fn bar(&self, facts: &Facts, paint: fn(f64) -> Rgb, rect: Rect, over: bool) -> ColourBar {
        let falls = facts.direction == Direction::Maximize;
        ColourBar { rect, over, paint, falls, ticks: self.ticks(), titles: self.titles(facts).to_vec() }
    }

    /// What the colour bar shows, in full and, for a low bar, without saying which reading counts.
    pub fn titles(&self, facts: &Facts) -> [String; 2] {
        [text::metric(facts), text::metric_name(&facts.metric)]
            .map(|metric| format!("{metric} − best (log scale)"))
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

/// The largest of 1, 2 or 5 times a power of ten that does not exceed `value`.
fn round(value: f64) -> f64 {
    let ten = 10f64.powf(value.log10().floor());
    let step = [5.0, 2.0, 1.0].into_iter().find(|step| step * ten <= value * (1.0 + 1e-9));
    sweep_settings::round_significant(step.unwrap_or(1.0) * ten, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Made;

    fn ramp(made: Made) -> Ramp {
        let record = made.record();
        let facts = crate::facts(&record);
        Ramp::of(&facts)
    }

    #[test]
    fn small_differences_of_a_loss_with_a_floor_have_colours_of_their_own() {
        let rates = ["0.01", "0.02", "0.04", "0.08", "0.16", "0.32"];
        let made = Made::new(&[&format!("lr={}", rates.join(","))]);
        let ramp = ramp(made.row(&rates, &[2.431, 2.411, 2.404, 2.4035, 2.412, 2.58]));
        assert_eq!((ramp.share(2.4035), ramp.share(2.58), ramp.share(7.0)), (0.0, 1.0, 1.0));
        assert!(ramp.share(2.412) > 0.3 && ramp.share(2.431) - ramp.share(2.412) > 0.1);
        let ticks: Vec<String> = ramp.ticks().into_iter().map(|(_, text)| text).collect();
        assert!(ticks.len() >= 4 && ticks[0] == "0" && ticks[1].starts_with("+0.0"), "{ticks:?}");
    }

    #[test]
    fn what_is_maximized_falls_short_downward() {
        let made = Made::new(&["lr=0.1,1"]).maximize("val_accuracy");
        let ramp = ramp(made.trial("lr=0.1", &[0.95]).trial("lr=1", &[0.91]));
        assert_eq!((ramp.share(0.95), ramp.share(0.91), ramp.share(0.99)), (0.0, 1.0, 0.0));
        assert!(ramp.ticks().iter().skip(1).all(|(_, text)| text.starts_with('−')));
    }

    #[test]
    fn text_is_legible_on_every_shade() {
        for step in 0..=100 {
            let ground = shade(f64::from(step) / 100.0);
            assert!(contrast(on(ground), ground) >= 4.5, "{ground:?}");
        }
    }

    #[test]
    fn marks_are_round_numbers() {
        assert_eq!([0.03, 0.05, 0.051, 7.0, 0.99].map(round), [0.02, 0.05, 0.05, 5.0, 0.5]);
    }
}
