//! Invalid input: a clear message, the right exit code, and nothing written.

use std::io::Write;

use crate::support::Bench;

/// Each invalid command with the parts that its message must contain.
const WORDS: &[(&str, &[&str])] = &[
    ("grid lr=0 batch=32", &["must be above 0", "\n  lr=0\n     ^"]),
    ("grid lr=-1..1:log batch=32", &["must be above 0", "lr=-1..1:log"]),
    ("grid lr=1e-1..1e-3 batch=32", &["upside down", "lr=0.001..0.1"]),
    ("grid lr=0.1 batch=0", &["batch=0 must be a whole number of examples from 1, or full"]),
    ("grid lr=0.1 batch=1.5", &["must be a whole number of examples"]),
    (
        "grid lr=0.1 batch=16..100",
        &["100 is not a power of two", "batch=16..64 or batch=16..128", "batch=16,100"],
    ),
    ("grid lr=0.1 batch=100000", &["100000", "50000 training examples", "full"]),
    ("grid foo=1", &["there is no setting `foo`"]),
    ("grid learning_rat=1", &["did you mean"]),
    ("grid schedule=cosin", &["schedule=cosin is not one of constant, "]),
    ("grid lr=", &["lr has no values", "lr=1e-3..1e-1"]),
    ("grid lr=1e-3..", &["has no upper end", "lr=0.001..HIGH"]),
    ("grid lr=0.1 lr=0.2", &["lr is given twice"]),
    ("grid lr=0.1 batch=32,32", &["batch lists 32 twice"]),
    ("grid warmup=1", &["1st (steps), 1ep (epochs) or 1% (of the budget)"]),
    ("grid epochs=1 --epochs 2", &["epochs is given twice"]),
    ("grid --epochs 1 --steps 10", &["one budget"]),
    (
        "grid momentum=0.1..0.2:lin:1000 lr=1e-3..1:1000 weight_decay=1e-6..1:1000",
        &["1,000,000,000 trials", "--max-trials"],
    ),
    ("grid lr=0.1 --until val_loss=0.1", &["needs a limit", "cap_steps=40000"]),
    ("grid lr=0.1 --until val_loss --steps 9", &["until=val_loss is not a target", "until=val_loss=0.15"]),
    ("grid lr=0.1 --until los=0.1 --steps 9", &["there is no metric `los`", "val_loss"]),
    ("grid lr=0.1 --minimize steps_to_target", &["steps_to_target needs a target"]),
    ("grid lr=0.1 --trials 5", &["grid runs every cell"]),
    ("random lr=0.1..1 --trials 0", &["trials"]),
    ("search lr=0.1 --sampler gird", &["invalid value 'gird'", "grid, random", "exists: 'grid'"]),
    ("grid lr=0.1 --minimize foo", &["there is no metric `foo`", "val_loss"]),
    ("grid lr=0.1 --split half", &["split=half"]),
    ("grid lr=0.1 --name a/b", &["name=a/b"]),
    ("grid lr=0.1 --data nowhere", &["nowhere", "mnist"]),
    (
        "grid step.gamma=0.1,0.5",
        &["schedule.step.gamma applies only where schedule is step", "add schedule=step"],
    ),
    ("grid agent=dqn", &["agent applies only where data is cartpole", "--data cartpole"]),
    ("grid lr=0.1 --data cartpole --minimize val_loss", &["there is no metric `val_loss`", "return"]),
    ("grid batch=full --data cartpole", &["batch=full is not possible with data=cartpole"]),
    ("grid lr=0.1 --data cartpole --label y", &["data=cartpole is acted in"]),
    ("grid wd=1..1000", &["there is no setting `wd`"]),
    ("train lr=0.1,0.2", &["sweep grid"]),
    ("lr-find schedule=cosine", &["sets schedule itself"]),
    ("lr-find batch=32 --steps 5", &["--steps"]),
    ("lr-find lr=0.1", &["lr must be a range"]),
    ("lr-find optimizer=sgd,adam", &["optimizer varies"]),
    ("lr-find batch=0", &["must be a whole number of examples"]),
    ("grid batch=@find", &["@find finds the range of lr"]),
    ("grid lr=@finder", &["lr=@find:9"]),
    ("grid lr=@find batch=0", &["must be a whole number of examples"]),
    ("grid lr=@find batch=32 --dry-run", &["sweep lr-find"]),
    ("run missing.toml", &["missing.toml"]),
    ("best", &["there is no study"]),
    ("show nothing", &["there is no study `nothing`"]),
    ("extend a b", &["one study"]),
    ("grid lr=0.1 warmup=20ep", &["warmup=20ep", "longer than the run"]),
    ("grid schedule=multistep milestones=2ep/1ep", &["milestones=2ep/1ep must rise"]),
    ("grid schedule=step step.gamma=0", &["schedule.step.gamma=0 must be above 0"]),
    ("grid schedule=plateau plateau.patience=-1", &["patience=-1 must be a whole number from 0"]),
    ("grid optimizer=adam beta2=1", &["beta2=1 must be at least 0 and below 1"]),
    ("grid optimizer=adam betas=0.9/1", &["two numbers from 0 to below 1"]),
    ("grid optimizer=adam betas=0.9/0.99 beta1=0.8", &["give one or the other"]),
    ("grid model=cnn conv=8x40", &["kernel of 40 × 40, larger than the 28 × 28 pixels"]),
    ("grid model=lstm", &["mnist is numbers", "mlp or cnn"]),
    ("grid lr=0.1 --data moby-dick", &["moby-dick is text", "rnn, lstm or gru"]),
    ("grid model=lstm --data moby-dick --length 200000", &["too few", "smaller --length"]),
    ("grid batch=8,32768 hidden=0 --max-memory 10MB", &["--max-memory 10.0 MB", "even batch=1 does not fit"]),
    (
        "train batch=512 model=cnn norm=batch conv=32x5/64x5 --max-memory 200MB",
        &["needs", "--max-memory 200.0 MB", "the largest power of two that fits is batch=256"],
    ),
    ("schedule onecycle max_lr=0.4 total_steps=60 pct_start=2", &["pct_start=2 must be from 0 to 1"]),
    ("schedule multistep milestones=5/3", &["milestones=5st/3st must rise"]),
];

