//! Synchronous data parallelism: workers that share each batch.
//!
//! Every worker has its own network buffers and computes the gradient of its part of the batch at the same parameters;
//! their sum, always in the order of the workers, is the gradient of the batch. The result thus depends only on the
//! number of workers, not on the number of threads: without extra threads the parts run one after another. It equals
//! that of one worker up to rounding, which a rectifier or a maximum near a tie may amplify as training continues, as
//! with any two summation orders.

use std::ops::Range;
use std::sync::Arc;

use rand::Rng;
use rayon::ThreadPool;
use rayon::prelude::*;
use sweep_settings::{Kind, Scale, Setting, names, stream};

use super::supervised::SupervisedSpec;
use crate::data::{Batch, Dataset};
use crate::model::{Model, Pass};
use crate::nn::loss::Score;
use crate::room::Room;
use crate::state::{Reader, StateMismatch, Writer};

pub(crate) const WORKERS: Setting = Setting::new(names::WORKERS, Kind::Int { low: 1, high: 1 << 20 }, "synchronous workers that share each batch, on as many threads where the machine has them: the same result \
           within rounding (dropout draws masks for each)").or("1").on(Scale::Pow2);

/// Numbers of a gradient that a thread sums at once.
const PIECE: usize = 1 << 14;

/// A batch, and how its gradient is computed.
pub(super) struct Task<'a> {
    /// The data set of its rows.
    pub data: &'a Dataset,
    /// The indices of its rows.
    pub rows: &'a [u32],
    /// The parameters at which the gradient is taken.
    pub parameters: &'a [f32],
    /// The maximum number of rows that a network processes at once.
    pub most: usize,
}

impl Task<'_> {
    /// Replaces `gradient` by that of the rows in `share`, each weighted as one of all rows; returns their loss.
    fn gradient(&self, model: &mut dyn Model, share: Range<usize>, gradient: &mut [f32]) -> Score {
        let mut pass = Pass { scale: 1.0 / self.rows.len() as f32, add: false };
        let mut score = Score::default();
        for rows in self.rows[share].chunks(model.capacity().min(self.most)) {
            score +=
                model.loss_and_gradient(self.parameters, &Batch { data: self.data, rows }, pass, gradient);
            pass.add = true;
        }
        score
    }

    /// The rows of worker `index` of `count`: shares differ by one row at most.
    fn share(&self, index: usize, count: usize) -> Range<usize> {
        let start = |index: usize| self.rows.len() * index / count;
        start(index)..start(index + 1)
    }
}

/// The workers besides the first, which is the learner's own network.
pub(super) struct Workers {
    others: Vec<Worker>,
    /// The gradient that each of them computes.
    gradients: Vec<Vec<f32>>,
    pool: Option<Arc<ThreadPool>>,
}

struct Worker {
    model: Box<dyn Model>,
    score: Score,
}

impl Workers {
    /// Those of `spec`, with buffers from `room`; `seed` feeds the streams of their networks.
    pub fn build(spec: &SupervisedSpec, seed: u64, room: &mut Room) -> Workers {
        let mut seeds = stream(seed, "workers");
        let mut others = Vec::new();
        for _ in 1..spec.workers {
            let mut model = spec.model.build(spec.batch.div_ceil(spec.workers), room);
            model.seed(seeds.next_u64());
            others.push(Worker { model, score: Score::default() });
        }
        let gradients = others.iter().map(|worker| room.floats(worker.model.size())).collect();
        Workers { others, gradients, pool: None }
    }

    /// The number of workers, including the first.
    pub fn count(&self) -> usize {
        self.others.len() + 1
    }

    /// Lets the workers use the threads of `pool` from now on.
    pub fn use_threads(&mut self, pool: &Arc<ThreadPool>) {
        self.pool = Some(Arc::clone(pool));
    }

    /// Replaces `gradient` by that of the mean loss of `task`, with the first share computed by `first`; returns the
    /// loss. If a batch has fewer rows than workers, the last workers are idle.
    pub fn gradient(&mut self, first: &mut dyn Model, task: &Task<'_>, gradient: &mut [f32]) -> Score {
        let count = self.count().min(task.rows.len());
        let (others, gradients) = (&mut self.others[..count - 1], &mut self.gradients[..count - 1]);
        let work = |(index, (worker, gradient)): (usize, (&mut Worker, &mut Vec<f32>))| {
            worker.score = task.gradient(worker.model.as_mut(), task.share(index + 1, count), gradient);
        };
        let mut own = |gradient: &mut [f32]| task.gradient(first, task.share(0, count), gradient);
        let mut score = match self.pool.as_deref().filter(|_| count > 1) {
            Some(pool) => pool.install(|| {
                let rest = || others.par_iter_mut().zip(gradients.par_iter_mut()).enumerate().for_each(work);
                let (score, ()) = rayon::join(|| own(gradient), rest);
                let pieces = gradient.par_chunks_mut(PIECE).enumerate();
                pieces.for_each(|(index, sum)| add(gradients, index * PIECE, sum));
                score
            }),
            None => {
                others.iter_mut().zip(gradients.iter_mut()).enumerate().for_each(work);
                let score = own(gradient);
                add(gradients, 0, gradient);
                score
            }
        };
        others.iter().for_each(|worker| score += worker.score);
        score
    }

    /// Their state for a checkpoint: empty for a single worker.
    pub fn write(&self, state: &mut Writer) {
        self.others.iter().for_each(|worker| state.bytes(&worker.model.state()));
    }

    /// Restores what [`Workers::write`] wrote.
    pub fn read(&mut self, state: &mut Reader<'_>) -> Result<(), StateMismatch> {
        self.others.iter_mut().try_for_each(|worker| worker.model.restore(state.bytes()?))
    }
}

/// Adds the workers' gradients from `start` on to `sum`, in the order of the workers.
fn add(gradients: &[Vec<f32>], start: usize, sum: &mut [f32]) {
    for gradient in gradients {
        let part = &gradient[start..start + sum.len()];
        sum.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
    }
}
