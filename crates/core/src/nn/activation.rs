//! Activations of the perceptron: each acts in place and takes its derivative from its own output.

use crate::settings::{Kind, Setting, error};
use crate::{SettingError, Settings};

/// The settings of this module.
pub const SETTINGS: &[Setting] = &[ACTIVATION];

const ACTIVATION: Setting = Setting {
    name: "activation",
    kind: Kind::Choice(&["relu", "tanh"]),
    scale: None,
    default: Some("relu"),
    when: Some(("model", &["mlp"])),
    help: "nonlinearity of the hidden layers",
};

/// What a hidden unit does with its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// max(0, z); its derivative at 0 is taken as 0, as PyTorch and Keras do.
    Relu,
    /// The hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// The activation that `settings` name.
    ///
    /// # Errors
    /// A name that is none of the choices.
    pub fn build(settings: &Settings) -> Result<Activation, SettingError> {
        match settings.text(&ACTIVATION) {
            Some("relu") | None => Ok(Activation::Relu),
            Some("tanh") => Ok(Activation::Tanh),
            Some(other) => Err(error(&ACTIVATION, other, "is neither relu nor tanh".into())),
        }
    }

    /// z ← activation(z + bias) for rows of `bias.len()` numbers.
    pub fn forward(self, z: &mut [f32], bias: &[f32]) {
        for row in z.chunks_exact_mut(bias.len()) {
            match self {
                Activation::Relu => row.iter_mut().zip(bias).for_each(|(z, b)| *z = (*z + b).max(0.0)),
                Activation::Tanh => row.iter_mut().zip(bias).for_each(|(z, b)| *z = (*z + b).tanh()),
            }
        }
    }

    /// Turns the gradient with respect to the outputs `y` into the one with respect to the inputs, in place.
    pub fn backward(self, y: &[f32], gradient: &mut [f32]) {
        let pairs = gradient.iter_mut().zip(y);
        match self {
            Activation::Relu => pairs.for_each(|(g, &y)| *g = if y > 0.0 { *g } else { 0.0 }),
            Activation::Tanh => pairs.for_each(|(g, &y)| *g *= 1.0 - y * y),
        }
    }
}
