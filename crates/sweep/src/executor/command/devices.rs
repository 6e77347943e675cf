//! The GPUs of this machine that trials are given, by what was typed: `all`, `auto`, `0,1`, `cuda:1`, a UUID.

use std::path::Path;
use std::process::Command;

/// Which driver shows the devices, by the variable that it obeys.
pub const CUDA: &str = "CUDA_VISIBLE_DEVICES";
const HIP: &str = "HIP_VISIBLE_DEVICES";

/// Where the kernel describes AMD's devices.
const KFD: &str = "/sys/class/kfd/kfd/topology/nodes";

/// GPUs to assign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Devices {
    /// Their names as the driver takes them, in the order in which they are given out.
    pub names: Vec<String>,
    /// The variable that shows a program its devices.
    pub variable: Option<&'static str>,
}

/// The GPUs that were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Found {
    /// How many there are, numbered from 0.
    count: usize,
    /// The UUIDs of GPUs and of their parts (MIG).
    uuids: Vec<String>,
    /// What to hand out of each: itself, or its parts.
    parts: Vec<String>,
    variable: Option<&'static str>,
}

/// The devices that `text` means.
///
/// # Errors
/// A device that is not there, none where all are asked for, or a word that means none.
pub fn read(text: &str) -> Result<Devices, String> {
    devices(text, &found())
}

fn devices(text: &str, found: &Found) -> Result<Devices, String> {
    let variable = found.variable.or(Some(CUDA));
    let words: Vec<&str> = text.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
    match words.as_slice() {
        [] => return Err("name GPUs, such as 0,1, or give all".to_owned()),
        ["all"] if found.count == 0 => {
            return Err("no GPU was found: neither nvidia-smi nor AMD's driver shows one".to_owned());
        }
        // Without a GPU, trials run on what they find.
        ["auto"] if found.count == 0 => return Ok(Devices::default()),
        ["all" | "auto"] => return Ok(Devices { names: found.parts.clone(), variable }),
        _ => {}
    }
    let mut names: Vec<String> = Vec::new();
    for word in words {
        let plain =
            ["cuda:", "gpu:", "hip:"].iter().find_map(|prefix| word.strip_prefix(prefix)).unwrap_or(word);
        let name = match plain.parse::<usize>() {
            Ok(number) if found.count > 0 && number >= found.count => {
                return Err(format!("there is no GPU {number}; there are {}, numbered from 0", found.count));
            }
            Ok(number) => number.to_string(),
            Err(_) => uuid(plain, found)?,
        };
        if names.contains(&name) {
            return Err(format!("GPU {name} is listed twice; to share it give --trials-per-gpu"));
        }
        names.push(name);
    }
    Ok(Devices { names, variable })
}

/// The UUID that a word is or begins.
fn uuid(word: &str, found: &Found) -> Result<String, String> {
    let upper = word.to_uppercase();
    if !(upper.starts_with("GPU-") || upper.starts_with("MIG-")) {
        return Err(format!("`{word}` names no GPU; write numbers such as 0,1, a UUID, all or auto"));
    }
    if found.uuids.is_empty() {
        return Ok(word.to_owned());
    }
    let own: Vec<&String> =
        found.uuids.iter().filter(|uuid| uuid.to_uppercase().starts_with(&upper)).collect();
    match own.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(format!("there is no GPU {word}; there are {}", found.uuids.join(", "))),
        _ => Err(format!("{word} is not one GPU: {} begin so", own.len())),
    }
}

/// The GPUs that NVIDIA's tool lists, else those of AMD's driver.
fn found() -> Found {
    let listed = Command::new("nvidia-smi").arg("-L").output().ok().filter(|output| output.status.success());
    match listed.map(|output| nvidia(&String::from_utf8_lossy(&output.stdout))) {
        Some(found) if found.count > 0 => found,
        _ => amd(Path::new(KFD)),
    }
}

