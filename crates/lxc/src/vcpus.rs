//! What the virtual processors of a container are: as many processors of the host.
//!
//! A container has no processors of its own. `<vcpu>N</vcpu>` gives it N of the host's: its control group allows
//! just these, so that programs inside count N (sched_getaffinity(2)) and use no more. Which ones is chosen so that
//! containers spread over the host, within what `<vcpupin>` and `cpuset=` allow.

use conf::domain::{CpuSet, DomainDef};

use crate::domain::Run;

/// Processors of the host.
#[derive(Debug, Clone)]
pub(crate) struct HostCpus {
    /// Numbers of those online.
    pub(crate) online: Vec<u32>,
}

impl HostCpus {
    pub(crate) fn of(host: &host::Host) -> Self {
        let online = host::cpu_map(host).map(|map| map.online.iter().collect());
        // Without the file there is at least the one that runs this.
        Self { online: online.unwrap_or_else(|_| vec![0]) }
    }

    /// As many bits as a map of all needs.
    pub(crate) fn end(&self) -> u32 {
        self.online.last().map_or(1, |last| last + 1)
    }
}

/// The processors that a virtual one may be on.
pub(crate) fn allowed(def: &DomainDef, vcpu: u32, host: &HostCpus) -> Vec<u32> {
    let pin = def.cputune.vcpupin.iter().find(|pin| pin.vcpu == vcpu).map(|pin| &pin.cpuset);
    match pin.or(def.vcpu.cpuset.as_ref()) {
        Some(set) => set.iter().collect(),
        None => host.online.clone(),
    }
}

/// Chooses the processors of a container: as many as it has virtual ones, of those that they may be on. First those
/// it has already (`present`), then those that the fewest containers have (`load`).
///
/// `None`: it may use all of the host's.
pub(crate) fn choose(
    def: &DomainDef,
    host: &HostCpus,
    present: &[u32],
    load: impl Fn(u32) -> usize,
) -> Option<CpuSet> {
    let count = usize::try_from(def.vcpu.current).unwrap_or(usize::MAX);
    let mut usable: Vec<u32> = (0..def.vcpu.current).flat_map(|vcpu| allowed(def, vcpu, host)).collect();
    usable.sort_unstable();
    usable.dedup();
    let online: Vec<u32> = usable.iter().copied().filter(|cpu| host.online.contains(cpu)).collect();
    // If none is online the kernel refuses, and its word is the one to tell.
    let mut usable = if online.is_empty() { usable } else { online };
    if usable.len() > count {
        usable.sort_by_cached_key(|cpu| (!present.contains(cpu), load(*cpu), *cpu));
        usable.truncate(count);
    }
    let set: CpuSet = usable.into_iter().collect();
    let all = host.online.iter().all(|cpu| set.contains(*cpu));
    (!all).then_some(set)
}

/// One virtual processor of a running container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Vcpu {
    /// Time used, nanoseconds.
    pub(crate) time: u64,
    /// The host's processor, if it is a certain one.
    pub(crate) cpu: Option<u32>,
}

/// Figures of the virtual processors.
///
/// With as many processors of the host as virtual ones, each is one of them. Otherwise, and on cgroup v2, which
/// does not know how much of the time each processor gave, all have the same share.
pub(crate) fn figures(run: &Run, host: &HostCpus) -> Vec<Vcpu> {
    let count = usize::try_from(run.def.vcpu.current).unwrap_or(0);
    let cpus: Vec<u32> =
        run.cpus.as_ref().as_ref().map_or_else(|| host.online.clone(), |set| set.iter().collect());
    let each = run.cgroup.cpu_usage_each();
    let certain = |number: usize| cpus.get(number).copied().filter(|_| cpus.len() == count);
    if let (Ok(each), true) = (&each, cpus.len() == count) {
        let time = |cpu: u32| usize::try_from(cpu).ok().and_then(|cpu| each.get(cpu)).copied().unwrap_or(0);
        return cpus.iter().map(|cpu| Vcpu { time: time(*cpu), cpu: Some(*cpu) }).collect();
    }
    let total = run.cgroup.cpu_time().unwrap_or(0);
    let share = total / u64::try_from(count.max(1)).unwrap_or(1);
    (0..count).map(|number| Vcpu { time: share, cpu: certain(number) }).collect()
}

#[cfg(test)]
mod tests {
    use conf::domain::{ParseContext, Pin};

    use super::*;

    fn def(vcpu: &str) -> DomainDef {
        let text = format!(
            "<domain type='lxc'><name>a</name><memory>1024</memory>{vcpu}\
             <os><type>exe</type><init>/i</init></os></domain>"
        );
        DomainDef::parse(&text, &ParseContext::new("x86_64", "/e", |buffer| buffer.fill(1))).unwrap()
    }

    fn host(count: u32) -> HostCpus {
        HostCpus { online: (0..count).collect() }
    }

    fn chosen(def: &DomainDef, cpus: u32, present: &[u32], load: &[usize]) -> Option<String> {
        let load = |cpu: u32| load.get(usize::try_from(cpu).unwrap()).copied().unwrap_or(0);
        choose(def, &host(cpus), present, load).map(|set| set.to_string())
    }

    #[test]
    fn as_many_as_there_are_virtual_ones() {
        let check = |vcpu: &str, expect: Option<&str>| {
            assert_eq!(chosen(&def(vcpu), 4, &[], &[]).as_deref(), expect, "{vcpu}");
        };
        check("", Some("0"));
        check("<vcpu>2</vcpu>", Some("0-1"));
        check("<vcpu current='1'>4</vcpu>", Some("0"));
        check("<vcpu>4</vcpu>", None);
        check("<vcpu>9</vcpu>", None);
        check("<vcpu cpuset='2-3'>9</vcpu>", Some("2-3"));
        check("<vcpu cpuset='1-3'>2</vcpu>", Some("1-2"));
        // Not there at all: for the kernel to refuse.
        check("<vcpu cpuset='8'>1</vcpu>", Some("8"));
        check("<vcpu cpuset='3,8'>2</vcpu>", Some("3"));
    }

    #[test]
    fn containers_spread_and_stay() {
        let one = def("");
        assert_eq!(chosen(&one, 4, &[], &[2, 1, 0, 1]).as_deref(), Some("2"));
        assert_eq!(chosen(&one, 4, &[3], &[0, 0, 0, 9]).as_deref(), Some("3"));
        assert_eq!(chosen(&def("<vcpu>2</vcpu>"), 4, &[3], &[5, 4, 6, 9]).as_deref(), Some("1,3"));
    }

    #[test]
    fn pins_of_present_ones_count() {
        let mut two = def("<vcpu current='2'>3</vcpu>");
        let pin = |vcpu, set: &str| Pin { vcpu, cpuset: CpuSet::parse(set).unwrap() };
        two.cputune.vcpupin = vec![pin(0, "1"), pin(1, "3"), pin(2, "0")];
        assert_eq!(chosen(&two, 4, &[], &[]).as_deref(), Some("1,3"));
        two.cputune.vcpupin = vec![pin(0, "1"), pin(1, "1")];
        assert_eq!(chosen(&two, 4, &[], &[]).as_deref(), Some("1"));
    }
}
