//! The replay memory: the latest transitions, the oldest overwritten first.

use super::cartpole::OBSERVED;
use crate::room::Room;
use crate::state::{Reader, StateMismatch, Writer};

/// A ring of transitions.
#[derive(Clone, Debug)]
pub(super) struct Replay {
    /// Observations before the action, (capacity, observed), and after it.
    before: Vec<f32>,
    after: Vec<f32>,
    actions: Vec<u8>,
    /// 1 if the action ended the episode, so that nothing follows.
    terminated: Vec<u8>,
    /// How many are stored, and the index of the next one.
    filled: usize,
    next: usize,
}

/// One transition of the memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Transition<'a> {
    /// The observation before the action.
    pub before: &'a [f32],
    /// The action.
    pub action: u8,
    /// The observation after it.
    pub after: &'a [f32],
    /// Whether the action ended the episode (not by the step limit).
    pub terminated: bool,
}

impl Replay {
    /// A memory of up to `capacity` transitions, empty.
    pub fn new(capacity: usize, room: &mut Room) -> Replay {
        Replay {
            before: room.floats(capacity * OBSERVED),
            after: room.floats(capacity * OBSERVED),
            actions: room.filled(0, capacity),
            terminated: room.filled(0, capacity),
            filled: 0,
            next: 0,
        }
    }

    /// How many transitions it stores.
    pub fn len(&self) -> usize {
        self.filled
    }

    /// Stores a transition, in place of the oldest if it is full.
    pub fn push(&mut self, transition: Transition<'_>) {
        let (place, capacity) = (self.next, self.actions.len());
        let row = place * OBSERVED..(place + 1) * OBSERVED;
        self.before[row.clone()].copy_from_slice(transition.before);
        self.after[row].copy_from_slice(transition.after);
        self.actions[place] = transition.action;
        self.terminated[place] = transition.terminated.into();
        self.next = (place + 1) % capacity;
        self.filled = (self.filled + 1).min(capacity);
    }

    /// The transition at `place`, below [`Replay::len`].
    pub fn get(&self, place: usize) -> Transition<'_> {
        let row = place * OBSERVED..(place + 1) * OBSERVED;
        Transition {
            before: &self.before[row.clone()],
            action: self.actions[place],
            after: &self.after[row],
            terminated: self.terminated[place] == 1,
        }
    }

    pub fn write(&self, state: &mut Writer) {
        let numbers = self.filled * OBSERVED;
        state.number(self.filled as u64);
        state.number(self.next as u64);
        state.floats(&self.before[..numbers]);
        state.floats(&self.after[..numbers]);
        state.bytes(&self.actions[..self.filled]);
        state.bytes(&self.terminated[..self.filled]);
    }

    pub fn read(&mut self, state: &mut Reader<'_>) -> Result<(), StateMismatch> {
        let capacity = self.actions.len() as u64;
        let (filled, next) = (state.number()?, state.number()?);
        if filled > capacity || next >= capacity {
            return Err(StateMismatch);
        }
        (self.filled, self.next) = (filled as usize, next as usize);
        let numbers = self.filled * OBSERVED;
        state.floats(&mut self.before[..numbers])?;
        state.floats(&mut self.after[..numbers])?;
        for flags in [&mut self.actions, &mut self.terminated] {
            let read = state.bytes()?;
            if read.len() != self.filled || read.iter().any(|&flag| flag > 1) {
                return Err(StateMismatch);
            }
            flags[..self.filled].copy_from_slice(read);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_gives_way() {
        let mut replay = Replay::new(3, &mut Room::default());
        let rows: Vec<[f32; OBSERVED]> = (0..6).map(|number| [number as f32; OBSERVED]).collect();
        let held = |replay: &Replay| -> Vec<f32> {
            (0..replay.len()).map(|place| replay.get(place).before[0]).collect()
        };
        for (number, pair) in rows.windows(2).enumerate() {
            let terminated = number % 2 == 1;
            let action = u8::from(terminated);
            replay.push(Transition { before: &pair[0], action, after: &pair[1], terminated });
            if number == 1 {
                assert_eq!(held(&replay), [0.0, 1.0]);
            }
        }
        assert_eq!(held(&replay), [3.0, 4.0, 2.0]);
        let latest = replay.get(1);
        assert_eq!((latest.action, latest.after[3], latest.terminated), (0, 5.0, false));
    }
}
