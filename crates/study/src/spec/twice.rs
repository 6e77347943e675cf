//! What to say of a parameter that is given twice, under one name or under two.

use crate::{Catalogue, Role};

/// That two of the `typed` names mean the parameter `name`, and what would do.
pub(super) fn twice(name: &str, typed: &[String], catalogue: &Catalogue) -> String {
    let mut spelt: Vec<&str> = Vec::new();
    for own in typed {
        let means = catalogue.find(own).is_some_and(|entry| entry.name == name);
        if means && !spelt.contains(&own.as_str()) {
            spelt.push(own);
        }
    }
    let (&[first, second, ..], Some(role)) = (spelt.as_slice(), Role::by_custom(name)) else {
        return format!("{name} is given twice");
    };
    let what = role.what();
    let both = format!("the {what} is given twice: {first} and {second} are both names of it; leave one out");
    if !catalogue.open {
        return both;
    }
    // Another parameter could not keep the role's own name.
    let own = if second == name { second } else { first };
    format!("{both}, or where only {own} is the {what} give --roles {name}={own}")
}
