//! `sweep`: which learning rate, batch size and schedule should I train with?

fn main() {}
