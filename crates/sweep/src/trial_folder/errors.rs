//! The errors that the output of a program names: the last one of each of its processes.
//!
//! A launcher such as torchrun starts several processes. It marks their lines with `[rank0]:`, and when one has failed it
//! ends the others and adds a traceback and a summary of its own. What a process says that has only lost another one is
//! no reason either.

/// What begins the last error of a program: `ValueError: …`, `torch.OutOfMemoryError: …`.
const NAMES: [&str; 3] = ["Error", "Exception", "Interrupt"];

/// Errors that only say that a process which was started has ended.
const WRAPPERS: [&str; 3] = ["ChildFailedError", "CalledProcessError", "ProcessExitedException"];

/// What a process says that has lost another one, in small letters: Gloo and NCCL.
const LOST: [&str; 4] =
    ["connection closed by peer", "connection reset by peer", "remote process exited", "ncclremoteerror"];

/// What begins a traceback of Python, and the summary of torchrun's about the process that failed first.
const TRACEBACK: &str = "Traceback (most recent call last):";
const ROOT: &str = "Root Cause (first observed failure):";

/// What marks the log lines of torchrun itself.
const ELASTIC: &str = "torch/distributed/elastic/";

/// The mark of the process that wrote a line, such as `[rank0]: `, and the rest of the line. A line may have several.
fn unmarked(line: &str) -> (&str, &str) {
    let mut rest = line;
    while let Some((mark, after)) = rest.strip_prefix('[').and_then(|open| open.split_once("]:")) {
        let numbered = mark.ends_with(|c: char| c.is_ascii_digit());
        if !numbered || !mark.chars().all(|c| c.is_ascii_alphanumeric()) {
            break;
        }
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
    (line[..line.len() - rest.len()].trim_end(), rest)
}

/// Whether a line names an error as Python does.
fn names_one(line: &str) -> bool {
    let name = name(line);
    let plain = name.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_'));
    !name.is_empty() && plain && NAMES.iter().any(|end| name.ends_with(end))
}

fn name(line: &str) -> &str {
    line.split(':').next().unwrap_or_default()
}

fn wraps(line: &str) -> bool {
    WRAPPERS.iter().any(|wrapper| name(line).ends_with(wrapper))
}

fn lost(line: &str) -> bool {
    let line = line.to_lowercase();
    LOST.iter().any(|words| line.contains(words))
}

/// The last error of each process of an output, where it is a reason to end.
pub fn last(output: &str) -> Vec<&str> {
    let mut processes: Vec<(&str, &str)> = Vec::new();
    for line in output.lines().rev() {
        let (mark, error) = unmarked(line);
        // Lines without a mark may come from several processes.
        let passed_over = wraps(error) || mark.is_empty() && lost(error);
        if names_one(error) && !passed_over && processes.iter().all(|(other, _)| *other != mark) {
            processes.push((mark, line));
        }
    }
    processes.into_iter().map(|(_, line)| line).filter(|line| !lost(line)).collect()
}

/// The last words of an output if they say that a process was ended by SIGKILL, as the system does where memory is full.
pub fn killed(output: &str) -> Option<&str> {
    let kills = |line: &&str| line.contains("SIGKILL");
    if let Some((_, summary)) = output.rsplit_once(ROOT) {
        return summary.lines().map(str::trim).find(kills);
    }
    output.lines().rev().find(|line| names_one(unmarked(line).1)).filter(|line| wraps(line)).filter(kills)
}

/// The lines of an output that can tell why its program ended: without what a launcher adds about its processes, and
/// without what those say that only lost another one.
pub fn reasons(output: &str) -> Vec<&str> {
    let failed: Vec<&str> = last(output).into_iter().map(|line| unmarked(line).0).collect();
    let all: Vec<&str> = output.lines().collect();
    let mut lines = all.clone();
    while let Some(at) = lines.iter().rposition(|line| names_one(line))
        && (wraps(lines[at]) || lost(lines[at]) && !failed.is_empty())
        && let Some(begin) = lines[..at].iter().rposition(|line| *line == TRACEBACK)
    {
        let tells = |line: &&str| !line.trim().is_empty() && !line.contains(ELASTIC);
        lines.truncate(lines[..begin].iter().rposition(tells).map_or(0, |last| last + 1));
    }
    if failed.iter().any(|mark| !mark.is_empty()) {
        lines.retain(|line| {
            let (mark, _) = unmarked(line);
            mark.is_empty() || failed.contains(&mark)
        });
    }
    if lines.is_empty() { all } else { lines }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The end of an output of torchrun's, whose first process to fail ended in this way.
    fn torchrun(before: &str, root: &str) -> String {
        format!(
            "{before}W1201 12:48:53.391000 15194 torch/distributed/elastic/multiprocessing/api.py:1028] Sending process 15705 \
             closing signal SIGTERM
E1201 12:48:53.508000 15194 torch/distributed/elastic/multiprocessing/api.py:1002] failed (exitcode: 1) local_rank: 1
Traceback (most recent call last):
  File \"/bin/torchrun\", line 10, in <module>
    raise ChildFailedError(
torch.distributed.elastic.multiprocessing.errors.ChildFailedError: 
============================================================
train.py FAILED
------------------------------------------------------------
Failures:
[1]:
  rank      : 0 (local_rank: 0)
  exitcode  : -15 (pid: 15705)  (SIGTERM)
  traceback : Signal 15 (SIGTERM) received by PID 15705
------------------------------------------------------------
Root Cause (first observed failure):
[0]:
  rank      : 1 (local_rank: 1)
{root}
============================================================
"
        )
    }

    const EXIT: &str =
        "  exitcode  : 1 (pid: 15707) \n  traceback : To enable traceback see: https://pytorch.org";
    const LOSS: &str = "RuntimeError: [/pair.cc:561] Connection closed by peer [127.0.0.1]:39576.";

    #[test]
    fn a_process_that_lost_another_gives_no_reason() {
        let value = format!(
            "[rank1]: Traceback (most recent call last):\n[rank1]: ValueError: typo\n\
             [rank0]: Traceback (most recent call last):\n[rank0]: {LOSS}\n"
        );
        let text = torchrun(&value, EXIT);
        assert_eq!(last(&text), ["[rank1]: ValueError: typo"]);
        let lines = ["[rank1]: Traceback (most recent call last):", "[rank1]: ValueError: typo"];
        assert_eq!(reasons(&text), lines);
        // Without marks, as before PyTorch 2.2; and with those of --tee too.
        let text = torchrun(&value.replace("[rank1]: ", "").replace("[rank0]: ", ""), EXIT);
        assert_eq!(last(&text), ["ValueError: typo"]);
        assert_eq!(reasons(&text), ["Traceback (most recent call last):", "ValueError: typo"]);
        let text = torchrun(&value.replace("[rank", "[default0]:[rank"), EXIT);
        assert_eq!(last(&text), ["[default0]:[rank1]: ValueError: typo"]);
    }

    #[test]
    fn a_process_ends_by_its_own_last_error_alone() {
        let text = format!("[rank0]: MemoryError: survived\n[rank1]: KeyError: 'loss'\n[rank0]: {LOSS}\n");
        assert_eq!(last(&text), ["[rank1]: KeyError: 'loss'"]);
        let text = "MemoryError\n[INFO]: retrying\n[ERROR]: ValueError: no process\n";
        assert_eq!(last(text), ["MemoryError"]);
        assert_eq!(last(LOSS), Vec::<&str>::new());
        assert_eq!(reasons(LOSS), [LOSS]);
    }

    #[test]
    fn a_killed_process_is_known_by_the_summary() {
        let root = "  exitcode  : -9 (pid: 15037)  (SIGKILL)\n  traceback : Signal 9 (SIGKILL) received by PID 15037";
        assert_eq!(killed(&torchrun("", root)), Some("exitcode  : -9 (pid: 15037)  (SIGKILL)"));
        assert_eq!(killed(&torchrun("SIGKILL\n", EXIT)), None);
        let spawned =
            "torch.multiprocessing.spawn.ProcessExitedException: process 1 terminated with signal SIGKILL";
        assert_eq!(killed(spawned), Some(spawned));
        assert_eq!(killed(&format!("{spawned}\nValueError: later")), None);
        assert_eq!(reasons(&torchrun("", root)).len(), 21, "all of it, where nothing else is there");
    }
}
