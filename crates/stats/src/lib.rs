//! Statistics: distributions, least squares, and the fits used for η × B studies.
//!
//! Plain numbers in, plain numbers out: nothing here depends on trials. A quantity that cannot be estimated is `None`.

pub mod censored;
pub mod compare;
pub mod distribution;
pub mod dunnett;
pub mod endpoint;
pub mod grouped;
pub mod hyperbola;
mod interval;
pub mod level;
pub mod line_search;
pub mod linear;
pub mod logistic;
mod mean;
mod median;
pub mod polynomial_chaos;
mod quantile;
pub mod valley;

pub use interval::Interval;
pub use mean::{Mean, log_interval, mean, pooled};
pub use median::median;
pub use quantile::quantile;

#[cfg(test)]
mod chance;
