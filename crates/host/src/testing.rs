//! Machines made of files, for unit tests.

use std::path::Path;

use tempfile::TempDir;

use crate::Host;

/// A root directory with some of a machine's files.
pub(crate) struct Fixture(TempDir);

impl Fixture {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// Adds or replaces a file.
    pub(crate) fn file(self, path: impl AsRef<Path>, text: &str) -> Self {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// Adds the files of a list of `(path, text)` below a directory.
    pub(crate) fn files(self, dir: &str, files: &[(&str, &str)]) -> Self {
        files.iter().fold(self, |fixture, (path, text)| fixture.file(format!("{dir}/{path}"), text))
    }

    /// Removes a file or directory.
    pub(crate) fn without(self, path: &str) -> Self {
        let path = self.0.path().join(path);
        let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
        removed.unwrap();
        self
    }

    /// An online CPU with its topology and a level 3 cache shared by the CPUs of its socket.
    pub(crate) fn cpu(self, id: u32, socket: u32, core: u32, siblings: &str, socket_cpus: &str) -> Self {
        let topology = [
            ("physical_package_id", socket.to_string()),
            ("die_id", "0".into()),
            ("core_id", core.to_string()),
            ("thread_siblings_list", siblings.into()),
        ];
        let cache = [
            ("id", socket.to_string()),
            ("level", "3".into()),
            ("type", "Unified".into()),
            ("size", "32768K".into()),
            ("shared_cpu_list", socket_cpus.into()),
        ];
        let dir = format!("sys/devices/system/cpu/cpu{id}");
        let fixture =
            topology.iter().fold(self, |f, (name, text)| f.file(format!("{dir}/topology/{name}"), text));
        let fixture = fixture.file(format!("{dir}/cache/index0/level"), "1");
        cache.iter().fold(fixture, |f, (name, text)| f.file(format!("{dir}/cache/index1/{name}"), text))
    }

    /// A NUMA node of 1 GiB, 256 MiB of it free, with 10 huge pages of which 3 are free.
    pub(crate) fn node(self, id: u32, cpus: &str, distances: &str) -> Self {
        let meminfo = format!(
            "Node {id} MemTotal:        1048576 kB\nNode {id} MemFree:          262144 kB\nNode {id} MemUsed: 786432 kB\n"
        );
        self.files(
            &format!("sys/devices/system/node/node{id}"),
            &[
                ("cpulist", cpus),
                ("distance", distances),
                ("meminfo", &meminfo),
                ("hugepages/hugepages-2048kB/nr_hugepages", "10"),
                ("hugepages/hugepages-2048kB/free_hugepages", "3"),
            ],
        )
    }

    /// Two nodes, two sockets, two cores of two threads each; CPU 7 is offline, CPU 8 possible but absent.
    pub(crate) fn numa() -> Self {
        Self::new()
            .files(
                "sys/devices/system/cpu",
                &[("present", "0-7\n"), ("online", "0-6\n"), ("possible", "0-8\n"), ("cpu7/online", "0\n")],
            )
            .file("sys/devices/system/node/online", "0-1\n")
            .file("sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "20")
            .cpu(0, 0, 0, "0,4", "0-1,4-5")
            .cpu(1, 0, 1, "1,5", "0-1,4-5")
            .cpu(2, 1, 0, "2,6", "2-3,6")
            .cpu(3, 1, 1, "3", "2-3,6")
            .cpu(4, 0, 0, "0,4", "0-1,4-5")
            .cpu(5, 0, 1, "1,5", "0-1,4-5")
            .cpu(6, 1, 0, "2,6", "2-3,6")
            .node(0, "0-1,4-5\n", "10 21\n")
            .node(1, "2-3,6\n", "21 10\n")
            .files(
                "sys/devices/system/node",
                &[
                    ("node0/cpu0/x", ""),
                    ("node0/cpu1/x", ""),
                    ("node0/cpu4/x", ""),
                    ("node0/cpu5/x", ""),
                    ("node1/cpu2/x", ""),
                    ("node1/cpu3/x", ""),
                    ("node1/cpu6/x", ""),
                    ("node1/cpu7/x", ""),
                ],
            )
            .file("proc/cpuinfo", "processor\t: 0\ncpu MHz\t\t: 2593.906\n\nprocessor\t: 1\ncpu MHz\t\t: 800.0\n")
            .file(
                "proc/meminfo",
                "MemTotal:        2199999 kB\nMemFree:          524288 kB\nMemAvailable:    1 kB\nBuffers: 11 kB\nCached: 22 kB\n",
            )
            .file(
                "proc/stat",
                "cpu  10 20 30 40 50 60 70 8 9 1\ncpu0 1 2 3 4 5 6 7 0 0 0\ncpu1 9 18 27 36 45 54 63 8 9 1\nintr 5\n",
            )
    }

    pub(crate) fn host(&self) -> Host {
        Host::at(self.0.path(), "x86_64", "/usr/libexec/virtcontainer-monitor")
    }
}