/// What `nvidia-smi -L` lists: `GPU 0: NVIDIA A100 (UUID: GPU-…)`, and below it its parts, `  MIG 1g.5gb Device 0: (UUID:
/// MIG-…)`.
fn nvidia(list: &str) -> Found {
    let mut found = Found { variable: Some(CUDA), ..Found::default() };
    let mut parts: Vec<(String, Vec<String>)> = Vec::new();
    for line in list.lines() {
        let uuid = line.split_once("UUID: ").and_then(|(_, rest)| rest.split(')').next());
        let Some(uuid) = uuid.map(str::to_owned) else { continue };
        found.uuids.push(uuid.clone());
        match (line.starts_with("GPU "), parts.last_mut()) {
            (true, _) => parts.push((found.count.to_string(), Vec::new())),
            (false, Some((_, of_it))) => of_it.push(uuid),
            (false, None) => {}
        }
        found.count += usize::from(line.starts_with("GPU "));
    }
    found.parts =
        parts.into_iter().flat_map(|(gpu, of_it)| if of_it.is_empty() { vec![gpu] } else { of_it }).collect();
    found
}

/// AMD's devices: the nodes that can compute and are no processor.
fn amd(nodes: &Path) -> Found {
    let computes = |properties: String| {
        properties.lines().any(|line| {
            line.strip_prefix("simd_count ")
                .and_then(|count| count.trim().parse::<u64>().ok())
                .is_some_and(|n| n > 0)
        })
    };
    let all = std::fs::read_dir(nodes).into_iter().flatten().flatten();
    let read = all.filter_map(|node| std::fs::read_to_string(node.path().join("properties")).ok());
    let count = read.filter(|properties| computes(properties.clone())).count();
    let parts = (0..count).map(|gpu| gpu.to_string()).collect();
    Found { count, parts, variable: (count > 0).then_some(HIP), ..Found::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `nvidia-smi -L` of driver 550 printed it.
    const LIST: &str = "\
GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5c89852c-d268-c3f3-1b07-005d5ae1dc3f)
  MIG 3g.20gb     Device  0: (UUID: MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f)
  MIG 3g.20gb     Device  1: (UUID: MIG-0c757cd7-e942-5726-a0b8-0e8fb7067135)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-aa89852c-d268-c3f3-1b07-005d5ae1dc3f)
";

    fn names(text: &str, found: &Found) -> Vec<String> {
        devices(text, found).unwrap().names
    }

    #[test]
    fn words_become_devices_that_are_there() {
        let found = nvidia(LIST);
        assert_eq!((found.count, found.uuids.len()), (2, 4));
        let all =
            ["MIG-c6d4f1ef-42e4-5de3-91c7-45d71c87eb3f", "MIG-0c757cd7-e942-5726-a0b8-0e8fb7067135", "1"];
        assert_eq!(names("all", &found), all);
        assert_eq!(names("auto", &found), all);
        assert_eq!(names("1, cuda:0", &found), ["1", "0"]);
        assert_eq!(names("GPU-aa8", &found), ["GPU-aa89852c-d268-c3f3-1b07-005d5ae1dc3f"]);
        for (text, why) in [
            ("2", "there is no GPU 2; there are 2"),
            ("gpus", "names no GPU"),
            ("MIG-9", "there is no GPU MIG-9"),
            ("0,0", "listed twice"),
            ("", "name GPUs"),
        ] {
            assert!(devices(text, &found).unwrap_err().contains(why), "{text}");
        }
    }

    #[test]
    fn without_a_gpu_all_is_refused_and_auto_is_none() {
        let none = Found::default();
        assert_eq!(devices("auto", &none), Ok(Devices::default()));
        assert!(devices("all", &none).unwrap_err().contains("no GPU was found"));
        // What cannot be checked is taken as typed.
        assert_eq!(names("0,1", &none), ["0", "1"]);
    }

    #[test]
    fn amd_devices_are_the_nodes_that_compute() {
        let nodes = tempfile::tempdir().unwrap();
        for (node, simd) in [("0", 0), ("1", 440), ("2", 440)] {
            std::fs::create_dir(nodes.path().join(node)).unwrap();
            let properties = format!("cpu_cores_count 0\nsimd_count {simd}\n");
            std::fs::write(nodes.path().join(node).join("properties"), properties).unwrap();
        }
        let found = amd(nodes.path());
        assert_eq!(
            devices("all", &found),
            Ok(Devices { names: vec!["0".into(), "1".into()], variable: Some(HIP) })
        );
    }
}
