//! `<seclabel>`.

use xml::Element;

use super::{FormatFlags, ParseContext, ParseFlags};
use crate::enums::{xml_enum, yes_no};
use crate::props::Props;
use crate::{Error, Result};

xml_enum! {
    /// `type=`
    pub enum SecLabelKind {
        None = "none",
        Dynamic = "dynamic",
        Static = "static",
    }
}

/// Most labels of one domain: there are not that many security modules.
const LABELS_MAX: usize = 16;

/// A label of a security module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecLabel {
    /// `type=`
    pub kind: SecLabelKind,
    /// `model=`: `selinux`, `apparmor`, `dac`, `none`.
    pub model: String,
    /// `relabel=`
    pub relabel: bool,
    /// `<label>`: of the processes; of dynamic ones only while running.
    pub label: Option<String>,
    /// `<imagelabel>`: of the files, only while running.
    pub imagelabel: Option<String>,
    /// `<baselabel>` of dynamic ones.
    pub baselabel: Option<String>,
}

impl SecLabel {
    /// All labels of a document.
    pub(crate) fn parse_all(domain: &Element, ctx: &ParseContext) -> Result<Vec<Self>> {
        let elements: Vec<&Element> = domain.all("seclabel").collect();
        if elements.len() > LABELS_MAX {
            return Err(Error::xml(format!("a domain has at most {LABELS_MAX} security labels")));
        }
        let mut labels: Vec<Self> = Vec::new();
        for e in &elements {
            let Some(label) = Self::parse(e, elements.len() > 1, ctx)? else { continue };
            if labels.iter().any(|other| other.model == label.model) {
                return Err(Error::xml_detail(format!(
                    "seclabel for model {} is already provided",
                    label.model
                )));
            }
            labels.push(label);
        }
        Ok(labels)
    }

    /// `None` for a label that says nothing.
    fn parse(e: &Element, several: bool, ctx: &ParseContext) -> Result<Option<Self>> {
        let kind: Option<SecLabelKind> = e.word("type")?;
        let relabel = e.yes_no("relabel")?;
        let static_label = kind == Some(SecLabelKind::Static);
        let label = e.child_text("label");
        match (kind, relabel) {
            (Some(SecLabelKind::Dynamic), Some(false)) => {
                return Err(Error::unsupported("dynamic label type must use resource relabeling"));
            }
            (Some(SecLabelKind::None), Some(true)) => {
                return Err(Error::unsupported(
                    "resource relabeling is not compatible with 'none' label type",
                ));
            }
            _ if static_label && label.is_none() => return Err(Error::xml("security label is missing")),
            _ => {}
        }
        let model = match e.filled("model") {
            Some(model) => model,
            None if several => return Err(Error::xml("missing security model when using multiple labels")),
            None if static_label || kind.is_none() => {
                return Err(Error::xml("missing security model in domain seclabel"));
            }
            None => ctx.security_model.clone(),
        };
        // On a host without a security module there is nothing to label.
        let kind = if model == "none" { SecLabelKind::None } else { kind.unwrap_or(SecLabelKind::None) };
        if e.attr("type").is_none() && model != "none" {
            return Ok(None);
        }
        let live = ctx.flags.contains(ParseFlags::LIVE);
        Ok(Some(Self {
            kind,
            model,
            relabel: relabel.unwrap_or(kind == SecLabelKind::Dynamic),
            label: label.filter(|_| static_label || live),
            imagelabel: e.child_text("imagelabel").filter(|_| live),
            baselabel: e.child_text("baselabel").filter(|_| kind == SecLabelKind::Dynamic),
        }))
    }

    pub(crate) fn format(&self, flags: FormatFlags) -> Element {
        let mut e = Element::new("seclabel").with("type", self.kind).with("model", &self.model);
        if self.kind == SecLabelKind::None {
            return e;
        }
        e.push_attr("relabel", yes_no(self.relabel));
        let inactive = flags.contains(FormatFlags::INACTIVE);
        if self.kind == SecLabelKind::Static || !inactive {
            e.push_text_opt("label", self.label.as_ref());
        }
        if !inactive {
            e.push_text_opt("imagelabel", self.imagelabel.as_ref());
        }
        e.push_text_opt("baselabel", self.baselabel.as_ref());
        e
    }
}
