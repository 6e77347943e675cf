//! Every source of data, read right and read wrong.

use std::fs;
use std::io::Write;
use std::path::Path;

use std::sync::Arc;

use super::*;
use crate::published::fashion;

/// An IDX file of `values` with the dimensions `sizes`.
fn idx_bytes(magic: u32, sizes: &[u32], values: &[u8]) -> Vec<u8> {
    let mut bytes = magic.to_be_bytes().to_vec();
    sizes.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
    bytes.extend(values);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A folder of twelve training and four test images of 2 × 3 pixels.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: Vec<u8>| fs::write(folder.path().join(name), bytes).unwrap();
    let pixels: Vec<u8> = (0..72).collect();
    write("train-images-idx3-ubyte", idx_bytes(0x803, &[12, 2, 3], &pixels));
    write(
        "train-labels-idx1-ubyte.gz",
        gzip(&idx_bytes(0x801, &[12], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1])),
    );
    write("t10k-images-idx3-ubyte.gz", gzip(&idx_bytes(0x803, &[4, 2, 3], &pixels[..24])));
    write("t10k-labels.idx1-ubyte", idx_bytes(0x801, &[4], &[9, 8, 7, 6]));
    folder
}

fn labelled(label: Option<&str>) -> Options {
    Options { label: label.map(str::to_owned), ..Options::default() }
}

fn textbook() -> Options {
    Options { split: Split::Textbook, ..Options::default() }
}

fn classes(data: &Dataset) -> &[u32] {
    let Answers::Classes(classes) = data.answers() else { panic!("there are classes") };
    classes
}

/// The mean of the pixels of 60,000 images of 28 × 28.
fn mean_pixel(data: &Dataset) -> f64 {
    let pixels = data.inputs().pixels().unwrap();
    let train = &pixels[..60_000 * 784];
    train.iter().map(|&byte| f64::from(byte)).sum::<f64>() / train.len() as f64 / 255.0
}

fn open_path(path: &Path, label: Option<&str>) -> Result<Arc<Dataset>, String> {
    open(&path.to_string_lossy(), &labelled(label)).map_err(|error| error.to_string())
}

#[test]
fn mnist_is_all_there() {
    let data = open("mnist", &Options::default()).unwrap();
    let counts = [Part::Train, Part::Validation, Part::Test].map(|part| data.count(part));
    assert_eq!((counts, data.shape()), ([50_000, 10_000, 10_000], [28, 28, 1].as_slice()));
    assert_eq!(classes(&data)[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    assert!((mean_pixel(&data) - 0.13066).abs() < 5e-6, "mean {}", mean_pixel(&data));
    assert!((data.chance_loss() - 2.302).abs() < 0.002, "{}", data.chance_loss());
    let textbook = open("mnist", &textbook()).unwrap();
    assert_eq!(textbook.count(Part::Train), 60_000);
    assert_eq!(textbook.rows(Part::Validation), textbook.rows(Part::Test));
    assert!(Arc::ptr_eq(&data, &open("mnist", &Options::default()).unwrap()), "decoded once");
}

#[test]
fn fashion_mnist_is_all_there() {
    let Some(data) = fashion("the files of Fashion-MNIST", Split::Holdout) else { return };
    let counts = [Part::Train, Part::Validation, Part::Test].map(|part| data.count(part));
    assert_eq!((counts, data.shape()), ([50_000, 10_000, 10_000], [28, 28, 1].as_slice()));
    assert_eq!(classes(&data)[..10], [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]);
    assert!((mean_pixel(&data) - 0.28604).abs() < 5e-6, "mean {}", mean_pixel(&data));
}

#[test]
fn a_folder_of_idx_files_is_read() {
    let folder = folder();
    let data = open_path(folder.path(), None).unwrap();
    assert_eq!([Part::Train, Part::Validation, Part::Test].map(|part| data.count(part)), [10, 2, 4]);
    assert_eq!((data.shape(), data.size()), ([2, 3, 1].as_slice(), 6));
    let mut x = [0.0; 12];
    let batch = Batch { data: &data, rows: &[1, 12] };
    batch.gather(&mut x);
    assert_eq!((x[0], x[5], x[6]), (6.0 / 255.0, 11.0 / 255.0, 0.0));
    assert_eq!((batch.class(0), batch.class(1)), (1, 9));
}

#[test]
fn a_broken_idx_file_is_named_with_what_is_wrong() {
    let images = "train-images-idx3-ubyte";
    let labels = "train-labels-idx1-ubyte.gz";
    let whole = gzip(&idx_bytes(0x801, &[12], &[0; 12]));
    let mut damaged = whole.clone();
    *damaged.last_mut().unwrap() ^= 0xff;
    let cases: [(&str, Vec<u8>, &str); 9] = [
        (images, vec![0, 0], "is cut short: 2 bytes"),
        (images, idx_bytes(0x801, &[12, 2, 3], &[0; 72]), "magic number is 0x0801, not 0x0803"),
        (images, idx_bytes(0x803, &[12, 2, 3], &[0; 71]), "is cut short: its header announces 12 × 2 × 3"),
        (images, idx_bytes(0x803, &[12, 2, 3], &[0; 73]), "is too long"),
        (images, idx_bytes(0x803, &[u32::MAX, u32::MAX, u32::MAX], &[0; 9]), "is cut short"),
        (labels, gzip(&idx_bytes(0x801, &[11], &[0; 11])), "holds 11 labels for 12 images"),
        (
            labels,
            gzip(&idx_bytes(0x801, &[12], &[77; 12])),
            "the label 77 of example 0 is out of range 0 to 9",
        ),
        (labels, whole[..whole.len() - 9].to_vec(), "its gzip stream ends too early"),
        (labels, damaged, "its gzip stream is damaged"),
    ];
    for (name, bytes, message) in cases {
        let folder = folder();
        fs::write(folder.path().join(name), bytes).unwrap();
        let error = open_path(folder.path(), None).unwrap_err();
        assert!(error.contains(message) && error.contains(name), "{error:?} for {message:?}");
    }
    let folder = folder();
    fs::remove_file(folder.path().join(images)).unwrap();
    assert!(open_path(folder.path(), None).unwrap_err().contains("holds no train-images-idx3-ubyte"));
}

#[test]
fn what_is_no_source_is_refused() {
    let refusal = |source: &str, label| open(source, &labelled(label)).unwrap_err().to_string();
    assert!(
        refusal("mnits", None).contains("comes with the program (mnist, moby-dick, movie-reviews, cartpole)")
    );
    assert!(refusal("mnist", Some("age")).contains("has its own labels"));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("data.xls"), "x").unwrap();
    assert!(refusal(&folder.path().join("data.xls").to_string_lossy(), None).contains("no known kind"));
    assert!(refusal(&folder.path().join("gone.csv").to_string_lossy(), Some("y")).contains("neither a file"));
}

/// Opens `text` as the table `data.csv`.
fn table(text: &str, label: Option<&str>) -> Result<Arc<Dataset>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.csv");
    fs::write(&path, text).unwrap();
    open_path(&path, label)
}

