//! The settings of the convolutional network, and the resulting shapes for an image.

use std::str::FromStr;

use sweep_settings::{Kind, Scale, Setting, SettingError, Settings, names};

use crate::model::choice::MODEL;
use crate::model::widths::read_widths;
use crate::nn::Image;
use crate::nn::conv::ConvShape;
use crate::nn::dropout::Dropout;
use crate::nn::pool::{AvgPool, MaxPool, Pool, Pooling};

pub const HIDDEN: Setting = Setting::new(
    "hidden",
    Kind::List,
    "units of each hidden layer after the convolutions, such as 64 or 128/64; 0 for none",
)
.or("64")
.under(names::MODEL, &["cnn"]);

pub const CONV: Setting = Setting::new(
    "conv",
    Kind::List,
    "convolutions in order, each as filters x kernel size, such as 8x5/16x5",
)
.or("8x5/16x5")
.under(names::MODEL, &["cnn"]);

pub const POOL: Setting = Setting::new(
    "pool",
    Kind::Int { low: 1, high: 64 },
    "side and stride of the pool after each convolution, in pixels; 1 for none",
)
.or("2")
.on(Scale::Linear)
.under(names::MODEL, &["cnn"]);

pub const POOLING: Setting = Setting::new(
    "pooling",
    Kind::Choice(&["max", "average"]),
    "which number a pool makes of its window: the largest or the mean (as LeNet-5 did)",
)
.or("max")
.under(names::MODEL, &["cnn"]);

pub const NORM: Setting = Setting::new(
    "norm",
    Kind::Choice(&["none", "batch", "layer"]),
    "normalisation after each convolution: batch (over the batch) or layer (over a pixel's channels)",
)
.or("none")
.under(names::MODEL, &["cnn"]);

pub const DROPOUT: Setting = Setting::new(
    "dropout",
    Kind::Float { low: 0.0, high: 1.0, closed: (true, false) },
    "share of hidden units dropped at random in training",
)
.or("0")
.on(Scale::Linear)
.under(names::MODEL, &["cnn"]);

/// The maximum number of filters of a convolution.
const MOST_FILTERS: usize = 4096;

/// The normalisation of the output of a convolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Normalisation {
    /// Nothing.
    None,
    /// Batch norm.
    Batch,
    /// Layer norm over the channels of each pixel.
    Layer,
}

/// The shapes of all layers, checked against the image.
#[derive(Clone, Debug)]
pub struct Architecture {
    /// Convolutions and the pools after them.
    pub stages: Vec<(ConvShape, Option<Pool>)>,
    /// The normalisation of a convolution's output.
    pub norm: Normalisation,
    /// Units of the hidden layers.
    pub hidden: Vec<usize>,
    /// Dropout of the hidden units.
    pub dropout: Dropout,
}

impl Architecture {
    /// The architecture that `settings` describe for examples of the given `shape`.
    ///
    /// # Errors
    /// Examples that are not images, a kernel or pool larger than the remaining image, dropout without a hidden layer.
    pub fn read(settings: &Settings, shape: &[usize]) -> Result<Architecture, SettingError> {
        let image = match *shape {
            [height, width] => Image { height, width, channels: 1 },
            [height, width, channels] => Image { height, width, channels },
            _ => {
                let why = "needs images with a height and a width, but the data are a table; use model=mlp";
                return Err(settings.error(&MODEL, why));
            }
        };
        let meanings =
            [("none", Normalisation::None), ("batch", Normalisation::Batch), ("layer", Normalisation::Layer)];
        let norm = settings.choice(&NORM, &meanings)?;
        let hidden = read_widths(settings, &HIDDEN)?;
        let rate = settings.number(&DROPOUT)?.unwrap_or_default() as f32;
        if rate > 0.0 && hidden.is_empty() {
            return Err(settings.error(&DROPOUT, "needs a hidden layer, but hidden=0"));
        }
        Ok(Architecture { stages: stages(settings, image)?, norm, hidden, dropout: Dropout { rate } })
    }
}

/// The convolutions and pools over `image`.
fn stages(settings: &Settings, mut image: Image) -> Result<Vec<(ConvShape, Option<Pool>)>, SettingError> {
    let size = settings.number(&POOL)?.unwrap_or(1.0) as usize;
    let average = settings.choice(&POOLING, &[("max", false), ("average", true)])?;
    let text = settings.text(&CONV);
    let mut stages = Vec::new();
    for (number, item) in (1..).zip(text.split('/')) {
        let Filters { count, side } =
            item.trim().parse().map_err(|why: String| settings.error(&CONV, why))?;
        let left = format!("the {} × {} pixels that convolution {number} reads", image.height, image.width);
        let shape = ConvShape { image, filters: count, kernel: (side, side), stride: 1, padding: 0 };
        let Some(made) = shape.output() else {
            return Err(settings.error(&CONV, format!("has a kernel of {side} × {side}, larger than {left}")));
        };
        image = made;
        let pool = if size > 1 {
            let windows = Pooling::new(made, size, size).ok_or_else(|| {
                let made = format!("the {} × {} pixels", made.height, made.width);
                settings.error(&POOL, format!("is larger than {made} after convolution {number}"))
            })?;
            image = windows.output;
            Some(if average { Pool::Average(AvgPool { windows }) } else { Pool::Max(MaxPool::new(windows)) })
        } else {
            None
        };
        stages.push((shape, pool));
    }
    Ok(stages)
}

/// One item of `conv`: `8x5` is 8 filters of 5 × 5 pixels.
struct Filters {
    count: usize,
    side: usize,
}

impl FromStr for Filters {
    type Err = String;

    fn from_str(text: &str) -> Result<Filters, String> {
        let numbers =
            text.split_once('x').and_then(|(count, side)| Some((count.parse().ok()?, side.parse().ok()?)));
        match numbers {
            Some((count, side)) if (1..=MOST_FILTERS).contains(&count) && side >= 1 => {
                Ok(Filters { count, side })
            }
            _ => Err(format!(
                "has the item {text:?}: each is filters x kernel size, 1 to {MOST_FILTERS} filters of at least 1 \
                 pixel, joined by /, such as 8x5/16x5"
            )),
        }
    }
}
