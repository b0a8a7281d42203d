//! `<filterref>`, `<vlan>`, `<virtualport>`.

use xml::Element;

use crate::enums::xml_enum;
use crate::error::origin;
use crate::props::Props;
use crate::{Error, Random, Result, Uuid, number};

/// `<filterref filter=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterRef {
    /// Name of the filter.
    pub filter: String,
    /// `<parameter name= value=>`, sorted by name; repeated names are lists.
    pub parameters: Vec<(String, String)>,
}

/// `<vlan>`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Vlan {
    /// `trunk=`; always with more than one tag.
    pub trunk: bool,
    /// `<tag>`s, at least one.
    pub tags: Vec<VlanTag>,
}

/// `<tag id= nativeMode=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VlanTag {
    /// 0..=4095
    pub id: u16,
    /// `nativeMode=`
    pub native_mode: Option<NativeMode>,
}

xml_enum! {
    /// How frames of the native VLAN leave a trunk.
    pub enum NativeMode {
        Tagged = "tagged",
        Untagged = "untagged",
    }
}

/// `<virtualport type=>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualPort {
    /// `type=`: `802.1Qbg 802.1Qbh openvswitch midonet`; `None` when only parameters are given.
    pub kind: Option<String>,
    /// `<parameters>`: names and values, in libvirt's order.
    pub parameters: Vec<(String, String)>,
}

impl FilterRef {
    pub(crate) fn parse(parent: &Element) -> Option<Self> {
        let e = parent.child("filterref")?;
        let filter = e.filled("filter")?;
        let mut parameters: Vec<(String, String)> = e
            .all("parameter")
            .filter_map(|p| Some((p.filled("name")?, p.filled("value")?)))
            .filter(|(name, value)| is_name(name) && is_value(value))
            .collect();
        parameters.sort_by(|(a, _), (b, _)| a.cmp(b));
        Some(Self { filter, parameters })
    }

    pub(crate) fn format(&self) -> Element {
        let mut e = Element::new("filterref").with("filter", &self.filter);
        let parameter = |(name, value)| Element::new("parameter").with("name", name).with("value", value);
        e.extend(self.parameters.iter().map(|(name, value)| parameter((name, value))));
        e
    }
}

/// A parameter with any other name or value is ignored, as libvirt does.
fn is_name(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn is_value(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':'))
}

impl Vlan {
    pub(crate) fn parse(parent: &Element) -> Result<Option<Self>> {
        let Some(e) = parent.child("vlan") else { return Ok(None) };
        let wrong = |text: String| Error::xml(text).from(origin::NONE);
        let mut tags = Vec::new();
        for tag in e.all("tag") {
            tags.push(VlanTag::parse(tag)?);
        }
        if tags.is_empty() {
            return Err(wrong(
                "missing tag id - each <vlan> must have at least one <tag id='n'/> subelement".to_owned(),
            ));
        }
        let several = tags.len() > 1;
        let trunk = match e.attr("trunk") {
            None => several,
            Some("yes") => true,
            Some("no") if several => {
                return Err(wrong(
                    "invalid \"trunk='no'\" in <vlan> - trunk='yes' is required for more than one vlan tag"
                        .to_owned(),
                ));
            }
            Some("no") => false,
            Some(other) => {
                return Err(wrong(format!("invalid \"trunk='{other}'\" in <vlan> - must be yes or no")));
            }
        };
        Ok(Some(Self { trunk, tags }))
    }

    pub(crate) fn format(&self) -> Element {
        let mut e = Element::new("vlan").with_opt("trunk", self.trunk.then_some("yes"));
        e.extend(
            self.tags
                .iter()
                .map(|tag| Element::new("tag").with("id", tag.id).with_opt("nativeMode", tag.native_mode)),
        );
        e
    }
}

impl VlanTag {
    fn parse(e: &Element) -> Result<Self> {
        let wrong = |text: String| Error::xml(text).from(origin::NONE);
        e.required("id")?;
        let id = e.uint("id")?.unwrap_or(0);
        let too_large = || wrong(format!("vlan tag id {id} too large (maximum 4095)"));
        let id = u16::try_from(id).ok().filter(|id| *id <= 4095).ok_or_else(too_large)?;
        let native_mode = e.word("nativeMode")?;
        Ok(Self { id, native_mode })
    }
}

/// Parameters in the order printed.
const PARAMETERS: [&str; 6] =
    ["managerid", "typeid", "typeidversion", "instanceid", "interfaceid", "profileid"];

