//! The tools that answer one question each, all in one shape: `facts` has the numbers, `text` the words for a terminal,
//! `document` the JSON, and `chart` the picture where there is one.

pub mod compare;
pub mod groups;
pub mod law;
pub mod range;
pub mod recommend;
pub mod replay;
pub mod rules;
pub mod transfer;

#[cfg(test)]
mod documents;
