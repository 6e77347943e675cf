//! The modules of its own folder that a Python script imports.
//!
//! Seen is what its lines name that begin with `import` or `from`, where the folder of the script has a module of that
//! name, and what those modules name in turn. What is imported at run time, or from elsewhere, is not seen.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use regex::Regex;

/// `import a.b, c as d`, or `from a.b import c, d`, or `from .a import (b, …)` over several lines.
const IMPORT: &str = r"(?m)^[ \t]*(?:import[ \t]+([^\n#;]+)|from[ \t]+(\.*)([\w.]*)[ \t]+import[ \t]*(?:\(([^)]*)\)|([^\n#;]*)))";

/// The files of the modules that `script` imports from its folder, directly or through each other, in order; empty of what is
/// no Python.
pub fn local(script: &Path) -> BTreeSet<PathBuf> {
    let (Some(root), true) = (script.parent(), is_python(script)) else { return BTreeSet::new() };
    let Ok(import) = Regex::new(IMPORT) else { return BTreeSet::new() };
    let mut found = BTreeSet::new();
    let mut open = vec![script.to_owned()];
    while let Some(file) = open.pop() {
        let text = std::fs::read(&file).unwrap_or_default();
        for module in imported(&import, &String::from_utf8_lossy(&text), (&file, root)) {
            if module != script && found.insert(module.clone()) {
                open.push(module);
            }
        }
    }
    found
}

fn is_python(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "py")
}

/// The files that the text of `file` names by `import`, of a program whose modules lie in `root`.
fn imported(import: &Regex, text: &str, (file, root): (&Path, &Path)) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for line in import.captures_iter(text) {
        let part = |index: usize| line.get(index).map_or("", |part| part.as_str());
        // A name may be given another with `as`.
        let names = |list: &str| -> Vec<String> {
            list.split(',').filter_map(|name| name.split_whitespace().next().map(str::to_owned)).collect()
        };
        if line.get(1).is_some() {
            names(part(1)).iter().for_each(|name| found.extend(files(root, name)));
            continue;
        }
        // One dot is the folder of the file, each further one the folder above.
        let base = match part(2).len() {
            0 => Some(root),
            dots => file.ancestors().nth(dots),
        };
        let Some(base) = base else { continue };
        found.extend(files(base, part(3)));
        let prefix = if part(3).is_empty() { String::new() } else { format!("{}.", part(3)) };
        let several = names(part(4)).into_iter().chain(names(part(5)));
        several.for_each(|name| found.extend(files(base, &format!("{prefix}{name}"))));
    }
    found
}

/// The files of the module `name`, as in a.b, and of the packages that hold it, as far as `base` has them.
fn files(base: &Path, name: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folder = base.to_owned();
    for part in name.split('.').filter(|part| !part.is_empty()) {
        folder.push(part);
        found.extend([folder.join("__init__.py"), folder.with_extension("py")]);
    }
    found.retain(|file| file.is_file());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_beside_the_script_are_found_and_others_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            path
        };
        let script = write(
            "train.py",
            "import os, model as m\nfrom nets.small import Net\nif True:\n    from nets import (\n        big,\n    )\n# import unused\n",
        );
        write("model.py", "import torch\nimport train\nimport helper\n");
        write("helper.py", "");
        write("unused.py", "");
        write("nets/__init__.py", "from . import shapes\n");
        write("nets/small.py", "from ..model import x\nfrom .layers import Dense as D\n");
        for module in ["nets/big.py", "nets/shapes.py", "nets/layers.py", "nets/never.py"] {
            write(module, "x = 'import unused'\n");
        }
        let names: Vec<String> = local(&script)
            .iter()
            .map(|file| file.strip_prefix(folder.path()).unwrap().display().to_string())
            .collect();
        let right = ["helper.py", "model.py"];
        assert_eq!(names[..2], right);
        let nets = ["__init__", "big", "layers", "shapes", "small"].map(|name| format!("nets/{name}.py"));
        assert_eq!(names[2..], nets);
        assert!(local(&write("train.sh", "import model\n")).is_empty());
        assert!(local(&folder.path().join("gone.py")).is_empty());
    }
}
