//! `<interface>`.

use xml::Element;

use super::DeviceInfo;
use crate::domain::net::{Bandwidth, FilterRef, IpAddress, Route, VirtualPort, Vlan};
use crate::domain::{FormatFlags, ParseContext, ParseFlags};
use crate::enums::{xml_enum, yes_no};
use crate::props::{Props, invalid};
use crate::shape::Shape;
use crate::{Error, MacAddr, Result, number};

mod kept;
mod source;

pub use source::{DirectMode, InterfaceKind, InterfaceSource};

xml_enum! {
    /// `<link state=>`
    pub enum LinkState {
        Up = "up",
        Down = "down",
    }
}

/// Names of host ends that are made up at start, and so are not part of the definition.
const GENERATED: [&str; 3] = ["vnet", "macvtap", "macvlan"];

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Where the host's end is.
    pub source: InterfaceSource,
    /// `<mac address=>`; generated when absent.
    pub mac: MacAddr,
    /// `<mac type=>`, `<mac check=>`: no effect.
    pub mac_kept: Vec<(&'static str, String)>,
    /// `<script path=>`: refused for containers.
    pub script: Option<String>,
    /// `<downscript path=>`
    pub downscript: Option<String>,
    /// `<source><ip>`: addresses of the host's end (ethernet).
    pub host_ips: Vec<IpAddress>,
    /// `<source><route>`: routes on the host.
    pub host_routes: Vec<Route>,
    /// `<target dev=>`: name of the host's end; a generated one (`vnetN`) only while running.
    pub host_dev: Option<String>,
    /// `<target managed=>` (ethernet), no effect.
    pub host_dev_managed: Option<bool>,
    /// `<guest dev=>`: name inside.
    pub guest_dev: Option<String>,
    /// `<guest actual=>`: name inside while running.
    pub guest_dev_actual: Option<String>,
    /// `<model type=>`, no effect.
    pub model: Option<String>,
    /// `<link state=>`
    pub link: Option<LinkState>,
    /// `<mtu size=>`
    pub mtu: Option<u32>,
    /// `<port isolated=>`
    pub isolated: Option<bool>,
    /// `<ip>`s inside.
    pub ips: Vec<IpAddress>,
    /// `<route>`s inside.
    pub routes: Vec<Route>,
    /// `<bandwidth>`
    pub bandwidth: Option<Bandwidth>,
    /// `<filterref>`
    pub filter: Option<FilterRef>,
    /// `<vlan>`
    pub vlan: Option<Vlan>,
    /// `<virtualport>`
    pub virtualport: Option<VirtualPort>,
    /// `trustGuestRxFilters=`, no effect.
    pub trust_guest_rx_filters: Option<bool>,
    /// Elements without effect (`driver`, `backend`, `coalesce`, `tune`, ..), kept.
    pub kept: Vec<Element>,
    /// Alias and address.
    pub info: DeviceInfo,
}

impl Interface {
    pub(crate) fn parse(e: &Element, ctx: &ParseContext) -> Result<Self> {
        let kind = e.word("type")?.unwrap_or(InterfaceKind::User);
        let live = ctx.flags.contains(ParseFlags::LIVE);
        let child_attr = |child: &str, attr: &str| e.child(child).and_then(|c| c.filled(attr));
        let source_ips = e.child("source");
        let host_dev = e.child("target").and_then(|t| t.attr("dev")).map(str::to_owned);
        let mut interface = Self {
            source: InterfaceSource::parse(e, kind, live)?,
            mac: MacAddr([0; 6]),
            mac_kept: Vec::new(),
            script: child_attr("script", "path"),
            downscript: child_attr("downscript", "path"),
            host_ips: source_ips.map_or(Ok(Vec::new()), IpAddress::parse_all)?,
            host_routes: source_ips.map_or(Ok(Vec::new()), |s| Route::parse_all(s, "interface host IP"))?,
            host_dev,
            host_dev_managed: e.child("target").map_or(Ok(None), |t| t.yes_no("managed"))?,
            guest_dev: child_attr("guest", "dev"),
            guest_dev_actual: child_attr("guest", "actual").filter(|_| live),
            model: parse_model(child_attr("model", "type"))?,
            link: parse_link(e)?,
            mtu: parse_mtu(e)?,
            isolated: e.child("port").map_or(Ok(None), |p| p.yes_no("isolated"))?,
            bandwidth: Bandwidth::parse(e, kind == InterfaceKind::Network)?,
            ips: IpAddress::parse_all(e)?,
            routes: Route::parse_all(e, "guest interface")?,
            filter: FilterRef::parse(e),
            vlan: Vlan::parse(e)?,
            virtualport: parse_virtualport(e, kind, ctx)?,
            trust_guest_rx_filters: e.yes_no("trustGuestRxFilters")?,
            kept: Shape::keep_all(kept::SHAPES, e)?,
            info: DeviceInfo::parse(e, ctx)?,
        };
        (interface.mac, interface.mac_kept) = parse_mac(e, ctx)?;
        interface.kept.retain(|kept| !kept.is_bare());
        let virtio = interface.model.as_ref().is_some_and(|model| model.starts_with("virtio"));
        interface.kept.retain(|kept| virtio || !kept.is("driver"));
        if !live && interface.has_generated_host_dev() {
            interface.host_dev = None;
        }
        Ok(interface)
    }

