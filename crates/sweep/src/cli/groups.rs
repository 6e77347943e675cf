//! The page that `sweep --help` prints: the commands, grouped by purpose. clap lists subcommands under one heading
//! only, so the page is a template filled from each command's own description.

use std::fmt::Write as _;

use clap::{Command, CommandFactory};

use super::search::search_commands;

/// The heading of the searches, which come from the tables of samplers and pruners.
const SEARCH: &str = "Search";

/// The headings, each with its commands; every other visible command appears once.
const GROUPS: [(&str, &[&str]); 6] = [
    ("Find", &["tune", "grid", "run", "train", "extend", "refine", "resume", "lr-find"]),
    (SEARCH, &["search"]),
    ("Read", &["report", "show", "best", "list", "export", "logs"]),
    ("Decide", &["recommend", "transfer", "law", "rules", "compare", "replay"]),
    ("Scripts and clusters", &["ask-tell", "ask", "tell", "fit-batch", "cancel"]),
    ("Tools", &["schedule", "data"]),
];

/// The headings with their commands.
fn groups() -> Vec<(&'static str, Vec<&'static str>)> {
    let listed = |name: &&str| GROUPS.iter().any(|(_, names)| names.contains(name));
    let mut groups: Vec<_> = GROUPS.iter().map(|(title, names)| (*title, names.to_vec())).collect();
    if let Some((_, searches)) = groups.iter_mut().find(|(title, _)| *title == SEARCH) {
        searches.splice(0..0, search_commands().filter(|name| !listed(name)));
    }
    groups
}

const OPENING: &str = "\
Which learning rate, batch size and schedule should I train with?
  sweep grid lr=1e-3..1e-1 batch=16,32,64,128
  sweep grid lr=1e-3..1e-1 batch=16,32 --minimize val_loss -- python train.py

Usage: sweep COMMAND …    `sweep COMMAND --help` explains a command
";

/// The command line of `C` with the page of groups as its help.
pub fn grouped<C: CommandFactory>() -> Command {
    let command = C::command();
    let page = page(&command);
    command.help_template(page)
}

fn page(command: &Command) -> String {
    let heading = command.get_styles().get_header();
    let mut page = OPENING.to_owned();
    for (title, names) in groups() {
        let _ = writeln!(page, "{heading}{title}{heading:#}");
        for name in names {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let _ = writeln!(page, "  {name:<10} {}", about.map(ToString::to_string).unwrap_or_default());
        }
    }
    page + "Options: -h, --help; -V, --version"
}

#[cfg(test)]
mod tests {
    use super::super::Cli;
    use super::*;

    #[test]
    fn every_command_is_listed_under_one_heading() {
        let command = grouped::<Cli>();
        let mut listed: Vec<&str> = groups().into_iter().flat_map(|(_, names)| names).collect();
        let mut there: Vec<&str> =
            command.get_subcommands().filter(|one| !one.is_hide_set()).map(Command::get_name).collect();
        listed.sort_unstable();
        there.sort_unstable();
        assert_eq!(listed, there);
    }

    #[test]
    fn a_search_is_explained_by_its_sampler() {
        let command = grouped::<Cli>();
        for entry in sweep_search::sampler::TABLE {
            let name = entry.aliases.first().unwrap_or(&entry.name);
            let about = command.find_subcommand(name).and_then(Command::get_about).unwrap();
            assert_eq!(about.to_string(), entry.help, "{name}");
        }
    }

    #[test]
    fn the_page_fits_one_screen() {
        let page = grouped::<Cli>().render_help().to_string();
        let lines: Vec<&str> = page.lines().collect();
        assert!(lines.len() <= 50, "{} lines:\n{page}", lines.len());
        for line in lines {
            assert!(line.chars().count() <= 80, "more than 80 columns: {line}");
        }
    }
}
