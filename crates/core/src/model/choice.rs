//! Which model is trained.

use sweep_settings::{Kind, Setting, names};

pub(crate) const MODEL: Setting = Setting::new(
    names::MODEL,
    Kind::Choice(&["mlp", "cnn", "rnn", "lstm", "gru"]),
    "network to train: a multilayer perceptron, a convolutional network, or a recurrent one for text",
)
.or("mlp");
