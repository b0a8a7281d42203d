//! Maps of processors on the wire: one bit a processor, the lowest first.

use conf::domain::CpuSet;
use protocol::{Error, ErrorDomain, Result};

use crate::vcpus::HostCpus;

/// A map that a client gave, without the processors that the host does not have. An empty one is refused.
pub(crate) fn read(map: &[u8], host: &HostCpus) -> Result<CpuSet> {
    let bit = |cpu: u32| {
        let byte = usize::try_from(cpu / 8).ok().and_then(|at| map.get(at));
        byte.is_some_and(|byte| byte >> (cpu % 8) & 1 == 1)
    };
    let set: CpuSet = (0..host.end()).filter(|cpu| bit(*cpu)).collect();
    if set.is_empty() {
        return Err(Error::invalid_arg(ErrorDomain::LXC, "Empty cpu list for pinning"));
    }
    Ok(set)
}

/// The map of a set in as many bytes as a client has room for.
pub(crate) fn write(cpus: impl IntoIterator<Item = u32>, bytes: usize) -> Vec<u8> {
    let mut map = vec![0; bytes];
    for cpu in cpus {
        if let Some(byte) = usize::try_from(cpu / 8).ok().and_then(|at| map.get_mut(at)) {
            *byte |= 1 << (cpu % 8);
        }
    }
    map
}

/// The kernel's list format (cpuset(7)).
pub(crate) fn list(set: &CpuSet) -> String {
    set.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits() {
        let host = HostCpus { online: (0..10).collect() };
        assert_eq!(read(&[0b101, 0b1], &host).unwrap().to_string(), "0,2,8");
        // Bits of processors that are not there are dropped, as libvirt does.
        assert_eq!(read(&[1, 0xff, 0xff], &host).unwrap().to_string(), "0,8-9");
        assert!(read(&[], &host).is_err() && read(&[0, 0xf0], &host).is_err());
        assert_eq!(write([0, 2, 8, 99], 2), [0b101, 1]);
        assert_eq!(write([0], 0), [0; 0]);
    }
}
