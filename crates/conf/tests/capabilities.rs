//! The capabilities document against one of libvirt 9.0.0.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use conf::capabilities::{
    CacheBank, Capabilities, Cell, Cpu, CpuPlace, CpuTopology, Guest, Host, HostCpu, SecurityModel,
};
use conf::domain::CpuSet;
use conf::{KiB, Uuid};

fn guest(arch: &str, word_size: u32) -> Guest {
    Guest {
        os_type: "exe".into(),
        arch: arch.into(),
        word_size,
        emulator: "/usr/lib/libvirt/libvirt_lxc".into(),
        domain_types: vec!["lxc".into()],
        features: Vec::new(),
    }
}

fn capabilities() -> Capabilities {
    let cpu = |id: u32| Cpu {
        id,
        place: Some(CpuPlace { socket: 0, die: 0, core: id, siblings: CpuSet::from_iter([id]) }),
    };
    let pages = [4, 2048, 1_048_576].map(KiB);
    Capabilities {
        host: Host {
            uuid: "a95ca3c4-454d-4d84-bb10-1832fccecb25".parse::<Uuid>().unwrap(),
            cpu: HostCpu { arch: "x86_64".into(), pages: pages.to_vec(), ..HostCpu::default() },
            power_management: Vec::new(),
            iommu: false,
            cells: vec![Cell {
                id: 0,
                memory: KiB(5_597_396),
                pages: pages.into_iter().zip([1_399_349, 0, 0]).collect(),
                distances: vec![(0, 10)],
                cpus: vec![cpu(0), cpu(1)],
            }],
            caches: vec![CacheBank {
                id: 0,
                level: 3,
                kind: "both".into(),
                size: KiB(48 * 1024),
                cpus: CpuSet::parse("0-1").unwrap(),
            }],
            security_models: vec![SecurityModel::default()],
        },
        guests: vec![guest("x86_64", 64), guest("i686", 32)],
    }
}

#[test]
fn same_as_the_incumbent() {
    assert_eq!(capabilities().format(), include_str!("data/capabilities.xml"));
}

#[test]
fn what_the_sample_does_not_have() {
    let mut all = capabilities();
    let cpu = &mut all.host.cpu;
    cpu.model = Some("Haswell".into());
    cpu.vendor = Some("Intel".into());
    cpu.topology = Some(CpuTopology { sockets: 1, dies: 1, cores: 2, threads: 2 });
    cpu.features = vec!["vmx".into()];
    all.host.power_management = vec!["suspend_mem".into()];
    all.host.caches[0].size = KiB(1000);
    all.host.security_models[0] = SecurityModel {
        model: "selinux".into(),
        doi: "0".into(),
        base_labels: vec![("lxc".into(), "system_u:system_r:svirt_lxc_net_t:s0".into())],
    };
    all.guests[0].features = vec!["externalSnapshot".into()];
    let text = all.format();
    for part in [
        "      <model>Haswell</model>\n      <vendor>Intel</vendor>\n      <topology sockets='1' dies='1' cores='2' threads='2'/>\n      <feature name='vmx'/>\n",
        "    <power_management>\n      <suspend_mem/>\n    </power_management>\n",
        "size='1000' unit='KiB'",
        "      <baselabel type='lxc'>system_u:system_r:svirt_lxc_net_t:s0</baselabel>\n",
        "    </arch>\n    <features>\n      <externalSnapshot/>\n    </features>\n  </guest>\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    xml::parse(&text).unwrap();
}
