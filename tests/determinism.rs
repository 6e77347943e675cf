//! A trial's result depends on its study, point and seed alone.

use crate::support::Bench;

#[test]
fn jobs_do_not_change_the_results() {
    let results = ["1", "2", "8"].map(|jobs| {
        let bench = Bench::new();
        let axes = "lr=0.03,0.3 batch=32,64 schedule=constant,cosine --replicates 2";
        bench.ok(&format!("grid {axes} --steps 30 --jobs {jobs} --name j"));
        (bench.results("j"), bench.png("j", "heatmap.png"))
    });
    assert_eq!(results[0], results[1]);
    assert_eq!(results[0], results[2]);
}

#[test]
fn the_same_command_trains_nothing_twice() {
    let bench = Bench::new();
    let command = "random lr=1e-2..1 batch=32..128 --trials 4 --steps 40";
    bench.ok(command);
    let name = bench.ok("list").stdout.split_whitespace().next().unwrap().to_owned();
    let before = std::fs::read(bench.path(&format!("results/{name}/results.json"))).unwrap();
    let again = bench.ok(command);
    assert!(again.stdout.contains("(4 done, 0 new)"), "{}", again.stdout);
    assert_eq!(std::fs::read(bench.path(&format!("results/{name}/results.json"))).unwrap(), before);
    let more = bench.ok(&format!("{command} --name {name}").replace("--trials 4", "--trials 6"));
    assert!(more.stdout.contains("(4 done, 2 new)"), "{}", more.stdout);
    bench.ok(&format!("{command} --fresh"));
    assert_eq!(bench.ok("list").stdout.lines().count(), 2);
}
