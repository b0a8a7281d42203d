//! Trees of real distributions, made once by `tests/setup test` and never edited; each test works on a copy.

use crate::host::Host;

/// Where `tests/setup test` puts them.
const IMAGES: &str = "/var/tmp/virtcontainer-tests";

/// A copy of a tree on a private host.
#[derive(Debug, Clone)]
pub struct Image {
    path: String,
}

impl Host {
    /// Copies the tree `name` to /var/lib/libvirt/filesystems/DOMAIN, a file system of its own that can be idmapped.
    #[track_caller]
    #[must_use]
    pub fn image(&self, name: &str, domain: &str) -> Image {
        let path = format!("/var/lib/libvirt/filesystems/{domain}");
        self.run(&["mkdir", "-p", &path]).done();
        self.run(&["mount", "-t", "tmpfs", "-o", "mode=755", "root", &path]).done();
        self.run(&["cp", "-a", &format!("{IMAGES}/{name}/."), &path]).done();
        Image { path }
    }

    /// Runs a program inside as root of the container, in all its namespaces. (`virsh lxc-enter-namespace` enters a
    /// user namespace as nobody.)
    #[track_caller]
    pub fn inside_as_root(&self, domain: &str, argv: &[&str]) -> crate::Output {
        let pid = self.init_pid(domain).to_string();
        let enter = ["nsenter", "--target", &pid, "--all", "--setuid", "0", "--setgid", "0"];
        self.run(&[&enter, argv].concat())
    }
}

impl Image {
    /// Where it is on the private host.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The `<filesystem>` of it as root.
    #[must_use]
    pub fn root(&self) -> String {
        let path = &self.path;
        format!("<filesystem type='mount'><source dir='{path}'/><target dir='/'/></filesystem>")
    }
}
