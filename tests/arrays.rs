//! NumPy archives, read and written by the program.
//!
//! `half-by-columns.npz` and `single-by-rows.npz` hold the same 300 examples of three classes: one as float16 in Fortran
//! order, the other as float32 in C order. NumPy 2.4.6 wrote both:
//!
//! ```python
//! rng = numpy.random.default_rng(0)
//! y = (numpy.arange(300) % 3).astype("uint8")
//! x = (rng.normal(size=(300, 4)) + 2 * numpy.eye(3, 4)[y]).astype("float16")
//! numpy.savez_compressed("half-by-columns.npz", x=numpy.asfortranarray(x), y=y)
//! numpy.savez_compressed("single-by-rows.npz", x=x.astype("float32"), y=y)
//! ```

use std::fs;
use std::path::Path;

use crate::support::Bench;

/// What training on the archive `name` of `tests/fixtures` prints and the weights it leaves.
fn train(name: &str) -> (String, Vec<u8>) {
    let bench = Bench::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures");
    fs::copy(fixtures.join(name), bench.path("data.npz")).unwrap();
    let ran = bench.ok("train lr=0.1 batch=16 hidden=8 --data data.npz --epochs 4 --save-best --json");
    (ran.stdout, fs::read(bench.path("best.npz")).unwrap())
}

#[test]
fn neither_the_order_nor_the_precision_of_an_array_matters() {
    let (halves, singles) = (train("half-by-columns.npz"), train("single-by-rows.npz"));
    assert_eq!(halves.1, singles.1, "the weights differ");
    let accuracy = |printed: &str| {
        let document: serde_json::Value = serde_json::from_str(printed).unwrap();
        document["metrics"]["val_accuracy"].as_f64().unwrap_or_else(|| panic!("{printed}"))
    };
    assert_eq!(accuracy(&halves.0), accuracy(&singles.0));
    assert!(accuracy(&halves.0) > 0.7, "{}", halves.0);
}

#[test]
fn a_file_that_is_no_array_is_named_with_what_is_wrong() {
    let bench = Bench::new();
    fs::write(bench.path("data.npz"), "nothing").unwrap();
    let ran = bench.run("train lr=0.1 batch=16 --data data.npz --epochs 1");
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("data.npz: is not an .npz archive"), "{}", ran.stderr);
}
