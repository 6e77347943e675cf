//! The threads on which trials of several workers spread.

use std::sync::{Arc, OnceLock};

use rayon::{ThreadPool, ThreadPoolBuilder};

/// One pool for all trials of a study, a thread a core (or RAYON_NUM_THREADS), started when it is first wanted. A trial
/// of w workers uses up to w of its threads, fewer where other trials do; the number does not change its results.
#[derive(Clone, Default)]
pub struct Threads(Arc<OnceLock<Option<Arc<ThreadPool>>>>);

impl Threads {
    /// The pool for a trial of `workers`; `None` for one, and where there is a single core or no thread to be had: it
    /// then computes on its own thread.
    pub fn pool(&self, workers: usize) -> Option<&Arc<ThreadPool>> {
        let build = || {
            let pool = ThreadPoolBuilder::new().thread_name(|number| format!("worker-{number}")).build();
            pool.ok().filter(|pool| pool.current_num_threads() > 1).map(Arc::new)
        };
        if workers > 1 { self.0.get_or_init(build).as_ref() } else { None }
    }
}
