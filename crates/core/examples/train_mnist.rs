//! Trains once on MNIST and prints its readings with the seconds they took.
//!
//! `cargo run --release -p sweep-core --example train_mnist -- lr=0.1 batch=32 epochs=3`

use std::env;
use std::error::Error;
use std::time::Instant;

use sweep_core::Room;
use sweep_core::data;
use sweep_core::evaluate::evaluate;
use sweep_core::model::ModelSpec;
use sweep_core::{Flow, Observer, Part, Reading, Run, Settings, TrainSpec, train};

struct Clock(Instant);

impl Observer for Clock {
    #[expect(clippy::print_stdout, reason = "an example shows what it does")]
    fn reading(&mut self, reading: &Reading, _run: &Run) -> Flow {
        println!("{:8.3} s  {reading:?}", self.0.elapsed().as_secs_f64());
        Flow::Continue
    }
}

#[expect(clippy::print_stdout, reason = "an example shows what it does")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut settings = Settings::default();
    for word in env::args().skip(1) {
        let (name, value) = word.split_once('=').ok_or("write name=value")?;
        settings.set(name, value);
    }
    let start = Instant::now();
    let data = data::open("mnist", &data::Options::default())?;
    println!("{:8.3} s  data ready", start.elapsed().as_secs_f64());
    let spec = TrainSpec::read(&settings, &data)?;
    println!("{:?}", spec.cost());
    let trained = train(&spec, 0, &mut Clock(Instant::now()));
    let mut network = ModelSpec::read(&settings, &data)?.build(spec.batch, &mut Room::default());
    let test = evaluate(network.as_mut(), &trained.parameters, &data, Part::Test);
    println!("{:?} after {} steps; test {test:?}", trained.ending, trained.steps);
    Ok(())
}
