//! Checks of a whole definition that need nothing of the host.

use super::DomainDef;
use crate::{Error, Result};

/// Can this be run as a container? `CONFIG_UNSUPPORTED` with what to change if not.
pub fn validate_container(def: &DomainDef) -> Result<()> {
    let _ = def;
    Ok(())
}

/// Is it a name a domain may have (it becomes the name of files)?
pub fn check_name(name: &str) -> Result<()> {
    let _ = name;
    Err(Error::internal("being written"))
}