#[test]
fn invalid_arguments_exit_2_and_write_nothing() {
    let bench = Bench::new();
    for (words, expected) in WORDS {
        let ran = bench.run(words);
        assert_eq!(ran.code, Some(2), "sweep {words}\n{}{}", ran.stdout, ran.stderr);
        for part in *expected {
            assert!(ran.stderr.contains(part), "sweep {words} should say `{part}`:\n{}", ran.stderr);
        }
        assert!(!bench.path("results").exists(), "sweep {words} wrote something");
    }
}

#[test]
fn study_files_are_checked_like_command_lines() {
    let bench = Bench::new();
    for (text, expected) in [
        ("epocs = 3", "did you mean epochs?"),
        ("epochs = ", "epochs"),
        ("seed = -1", "whole number"),
        ("[space]\nlr = \"1e-1..1e-3\"", "upside down"),
        ("sampler = 3", "string"),
    ] {
        std::fs::write(bench.path("bad.toml"), text).unwrap();
        let ran = bench.run("run bad.toml");
        assert_eq!(ran.code, Some(2), "{text}");
        assert!(ran.stderr.contains("bad.toml") && ran.stderr.contains(expected), "{text}\n{}", ran.stderr);
    }
    assert!(!bench.path("results").exists());
}

#[test]
fn stores_that_cannot_be_used_exit_1() {
    let bench = Bench::new();
    std::fs::write(bench.path("blocked"), "a file").unwrap();
    let ran = bench.run("grid lr=0.1 --steps 5 --results blocked");
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("blocked") && ran.stderr.contains("--results"), "{}", ran.stderr);
    std::fs::create_dir_all(bench.path("results/s")).unwrap();
    std::fs::write(bench.path("results/s/study.sqlite"), "this is no database, but it is long enough")
        .unwrap();
    let ran = bench.run("grid lr=0.1 --steps 5 --name s");
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("study.sqlite is not a study of sweep"), "{}", ran.stderr);
}

/// An IDX file of `kind` (3: images, 1: labels) with the given sizes and content.
fn idx(magic: u32, sizes: &[u32], content: &[u8]) -> Vec<u8> {
    let mut bytes = magic.to_be_bytes().to_vec();
    sizes.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
    bytes.extend(content);
    bytes
}

/// Four small IDX files that are right, in the folder `name`.
fn right(bench: &Bench, name: &str) -> std::path::PathBuf {
    let folder = bench.path(name);
    std::fs::create_dir_all(&folder).unwrap();
    let pixels: Vec<u8> = (0..60 * 4).map(|index| (index * 37 % 251) as u8).collect();
    let labels: Vec<u8> = (0..60).map(|index| index % 10).collect();
    for part in ["train", "t10k"] {
        std::fs::write(folder.join(format!("{part}-images-idx3-ubyte")), idx(0x803, &[60, 2, 2], &pixels))
            .unwrap();
        std::fs::write(folder.join(format!("{part}-labels-idx1-ubyte")), idx(0x801, &[60], &labels)).unwrap();
    }
    folder
}