#[test]
fn a_table_is_read_and_standardised() {
    let lines: Vec<String> = (0..40).map(|i| format!("{i},{},7,{i}", ["b", "a"][i % 2])).collect();
    let data = table(&format!("one, class ,two,three\n{}\n", lines.join("\n")), Some("class")).unwrap();
    assert_eq!([Part::Train, Part::Validation, Part::Test].map(|part| data.count(part)), [32, 4, 4]);
    assert_eq!((data.task(), data.shape()), (Task::Classification { classes: 2 }, [3].as_slice()));
    assert_eq!(classes(&data)[..3], [1, 0, 1]);
    let floats = data.inputs().floats().unwrap();
    let train =
        |column: usize| data.rows(Part::Train).iter().map(move |&row| floats[row as usize * 3 + column]);
    assert!(train(0).sum::<f32>().abs() < 1e-4);
    assert!((train(0).map(|value| value * value).sum::<f32>() / 32.0 - 1.0).abs() < 1e-5);
    assert!(floats.chunks(3).all(|row| row[1] == 0.0 && row[0] == row[2]), "a constant column is zero");
}

#[test]
fn a_broken_table_is_named_with_line_and_column() {
    let refusal = |text: &str| table(text, Some("y")).unwrap_err();
    assert!(refusal("x,y\n1,0\nbig,1\n").contains("line 3, column \"x\": \"big\" is not a number"));
    assert!(refusal("x,y\n1,0\n,1\n").contains("line 3, column \"x\" is empty"));
    assert!(refusal("x,y\n1,0\nNaN,1\n").contains("line 3, column \"x\": \"NaN\" is not a number"));
    assert!(refusal("x,y\n1,0\n2\n").contains("line 3 has 1 fields, the first line names 2"));
    assert!(refusal("x,y\n1,0\n2,inf\n").contains("line 3, column \"y\": the label inf"));
    assert!(refusal("x,z\n1,0\n").contains("has no column \"y\", only: x, z"));
    assert!(refusal("1,2\n3,4\n").contains("should name the columns"));
    assert!(refusal("").contains("at least two columns"));
    assert!(refusal("x,y\n1,0\n2,1\n").contains("too few examples (2)"));
    assert!(refusal(&format!("x,y\n{}", "1,3\n".repeat(20))).contains("one class"));
    assert!(table("x,y\n1,0\n", None).unwrap_err().contains("needs --label COLUMN, one of: x, y"));
}

