//! Models used by samplers: surrogates, densities and distributions over the unit cube.

pub mod acquisition;
pub mod boundary;
pub mod encoding;
pub mod evolution;
pub mod fit;
pub mod gp;
pub mod input_warp;
pub mod kernel;
pub mod parzen;
pub mod quadratic;
pub mod regret;
pub mod surrogate;
pub mod warp;
