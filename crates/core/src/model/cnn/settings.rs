//! The settings of the convolutional network, and the shapes that they make of an image.

use std::str::FromStr;

use crate::model::{MODEL, mlp};
use crate::nn::Image;
use crate::nn::conv::ConvShape;
use crate::nn::dropout::Dropout;
use crate::nn::pool::{MaxPool, Pooling};
use crate::settings::{Kind, Scale, Setting, error};
use crate::{SettingError, Settings};

const CNN: Option<(&str, &[&str])> = Some(("model", &["cnn"]));

pub const HIDDEN: Setting = Setting {
    name: "hidden",
    kind: Kind::List,
    scale: None,
    default: Some("64"),
    when: CNN,
    help: "units of the hidden layers behind the convolutions; 0 for none",
};

pub const CONV: Setting = Setting {
    name: "conv",
    kind: Kind::List,
    scale: None,
    default: Some("8x5/16x5"),
    when: CNN,
    help: "convolutions as filters x kernel size, one after another, as in 8x5/16x5",
};

pub const POOL: Setting = Setting {
    name: "pool",
    kind: Kind::Int { low: 1, high: 64 },
    scale: Some(Scale::Linear),
    default: Some("2"),
    when: CNN,
    help: "side and stride of the max-pool behind each convolution, in pixels; 1 for none",
};

pub const NORM: Setting = Setting {
    name: "norm",
    kind: Kind::Choice(&["none", "batch", "layer"]),
    scale: None,
    default: Some("none"),
    when: CNN,
    help: "normalisation behind each convolution: batch (over the batch) or layer (over a pixel's channels)",
};

pub const DROPOUT: Setting = Setting {
    name: "dropout",
    kind: Kind::Float { low: 0.0, high: 1.0, closed: (true, false) },
    scale: Some(Scale::Linear),
    default: Some("0"),
    when: CNN,
    help: "share of the hidden units that are dropped at random in training",
};

/// The most filters of a convolution.
const MOST_FILTERS: usize = 4096;

/// What normalises the output of a convolution.
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
    /// Convolutions and the pools behind them.
    pub stages: Vec<(ConvShape, Option<MaxPool>)>,
    /// What normalises a convolution's output.
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
    /// Examples that are no images, a kernel or pool larger than what is left of the image, dropout of nothing.
    pub fn read(settings: &Settings, shape: &[usize]) -> Result<Architecture, SettingError> {
        let image = match *shape {
            [height, width] => Image { height, width, channels: 1 },
            [height, width, channels] => Image { height, width, channels },
            _ => {
                let why =
                    "needs images, of a height and a width; these data are tables: model=mlp takes them";
                return Err(error(&MODEL, "cnn", why.into()));
            }
        };
        let norm = match settings.text(&NORM) {
            Some("none") | None => Normalisation::None,
            Some("batch") => Normalisation::Batch,
            Some("layer") => Normalisation::Layer,
            Some(other) => return Err(error(&NORM, other, "is none of none, batch, layer".into())),
        };
        let hidden = mlp::hidden(settings, &HIDDEN)?;
        let rate = settings.number(&DROPOUT)?.unwrap_or_default() as f32;
        if rate > 0.0 && hidden.is_empty() {
            let text = settings.text(&DROPOUT).unwrap_or_default();
            return Err(error(&DROPOUT, text, "needs a hidden layer to drop units of, but hidden=0".into()));
        }
        Ok(Architecture { stages: stages(settings, image)?, norm, hidden, dropout: Dropout { rate } })
    }
}

/// The convolutions and pools over `image`.
fn stages(settings: &Settings, mut image: Image) -> Result<Vec<(ConvShape, Option<MaxPool>)>, SettingError> {
    let size = settings.number(&POOL)?.unwrap_or(1.0) as usize;
    let text = settings.text(&CONV).unwrap_or_default();
    let mut stages = Vec::new();
    for (number, item) in (1..).zip(text.split('/')) {
        let Filters { count, side } = item.trim().parse().map_err(|why| error(&CONV, text, why))?;
        let left = format!("the {} × {} pixels that convolution {number} sees", image.height, image.width);
        let shape = ConvShape { image, filters: count, kernel: (side, side), stride: 1, padding: 0 };
        let Some(made) = shape.output() else {
            return Err(error(&CONV, text, format!("has a kernel of {side} × {side}, larger than {left}")));
        };
        image = made;
        let pool = if size > 1 {
            let windows = Pooling::new(made, size, size).ok_or_else(|| {
                let made = format!("the {} × {} pixels", made.height, made.width);
                error(&POOL, &size.to_string(), format!("is larger than {made} behind convolution {number}"))
            })?;
            image = windows.output;
            Some(MaxPool::new(windows))
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
                 pixel, joined by /, as in 8x5/16x5"
            )),
        }
    }
}
