//! Requests that come through a reverse proxy: who the client behind it is, and what that client
//! calls this server. Only proxies that the settings name are believed, since anybody may write
//! these headers.

use std::net::IpAddr;
use std::str::FromStr;

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, header};
use ipnet::IpNet;

use super::connection::ConnectionInfo;

/// An address such as `10.0.0.5`, or a network such as `10.0.0.0/8`, whose proxies are trusted.
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

/// Replaces a trusted proxy's address, host and scheme by those that its client sees.
pub(super) fn resolve_client(trusted: &[Network], mut request: Request) -> Request {
    let info = request.extensions().get::<ConnectionInfo>().copied();
    if let Some(info) = info.filter(|info| is_trusted(trusted, info.client.ip())) {
        apply_forwarded(trusted, info, &mut request);
    }
    request
}

fn apply_forwarded(trusted: &[Network], mut info: ConnectionInfo, request: &mut Request) {
    let headers = request.headers_mut();
    if let Some(client) = client(trusted, headers) {
        info.client.set_ip(client);
    }
    let proto = last_value(headers, "x-forwarded-proto");
    info.https = proto.is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
    let host = last_value(headers, "x-forwarded-host")
        .filter(|host| Authority::try_from(host.as_str()).is_ok());
    if let Some(host) = host.and_then(|host| HeaderValue::try_from(host).ok()) {
        headers.insert(header::HOST, host);
    }
    request.extensions_mut().insert(info);
}

/// Returns the value that the nearest proxy wrote, whether in a line of its own or at the end of
/// another's.
fn last_value(headers: &HeaderMap, name: &str) -> Option<String> {
    let line = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    line.rsplit(',').next().map(|word| word.trim().to_owned())
}

/// Returns the nearest address that is not a trusted proxy. Whatever stands before it was written
/// by the client and may be wrong.
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

/// Reads an address with or without a port, and an IPv6 address with or without brackets.
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
    #[case::trusted_proxies_are_passed_over(&["203.0.113.9, 10.0.0.7", "10.0.0.8"], Some("203.0.113.9"))]
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
    fn the_nearest_proxy_wrote_the_last_value(
        #[case] values: &[&str],
        #[case] expected: Option<&str>,
    ) {
        let headers = values
            .iter()
            .map(|value| ("x-forwarded-host".parse().unwrap(), value.parse().unwrap()))
            .collect();
        assert_eq!(
            last_value(&headers, "x-forwarded-host").as_deref(),
            expected
        );
    }

    #[test]
    fn a_network_is_an_address_or_a_range() {
        let trusted = networks(&["127.0.0.1", "fd00::/8"]);
        let is = |text: &str| is_trusted(&trusted, text.parse().unwrap());
        assert!(is("127.0.0.1") && is("::ffff:127.0.0.1") && is("fd00::1") && !is("127.0.0.2"));
        assert!("nginx".parse::<Network>().is_err());
    }
}
