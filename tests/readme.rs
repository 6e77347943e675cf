//! The README's commands print what stands under them, and the studies in the repository hold it.

use crate::support::Bench;

const README: &str = include_str!("../README.md");

/// How far a number may lie from the README's, as a share of it, on a machine that adds in another order than the one on
/// which the README's were made, which has AVX-512.
const OTHER_KERNELS: f64 = 0.05;

/// The `sweep …` of the first block of commands that installs the program.
fn command() -> &'static str {
    let line = README.lines().find(|line| line.starts_with("cargo install")).unwrap();
    line.split_once("&& sweep ").unwrap().1
}

/// A block of what is printed, counted from 0.
fn printed(block: usize) -> Vec<&'static str> {
    let section = README.split_once("## What it prints").unwrap().1;
    section.split("```").nth(2 * block + 1).unwrap().trim_matches('\n').lines().collect()
}

/// Compares what was printed with a block of the README, from the line with which that begins.
fn compare(stdout: &str, block: usize) {
    let lines: Vec<&str> = stdout.lines().collect();
    let shown = printed(block);
    let first = lines.iter().position(|line| *line == shown[0]).expect("the block begins with the verdict");
    for (here, there) in lines[first..].iter().zip(&shown) {
        assert!(alike(here, there), "the program prints\n{here}\nand the README\n{there}");
    }
    assert!(lines.len() - first >= shown.len(), "{stdout}");
}

#[test]
fn the_first_command_prints_the_block_under_it_and_its_extension_the_next() {
    let bench = Bench::new();
    compare(&bench.ok(command()).stdout, 0);
    let extend = printed(0).into_iter().find_map(|line| line.trim().strip_prefix("sweep ")).unwrap();
    let ran = bench.ok(extend);
    // Numbers that rest on small differences are the same on the same kernels alone.
    if tolerance() == 0.0 {
        compare(&ran.stdout, 1);
    }
}

/// The study in the repository is the one that the README shows.
#[test]
fn the_committed_study_is_the_one_that_is_printed() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../results/quick-extended/results.json");
    let results = crate::support::read_json(std::path::Path::new(root));
    for row in results["facts"]["best_per_batch"].as_array().unwrap() {
        let (batch, value) = (row["batch"].as_f64().unwrap(), row["value"].as_f64().unwrap());
        let name = format!("B={batch} ");
        let line = printed(1).into_iter().find(|line| line.contains(&name)).unwrap();
        assert!(line.ends_with(&format!("{value:.4}")), "{line}: {value}");
    }
    let words: Vec<&str> = results["facts"]["verdicts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|said| said["text"].as_str().unwrap())
        .collect();
    for line in printed(1).into_iter().filter(|line| line.ends_with('.')) {
        assert!(words.contains(&line), "{line}");
    }
}

/// Whether two lines have the same words, and the same numbers within what the kernels of this machine allow.
fn alike(here: &str, there: &str) -> bool {
    let (ours, theirs): (Vec<&str>, Vec<&str>) = (here.split(' ').collect(), there.split(' ').collect());
    let close = |(ours, theirs): (&&str, &&str)| match (ours.parse::<f64>(), theirs.parse::<f64>()) {
        (Ok(ours), Ok(theirs)) => (ours - theirs).abs() <= tolerance() * theirs.abs(),
        _ => ours == theirs,
    };
    ours.len() == theirs.len() && ours.iter().zip(&theirs).all(close)
}

fn tolerance() -> f64 {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx512f") {
        return 0.0;
    }
    OTHER_KERNELS
}
