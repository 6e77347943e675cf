//! How long a step takes on the machine of a study, and the network that would connect several such machines.

use serde::{Deserialize, Serialize};

/// How long a step takes while nothing else of the study runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepTime {
    /// The trial whose settings were timed; other trials of the same [`crate::Study::shape`] take the same time.
    pub trial: u64,
    /// Workers that share its batch.
    pub workers: u64,
    /// Threads that the workers used.
    pub threads: u64,
    /// Parameters of the network, four bytes each, which the workers have to sum.
    pub parameters: u64,
    /// Steps timed.
    pub steps: u64,
    /// Median of the seconds per step, without readings.
    pub seconds: f64,
    /// The lower quartile.
    pub low: f64,
    /// The upper quartile.
    pub high: f64,
    /// Memory of a trial in bytes, without the data.
    pub bytes: u64,
}

/// The network between machines.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Network {
    /// Bytes per second that each machine can send and receive at the same time.
    pub bytes_per_second: f64,
    /// Seconds until a message begins to arrive.
    pub latency_seconds: f64,
}

impl Default for Network {
    /// 10 Gbit/s and 20 μs: Ethernet within a rack.
    fn default() -> Network {
        Network { bytes_per_second: 1.25e9, latency_seconds: 2e-5 }
    }
}

impl Network {
    /// Seconds in which `workers` sum `bytes` that each of them holds, with a ring all-reduce: 2 (w − 1) messages of
    /// 1/w of them, one after the other (Patarasuk and Yuan 2009, section 3).
    pub fn all_reduce(&self, workers: f64, bytes: f64) -> f64 {
        2.0 * (workers - 1.0) * (bytes / workers / self.bytes_per_second + self.latency_seconds)
    }
}

/// The measured speed of a study.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pace {
    /// Steps timed alone after the study ended, one entry per shape.
    pub steps: Vec<StepTime>,
    /// The network used to predict the time of more workers than were timed.
    pub network: Network,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_sends_everything_twice_and_waits_for_every_message() {
        let network = Network { bytes_per_second: 1e9, latency_seconds: 1e-5 };
        assert_eq!(network.all_reduce(1.0, 4e6), 0.0);
        // Four workers: 6 messages of 1 MB.
        assert!((network.all_reduce(4.0, 4e6) - 6.0 * (1e-3 + 1e-5)).abs() < 1e-12);
        let many = network.all_reduce(1000.0, 4e6);
        assert!((many - (2.0 * 0.999 * 4e-3 + 1998e-5)).abs() < 1e-12, "{many}");
    }
}
