//! Network interfaces of the host, by rtnetlink(7).

mod address;
mod bridge;

use futures_util::TryStreamExt;
use netlink_packet_route::link::{InfoKind, LinkAttribute, LinkMessage};
use protocol::Result;
use rtnetlink::{Handle, LinkMessageBuilder, LinkUnspec};

use crate::error::{errno, of_link};

pub(crate) use bridge::NewBridge;

/// The kernel's side of the driver.
#[derive(Debug, Clone)]
pub(crate) struct Links {
    handle: Handle,
}

impl Links {
    /// Opens a netlink socket. To be called in a tokio runtime.
    pub(crate) fn open() -> std::io::Result<Self> {
        let (connection, handle, _) = rtnetlink::new_connection()?;
        tokio::spawn(connection);
        Ok(Self { handle })
    }

    /// Index of an interface; `None` if there is none of that name.
    pub(crate) async fn index(&self, name: &str) -> Result<Option<u32>> {
        Ok(self.by_name(name).await?.map(|link| link.header.index))
    }

    /// An interface by its name.
    pub(crate) async fn by_name(&self, name: &str) -> Result<Option<LinkMessage>> {
        let found = self.handle.link().get().match_name(name.to_owned()).execute().try_next().await;
        match found {
            Ok(link) => Ok(link),
            Err(error) if matches!(errno(&error), Some(NODEV | INVAL | RANGE)) => Ok(None),
            Err(error) => Err(of_link(&format!("interface '{name}'"), &error)),
        }
    }

    /// Name of an interface by its index; `None` if there is none.
    pub(crate) async fn name(&self, index: u32) -> Result<Option<String>> {
        match self.handle.link().get().match_index(index).execute().try_next().await {
            Ok(link) => Ok(link.and_then(|link| name_of(&link).map(str::to_owned))),
            Err(error) if errno(&error) == Some(NODEV) => Ok(None),
            Err(error) => Err(of_link(&format!("interface {index}"), &error)),
        }
    }

    /// Makes an intermediate functional block, up: what is redirected to it can be held back (ip-link(8), ifb).
    pub(crate) async fn create_ifb(&self, name: &str) -> Result<()> {
        let message =
            LinkMessageBuilder::<LinkUnspec>::new_with_info_kind(InfoKind::Ifb).name(name.to_owned()).up();
        let made = self.handle.link().add(message.build()).execute().await;
        made.map_err(|error| of_link(&format!("cannot make interface '{name}'"), &error))
    }

    /// Deletes an interface; one that is not there is no error.
    pub(crate) async fn delete(&self, name: &str) -> Result<()> {
        let Some(index) = self.index(name).await? else { return Ok(()) };
        match self.handle.link().del(index).execute().await {
            Err(error) if errno(&error) != Some(NODEV) => {
                Err(of_link(&format!("cannot delete interface '{name}'"), &error))
            }
            _ => Ok(()),
        }
    }
}

/// `ENODEV`
const NODEV: i32 = 19;
/// `EINVAL`, of a name that can be none.
const INVAL: i32 = 22;
/// `ERANGE`, of a name that is too long.
const RANGE: i32 = 34;

/// Name of an interface.
pub(crate) fn name_of(link: &LinkMessage) -> Option<&str> {
    link.attributes.iter().find_map(|attribute| match attribute {
        LinkAttribute::IfName(name) => Some(name.as_str()),
        _ => None,
    })
}

/// Name of the block that holds back what comes in by the interface with this index.
pub(crate) fn ifb_of(index: u32) -> String {
    format!("vcifb{index}")
}
