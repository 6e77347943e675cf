//! CartPole-v1: a pole hinged to a cart that is pushed to the left or to the right at every step.
//!
//! Physics, limits and rewards are those of Gymnasium's environment of that name (after Barto, Sutton and Anderson
//! 1983), in f64 as there: an Euler step of 0.02 s, a reward of 1 for every step, an end where the cart is 2.4 m from
//! the middle or the pole 12° from upright, and a limit of 500 steps.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use crate::state::{Reader, StateMismatch, Writer};

/// The observed numbers: position (m), velocity (m/s), angle (rad), angular velocity (rad/s).
pub const OBSERVED: usize = 4;

/// Actions: a push to the left (0) or to the right (1).
pub const ACTIONS: usize = 2;

/// Steps after which an episode is cut off.
pub const LIMIT: u64 = 500;

const GRAVITY: f64 = 9.8;
const MASS_POLE: f64 = 0.1;
const TOTAL_MASS: f64 = 1.0 + MASS_POLE;
/// Half the pole's length, in metres.
const LENGTH: f64 = 0.5;
const FORCE: f64 = 10.0;
const SECONDS: f64 = 0.02;
const FARTHEST: f64 = 2.4;
const STEEPEST: f64 = 12.0 * 2.0 * std::f64::consts::PI / 360.0;
/// Bound of every number that an episode starts from.
const START: f64 = 0.05;

/// The state of an episode after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// It continues.
    Running,
    /// It ended: what follows has no value.
    Terminated,
    /// It was cut off at the limit, where it could have continued.
    Truncated,
}

impl After {
    /// Whether the episode is over, for either reason.
    pub fn over(self) -> bool {
        self != After::Running
    }
}

/// A running episode.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CartPole {
    state: [f64; OBSERVED],
    steps: u64,
}

impl CartPole {
    /// An episode that starts from `state`.
    pub fn at(state: [f64; OBSERVED]) -> CartPole {
        CartPole { state, steps: 0 }
    }

    /// An episode that starts near rest, each number drawn uniformly within ±0.05.
    pub fn start(rng: &mut ChaCha8Rng) -> CartPole {
        CartPole::at([(); OBSERVED].map(|()| START * (2.0 * rng.random::<f64>() - 1.0)))
    }

    /// The state of cart and pole.
    pub fn state(&self) -> [f64; OBSERVED] {
        self.state
    }

    /// Writes the observation of an agent.
    pub fn observe(&self, observation: &mut [f32]) {
        observation.iter_mut().zip(self.state).for_each(|(seen, number)| *seen = number as f32);
    }

    /// Pushes the cart to the right (1) or to the left (anything else).
    pub fn step(&mut self, action: usize) -> After {
        let [x, velocity, angle, spin] = self.state;
        let force = if action == 1 { FORCE } else { -FORCE };
        let (sine, cosine) = (libm::sin(angle), libm::cos(angle));
        let push = (force + MASS_POLE * LENGTH * (spin * spin) * sine) / TOTAL_MASS;
        let turning = (GRAVITY * sine - cosine * push)
            / (LENGTH * (4.0 / 3.0 - MASS_POLE * (cosine * cosine) / TOTAL_MASS));
        let acceleration = push - MASS_POLE * LENGTH * turning * cosine / TOTAL_MASS;
        self.state = [
            x + SECONDS * velocity,
            velocity + SECONDS * acceleration,
            angle + SECONDS * spin,
            spin + SECONDS * turning,
        ];
        self.steps += 1;
        if self.state[0].abs() > FARTHEST || self.state[2].abs() > STEEPEST {
            After::Terminated
        } else if self.steps >= LIMIT {
            After::Truncated
        } else {
            After::Running
        }
    }

    pub(super) fn write(&self, state: &mut Writer) {
        self.state.iter().for_each(|&number| state.float(number));
        state.number(self.steps);
    }

    pub(super) fn read(&mut self, state: &mut Reader<'_>) -> Result<(), StateMismatch> {
        for number in &mut self.state {
            *number = state.float()?;
        }
        self.steps = state.number()?;
        Ok(())
    }
}
