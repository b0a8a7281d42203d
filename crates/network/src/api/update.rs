//! Changing one section.

use conf::network::{Command, Section, Update};
use protocol::calls::NetworkUpdate;
use protocol::consts::{AffectFlags, NetworkSection, NetworkUpdateCommand};
use protocol::{Error, ErrorDomain, Result};
use rpc::Router;

use super::{Context, flags};
use crate::Networks;
use crate::error::of_document;
use crate::update::change;

pub(super) fn routes(r: &mut Router<Networks>) {
    r.on(update);
}

async fn update(cx: Context, call: NetworkUpdate) -> Result<()> {
    let affect = flags(call.flags, AffectFlags::LIVE | AffectFlags::CONFIG, "networkUpdate")?;
    let network = cx.driver.registry.find(&call.net)?;
    let refuse = |text: &str| Error::operation_unsupported(ErrorDomain::NETWORK, text);
    let section = section(NetworkSection(call.section))
        .ok_or_else(|| refuse("can't update unrecognized section of network"))?;
    let command = command(NetworkUpdateCommand(call.command))
        .ok_or_else(|| refuse(&format!("unrecognized network update command code {}", call.command)))?;
    let update = Update { command, section, index: usize::try_from(call.parentIndex).ok(), xml: &call.xml };
    change(&cx.driver, &network, affect, |def| def.update(&update).map_err(|error| of_document(&error))).await
}

const fn command(code: NetworkUpdateCommand) -> Option<Command> {
    match code {
        NetworkUpdateCommand::MODIFY => Some(Command::Modify),
        NetworkUpdateCommand::DELETE => Some(Command::Delete),
        NetworkUpdateCommand::ADD_LAST => Some(Command::AddLast),
        NetworkUpdateCommand::ADD_FIRST => Some(Command::AddFirst),
        _ => None,
    }
}

const fn section(code: NetworkSection) -> Option<Section> {
    Some(match code {
        NetworkSection::BRIDGE => Section::Fixed("bridge"),
        NetworkSection::DOMAIN => Section::Fixed("domain"),
        NetworkSection::IP => Section::Fixed("ip"),
        NetworkSection::IP_DHCP_HOST => Section::DhcpHost,
        NetworkSection::IP_DHCP_RANGE => Section::DhcpRange,
        NetworkSection::FORWARD => Section::Fixed("forward"),
        NetworkSection::FORWARD_INTERFACE => Section::ForwardInterface,
        NetworkSection::FORWARD_PF => Section::Fixed("forward pf"),
        NetworkSection::PORTGROUP => Section::PortGroup,
        NetworkSection::DNS_HOST => Section::DnsHost,
        NetworkSection::DNS_TXT => Section::DnsTxt,
        NetworkSection::DNS_SRV => Section::DnsSrv,
        _ => return None,
    })
}