    /// Is the host's end called what starts make up? Then the name is not part of the definition.
    #[must_use]
    pub fn has_generated_host_dev(&self) -> bool {
        let starts = |dev: &String| GENERATED.iter().any(|prefix| dev.starts_with(prefix));
        self.host_dev_managed != Some(false) && self.host_dev.as_ref().is_some_and(starts)
    }

    /// Checks the interface for itself.
    pub(crate) fn check(&self) -> Result<()> {
        let kind = self.source.kind();
        let addressed = !self.host_ips.is_empty() || !self.host_routes.is_empty();
        if addressed && kind != InterfaceKind::Ethernet {
            return Err(Error::unsupported(format!(
                "Invalid attempt to set network interface host-side IP route and/or address info on interface of \
                 type '{kind}'. This is only supported on interfaces of type 'ethernet'"
            )));
        }
        if self.host_dev_managed == Some(false) && kind != InterfaceKind::Ethernet {
            return Err(Error::unsupported(format!(
                "unmanaged target dev is not supported on interfaces of type '{kind}'"
            )));
        }
        let switch = self.virtualport.as_ref().and_then(|port| port.kind.as_deref());
        let text = match (kind, switch) {
            _ if self.isolated != Some(true) => return Ok(()),
            (InterfaceKind::Network | InterfaceKind::Bridge, None) => return Ok(()),
            (InterfaceKind::Network | InterfaceKind::Bridge, Some(switch)) => {
                format!("virtualport type='{switch}'")
            }
            _ => format!("type='{kind}'"),
        };
        Err(Error::unsupported(format!(
            "interface {} - <port isolated='yes'/> is not supported for network interfaces with {text}",
            self.mac
        )))
    }

    pub(crate) fn to_element(&self, flags: FormatFlags) -> Element {
        let inactive = flags.contains(FormatFlags::INACTIVE);
        let mut e = Element::new("interface")
            .with("type", self.source.kind())
            .with_opt("trustGuestRxFilters", self.trust_guest_rx_filters.map(yes_no));
        let mut mac = Element::new("mac").with("address", self.mac);
        for (name, value) in &self.mac_kept {
            mac.push_attr(name, value);
        }
        e.push(mac);
        self.push_source(&mut e, inactive);
        e.extend(self.vlan.as_ref().map(Vlan::format));
        e.extend(self.virtualport.as_ref().map(VirtualPort::format));
        e.extend(self.bandwidth.as_ref().map(Bandwidth::format));
        e.extend(self.isolated.map(|isolated| Element::new("port").with("isolated", yes_no(isolated))));
        e.extend(self.ips.iter().map(IpAddress::format));
        e.extend(self.routes.iter().map(Route::format));
        e.extend(self.script.as_ref().map(|path| Element::new("script").with("path", path)));
        e.extend(self.downscript.as_ref().map(|path| Element::new("downscript").with("path", path)));
        self.push_kept(&mut e, &["backenddomain"]);
        let host_dev = self.host_dev.as_ref().filter(|_| !inactive || !self.has_generated_host_dev());
        let managed = self.host_dev_managed.map(yes_no);
        e.push_unless_bare(Element::new("target").with_opt("dev", host_dev).with_opt("managed", managed));
        let actual = self.guest_dev_actual.as_ref().filter(|_| !inactive);
        e.push_unless_bare(
            Element::new("guest").with_opt("dev", self.guest_dev.as_ref()).with_opt("actual", actual),
        );
        e.extend(self.model.as_ref().map(|model| Element::new("model").with("type", model)));
        self.push_kept(&mut e, &["driver", "backend"]);
        e.extend(self.filter.as_ref().map(FilterRef::format));
        self.push_kept(&mut e, &["tune", "teaming"]);
        e.extend(self.link.map(|state| Element::new("link").with("state", state)));
        e.extend(self.mtu.map(|size| Element::new("mtu").with("size", size)));
        self.push_kept(&mut e, &["coalesce"]);
        e.extend(self.info.boot_order.map(|order| Element::new("boot").with("order", order)));
        self.push_kept(&mut e, &["rom"]);
        self.info.format_without_boot(&mut e, flags);
        e
    }

