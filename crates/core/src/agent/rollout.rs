//! A rollout: steps that one policy took in several environments, with their advantages and returns.

use super::cartpole::{After, OBSERVED};
use crate::room::Room;

/// Steps of several environments that took turns: with n of them, step t is one of environment t mod n, and its next
/// one is step t + n.
#[derive(Clone, Debug, Default)]
pub(super) struct Rollout {
    /// Observations before each step and after it, (steps, observed).
    pub before: Vec<f32>,
    pub after: Vec<f32>,
    pub actions: Vec<u8>,
    pub ends: Vec<Option<After>>,
    /// The predictions of the baseline before each step and after it.
    pub values: Vec<f32>,
    pub next_values: Vec<f32>,
    /// The advantage of each action over the baseline's prediction, and the return.
    pub advantages: Vec<f32>,
    pub returns: Vec<f32>,
}

impl Rollout {
    /// Makes room for `steps`; allocates only if there were never that many.
    pub fn resize(&mut self, steps: usize) {
        self.before.resize(steps * OBSERVED, 0.0);
        self.after.resize(steps * OBSERVED, 0.0);
        self.actions.resize(steps, 0);
        self.ends.resize(steps, None);
        for numbers in [&mut self.values, &mut self.next_values, &mut self.advantages, &mut self.returns] {
            numbers.resize(steps, 0.0);
        }
    }

    /// Space in `room` for `steps`.
    pub fn new(steps: usize, room: &mut Room) -> Rollout {
        Rollout {
            before: room.floats(steps * OBSERVED),
            after: room.floats(steps * OBSERVED),
            actions: room.filled(0, steps),
            ends: room.filled(None, steps),
            values: room.floats(steps),
            next_values: room.floats(steps),
            advantages: room.floats(steps),
            returns: room.floats(steps),
        }
    }

    /// Advantages and returns of steps with a reward of 1 each in `environments` environments, by generalized advantage
    /// estimation (Schulman et al. 2016, eq. 16): Â = Σ (γλ)ᵏ δ with δ = r + γ·V(after) − V(before), where V(after) is
    /// 0 once an episode has ended, and the sum ends with the episode or the rollout. The return is Â + V.
    pub fn judge(&mut self, environments: usize, gamma: f32, lambda: f32) {
        let steps = self.actions.len();
        for step in (0..steps).rev() {
            let follows =
                if self.ends[step] == Some(After::Terminated) { 0.0 } else { self.next_values[step] };
            let later = match self.advantages.get(step + environments) {
                Some(&later) if self.ends[step].is_none() => later,
                _ => 0.0,
            };
            let error = 1.0 + gamma * follows - self.values[step];
            self.advantages[step] = error + gamma * lambda * later;
            self.returns[step] = self.advantages[step] + self.values[step];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_end_with_the_episode_and_extend_beyond_the_rollout() {
        let mut rollout = Rollout::default();
        rollout.resize(6);
        // Two environments; the first one's second step ends its episode, the other's is cut off there.
        rollout.ends[2] = Some(After::Terminated);
        rollout.ends[3] = Some(After::Truncated);
        rollout.values.fill(8.0);
        rollout.next_values.fill(8.0);
        rollout.judge(2, 0.5, 1.0);
        assert_eq!(rollout.returns, [1.5, 1.0 + 0.5 * 5.0, 1.0, 5.0, 5.0, 5.0]);
        // Without λ each step is compared with the prediction right after it.
        rollout.values.fill(3.0);
        rollout.judge(2, 0.5, 0.0);
        assert_eq!(rollout.advantages, [2.0, 2.0, -2.0, 2.0, 2.0, 2.0]);
    }
}
