//! The thread that starts programs by forking.

use std::fs::OpenOptions;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use anyhow::Result;

use super::fork_server::{ForkServer, Key, PythonCommand, Refusal};
use super::protocol::{Answer, Program};
use super::strays;
use super::table::{MARK, Shared, mark, no_mark, tell};

/// Starts a program by executing it.
pub type Start = fn(&Shared, u64, &Program);

/// The side of the thread that gives programs to start.
pub struct Warm {
    shared: Arc<Shared>,
    queue: Sender<Waiting>,
}

/// A program to start.
struct Waiting {
    id: u64,
    program: Program,
    python: PythonCommand,
}

impl Warm {
    /// The thread, which leaves what cannot be forked to `start`.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn new(shared: &Arc<Shared>, start: Start) -> Result<Warm> {
        let (queue, inbox) = channel();
        let starter = Starter { shared: Arc::clone(shared), start, server: Server::None };
        std::thread::Builder::new().name("warm".to_owned()).spawn(move || starter.serve(&inbox))?;
        Ok(Warm { shared: Arc::clone(shared), queue })
    }

    /// Starts a program. It can be ended before it runs.
    pub fn start(&self, id: u64, program: Program, python: PythonCommand) {
        self.shared.table().waiting.insert(id);
        // The thread ends only with this process.
        drop(self.queue.send(Waiting { id, program, python }));
    }
}

/// The server of the study.
enum Server {
    /// None was needed yet.
    None,
    Running(ForkServer),
    /// Trials cannot be forked.
    Unfit,
}

/// The thread itself.
struct Starter {
    shared: Arc<Shared>,
    start: Start,
    server: Server,
}

impl Starter {
    fn serve(mut self, inbox: &Receiver<Waiting>) {
        for waiting in inbox {
            let mut started = self.try_to_fork(&waiting);
            if started == Err(Refusal::Stale) {
                // The script was changed; its new imports are made by a new server.
                self.server = Server::None;
                started = self.try_to_fork(&waiting);
            }
            let Err(refusal) = started else { continue };
            if let Refusal::Unfit(reason) = refusal {
                self.server = Server::Unfit;
                if !reason.is_empty() {
                    tell(&Answer::Note(format!(
                        "each trial makes its imports anew, since {reason} (--no-warm leaves out this note)"
                    )));
                }
            }
            // A server that did not answer may have forked the trial nevertheless.
            strays::end(&self.shared, waiting.id);
            if self.shared.table().waiting.remove(&waiting.id) {
                (self.start)(&self.shared, waiting.id, &waiting.program);
            }
        }
    }

    /// Forks a program, or finds that it was ended before.
    fn try_to_fork(&mut self, waiting: &Waiting) -> Result<(), Refusal> {
        let Waiting { id, program, python } = waiting;
        // Imports take long, so nothing is held meanwhile.
        self.prepare(program, python)?;
        let Server::Running(server) = &mut self.server else { return Err(Refusal::Other) };
        // Held until the program is known, so that its end cannot be met by a table without it.
        let mut table = self.shared.table();
        if !table.waiting.contains(id) {
            return Ok(());
        }
        let pid = match logs(program) {
            Ok(()) => server.fork(program, python, (MARK, &mark(*id)))?,
            // The ordinary way has the words for it.
            Err(_) => return Err(Refusal::Other),
        };
        table.waiting.remove(id);
        table.leaders.insert(pid, *id);
        self.shared.started.notify_one();
        Ok(())
    }

    /// Starts the server, where there is none yet.
    fn prepare(&mut self, program: &Program, python: &PythonCommand) -> Result<(), Refusal> {
        match &self.server {
            Server::Unfit => Err(Refusal::Other),
            Server::Running(server) if server.serves(&Key::of(program, python)) => Ok(()),
            Server::Running(_) => Err(Refusal::Other),
            Server::None => {
                let server = ForkServer::start(program, python, (MARK, &no_mark()))?;
                self.server = Server::Running(server);
                Ok(())
            }
        }
    }
}

/// Sees that the logs of a program can be written.
fn logs(program: &Program) -> std::io::Result<()> {
    for path in [&program.stdout, &program.stderr] {
        OpenOptions::new().create(true).append(true).open(path)?;
    }
    Ok(())
}
