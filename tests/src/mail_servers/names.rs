//! A name server (RFC 1035) that knows services (RFC 2782) and nothing else.

use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::thread;

/// Where a service is offered: its host, and the port.
pub type Service = (String, u16);

/// The type of a service's record.
const SRV: u16 = 33;

/// Answers at an address until the process ends; says where.
pub fn name_server(address: &str, services: BTreeMap<&'static str, Vec<Service>>) -> SocketAddr {
    let socket = UdpSocket::bind(address).unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut packet = [0; 1500];
        while let Ok((size, from)) = socket.recv_from(&mut packet) {
            drop(socket.send_to(&answer(&packet[..size], &services), from));
        }
    });
    address
}

fn answer(query: &[u8], services: &BTreeMap<&'static str, Vec<Service>>) -> Vec<u8> {
    let (mut name, mut at) = (String::new(), 12);
    while query[at] != 0 {
        let length = usize::from(query[at]);
        name.push_str(std::str::from_utf8(&query[at + 1..at + 1 + length]).unwrap());
        name.push('.');
        at += 1 + length;
    }
    let question = &query[12..at + 5];
    let offered = services.get(name.to_ascii_lowercase().trim_end_matches('.')).map(Vec::as_slice).unwrap_or_default();
    // An answer to a question that wanted recursion; NXDOMAIN where there is none.
    let flags: u16 = if offered.is_empty() { 0x8183 } else { 0x8180 };
    let numbers = [flags, 1, u16::try_from(offered.len()).unwrap(), 0, 0];
    let mut packet = query[..2].to_vec();
    packet.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
    packet.extend(question);
    for (priority, (host, port)) in (1u16..).zip(offered) {
        let labels = host.split('.').filter(|label| !label.is_empty());
        let target: Vec<u8> =
            labels.flat_map(|label| [&[u8::try_from(label.len()).unwrap()], label.as_bytes()].concat()).collect();
        let data = [&priority.to_be_bytes()[..], &0u16.to_be_bytes(), &port.to_be_bytes(), &target, &[0]].concat();
        packet.extend([0xc0, 12]);
        packet
            .extend([SRV, 1, 0, 60, u16::try_from(data.len()).unwrap()].iter().flat_map(|number| number.to_be_bytes()));
        packet.extend(data);
    }
    packet
}
