//! Devices of the running container come, go and change.

use std::os::fd::AsFd;

use kernel::Errno;
use runtime::control::{Answer, Change, Failure};
use runtime::net;
use runtime::plan::{Device, Interface, Link};

use crate::monitor::failure;
use crate::supervisor::Supervisor;

impl Supervisor {
    /// Gives the container one more device.
    pub(crate) fn attach_device(&mut self, device: &Device) -> Result<Answer, Failure> {
        match device {
            Device::Interface(interface) => self.attach_interface(interface),
        }
    }

    /// Takes a device away.
    pub(crate) fn detach_device(&mut self, device: &Device) -> Result<Answer, Failure> {
        match device {
            Device::Interface(interface) => self.detach_interface(interface),
        }
    }

    /// Changes a device in use.
    pub(crate) fn update_device(&mut self, change: &Change) -> Result<Answer, Failure> {
        match change {
            Change::Carrier { host_name, on } => net::set_carrier(host_name, *on)?,
            Change::Bandwidth { host_name, old, new } => {
                let made = net::set_bandwidth(&self.plan.uuid, host_name, *old, *new)?;
                self.kept.interfaces.extend(made);
            }
        }
        Ok(Answer::Done)
    }

    fn attach_interface(&mut self, interface: &Interface) -> Result<Answer, Failure> {
        let net = self.kept.net.as_ref();
        let net = net.ok_or_else(|| failure("the container has no network of its own", Errno::OPNOTSUPP))?;
        self.attached += 1;
        // The interfaces of the start have the first numbers.
        let serial = u64::try_from(self.plan.interfaces.len()).unwrap_or(0) + self.attached;
        let names = net::attach(&self.plan.uuid, serial, interface, net.as_fd())?;
        let host_name = names.first().cloned().unwrap_or_default();
        self.kept.interfaces.extend(names);
        Ok(Answer::Attached { host_name })
    }

    fn detach_interface(&mut self, interface: &Interface) -> Result<Answer, Failure> {
        let net = self.kept.net.as_ref();
        let net = net.ok_or_else(|| failure("the container has no network of its own", Errno::OPNOTSUPP))?;
        net::detach(interface, &interface.host_name, net.as_fd())?;
        if matches!(interface.link, Link::Bridge | Link::Ethernet) {
            // By its position: the first ones belong to the plan's interfaces.
            for name in self.kept.interfaces.iter_mut().filter(|name| **name == interface.host_name) {
                name.clear();
            }
        }
        Ok(Answer::Done)
    }

    /// What the container's interfaces are like inside.
    pub(crate) fn interfaces(&self) -> Result<Answer, Failure> {
        let net = self.kept.net.as_ref();
        let net = net.ok_or_else(|| failure("the container has no network of its own", Errno::OPNOTSUPP))?;
        Ok(Answer::Interfaces { list: net::list(net.as_fd())? })
    }
}
