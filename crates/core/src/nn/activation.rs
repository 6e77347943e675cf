//! Activations: each acts in place and computes its derivative from its own output, except GELU, which needs its input.
//! An [`ActivationLayer`] keeps that input for the backward pass.

use sweep_settings::{Kind, Setting, SettingError, Settings};

use crate::kernels::{sigmoid, tanh};
use crate::room::Room;

/// The settings of this module.
pub const SETTINGS: &[Setting] = &[ACTIVATION];

const ACTIVATION: Setting = Setting::new(
    "activation",
    Kind::Choice(&["relu", "tanh", "sigmoid", "gelu"]),
    "activation function of the hidden layers; in a cnn it follows the pool",
)
.or("relu")
.under("model", &["mlp", "cnn"]);

/// The activation function of a hidden unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// max(0, z); its derivative at 0 is taken as 0, as PyTorch and Keras do.
    Relu,
    /// The hyperbolic tangent.
    Tanh,
    /// The logistic function 1 / (1 + e⁻ᶻ).
    Sigmoid,
    /// z·Φ(z) with the standard normal distribution function Φ (Hendrycks and Gimpel 2016), exact as in PyTorch's
    /// default.
    Gelu,
}

impl Activation {
    /// The activation that `settings` name.
    ///
    /// # Errors
    /// A name that is not one of the choices.
    pub fn read(settings: &Settings) -> Result<Activation, SettingError> {
        let meanings = [
            ("relu", Activation::Relu),
            ("tanh", Activation::Tanh),
            ("sigmoid", Activation::Sigmoid),
            ("gelu", Activation::Gelu),
        ];
        settings.choice(&ACTIVATION, &meanings)
    }

    /// Whether its derivative is taken from its input, not from its output.
    fn needs_inputs(self) -> bool {
        self == Activation::Gelu
    }
}

/// An activation between two layers, with what its derivative needs.
#[derive(Clone, Debug)]
pub struct ActivationLayer {
    activation: Activation,
    /// The inputs of the last forward pass, bias included, if the derivative needs them; else empty.
    inputs: Vec<f32>,
}

impl ActivationLayer {
    /// The `activation` with space in `room` for up to `length` numbers at once.
    pub fn new(activation: Activation, length: usize, room: &mut Room) -> ActivationLayer {
        ActivationLayer { activation, inputs: room.floats_if(activation.needs_inputs(), length) }
    }

    /// z ← activation(z + bias) for rows of `bias.len()` numbers.
    pub fn forward(&mut self, z: &mut [f32], bias: &[f32]) {
        pulp::Arch::new().dispatch(|| {
            for (index, row) in z.chunks_exact_mut(bias.len()).enumerate() {
                match self.activation {
                    Activation::Relu => row.iter_mut().zip(bias).for_each(|(z, b)| *z = (*z + b).max(0.0)),
                    Activation::Tanh => row.iter_mut().zip(bias).for_each(|(z, b)| *z = tanh(*z + b)),
                    Activation::Sigmoid => row.iter_mut().zip(bias).for_each(|(z, b)| *z = sigmoid(*z + b)),
                    Activation::Gelu => {
                        let inputs = &mut self.inputs[index * bias.len()..];
                        for ((z, b), input) in row.iter_mut().zip(bias).zip(inputs) {
                            *input = *z + b;
                            *z = *input * normal_distribution(*input);
                        }
                    }
                }
            }
        });
    }

    /// Turns the gradient with respect to the outputs `y` of the last forward pass into the one with respect to its
    /// inputs, in place.
    pub fn backward(&self, y: &[f32], gradient: &mut [f32]) {
        pulp::Arch::new().dispatch(|| {
            let pairs = gradient.iter_mut().zip(y);
            match self.activation {
                Activation::Relu => pairs.for_each(|(g, &y)| *g = if y > 0.0 { *g } else { 0.0 }),
                Activation::Tanh => pairs.for_each(|(g, &y)| *g *= 1.0 - y * y),
                Activation::Sigmoid => pairs.for_each(|(g, &y)| *g *= y * (1.0 - y)),
                Activation::Gelu => {
                    gradient.iter_mut().zip(&self.inputs).for_each(|(g, &z)| *g *= gelu_slope(z));
                }
            }
        });
    }
}

/// The derivative of GELU at z: Φ(z) + z·φ(z) with the standard normal density φ.
fn gelu_slope(z: f32) -> f32 {
    let density =
        libm::expf(-0.5 * z * z) * (0.5 * std::f32::consts::FRAC_2_SQRT_PI * std::f32::consts::FRAC_1_SQRT_2);
    normal_distribution(z) + z * density
}

/// Φ(z), the probability that a standard normal number is below z.
fn normal_distribution(z: f32) -> f32 {
    0.5 * libm::erfcf(-z * std::f32::consts::FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::check::{check_gradient, dot, draw};

    #[test]
    fn gradients_are_those_of_the_difference_quotient() {
        let (z, dy) = (draw("z", 30), draw("dy", 30));
        for activation in [Activation::Relu, Activation::Tanh, Activation::Sigmoid, Activation::Gelu] {
            let mut layer = ActivationLayer::new(activation, 30, &mut Room::default());
            let (mut y, mut dz) = (z.clone(), dy.clone());
            layer.forward(&mut y, &[0.1, -0.2]);
            layer.backward(&y, &mut dz);
            check_gradient(&format!("{activation:?}"), &z, &dz, |z| {
                let mut y = z.to_vec();
                layer.forward(&mut y, &[0.1, -0.2]);
                dot(&y, &dy)
            });
        }
    }
}