/// An .npy file: header `descr` and `shape`, then `data`.
fn npy(descr: &str, order: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}");
    while (10 + header.len() + 1) % 64 != 0 {
        header.push(' ');
    }
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// Opens an archive of `arrays`.
fn archive(arrays: &[(&str, Vec<u8>)]) -> Result<Arc<Dataset>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.npz");
    let mut writer = zip::ZipWriter::new(fs::File::create(&path).unwrap());
    for (name, bytes) in arrays {
        writer.start_file(format!("{name}.npy"), zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap();
    open_path(&path, None)
}

#[test]
fn archives_are_read_in_both_layouts() {
    let pixels: Vec<u8> = (0..12 * 4).collect();
    let y = |count: usize| (0..count).flat_map(|i| (i as i64 % 3).to_le_bytes()).collect::<Vec<u8>>();
    let keras = archive(&[
        ("x_train", npy("|u1", "False", "(12, 2, 2)", &pixels)),
        ("y_train", npy("<i8", "False", "(12,)", &y(12))),
        ("x_test", npy("|u1", "False", "(3, 2, 2)", &pixels[..12])),
        ("y_test", npy("<i8", "False", "(3,)", &y(3))),
    ])
    .unwrap();
    assert_eq!([Part::Train, Part::Validation, Part::Test].map(|part| keras.count(part)), [10, 2, 3]);
    assert_eq!((keras.shape(), keras.task()), ([2, 2, 1].as_slice(), Task::Classification { classes: 3 }));

    let floats: Vec<u8> = (0..40).flat_map(|i| (f64::from(i) / 2.0).to_le_bytes()).collect();
    let plain = archive(&[
        ("x", npy("<f8", "False", "(20, 2)", &floats)),
        ("y", npy("<i8", "False", "(20,)", &y(20))),
    ]);
    let plain = plain.unwrap();
    assert_eq!([Part::Train, Part::Validation, Part::Test].map(|part| plain.count(part)), [16, 2, 2]);
    assert_eq!(plain.shape(), [2]);
    assert!(plain.inputs().floats().unwrap().iter().enumerate().all(|(i, float)| *float == i as f32 / 2.0));
}

#[test]
fn the_layout_of_arrays_does_not_matter() {
    let y: Vec<u8> = (0..20).map(|i| i % 3).collect();
    let with = |x: Vec<u8>| archive(&[("x", x), ("y", npy("|u1", "False", "(20,)", &y))]).unwrap();
    // Numbers of half precision below 2048 that are whole: 1024 + i has the bits 0x6400 + i.
    let half = |i: u16| (0x6400 + i).to_le_bytes();
    let by_rows = (0..40).flat_map(half).collect::<Vec<u8>>();
    let by_columns = (0..20).chain(20..40).flat_map(|i| half(i % 20 * 2 + i / 20)).collect::<Vec<u8>>();
    let (rows, columns) =
        (npy("<f2", "False", "(20, 2)", &by_rows), npy("<f2", "True", "(20, 2)", &by_columns));
    let (rows, columns) = (with(rows), with(columns));
    let numbers: Vec<f32> = (0..40).map(|i| 1024.0 + i as f32).collect();
    assert_eq!(rows.inputs().floats(), Some(numbers.as_slice()));
    assert_eq!(rows.inputs(), columns.inputs());
}

#[test]
fn parts_of_both_layouts_are_joined() {
    let y: Vec<u8> = (0..12).map(|i| i % 3).collect();
    let x: Vec<u8> = (0..24).map(|i| i % 12 * 2 + i / 12).collect();
    let data = archive(&[
        ("x_train", npy("|u1", "True", "(12, 2)", &x)),
        ("y_train", npy("|u1", "False", "(12,)", &y)),
        ("x_test", npy("|u1", "False", "(3, 2)", &[24, 25, 26, 27, 28, 29])),
        ("y_test", npy("|u1", "False", "(3,)", &[0, 1, 2])),
    ]);
    assert_eq!(data.unwrap().inputs().pixels(), Some((0..30).collect::<Vec<u8>>().as_slice()));
}

#[test]
fn a_broken_archive_is_named_with_array_and_fault() {
    let y = npy("|u1", "False", "(4,)", &[0, 1, 2, 1]);
    let with = |x: Vec<u8>| archive(&[("x", x), ("y", y.clone())]).unwrap_err();
    assert!(
        with(npy("|u1", "False", "(5, 1)", &[0; 5])).contains("x holds 5 examples, but there are 4 labels")
    );
    assert!(with(npy("|u1", "False", "(4, 3)", &[0; 5])).contains("cut short"));
    assert!(with(npy("|u1", "False", "(4, 999999999999999)", &[0; 5])).contains("cut short"));
    assert!(with(npy("<U3", "False", "(4,)", &[0; 48])).contains("not a number"));
    assert!(with(npy("|u1", "False", "(4, 3, 28, 28)", &[0; 9408])).contains("put them last"));
    assert!(with(npy("<f4", "False", "(4,)", &[0xff; 16])).contains("NaN"));
    assert!(with(b"nonsense".to_vec()).contains("x is damaged"));
    assert!(with(npy("|u1", "False", "(4, 1)", &[0; 4])).contains("too few examples"));
    assert!(archive(&[("a", y.clone())]).unwrap_err().contains("it holds a"));
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("data.npz"), "PK nothing").unwrap();
    assert!(open_path(&folder.path().join("data.npz"), None).unwrap_err().contains("is not an .npz archive"));
}
