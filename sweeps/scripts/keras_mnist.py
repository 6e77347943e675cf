import os
import sys

import keras

sys.path.append(os.path.dirname(__file__))
from idx import load

learning_rate = 0.01
batch_size = 32
epochs = 10
seed = 0

keras.utils.set_random_seed(seed)
(x_train, y_train), (x_test, y_test) = load("data/mnist")
x_train, x_test = x_train / 255.0, x_test / 255.0

model = keras.Sequential([
    keras.Input((28, 28)),
    keras.layers.Flatten(),
    keras.layers.Dense(128, activation="relu"),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile(
    optimizer=keras.optimizers.SGD(learning_rate),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
model.fit(x_train, y_train, batch_size=batch_size, epochs=epochs, validation_data=(x_test, y_test))
