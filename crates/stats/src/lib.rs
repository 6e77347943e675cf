//! Statistics: distributions, least squares, and the fits used for η × B studies.
//!
//! Plain numbers in, plain numbers out: nothing here depends on trials. A quantity that cannot be estimated is `None`.

pub mod censored;
pub mod compare;
pub mod distribution;
pub mod dunnett;
pub mod hyperbola;
mod lack_of_fit;
pub mod level;
pub mod line_search;
pub mod linear;
pub mod logistic;
mod mean;
mod median;
pub mod optimum;
pub mod polynomial_chaos;
pub mod resample;
pub mod vertex;

pub use mean::{Mean, log_interval, mean};
pub use median::median;

#[cfg(test)]
mod chance;
#[cfg(test)]
mod measured;
