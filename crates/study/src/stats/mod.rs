//! Statistics that search and report share: distributions, least squares, and the fits that η × B asks for.
//!
//! Plain numbers in, plain numbers out: nothing here knows of trials. What cannot be estimated is `None`.

mod bend;
pub mod chaos;
pub mod compare;
pub mod distribution;
pub mod dunnett;
pub mod firth;
pub mod hyperbola;
pub mod linear;
mod mean;
mod median;
pub mod optimum;
pub mod resample;
pub mod search;
pub mod tobit;
pub mod vertex;

pub use mean::{Mean, log_interval, mean};
pub use median::median;

#[cfg(test)]
pub(crate) mod chance;
#[cfg(test)]
mod measured;
