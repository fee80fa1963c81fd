//! What an address is, by where it leads (the registries of RFC 6890).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where an address leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Anywhere.
    Public,
    /// Into a private network.
    Private,
    /// To this machine or to its link, where services trust whoever asks.
    Local,
    /// To nobody in particular: nothing is ever asked there.
    Nobody,
}

impl Reach {
    /// Where it leads. An address that carries another one leads where that leads.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        match address.octets() {
            // RFC 1122 section 3.2.1.3, RFC 3927.
            [0 | 127, ..] | [169, 254, ..] => Self::Local,
            // RFC 1918, RFC 6598.
            [10, ..] | [172, 16..=31, ..] | [192, 168, ..] | [100, 64..=127, ..] => Self::Private,
            // RFC 6890, RFC 5737, RFC 2544, RFC 5771, RFC 1112 section 4.
            [192, 0, 0 | 2, _] | [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] | [224..=255, ..] => {
                Self::Nobody
            }
            _ => Self::Public,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        let carried = |high: u16, low: u16| {
            let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
            Self::of_v4(Ipv4Addr::new(a, b, c, d))
        };
        match address.segments() {
            // RFC 4291 section 2.5.3 and 2.5.2.
            [0, 0, 0, 0, 0, 0, 0, 0 | 1] => Self::Local,
            // RFC 4291 section 2.5.5, RFC 6052, RFC 8215, RFC 3056.
            [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => carried(high, low),
            [0x64, 0xff9b, 1, ..] => Self::Private,
            [0x2002, high, low, ..] => carried(high, low),
            // RFC 4291 section 2.5.6 and 2.7, RFC 3879, RFC 4193.
            [0xfe80..=0xfebf, ..] => Self::Local,
            [0xfec0..=0xfeff, ..] | [0xfc00..=0xfdff, ..] => Self::Private,
            // RFC 4380, RFC 3849, RFC 6666, RFC 9637.
            [0x2001, 0, ..] | [0x2001, 0xdb8, ..] | [0x100, 0, 0, 0, ..] | [0x3fff, 0..=0xfff, ..] => Self::Nobody,
            [0xff00..=0xffff, ..] => Self::Nobody,
            _ => Self::Public,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_address_leads_where_the_one_leads_that_it_carries() {
        let cases = [
            (Reach::Public, ["93.184.216.34", "2606:2800:21f::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]),
            (Reach::Private, ["10.1.2.3", "172.31.0.1", "fd00::1", "::ffff:192.168.0.1"]),
            (Reach::Private, ["100.64.0.1", "2002:a00:1::1", "64:ff9b::c0a8:1", "fec0::1"]),
            (Reach::Local, ["127.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"]),
            (Reach::Local, ["0.0.0.0", "fe80::1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"]),
            (Reach::Nobody, ["224.0.0.1", "255.255.255.255", "ff02::1", "2001:db8::1"]),
        ];
        for (reach, addresses) in cases {
            for address in addresses {
                assert_eq!(Reach::of(address.parse().unwrap()), reach, "{address}");
            }
        }
        assert_eq!(Reach::of("172.32.0.1".parse().unwrap()), Reach::Public);
        assert_eq!(Reach::of("100.128.0.1".parse().unwrap()), Reach::Public);
    }
}
