//! Event files of TensorBoard: records of TensorFlow's format, each an `Event` of protocol buffers.
//!
//! A record is its length (8 bytes), a checksum of that (4), the bytes, and a checksum of these (4), numbers with their
//! lowest byte first; a checksum is a masked CRC-32C
//! (<https://github.com/tensorflow/tensorflow/blob/v2.19.0/tensorflow/core/lib/io/record_writer.h>).

use std::path::Path;

use crc::{CRC_32_ISCSI, Crc};
use prost::Message;

use super::Report;

const CHECKSUM: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// What is added to a checksum after its rotation, so that checksums of checksums are no checksums.
const MASK: u32 = 0xa282_ead8;

/// The bytes before and after a record's own.
const HEAD: usize = 12;
const TAIL: usize = 4;

/// The types of tensors that hold a figure, as TensorFlow numbers them.
const FLOAT: i32 = 1;
const DOUBLE: i32 = 2;

/// What Keras puts before the names of an epoch's figures.
const EPOCH: &str = "epoch_";

/// Part of TensorFlow's `Event`.
#[derive(Clone, PartialEq, Message)]
struct Event {
    /// Seconds since 1970.
    #[prost(double, tag = "1")]
    wall_time: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(message, optional, tag = "5")]
    summary: Option<Summary>,
}

#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    value: Vec<Figure>,
}

/// Part of TensorFlow's `Summary.Value`.
#[derive(Clone, PartialEq, Message)]
struct Figure {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, optional, tag = "2")]
    simple_value: Option<f32>,
    #[prost(message, optional, tag = "8")]
    tensor: Option<Tensor>,
}

/// Part of TensorFlow's `TensorProto`.
#[derive(Clone, PartialEq, Message)]
struct Tensor {
    #[prost(int32, tag = "1")]
    dtype: i32,
    #[prost(bytes = "vec", tag = "4")]
    tensor_content: Vec<u8>,
    #[prost(float, repeated, tag = "5")]
    float_val: Vec<f32>,
    #[prost(double, repeated, tag = "6")]
    double_val: Vec<f64>,
}

/// A report with its time, in seconds since 1970.
pub type Timed = (f64, Report);

/// Whether a file of this name is an event file.
pub fn is_event_file(name: &str) -> bool {
    name.contains("tfevents")
}

/// What the whole records at the start of `bytes` tell, of an event file at `path`, and how many bytes they are. What
/// follows a record that is damaged is never read.
pub fn read(path: &Path, bytes: &[u8]) -> (Vec<Timed>, usize) {
    let part = path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    let mut reports = Vec::new();
    let mut at = 0;
    while let Some((record, length)) = record(&bytes[at..]) {
        at += length;
        let Ok(event) = Event::decode(record) else { continue };
        let figures = event.summary.iter().flat_map(|summary| &summary.value);
        for (tag, figure) in figures.filter_map(|figure| Some((&figure.tag, figure.number()?))) {
            reports.push((event.wall_time, reading(part, tag, event.step, figure)));
        }
    }
    (reports, at)
}

/// The bytes of a whole and sound record at the start, and its length with what surrounds it.
fn record(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let length = u64::from_le_bytes(bytes.get(..8)?.try_into().ok()?);
    let sound =
        |bytes: &[u8], checksum: &[u8]| Some(masked(bytes).to_le_bytes() == *checksum).filter(|same| *same);
    sound(&bytes[..8], bytes.get(8..HEAD)?)?;
    let end = HEAD.checked_add(usize::try_from(length).ok()?)?;
    let record = bytes.get(HEAD..end)?;
    sound(record, bytes.get(end..end.checked_add(TAIL)?)?)?;
    Some((record, end + TAIL))
}

fn masked(bytes: &[u8]) -> u32 {
    CHECKSUM.checksum(bytes).rotate_right(15).wrapping_add(MASK)
}

