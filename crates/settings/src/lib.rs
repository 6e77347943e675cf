//! The base of all other crates: what a setting of a training run is, and how its value is typed.
//!
//! A [`Setting`] defines what its value may be ([`Kind`]), how a range of it is spaced ([`Scale`]), its default and its
//! [`Role`]. A [`Catalogue`] lists the settings that an objective understands; [`Settings`] are the values given to one
//! run. Lengths, targets and named random streams are here too, because both the trainer and the study use them. This
//! crate depends on neither.

mod bounds;
mod catalogue;
mod given;
mod goal;
mod kind;
mod length;
pub mod names;
pub mod quoted;
mod role;
mod scale;
mod setting;
mod short;
mod size;
mod stream;
mod target;
mod value;

pub use catalogue::{Catalogue, Entry, nearest};
pub use given::{SettingError, Settings};
pub use goal::{Direction, Goal};
pub use kind::Kind;
pub use length::Length;
pub use role::{Role, customary_scale};
pub use scale::Scale;
pub use setting::{Setting, When};
pub use short::short;
pub use size::size;
pub use stream::{numbered_stream, stream};
pub use target::Target;
pub use value::{Value, plain, round_significant};
