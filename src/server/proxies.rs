//! Requests that come through a reverse proxy: who is behind it, and what they called this server. Only a proxy that the
//! settings name is believed; anybody else may write what they like into these headers.

use std::net::IpAddr;
use std::str::FromStr;

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, header};
use ipnet::IpNet;

use super::connection::Peers;

/// The client reached the proxy over TLS.
#[derive(Clone, Copy, Debug)]
pub(super) struct Secure;

/// An address such as `10.0.0.5`, or a network such as `10.0.0.0/8`, whose proxies are believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let net = text
            .parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        net.map(Self).map_err(|_| {
            format!("{text:?} is no address or network, such as 10.0.0.5 or 10.0.0.0/8")
        })
    }
}

/// Puts the client in the place of a proxy that is `trusted`.
pub(super) fn look_through(trusted: &[Network], request: &mut Request) {
    let peers = request.extensions().get::<Peers>().copied();
    if let Some(peers) = peers.filter(|peers| is_trusted(trusted, peers.remote.ip())) {
        see(trusted, peers, request);
    }
}

fn see(trusted: &[Network], mut peers: Peers, request: &mut Request) {
    if let Some(client) = client(trusted, request.headers()) {
        peers.remote.set_ip(client);
        request.extensions_mut().insert(peers);
    }
    let (proto, host) = (
        last(request.headers(), "x-forwarded-proto"),
        last(request.headers(), "x-forwarded-host"),
    );
    let host = host.filter(|host| Authority::try_from(host.as_str()).is_ok());
    if let Some(host) = host.and_then(|host| HeaderValue::from_str(&host).ok()) {
        request.headers_mut().insert(header::HOST, host);
    }
    if proto.is_some_and(|proto| proto.eq_ignore_ascii_case("https")) {
        request.extensions_mut().insert(Secure);
    }
}

/// What the nearest proxy wrote, be it in a line of its own or at the end of another's.
fn last(headers: &HeaderMap, name: &str) -> Option<String> {
    let line = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    line.rsplit(',').next().map(|word| word.trim().to_owned())
}

/// The nearest address that is no proxy of ours: what stands before it was written by the client, and may be a lie.
fn client(trusted: &[Network], headers: &HeaderMap) -> Option<IpAddr> {
    let values = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value: &HeaderValue| value.to_str().ok());
    let addresses: Vec<IpAddr> = values
        .flat_map(|value| value.split(','))
        .map_while(address)
        .collect();
    addresses
        .iter()
        .rfind(|address| !is_trusted(trusted, **address))
        .or(addresses.first())
        .copied()
}

/// With or without a port, an IPv6 address in brackets or not.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| {
        text.parse()
            .ok()
            .map(|socket: std::net::SocketAddr| socket.ip())
    })
}

fn is_trusted(trusted: &[Network], address: IpAddr) -> bool {
    trusted
        .iter()
        .any(|Network(net)| net.contains(&address.to_canonical()))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn networks(texts: &[&str]) -> Vec<Network> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[rstest]
    #[case::one(&["203.0.113.9"], Some("203.0.113.9"))]
    #[case::what_the_client_claims_comes_first(&["1.1.1.1, 203.0.113.9"], Some("203.0.113.9"))]
    #[case::proxies_of_ours_are_passed_over(&["203.0.113.9, 10.0.0.7", "10.0.0.8"], Some("203.0.113.9"))]
    #[case::with_a_port(&["203.0.113.9:4711"], Some("203.0.113.9"))]
    #[case::six(&["[2001:db8::1]"], Some("2001:db8::1"))]
    #[case::a_client_inside(&["10.0.0.7"], Some("10.0.0.7"))]
    #[case::nonsense(&["unknown"], None)]
    #[case::none(&[], None)]
    fn the_client_is_the_nearest_address_that_is_no_proxy(
        #[case] values: &[&str],
        #[case] expected: Option<&str>,
    ) {
        let headers = values
            .iter()
            .map(|value| ("x-forwarded-for".parse().unwrap(), value.parse().unwrap()))
            .collect();
        let found = client(&networks(&["10.0.0.0/8"]), &headers);
        assert_eq!(found, expected.map(|text| text.parse().unwrap()));
    }

    #[rstest]
    #[case(&["https"], Some("https"))]
    #[case(&["http, https"], Some("https"))]
    #[case(&["https", "a.example ,b.example "], Some("b.example"))]
    #[case(&[], None)]
    fn the_nearest_proxy_has_the_last_word(
        #[case] values: &[&str],
        #[case] expected: Option<&str>,
    ) {
        let headers = values
            .iter()
            .map(|value| ("x-forwarded-host".parse().unwrap(), value.parse().unwrap()))
            .collect();
        assert_eq!(last(&headers, "x-forwarded-host").as_deref(), expected);
    }

    #[test]
    fn a_network_is_an_address_or_a_range() {
        let trusted = networks(&["127.0.0.1", "fd00::/8"]);
        let is = |text: &str| is_trusted(&trusted, text.parse().unwrap());
        assert!(is("127.0.0.1") && is("::ffff:127.0.0.1") && is("fd00::1") && !is("127.0.0.2"));
        assert!("nginx".parse::<Network>().is_err());
    }
}
