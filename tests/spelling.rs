//! Values as people spell them, in study files, sweep files and on command lines: what reaches the command.

#![cfg(unix)]

use crate::support::{Bench, Ran};

/// A script that notes its arguments, one line a run, and reports a loss.
const NOTES: &str = "line=$(printf '%s|' \"$@\")\nprintf '%s\\n' \"$line\" >> argv\necho '{\"step\": 1, \"val_loss\": 0.5}'\n";

fn bench() -> Bench {
    let bench = Bench::new();
    std::fs::write(bench.path("notes.sh"), NOTES).unwrap();
    bench
}

/// Runs `sweep` with these words, which may hold blanks.
fn run(bench: &Bench, words: &[&str]) -> Ran {
    Ran::of(&words.join(" "), bench.command("").args(words).output().unwrap())
}

/// The arguments of the runs so far, in the order of their text.
fn noted(bench: &Bench) -> Vec<String> {
    let text = std::fs::read_to_string(bench.path("argv")).unwrap();
    std::fs::remove_file(bench.path("argv")).unwrap();
    let mut lines: Vec<String> = text.lines().map(|line| line.trim_end_matches('|').to_owned()).collect();
    lines.sort();
    lines
}

const COMMAND: [&str; 4] = ["--", "sh", "notes.sh", "{w}"];

#[test]
fn values_of_a_study_file_reach_the_command_as_they_stand() {
    let bench = bench();
    let text = "minimize = \"val_loss\"\nnote = \" x, y \"\nversion = \"3.10\"\n[command]\nrun = [\"sh\", \"notes.sh\", \
                \"{w}\", \"{note}\", \"{version}\"]\n[space]\nw = [\"a,b\", \" c d \", \"1..3\", \"010\", \"../x/1e-3\", \"it's\", \
                16, 0.5, true, \"None\", \"a*b\"]\n";
    std::fs::write(bench.path("s.toml"), text).unwrap();
    let ran = bench.ok("run s.toml --quiet");
    assert!(!ran.stdout.contains("panicked"), "{}", ran.stdout);
    let first: Vec<String> =
        noted(&bench).iter().map(|line| line.strip_suffix("| x, y |3.10").unwrap().to_owned()).collect();
    let mut expected =
        ["a,b", " c d ", "1..3", "010", "../x/1e-3", "it's", "16", "0.5", "true", "None", "a*b"];
    expected.sort_unstable();
    assert_eq!(first, expected);
    // The line that repeats the study means the same values.
    let page = std::fs::read_to_string(bench.path("results/s/report.html")).unwrap();
    assert!(page.contains("a,b") && page.contains("1..3"), "the page has the values");
}

