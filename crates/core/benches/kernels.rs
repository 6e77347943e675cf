//! The products of the perceptron's first layer, dense and with zeros skipped, and the second convolution of LeNet.
//!
//! `cargo bench -p sweep-core --bench kernels`; elements are multiplications and additions, so Gelem/s are GFLOP/s.
//! Skipped ones count too, so the sparse products may exceed the machine's peak.

#![expect(clippy::expect_used, reason = "a benchmark stops where it cannot be run")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sweep_core::data::{self, Options};
use sweep_core::kernels::{
    Columns, Image, Instructions, Matrix, SparseMatrix, Windows, convolve, matmul, pack_weights,
    sparse_outer, sparse_product,
};

/// Sizes of the batch.
const BATCHES: [usize; 5] = [1, 8, 32, 128, 1024];

/// Inputs and outputs of the layer.
const LAYER: (usize, usize) = (784, 128);

/// Rows of a sparse batch that are taken at once, as the perceptron does.
const ROWS: usize = 64;

fn numbers(count: usize) -> Vec<f32> {
    (0..count).map(|place| (place % 17) as f32 / 16.0 - 0.5).collect()
}

fn dense(criterion: &mut Criterion) {
    let (inputs, outputs) = LAYER;
    let w = numbers(inputs * outputs);
    for batch in BATCHES {
        let mut group = criterion.benchmark_group("dense layer");
        group.throughput(Throughput::Elements((2 * batch * inputs * outputs) as u64));
        let (x, mut y, mut dw) = (numbers(batch * inputs), numbers(batch * outputs), w.clone());
        let (x, w) = (Matrix::new(&x, batch, inputs), Matrix::new(&w, inputs, outputs));
        group.bench_function(format!("forward B={batch}"), |b| {
            b.iter(|| matmul(&mut y, x, w, 1.0, false));
        });
        group.bench_function(format!("gradient B={batch}"), |b| {
            b.iter(|| matmul(&mut dw, x.t(), Matrix::new(&y, batch, outputs), 1.0, false));
        });
    }
}

fn sparse(criterion: &mut Criterion) {
    let (inputs, outputs) = LAYER;
    let mnist = data::open("mnist", &Options::default()).expect("a data set that comes with the program");
    let pixels = mnist.inputs().pixels().expect("images are bytes");
    let x = SparseMatrix::of_bytes(pixels, inputs, |byte| f32::from(byte) / 255.0).expect("few values");
    let (w, mut c) = (numbers(inputs * outputs), numbers(inputs * outputs));
    for batch in BATCHES {
        let mut group = criterion.benchmark_group("sparse layer");
        group.throughput(Throughput::Elements((2 * batch * inputs * outputs) as u64));
        let order: Vec<u32> = (0..batch as u32).map(|row| row * 9973 % 50_000).collect();
        let mut parts = vec![
            Columns::new(inputs, batch.min(ROWS), &mut sweep_core::Room::default());
            batch.div_ceil(ROWS)
        ];
        let mut y = numbers(batch * outputs);
        group.bench_function(format!("forward B={batch}"), |b| {
            b.iter(|| {
                let rows = order.chunks(ROWS).zip(y.chunks_mut(ROWS * outputs));
                for ((rows, y), columns) in rows.zip(&mut parts) {
                    columns.fill(&x, rows);
                    sparse_product(y, (&x, columns), &w, outputs);
                }
            });
        });
        let dy = numbers(batch * outputs);
        group.bench_function(format!("gradient B={batch}"), |b| {
            b.iter(|| {
                for (dy, columns) in dy.chunks(ROWS * outputs).zip(&parts) {
                    sparse_outer(&mut c, (&x, columns), dy, outputs, true);
                }
            });
        });
    }
}

fn convolution(criterion: &mut Criterion) {
    const CHANNELS: usize = 16;
    let (image, instructions) = (Image { height: 12, width: 12, channels: 8 }, Instructions::best());
    let lanes = instructions.lanes(CHANNELS);
    let windows = Windows::new(image, (5, 5), 1, lanes);
    let (area, filled) = (windows.area(), CHANNELS.next_multiple_of(lanes));
    let (x, mut packed) = (numbers(windows.reach()), vec![0.0; filled * windows.area()]);
    pack_weights(&numbers(area * CHANNELS), CHANNELS, lanes, &mut packed);
    let (bias, mut y) = (numbers(filled), vec![0.0; windows.count() * CHANNELS]);
    let mut group = criterion.benchmark_group("convolution");
    group.throughput(Throughput::Elements((2 * windows.count() * area * CHANNELS) as u64));
    group.bench_function("5 x 5, 8 to 16 channels, one image", |b| {
        b.iter(|| convolve(instructions, &windows, &x, (&packed, &bias), &mut y));
    });
}

criterion_group!(benches, dense, sparse, convolution);
criterion_main!(benches);