/// Types with the parameters they may have; what a port needs and lacks among the uuids is generated.
const KINDS: [(&str, &[&str]); 4] = [
    ("802.1Qbg", &["managerid", "typeid", "typeidversion", "instanceid"]),
    ("802.1Qbh", &["profileid"]),
    ("openvswitch", &["interfaceid", "profileid"]),
    ("midonet", &["interfaceid"]),
];

impl VirtualPort {
    /// Without `type=` a port has parameters only, which the network's type decides about.
    pub(crate) fn parse(parent: &Element, type_optional: bool, random: Random) -> Result<Option<Self>> {
        Self::read(parent, type_optional, Some(random))
    }

    /// Of a network, where what an interface lacks is not generated.
    pub(crate) fn parse_of_network(parent: &Element) -> Result<Option<Self>> {
        Self::read(parent, true, None)
    }

    fn read(parent: &Element, type_optional: bool, random: Option<Random>) -> Result<Option<Self>> {
        let Some(e) = parent.child("virtualport") else { return Ok(None) };
        let unsupported = |text: String| Error::unsupported(text).from(origin::NONE);
        let kind = e.filled("type");
        let allowed = match &kind {
            None if !type_optional => {
                return Err(Error::xml("missing required virtualport type").from(origin::NONE));
            }
            None => &PARAMETERS[..],
            Some(kind) => {
                let known = KINDS.iter().find(|(known, _)| known == kind);
                known.ok_or_else(|| unsupported(format!("unknown virtualport type {kind}")))?.1
            }
        };
        let given = e.child("parameters");
        if random.is_some() {
            check_complete(kind.as_deref(), given)?;
        }
        let mut parameters = Vec::new();
        for name in PARAMETERS {
            let value = given.and_then(|given| given.filled(name));
            if value.is_some() && !allowed.contains(&name) {
                let kind = kind.as_deref().unwrap_or("none");
                let text = format!("extra {name} unsupported in <virtualport type='{kind}'>");
                return Err(Error::xml(text).from(origin::NET));
            }
            let value = value.map(|value| check(name, &value)).transpose()?;
            let generate = match kind.as_deref() {
                Some("midonet") => false,
                _ => allowed.contains(&name) && matches!(name, "instanceid" | "interfaceid"),
            };
            let value = value.or_else(|| random.filter(|_| generate).map(|r| Uuid::generate(r).to_string()));
            parameters.extend(value.map(|value| (name.to_owned(), value)));
        }
        Ok(Some(Self { kind, parameters }))
    }

    /// Value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn format(&self) -> Element {
        let mut e = Element::new("virtualport").with_opt("type", self.kind.as_ref());
        let mut parameters = Element::new("parameters");
        for (name, value) in &self.parameters {
            parameters.push_attr(name, value);
        }
        e.push_unless_bare(parameters);
        e
    }
}

/// Are the parameters there that cannot be generated?
fn check_complete(kind: Option<&str>, given: Option<&Element>) -> Result<()> {
    let kind = kind.unwrap_or("");
    let required: &[&str] = match kind {
        "802.1Qbg" => &["managerid", "typeid", "typeidversion"],
        "802.1Qbh" => &["profileid"],
        "midonet" => &["interfaceid"],
        _ => &[],
    };
    match required.iter().find(|name| given.and_then(|given| given.filled(name)).is_none()) {
        None => Ok(()),
        Some(name) => {
            Err(Error::xml(format!("missing {name} in <virtualport type='{kind}'>")).from(origin::NET))
        }
    }
}

/// The value of a parameter as it is printed.
fn check(name: &str, value: &str) -> Result<String> {
    let wrong = |text: &str| Error::xml(text).from(origin::NONE);
    let max = match name {
        "instanceid" | "interfaceid" => {
            let text = format!("cannot parse {name} parameter as a uuid");
            return Ok(value.parse::<Uuid>().map_err(|_| wrong(&text))?.to_string());
        }
        "managerid" | "typeidversion" => 0xff,
        "typeid" => 0x00ff_ffff,
        _ if value.len() < 40 => return Ok(value.to_owned()),
        _ => return Err(wrong("profileid parameter too long")),
    };
    let number =
        number::any_base(value).ok_or_else(|| wrong(&format!("cannot parse value of {name} parameter")))?;
    if number > max {
        return Err(wrong(&format!("value of {name} out of range")));
    }
    Ok(number.to_string())
}
