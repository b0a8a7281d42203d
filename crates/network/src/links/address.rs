//! Addresses and routes.

use std::net::IpAddr;

use futures_util::TryStreamExt;
use netlink_packet_route::AddressFamily;
use netlink_packet_route::route::{RouteAddress, RouteAttribute, RouteMessage, RouteProtocol};
use protocol::Result;
use rtnetlink::RouteMessageBuilder;

use super::Links;
use crate::error::{internal, of_link};

impl Links {
    /// Gives an interface an address; IPv6 without waiting for others that might have it.
    pub(crate) async fn add_address(&self, index: u32, address: IpAddr, prefix: u8) -> Result<()> {
        let what = format!("cannot set address {address}/{prefix}");
        let request = self.handle.address().add(index, address, prefix);
        request.execute().await.map_err(|error| of_link(&what, &error))
    }

    /// A route by way of a gateway that the interface reaches.
    pub(crate) async fn add_route(
        &self,
        index: u32,
        destination: IpAddr,
        prefix: u8,
        gateway: IpAddr,
        metric: u32,
    ) -> Result<()> {
        let what = format!("cannot add route {destination}/{prefix} via {gateway}");
        let message = RouteMessageBuilder::<IpAddr>::new()
            .output_interface(index)
            .priority(metric)
            .destination_prefix(destination, prefix)
            .and_then(|builder| builder.gateway(gateway))
            .map_err(|error| internal(&format!("{what}: {error}")))?
            .build();
        self.handle.route().add(message).execute().await.map_err(|error| of_link(&what, &error))
    }

    /// IPv4 destinations that the host routes to an interface or a gateway, with the interface's index; without
    /// the default route.
    pub(crate) async fn routed_networks(&self) -> Result<Vec<(IpAddr, u8, u32)>> {
        let mut query = RouteMessage::default();
        query.header.address_family = AddressFamily::Inet;
        let list: Vec<RouteMessage> = self
            .handle
            .route()
            .get(query)
            .execute()
            .try_collect()
            .await
            .map_err(|error| of_link("list of routes", &error))?;
        let main = list.iter().filter(|route| route.header.table == RT_TABLE_MAIN);
        Ok(main.filter_map(network_of).collect())
    }

    /// Interfaces whose IPv6 routes the kernel has learned from routers.
    pub(crate) async fn learned_routes(&self) -> Result<Vec<String>> {
        let mut query = RouteMessage::default();
        query.header.address_family = AddressFamily::Inet6;
        let routes = self.handle.route().get(query).execute().try_collect::<Vec<_>>().await;
        let routes = routes.map_err(|error| of_link("list of routes", &error))?;
        let mut names = Vec::new();
        for route in routes.iter().filter(|route| route.header.protocol == RouteProtocol::Ra) {
            let out = route.attributes.iter().find_map(|attribute| match attribute {
                RouteAttribute::Oif(index) => Some(*index),
                _ => None,
            });
            if let Some(index) = out {
                names.extend(self.name(index).await?);
            }
        }
        Ok(names)
    }
}

/// The table of routes that everything uses (`RT_TABLE_MAIN`).
const RT_TABLE_MAIN: u8 = 254;

fn network_of(route: &RouteMessage) -> Option<(IpAddr, u8, u32)> {
    let prefix = route.header.destination_prefix_length;
    let mut found = (None, 0);
    for attribute in &route.attributes {
        match attribute {
            RouteAttribute::Destination(RouteAddress::Inet(address)) => found.0 = Some(IpAddr::V4(*address)),
            RouteAttribute::Oif(index) => found.1 = *index,
            _ => {}
        }
    }
    found.0.filter(|_| prefix > 0).map(|address| (address, prefix, found.1))
}