impl Figure {
    fn number(&self) -> Option<f64> {
        if let Some(value) = self.simple_value {
            return Some(f64::from(value));
        }
        let tensor = self.tensor.as_ref()?;
        let content = tensor.tensor_content.as_slice();
        match tensor.dtype {
            FLOAT => {
                let whole = content.try_into().map(f32::from_le_bytes).ok();
                whole.or(tensor.float_val.first().copied()).map(f64::from)
            }
            DOUBLE => content.try_into().map(f64::from_le_bytes).ok().or(tensor.double_val.first().copied()),
            _ => None,
        }
    }
}

/// A figure under the name that its program gives it. Keras counts epochs from 0 and keeps training and validation in
/// folders of their names.
fn reading(part: &str, tag: &str, step: i64, figure: f64) -> Report {
    let mut report = Report::default();
    match (tag.strip_prefix(EPOCH), part) {
        (Some(name), "train" | "validation") => {
            report.epoch = Some(step as f64 + 1.0);
            let before = if part == "validation" { "val_" } else { "" };
            report.metrics.insert(format!("{before}{name}"), figure);
        }
        _ => {
            report.step = u64::try_from(step).ok();
            report.metrics.insert(tag.to_owned(), figure);
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As PyTorch 2.15's `SummaryWriter` wrote it: a loss at each of six steps, another one at every third, which
    /// counts from 0, and a text.
    const TORCH: &[u8] = include_bytes!("../../../../../tests/fixtures/tensorboard/torch.tfevents");

    /// As the callback `TensorBoard` of Keras 3.15 wrote them in three epochs.
    const TRAIN: &[u8] = include_bytes!("../../../../../tests/fixtures/tensorboard/keras-train.tfevents");
    const VALIDATION: &[u8] =
        include_bytes!("../../../../../tests/fixtures/tensorboard/keras-validation.tfevents");

    #[test]
    fn figures_of_pytorch_are_told_and_a_text_is_not() {
        let (reports, length) = read(Path::new("runs/torch.tfevents"), TORCH);
        assert_eq!(length, TORCH.len());
        let losses: Vec<f64> =
            reports.iter().filter_map(|(_, report)| report.metrics.get("Loss/train").copied()).collect();
        assert_eq!(
            losses,
            [1.0, 0.5, 1.0 / 3.0, 0.25, 0.2, 1.0 / 6.0].map(|loss: f64| f64::from(loss as f32))
        );
        let steps: Vec<u64> = reports.iter().filter_map(|(_, report)| report.step).collect();
        assert_eq!(steps, [1, 2, 3, 0, 4, 5, 6, 1]);
        assert!(reports.iter().all(
            |(_, report)| report.metrics.len() == 1 && !report.metrics.contains_key("note/text_summary")
        ));
    }

    #[test]
    fn epochs_of_keras_are_named_as_it_prints_them() {
        for (part, bytes, name) in [("train", TRAIN, "loss"), ("validation", VALIDATION, "val_loss")] {
            let (reports, _) = read(&Path::new("logs").join(part).join("x.tfevents"), bytes);
            let epochs: Vec<f64> = reports
                .iter()
                .filter(|(_, report)| report.metrics.contains_key(name))
                .filter_map(|(_, report)| report.epoch)
                .collect();
            assert_eq!(epochs, [1.0, 2.0, 3.0], "{part}");
        }
    }

    #[test]
    fn what_is_not_whole_or_not_sound_is_not_read() {
        let path = Path::new("x");
        let (all, _) = read(path, TORCH);
        let (some, length) = read(path, &TORCH[..TORCH.len() - 1]);
        assert!(some.len() <= all.len() && length < TORCH.len());
        let (rest, _) = read(path, &TORCH[length..]);
        assert_eq!(some.len() + rest.len(), all.len());
        let mut damaged = TORCH.to_vec();
        damaged[length / 2] ^= 1;
        assert!(read(path, &damaged).0.len() < all.len());
        assert_eq!(read(path, &[0xff; 64]), (Vec::new(), 0));
    }
}