    fn push_source(&self, e: &mut Element, inactive: bool) {
        let mut source = self.source.to_element(inactive);
        if self.source == InterfaceSource::Ethernet {
            source.extend(self.host_ips.iter().map(IpAddress::format));
            source.extend(self.host_routes.iter().map(Route::format));
        }
        e.push_unless_bare(source);
    }

    fn push_kept(&self, e: &mut Element, names: &[&str]) {
        for name in names {
            e.extend(self.kept.iter().filter(|kept| kept.is(name)).cloned());
        }
    }
}

fn parse_mac(e: &Element, ctx: &ParseContext) -> Result<(MacAddr, Vec<(&'static str, String)>)> {
    let Some(mac) = e.child("mac") else { return Ok((MacAddr::generate(ctx.random), Vec::new())) };
    let address = match mac.attr("address") {
        None => MacAddr::generate(ctx.random),
        Some(text) => text.parse()?,
    };
    if address.is_multicast() {
        return Err(Error::xml(format!("expected unicast mac address, found multicast '{address}'")));
    }
    let mut kept = Vec::new();
    for (name, words) in [("type", ["generated", "static"]), ("check", ["yes", "no"])] {
        if let Some(value) = mac.attr(name) {
            if !words.contains(&value) {
                return Err(invalid(mac, name, value, ""));
            }
            kept.push((name, value.to_owned()));
        }
    }
    Ok((address, kept))
}

/// Models libvirt knows, whatever case they are written in.
const MODELS: [&str; 22] = [
    "unknown",
    "netfront",
    "rtl8139",
    "virtio",
    "e1000",
    "e1000e",
    "igb",
    "virtio-transitional",
    "virtio-non-transitional",
    "usb-net",
    "spapr-vlan",
    "lan9118",
    "scm91c111",
    "vlance",
    "vmxnet",
    "vmxnet2",
    "vmxnet3",
    "Am79C970A",
    "Am79C973",
    "82540EM",
    "82545EM",
    "82543GC",
];

fn parse_model(model: Option<String>) -> Result<Option<String>> {
    let Some(model) = model else { return Ok(None) };
    if !model.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
        return Err(Error::invalid_arg("Model name contains invalid characters"));
    }
    match MODELS.iter().find(|known| known.eq_ignore_ascii_case(&model)) {
        Some(&"unknown") => Ok(None),
        Some(known) => Ok(Some((*known).to_owned())),
        None => Err(Error::unsupported(format!("driver does not support net model '{model}'"))),
    }
}

fn parse_link(e: &Element) -> Result<Option<LinkState>> {
    let Some(state) = e.child("link").and_then(|link| link.attr("state")) else { return Ok(None) };
    let unknown = || Error::unsupported(format!("unknown interface link state '{state}'"));
    LinkState::from_word(state).map(Some).ok_or_else(unknown)
}

fn parse_mtu(e: &Element) -> Result<Option<u32>> {
    let Some(size) = e.child("mtu").and_then(|mtu| mtu.attr("size")) else { return Ok(None) };
    let size: u32 = number::unsigned(size).ok_or_else(|| Error::xml("malformed mtu size"))?;
    Ok(Some(size).filter(|size| *size != 0))
}

/// Only types with a switch behind them may have one.
fn parse_virtualport(e: &Element, kind: InterfaceKind, ctx: &ParseContext) -> Result<Option<VirtualPort>> {
    match kind {
        InterfaceKind::Network => VirtualPort::parse(e, true, ctx.random),
        InterfaceKind::Bridge | InterfaceKind::Direct | InterfaceKind::Hostdev => {
            VirtualPort::parse(e, false, ctx.random)
        }
        _ if e.child("virtualport").is_some() => Err(Error::unsupported(format!(
            "<virtualport> element unsupported for <interface type='{kind}'>"
        ))),
        _ => Ok(None),
    }
}
