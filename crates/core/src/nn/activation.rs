//! Activations: each acts in place and computes its derivative from its own output, except GELU, which needs its input.

use sweep_settings::{Kind, Setting, SettingError, Settings};

use crate::kernels::{sigmoid, tanh};

/// The settings of this module.
pub const SETTINGS: &[Setting] = &[ACTIVATION];

const ACTIVATION: Setting = Setting::new(
    "activation",
    Kind::Choice(&["relu", "tanh", "sigmoid"]),
    "activation function of the hidden layers",
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
}

impl Activation {
    /// The activation that `settings` name.
    ///
    /// # Errors
    /// A name that is not one of the choices.
    pub fn read(settings: &Settings) -> Result<Activation, SettingError> {
        let meanings =
            [("relu", Activation::Relu), ("tanh", Activation::Tanh), ("sigmoid", Activation::Sigmoid)];
        settings.choice(&ACTIVATION, &meanings)
    }

    /// z ← activation(z + bias) for rows of `bias.len()` numbers.
    pub fn forward(self, z: &mut [f32], bias: &[f32]) {
        pulp::Arch::new().dispatch(|| {
            for row in z.chunks_exact_mut(bias.len()) {
                match self {
                    Activation::Relu => row.iter_mut().zip(bias).for_each(|(z, b)| *z = (*z + b).max(0.0)),
                    Activation::Tanh => row.iter_mut().zip(bias).for_each(|(z, b)| *z = tanh(*z + b)),
                    Activation::Sigmoid => row.iter_mut().zip(bias).for_each(|(z, b)| *z = sigmoid(*z + b)),
                }
            }
        });
    }

    /// Turns the gradient with respect to the outputs `y` into the one with respect to the inputs, in place.
    pub fn backward(self, y: &[f32], gradient: &mut [f32]) {
        pulp::Arch::new().dispatch(|| {
            let pairs = gradient.iter_mut().zip(y);
            match self {
                Activation::Relu => pairs.for_each(|(g, &y)| *g = if y > 0.0 { *g } else { 0.0 }),
                Activation::Tanh => pairs.for_each(|(g, &y)| *g *= 1.0 - y * y),
                Activation::Sigmoid => pairs.for_each(|(g, &y)| *g *= y * (1.0 - y)),
            }
        });
    }
}

/// y ← z·Φ(z) with the standard normal distribution function Φ: GELU (Hendrycks and Gimpel 2016), exact as in
/// PyTorch's default.
pub fn gelu(z: &[f32], y: &mut [f32]) {
    y.iter_mut().zip(z).for_each(|(y, &z)| *y = z * normal_distribution(z));
}

/// Turns the gradient with respect to the outputs of [`gelu`] into the one with respect to its inputs z, in place.
pub fn gelu_backward(z: &[f32], gradient: &mut [f32]) {
    for (g, &z) in gradient.iter_mut().zip(z) {
        let density =
            (-0.5 * z * z).exp() * (0.5 * std::f32::consts::FRAC_2_SQRT_PI * std::f32::consts::FRAC_1_SQRT_2);
        *g *= normal_distribution(z) + z * density;
    }
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
        for activation in [Activation::Relu, Activation::Tanh, Activation::Sigmoid] {
            let out = |z: &[f32]| {
                let mut y = z.to_vec();
                activation.forward(&mut y, &[0.1]);
                y
            };
            let mut dz = dy.clone();
            activation.backward(&out(&z), &mut dz);
            check_gradient(&format!("{activation:?}"), &z, &dz, |z| dot(&out(z), &dy));
        }
        let (mut y, mut dz) = (vec![0.0; 30], dy.clone());
        gelu_backward(&z, &mut dz);
        check_gradient("gelu", &z, &dz, |z| {
            gelu(z, &mut y);
            dot(&y, &dy)
        });
    }
}
