//! The `<capabilities>` document.

use xml::Element;

use crate::arch::{Arch, arches};
use crate::cache::{self, Cache, Kind};
use crate::node::{self, Node, Pages};
use crate::{Host, Result, host_uuid};

/// The document as libvirt's LXC driver prints it, blank lines included.
///
/// Left out, as nothing here acts on them: cache and memory bandwidth allocation (resctrl), memory-side caches.
pub fn capabilities(host: &Host) -> Result<String> {
    let mut document = String::from("<capabilities>\n\n");
    host_element(host)?.write(&mut document, 1);
    document.push('\n');
    for arch in arches(host) {
        guest(host, &arch).write(&mut document, 1);
        document.push('\n');
    }
    document.push_str("</capabilities>\n");
    Ok(document)
}

fn host_element(host: &Host) -> Result<Element> {
    let nodes = node::nodes(host)?;
    let mut element = Element::new("host");
    element.push_text_opt("uuid", host_uuid(host)?);
    let mut cpu = Element::new("cpu");
    cpu.push_text("arch", crate::arch::host_arch(&host.machine));
    cpu.extend(node::pages(host, None)?.iter().map(page_size));
    element.push(cpu);
    element.push(power_management(host)?);
    element.push(Element::new("iommu").with("support", if has_iommu(host)? { "yes" } else { "no" }));
    let mut cells = Element::new("cells").with("num", nodes.len());
    cells.extend(nodes.iter().map(cell));
    element.push(Element::new("topology").with_child(cells));
    let mut caches = Element::new("cache");
    caches.extend(cache::caches(host)?.iter().map(bank));
    element.push_unless_bare(caches);
    let mut secmodel = Element::new("secmodel");
    secmodel.push_text("model", "none");
    secmodel.push_text("doi", 0);
    element.push(secmodel);
    Ok(element)
}

/// What the host can sleep to (`/sys/power/state`, kernel documentation of power management).
fn power_management(host: &Host) -> Result<Element> {
    let words = |file: &str| Ok(host.files.text(file)?.unwrap_or_default());
    let states: String = words("sys/power/state")?;
    let has =
        |text: &str, word: &str| text.split_ascii_whitespace().any(|w| w.trim_matches(['[', ']']) == word);
    let (memory, disk) = (has(&states, "mem"), has(&states, "disk"));
    let hybrid = disk && has(&words("sys/power/disk")?, "suspend");
    let mut element = Element::new("power_management");
    for (supported, name) in [(memory, "suspend_mem"), (disk, "suspend_disk"), (hybrid, "suspend_hybrid")] {
        if supported {
            element.push(Element::new(name));
        }
    }
    Ok(element)
}

fn has_iommu(host: &Host) -> Result<bool> {
    Ok(!host.files.numbered("sys/kernel/iommu_groups", "", "")?.is_empty())
}

fn cell(node: &Node) -> Element {
    let mut element = Element::new("cell").with("id", node.id);
    element.push(Element::with_text("memory", node.memory).with("unit", "KiB"));
    element.extend(
        node.pages.iter().map(|pages| {
            Element::with_text("pages", pages.total).with("unit", "KiB").with("size", pages.size)
        }),
    );
    let mut distances = Element::new("distances");
    distances.extend(
        node.distances.iter().map(|(id, value)| Element::new("sibling").with("id", id).with("value", value)),
    );
    element.push_unless_bare(distances);
    let mut cpus = Element::new("cpus").with("num", node.cpus.len());
    cpus.extend(node.cpus.iter().map(|cpu| {
        Element::new("cpu")
            .with("id", cpu.id)
            .with("socket_id", cpu.socket)
            .with("die_id", cpu.die)
            .with("core_id", cpu.core)
            .with("siblings", &cpu.siblings)
    }));
    element.push(cpus.opened());
    element
}

fn page_size(pages: &Pages) -> Element {
    Element::new("pages").with("unit", "KiB").with("size", pages.size)
}

fn bank(cache: &Cache) -> Element {
    let kind = match cache.kind {
        Kind::Both => "both",
        Kind::Code => "code",
        Kind::Data => "data",
    };
    let (size, unit) = pretty(cache.size);
    Element::new("bank")
        .with("id", cache.id)
        .with("level", cache.level)
        .with("type", kind)
        .with("size", size)
        .with("unit", unit)
        .with("cpus", &cache.cpus)
}

/// A number of bytes in the largest unit in which it is whole.
fn pretty(bytes: u64) -> (u64, &'static str) {
    let (mut size, mut unit) = (bytes, "B");
    for larger in ["KiB", "MiB", "GiB"] {
        if size == 0 || size % 1024 != 0 {
            break;
        }
        (size, unit) = (size / 1024, larger);
    }
    (size, unit)
}

fn guest(host: &Host, arch: &Arch) -> Element {
    let mut element = Element::new("arch").with("name", &arch.name);
    element.push_text("wordsize", arch.word_size);
    element.push_text("emulator", host.emulator.display());
    element.push(Element::new("domain").with("type", "lxc"));
    let mut guest = Element::new("guest");
    guest.push_text("os_type", "exe");
    guest.push(element);
    guest
}

#[cfg(test)]
mod tests {
    use expect_test::expect_file;

    use super::*;
    use crate::testing::Fixture;

    #[test]
    fn document_of_two_nodes() {
        let fixture = Fixture::numa()
            .file("etc/machine-id", "3d1219c7c4c5404aaa1f6d2a48adfda4\n")
            .file("sys/power/state", "freeze mem disk\n")
            .file("sys/power/disk", "[platform] shutdown reboot suspend test_resume\n")
            .file("sys/kernel/iommu_groups/0/type", "DMA");
        let document = capabilities(&fixture.host()).unwrap();
        expect_file!["../fixtures/capabilities-two-nodes.xml"].assert_eq(&document);
        // The document is well-formed.
        assert_eq!(xml::parse(&document).unwrap().elements().count(), 3);
    }

    #[test]
    fn document_of_a_small_machine() {
        let fixture = Fixture::new()
            .files("sys/devices/system/cpu", &[("present", "0"), ("online", "0")])
            .file("proc/meminfo", "MemTotal: 4096 kB\nMemFree: 1024 kB\n");
        let document = capabilities(&fixture.host()).unwrap();
        expect_file!["../fixtures/capabilities-small.xml"].assert_eq(&document);
    }

    #[test]
    fn sizes() {
        for (bytes, expected) in [
            (0, (0, "B")),
            (1023, (1023, "B")),
            (1024, (1, "KiB")),
            (49152 << 10, (48, "MiB")),
            (1536 << 10, (1536, "KiB")),
        ] {
            assert_eq!(pretty(bytes), expected);
        }
    }

    #[test]
    fn this_machine_has_capabilities() {
        let document = capabilities(&Host::this("/emulator")).unwrap();
        let document = xml::parse(&document).unwrap();
        let guests: Vec<_> = document.all("guest").collect();
        assert!(!guests.is_empty());
        assert_eq!(
            guests[0].child("arch").and_then(|arch| arch.child("emulator")).unwrap().text(),
            "/emulator"
        );
    }
}
