//! The specification of a recurrent network, read from its settings.

use sweep_settings::{Kind, Setting, SettingError, Settings, names};

use crate::data::{Dataset, Task};
use crate::model::widths::read_widths;
use crate::nn::init::Init;
use crate::nn::recurrent::Cell;

/// The values of `model` that are recurrent networks.
const NAMES: &[&str] = &["rnn", "lstm", "gru"];

/// The same with the cell of each.
pub const CELLS: [(&str, Cell); 3] = [("rnn", Cell::Rnn), ("lstm", Cell::Lstm), ("gru", Cell::Gru)];

pub const HIDDEN: Setting =
    Setting::new("hidden", Kind::List, "units of each recurrent layer, in order, such as 128/64")
        .or("128")
        .under(names::MODEL, NAMES);

pub const EMBEDDING: Setting = Setting::new(
    "embedding",
    Kind::Int { low: 1, high: 65_536 },
    "length of the embedding vector of a token",
)
.or("32")
.under(names::MODEL, NAMES);

/// The checked specification of a recurrent network for one text.
#[derive(Clone, Debug)]
pub struct RecurrentSpec {
    pub(super) cell: Cell,
    /// Units of the recurrent layers.
    pub(super) widths: Vec<usize>,
    /// Length of the embedding vector of a token.
    pub(super) dimension: usize,
    pub(super) init: Init,
    pub(super) vocabulary: usize,
    /// Whether there is an answer per token, or one for the whole sequence.
    pub(super) each: bool,
    /// Tokens of a sequence.
    pub(super) steps: usize,
    pub(super) outputs: usize,
}

impl RecurrentSpec {
    /// The network of `cell`s that `settings` describe for the texts `data`.
    ///
    /// # Errors
    /// Sizes that are not whole numbers or too large; no recurrent layer.
    pub fn read(settings: &Settings, cell: Cell, data: &Dataset) -> Result<RecurrentSpec, SettingError> {
        let widths = read_widths(settings, &HIDDEN)?;
        if widths.is_empty() {
            return Err(settings.error(&HIDDEN, "leaves no recurrent layer; give at least one width"));
        }
        Ok(RecurrentSpec {
            cell,
            widths,
            dimension: settings.count(&EMBEDDING)?,
            init: Init::read(settings)?,
            vocabulary: data.vocabulary().len(),
            each: matches!(data.task(), Task::Language { .. }),
            steps: data.size(),
            outputs: data.outputs(),
        })
    }
}
