//! A worker runs a segment and sends its events to the loop.

use std::panic::AssertUnwindSafe;
use std::sync::mpsc::Sender;
use std::time::{SystemTime, UNIX_EPOCH};

use sweep_study::Span;

use super::Message;
use crate::event::{Ending, Event, Segment};
use crate::executor::Executor;
use crate::stop::Stop;

/// Runs `segment` on the calling thread, the worker of this number; its readings and its end go to the loop.
pub fn run(worker: u32, segment: &Segment, executor: &dyn Executor, stop: &Stop, to: &Sender<Message>) {
    let (number, until) = (segment.trial.number, segment.until);
    // The loop outlives its workers, so a send fails only after it has ended.
    let send = |event| drop(to.send(Message::Event(event)));
    let mut report = |reading| send(Event::Reported { number, reading });
    let run = AssertUnwindSafe(|| executor.run(segment, &|| stop.requested(), &mut report));
    let start = now();
    let ended = std::panic::catch_unwind(run);
    let span = Some(Span { trial: number, worker, start, end: now() });
    let event = match ended {
        Ok(Some(ending)) => Event::TrialEnded { number, until, ending, span },
        Ok(None) => Event::TrialPutBack { number },
        Err(panic) => Event::TrialEnded { number, until, ending: failed(panic.as_ref()), span },
    };
    send(event);
}

/// Seconds since 1970 (UTC).
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// A panic inside a trial ends that trial, not the study.
fn failed(panic: &(dyn std::any::Any + Send)) -> Ending {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    Ending::failed(format!("the trainer panicked: {text}"))
}
