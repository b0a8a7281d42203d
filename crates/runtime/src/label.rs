//! Labels of security modules (proc_pid_attr(5)): `AppArmor` and `SELinux`.

use std::os::fd::OwnedFd;
use std::path::Path;

use kernel::Errno;
use rustix::fs::{Mode, OFlags};

use crate::failure::{During, Result, failed, step};
use crate::plan::{Label, SecurityModule};

/// A label that the calling process has yet to get, by a file of the host's `/proc` that is opened while that one
/// is still in sight: what the container has at its place is never written to.
#[derive(Debug)]
pub(crate) struct Pending {
    file: OwnedFd,
    text: String,
    name: String,
}

impl Pending {
    /// Prepares the label for the calling thread.
    pub(crate) fn open(label: Option<&Label>) -> Result<Option<Self>> {
        let Some(label) = label else { return Ok(None) };
        let name = format!("label '{}'", label.text);
        let file = open_any(files(label.module)).during(step::SECURITY, &name)?;
        let text = text(label);
        Ok(Some(Self { file, text, name }))
    }

    /// The next execve(2) of this thread takes the label on.
    pub(crate) fn take_effect_at_exec(self) -> Result<()> {
        match rustix::io::write(&self.file, self.text.as_bytes()) {
            Ok(written) if written == self.text.len() => Ok(()),
            Ok(_) => Err(failed(step::SECURITY, self.name, Errno::IO)),
            Err(errno) => Err(failed(step::SECURITY, self.name, errno)),
        }
    }
}

/// Where the label is written, the first that exists. The second is the one of kernels that have one module.
const fn files(module: SecurityModule) -> &'static [&'static str] {
    match module {
        SecurityModule::AppArmor => &["/proc/thread-self/attr/apparmor/exec", "/proc/thread-self/attr/exec"],
        SecurityModule::SeLinux => &["/proc/thread-self/attr/exec"],
    }
}

/// What is written.
fn text(label: &Label) -> String {
    match label.module {
        SecurityModule::AppArmor => format!("exec {}", label.text),
        SecurityModule::SeLinux => label.text.clone(),
    }
}

fn open_any(paths: &[&str]) -> kernel::Result<OwnedFd> {
    let mut outcome = Err(Errno::NOENT);
    for path in paths {
        outcome = rustix::fs::open(Path::new(path), OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty());
        if !matches!(outcome, Err(Errno::NOENT)) {
            break;
        }
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_where() {
        let apparmor = Label { module: SecurityModule::AppArmor, text: "libvirt-x".into() };
        assert_eq!(text(&apparmor), "exec libvirt-x");
        assert!(files(apparmor.module)[0].ends_with("/apparmor/exec"));
        let selinux = Label {
            module: SecurityModule::SeLinux,
            text: "system_u:system_r:svirt_lxc_net_t:s0:c1,c2".into(),
        };
        assert_eq!(text(&selinux), selinux.text);
        assert_eq!(files(selinux.module), ["/proc/thread-self/attr/exec"]);
        assert!(Pending::open(None).unwrap().is_none());
    }

    /// Without the module the kernel refuses to open or to write, with the label in the message.
    #[test]
    fn a_label_of_no_module_is_an_error() {
        if Path::new("/sys/fs/selinux").join("enforce").exists()
            || Path::new("/sys/kernel/security/apparmor").exists()
        {
            return;
        }
        for module in [SecurityModule::AppArmor, SecurityModule::SeLinux] {
            let label = Label { module, text: "no:such:label".into() };
            let outcome = Pending::open(Some(&label))
                .and_then(|pending| pending.map_or(Ok(()), Pending::take_effect_at_exec));
            assert_eq!(outcome.unwrap_err().what, "label 'no:such:label'");
        }
    }
}