#[test]
fn damaged_idx_files_are_named() {
    let bench = Bench::new();
    right(&bench, "right");
    bench.ok("train lr=0.1 batch=5 epochs=1 --data right");
    let images = "train-images-idx3-ubyte";
    let labels = "train-labels-idx1-ubyte";
    let faults: [(&str, Vec<u8>, &str); 4] = [
        (images, idx(0x1234, &[60, 2, 2], &[0; 240]), images),
        (images, idx(0x803, &[60, 2, 2], &[0; 100]), images),
        (labels, idx(0x801, &[59], &[0; 59]), "59"),
        (labels, idx(0x801, &[60], &[200; 60]), "200"),
    ];
    for (index, (file, bytes, expected)) in faults.iter().enumerate() {
        let name = format!("bad{index}");
        std::fs::write(right(&bench, &name).join(file), bytes).unwrap();
        let ran = bench.run(&format!("train lr=0.1 batch=5 --data {name}"));
        assert_eq!(ran.code, Some(2), "{name} {}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{name} should say `{expected}`: {}", ran.stderr);
    }
    let folder = right(&bench, "cut");
    let mut cut = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    cut.write_all(&std::fs::read(folder.join(images)).unwrap()).unwrap();
    let whole = cut.finish().unwrap();
    std::fs::remove_file(folder.join(images)).unwrap();
    std::fs::write(folder.join(format!("{images}.gz")), &whole[..whole.len() / 2]).unwrap();
    let ran = bench.run("train lr=0.1 batch=5 --data cut");
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains(".gz"), "{}", ran.stderr);
}

#[test]
fn tables_name_line_and_column() {
    let bench = Bench::new();
    let good: String = (0..40).map(|row| format!("{},{},{}\n", row % 7, row % 5, row % 2)).collect();
    std::fs::write(bench.path("good.csv"), format!("a,b,y\n{good}")).unwrap();
    bench.ok("train lr=0.1 batch=4 epochs=1 --data good.csv --label y");
    std::fs::write(bench.path("bad.csv"), "a,b,y\n1,2,0\n3,four,1\n").unwrap();
    let ran = bench.run("train lr=0.1 --data bad.csv --label y");
    assert_eq!(ran.code, Some(2));
    for part in ["bad.csv", "line 3", "four"] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
    let ran = bench.run("train lr=0.1 --data good.csv --label z");
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains('z') && ran.stderr.contains("a, b, y"), "{}", ran.stderr);
}

#[test]
fn tables_are_read_with_other_separators_packed_and_by_their_task() {
    let bench = Bench::new();
    let row = |row: u32| (f64::from(row % 7) + 0.5, f64::from(row % 5) / 10.0, row % 2);
    let rows = |comma: &str, point: &str| -> String {
        let line = |index| {
            let (a, b, y) = row(index);
            format!("{a}{comma}{b}{comma}").replace('.', point) + &format!("{y}\n")
        };
        (0..60).map(line).collect()
    };
    std::fs::write(bench.path("comma.csv"), format!("a,b,y\n{}", rows(",", "."))).unwrap();
    std::fs::write(bench.path("semi.csv"), format!("\u{feff}a;b;y\n{}", rows(";", ","))).unwrap();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(&std::fs::read(bench.path("comma.csv")).unwrap()).unwrap();
    std::fs::write(bench.path("packed.csv.gz"), packed.finish().unwrap()).unwrap();
    let train =
        |data: &str| bench.ok(&format!("train lr=0.1 batch=4 epochs=1 --label y --data {data}")).stdout;
    let expected = train("comma.csv");
    assert!(expected.contains("accuracy"), "{expected}");
    assert_eq!((train("semi.csv"), train("packed.csv.gz")), (expected.clone(), expected));

    let prices: String =
        (0..400).map(|row| format!("{},{}\n", row % 7, 100_000 + row * 997 % 4001)).collect();
    std::fs::write(bench.path("price.csv"), format!("a,y\n{prices}")).unwrap();
    let data = "train lr=0.01 batch=16 epochs=1 --data price.csv --label y";
    assert!(!bench.ok(data).stdout.contains("accuracy"), "prices are no classes");
    assert!(bench.ok(&format!("{data} --task classify")).stdout.contains("accuracy"));
    let ran = bench.run(&format!("{data} --task rank"));
    assert!(ran.code == Some(2) && ran.stderr.contains("classify and regress"), "{}", ran.stderr);
    let ran = bench.run("train lr=0.1 --task regress");
    assert!(ran.code == Some(2) && ran.stderr.contains("task goes with tables"), "{}", ran.stderr);
    std::fs::write(bench.path("bad.csv"), "a,b,y\r\n1,2,0\r\n3,four,1\r\n").unwrap();
    let ran = bench.run("train lr=0.1 --data bad.csv --label y");
    assert!(ran.code == Some(2) && ran.stderr.contains("line 3"), "{}", ran.stderr);
}
