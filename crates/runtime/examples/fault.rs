#![allow(clippy::all, clippy::pedantic, warnings)]
use cgroup::*;
use kernel::pidfd;
use runtime::launch::start;
use runtime::plan::*;
use std::{
    fs,
    os::fd::AsFd,
    path::{Path, PathBuf},
};
fn main() {
    use kernel::namespace::*;
    let user = std::env::args().nth(1).unwrap() == "user";
    let dir = PathBuf::from("/tmp/lat/root");
    let none = PathBuf::from("/n");
    let range = vec![IdRange { inside: 0, outside: 0x10000000, count: 65536 }];
    let plan = Plan {
        format: 1,
        name: "lat".into(),
        uuid: "c7a5fdbd-cdaf-9455-926a-d65c16db1809".into(),
        hostname: "x".into(),
        root: Root::Directory { source: dir.clone(), readonly: true },
        init: Init {
            path: "/init".into(),
            args: vec![],
            env: vec![],
            dir: None,
            user: None,
            group: None,
            personality_32bit: false,
        },
        idmap: user.then(|| IdMap { uids: range.clone(), gids: range, idmapped_mounts: true }),
        network: Namespace::Private,
        ipc: Namespace::Private,
        uts: Namespace::Private,
        filesystems: vec![Filesystem {
            source: FilesystemSource::Host { path: "/tmp/lat/src.bak".into() },
            target: "/tmp".into(),
            readonly: true,
        }],
        interfaces: vec![Interface {
            bridge: "br0".into(),
            host_name: "vnet0".into(),
            host_name_fixed: false,
            guest_name: "eth0".into(),
            mac: [0x52, 0x54, 0, 1, 2, 3],
            addresses: vec![Address { address: [10, 0, 0, 2].into(), prefix: 24, peer: None }],
            routes: vec![],
            up: true,
            mtu: None,
            isolated: false,
        }],
        consoles: 1,
        capabilities: u64::MAX & !(1 << 16),
        devices: vec![],
        cgroup: CgroupPlan { partition: "/m".into(), limits: Limits::default() },
        files: Files { socket: none.clone(), pid: none.clone(), exit_record: none.clone(), log: none },
    };
    let ns = || {
        ["mnt", "net", "pid", "pid_for_children", "ipc", "uts"]
            .map(|k| fs::read_link(format!("/proc/self/ns/{k}")).unwrap())
    };
    let before = ns();
    let fds = || fs::read_dir("/proc/self/fd").unwrap().count();
    let f0 = fds();
    match start(&plan, &Group::open(Placement::default()), None) {
        Ok(c) => {
            pidfd::kill(c.init.as_fd()).unwrap();
            pidfd::wait(c.init.as_fd()).unwrap();
            runtime::net::unplug(&plan.uuid, &c.interfaces).unwrap();
            println!("ok");
        }
        Err(f) => println!("{f:?}"),
    }
    let kids = fs::read_to_string("/proc/thread-self/children").unwrap();
    if !kids.is_empty() {
        println!("LEAK children {kids}");
    }
    if before != ns() {
        println!("LEAK ns {:?}", ns());
    }
    if fds() != f0 {
        println!("LEAK fds");
    }
}
