//! The resources of each running trial: cores, and GPUs if there are any.

use std::sync::{Mutex, PoisonError};

use anyhow::Result;

use super::devices::CUDA;
use crate::refusal::refuse;

/// The slots in which trials run.
#[derive(Debug)]
pub struct Slots {
    /// Threads per trial.
    cpus: usize,
    /// The devices of each place that is free.
    free: Mutex<Vec<Vec<String>>>,
    /// How many devices a trial has.
    gpus: usize,
    /// How many nodes a trial has.
    nodes: usize,
    variable: &'static str,
}

/// One place, given back when it is dropped.
pub struct Slot<'a> {
    slots: &'a Slots,
    devices: Vec<String>,
}

/// The request.
#[derive(Clone, Debug, Default)]
pub struct SlotRequest {
    /// Number of parallel trials.
    pub jobs: Option<usize>,
    /// Threads per trial.
    pub cpus: Option<usize>,
    /// The names of the devices.
    pub gpus: Vec<String>,
    /// The variable that shows a program its devices; `None` for CUDA's.
    pub variable: Option<&'static str>,
    /// GPUs per trial; without names, the number that a trial has.
    pub gpus_per_trial: usize,
    /// Trials that share a device.
    pub trials_per_gpu: usize,
    /// Nodes a trial; 0 means 1.
    pub nodes: usize,
}

impl SlotRequest {
    /// How many trials run at once: as many as there are devices for, else one for each group of cores.
    ///
    /// # Errors
    /// Devices and trials that do not go together.
    pub fn jobs(&self) -> Result<usize> {
        let (each, shared) = (self.gpus_per_trial.max(1), self.trials_per_gpu.max(1));
        if each > 1 && shared > 1 {
            return refuse("give --gpus-per-trial or --trials-per-gpu, not both");
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        if self.gpus.is_empty() {
            return Ok(self.jobs.unwrap_or(cores / self.cpus.unwrap_or(1).max(1)).max(1));
        }
        let most = self.gpus.len() / each * shared;
        if most == 0 {
            return refuse(format!(
                "--gpus-per-trial {each} is more than the {} GPUs of --gpus",
                self.gpus.len()
            ));
        }
        Ok(self.jobs.unwrap_or(most).clamp(1, most))
    }
}

impl Slots {
    /// The places of `jobs` trials.
    pub fn new(asked: &SlotRequest, jobs: usize) -> Slots {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let named = !asked.gpus.is_empty();
        let gpus = if named { asked.gpus_per_trial.max(1) } else { asked.gpus_per_trial };
        let groups: Vec<Vec<String>> = asked.gpus.chunks_exact(gpus.max(1)).map(<[String]>::to_vec).collect();
        // Devices are handed out in turn, so that they are shared evenly.
        let mut free: Vec<Vec<String>> =
            groups.into_iter().cycle().take(if named { jobs } else { 0 }).collect();
        free.reverse();
        Slots {
            cpus: asked.cpus.unwrap_or(cores / jobs.max(1)).max(1),
            free: Mutex::new(free),
            gpus,
            nodes: asked.nodes.max(1),
            variable: asked.variable.unwrap_or(CUDA),
        }
    }

    /// A free place. There is one for each trial that runs at once.
    pub fn take(&self) -> Slot<'_> {
        let devices = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        Slot { slots: self, devices }
    }
}

impl Slot<'_> {
    /// Threads for this trial.
    pub fn cpus(&self) -> usize {
        self.slots.cpus
    }

    /// How many devices this trial has.
    pub fn gpus(&self) -> usize {
        self.slots.gpus
    }

    /// How many nodes this trial has.
    pub fn nodes(&self) -> usize {
        self.slots.nodes
    }

    /// Its devices as the variable of their driver has them; `None` where devices were not named.
    pub fn devices(&self) -> Option<String> {
        (!self.devices.is_empty()).then(|| self.devices.join(","))
    }

    /// The variable that shows a program its devices.
    pub fn variable(&self) -> &'static str {
        self.slots.variable
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        if !self.devices.is_empty() {
            let devices = std::mem::take(&mut self.devices);
            self.slots.free.lock().unwrap_or_else(PoisonError::into_inner).push(devices);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(gpus: &[&str], gpus_per_trial: usize, trials_per_gpu: usize) -> SlotRequest {
        let gpus = gpus.iter().map(|gpu| (*gpu).to_owned()).collect();
        SlotRequest { gpus, gpus_per_trial, trials_per_gpu, ..SlotRequest::default() }
    }

    #[test]
    fn devices_are_given_out_and_taken_back() {
        let pairs = asked(&["0", "1", "2", "3"], 2, 1);
        assert_eq!(pairs.jobs().unwrap(), 2);
        let slots = Slots::new(&pairs, 2);
        let first = slots.take();
        assert_eq!(first.devices().as_deref(), Some("0,1"));
        assert_eq!(slots.take().devices().as_deref(), Some("2,3"));
        drop(first);
        assert_eq!(slots.take().devices().as_deref(), Some("0,1"));
        let shared = asked(&["a", "b"], 1, 2);
        let slots = Slots::new(&shared, shared.jobs().unwrap());
        let all: Vec<Slot<'_>> = (0..4).map(|_| slots.take()).collect();
        let devices: Vec<String> = all.iter().filter_map(Slot::devices).collect();
        assert_eq!(devices, ["a", "b", "a", "b"]);
        assert!(asked(&["0"], 2, 1).jobs().is_err() && asked(&["0", "1"], 2, 2).jobs().is_err());
        assert_eq!(Slots::new(&SlotRequest::default(), 1).take().devices(), None);
    }
}
