//! Distinguishing a network file system from a disk.

use std::path::Path;

/// Types of file systems that several machines share, as `statfs` tells them (linux/magic.h and the sources of each):
/// what SQLite's write-ahead log must not lie on.
#[cfg(target_os = "linux")]
const SHARED: [u32; 16] = [
    0x6969,      // NFS
    0x0BD0_0BD0, // Lustre
    0x4750_4653, // GPFS
    0x6573_5546, // FUSE: sshfs, GlusterFS, JuiceFS and others
    0x00C3_6400, // CephFS
    0x1983_0326, // BeeGFS
    0xAAD7_AAEA, // PanFS
    0x2003_0528, // OrangeFS
    0x5346_414F, // OpenAFS
    0x6B41_4653, // AFS
    0x0102_1997, // 9P
    0xFF53_4D42, // CIFS
    0xFE53_4D42, // SMB 2
    0x517B,      // SMB
    0x0116_1970, // GFS2
    0x7461_636F, // OCFS2
];

/// Whether `folder` lies on a file system that is reached by a network, as far as is known.
#[cfg(target_os = "linux")]
pub fn holds(folder: &Path) -> bool {
    nix::sys::statfs::statfs(folder)
        .is_ok_and(|about| SHARED.iter().any(|kind| i64::from(*kind) == about.filesystem_type().0))
}

#[cfg(not(target_os = "linux"))]
pub fn holds(_: &Path) -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn the_file_system_of_processes_is_no_network() {
        assert!(!super::holds(std::path::Path::new("/proc")));
        assert!(!super::holds(std::path::Path::new("/no such folder")));
    }
}