#[test]
fn quotes_on_the_command_line_do_the_same() {
    let bench = bench();
    let words =
        ["grid", "w='a,b',\"c d\",'1..3','',../a,../b/1e-3,'say \"\"x'", "--minimize", "val_loss", "-q"];
    let ran = run(&bench, &[&words[..], &COMMAND].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(noted(&bench), ["", "../a", "../b/1e-3", "1..3", "a,b", "c d", "say \"\"x"]);
    let enqueued =
        ["random", "w='a b',c", "--enqueue", "w='a b'", "--trials", "1", "--minimize", "val_loss", "-q"];
    let ran = run(&bench, &[&enqueued[..], &COMMAND].concat());
    assert_eq!((ran.code, noted(&bench)), (Some(0), vec!["a b".to_owned()]), "{}", ran.stderr);
}

#[test]
fn the_syntax_of_other_tools_is_answered_with_the_form_here() {
    let bench = Bench::new();
    let command = ["--dry-run", "--minimize", "val_loss", "--", "true"];
    for (axis, advice) in [
        ("lr=1e-3-1e-1", "lr=0.001..0.1"),
        ("lr=1e-3:1e-1", "lr=0.001..0.1"),
        ("lr=0:1:0.1", "lr=0..1"),
        ("lr=nan", "lr=nan must be a number"),
        ("learning_rate=fast", "must be a number from 0; write learning_rate=1e-3..1e-1"),
        ("lr=log:1e-3:1e-1", "write lr=1e-3..1e-1"),
        ("lr=[1e-3]", "lr=1e-3"),
        ("batch=16-64", "batch=16..64"),
        ("lr=[0.1,0.01]", "lr=0.1,0.01"),
        ("x=(1,2)", "x='(1,2)'"),
        ("lr=loguniform(1e-3,1e-1)", "lr=0.001..0.1:log"),
        ("x=choice(a,b)", "x=a,b"),
        ("x=1..2,5", "either a list or one range"),
        ("x=1,1.0", "x lists 1 twice"),
        ("lr=:1..5", "`:1` is not a number"),
    ] {
        let ran = run(&bench, &[&["grid", axis][..], &command].concat());
        assert_eq!(ran.code, Some(2), "{axis}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains(advice), "{axis} should say `{advice}`:\n{}", ran.stderr);
    }
    let dashes = bench.run("grid lr=0.1 --model resnet");
    assert!(dashes.code == Some(2) && dashes.stderr.contains("model=resnet"), "{}", dashes.stderr);
    let one_word = run(&bench, &["grid", "lr=0.1", "--minimize", "loss", "--", "python train.py"]);
    assert!(
        one_word.code == Some(2) && one_word.stderr.contains("-- python train.py"),
        "{}",
        one_word.stderr
    );
    let none = bench.run("grid");
    assert!(none.code == Some(2) && none.stderr.contains("usage: sweep grid"), "{}", none.stderr);
    let jobs = bench.run("grid lr=0.1 --jobs 18446744073709551615");
    assert!(jobs.code == Some(2) && jobs.stderr.contains("from 1 to"), "{}", jobs.stderr);
}

#[test]
fn a_rule_reaches_its_placeholder_and_is_missed_where_there_is_none() {
    let bench = bench();
    let typed = "grid batch=256,512 base_lr=0.1*batch/256 --minimize val_loss -q -- sh notes.sh";
    bench.ok(&format!("{typed} {{base_lr}} {{batch}}"));
    assert_eq!(noted(&bench), ["0.1|256", "0.2|512"]);
    let ran = bench.run(&format!("{typed} {{batch}}"));
    assert!(ran.code == Some(2) && ran.stderr.contains("add {base_lr}"), "{}", ran.stderr);
}

#[test]
fn misspelt_keys_of_a_study_file_are_named() {
    let bench = bench();
    let head = "minimize = \"val_loss\"\ncommand = [\"sh\", \"notes.sh\"]\n";
    for (text, advice) in [
        ("sampelr = \"tpe\"\n[space]\nx = [1, 2]\n", "did you mean sampler?"),
        ("[axes]\nx = [1, 2]\n", "the axes stand in [space]"),
        ("[spaec]\nx = [1, 2]\n", "did you mean [space]?"),
        ("epocs = 3\n[space]\nx = [1, 2]\n", "did you mean epochs?"),
        ("[space]\nx = []\n", "x = [] has no values"),
        ("[space]\nx = [\"1\", 1]\n", "x lists 1 twice"),
    ] {
        std::fs::write(bench.path("s.toml"), format!("{head}{text}")).unwrap();
        let ran = bench.run("run s.toml --dry-run");
        assert_eq!(ran.code, Some(2), "{text}: {}", ran.stdout);
        assert!(ran.stderr.contains("s.toml") && ran.stderr.contains(advice), "{text}: {}", ran.stderr);
    }
}

#[test]
fn names_that_people_use_have_their_role() {
    let bench = bench();
    let ran = bench.ok("grid optim.lr=1e-3..1e-1:3 bs=16..32 --minimize val_loss --name s -q -- sh notes.sh");
    assert_eq!(noted(&bench).len(), 6, "{}", ran.stdout);
    let point = &bench.results("s")["trials"][0]["params"];
    assert!(point["lr"].is_number() && point["batch"].is_number(), "{point}");
    let ran = bench.ok("grid encoder_lr=0.1,1 --minimize val_loss --dry-run -- sh notes.sh");
    assert!(ran.stderr.contains("--roles lr=encoder_lr"), "{}", ran.stderr);
    // A widened axis is found by the command's own name.
    bench.ok("extend s optim.lr=..1 -q");
    assert!(
        noted(&bench).iter().any(|line| line.contains("--optim.lr|1|") || line.ends_with("--optim.lr|1"))
    );
}

#[test]
fn long_values_are_cut_in_what_is_printed_and_whole_in_what_is_kept() {
    let bench = bench();
    let long = "v".repeat(70_000);
    let axis = format!("w={long},b");
    let ran =
        run(&bench, &["grid", &axis, "--minimize", "val_loss", "--name", "s", "--", "sh", "notes.sh", "{w}"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for line in ran.stdout.lines().chain(ran.stderr.lines()) {
        assert!(line.chars().count() < 400, "a line of {} letters", line.chars().count());
    }
    assert!(noted(&bench).contains(&long));
    bench.ok("show s");
    bench.ok("best s");
}

#[test]
fn a_study_that_differs_is_refused_with_the_difference() {
    let bench = bench();
    bench.ok("grid w=1 --minimize val_loss --name s -q -- sh notes.sh");
    let ran = bench.run("grid w=1 --maximize val_loss --name s -q -- sh notes.sh");
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("goal=minimize:val_loss, not goal=maximize:val_loss"), "{}", ran.stderr);
}
