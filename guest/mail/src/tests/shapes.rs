//! What leaves, and what gateways make of it.

use super::sample::{mail, name, parcel};
use crate::compose::parcel_bytes;
use crate::forge::Gateway;
use crate::{Envelope, candidates, compose, named};

#[test]
fn what_leaves_passes_every_relay() {
    let mail = mail(&parcel(1, 100_000));
    let text = std::str::from_utf8(&mail).unwrap();
    assert!(mail.is_ascii() && !mail.contains(&0));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "a bare line feed");
    assert!(text.lines().all(|line| line.len() <= 120), "a long line");
    assert!(text.contains("Auto-Submitted: auto-generated\r\n"));
    assert!(text.contains("X-Auto-Response-Suppress: All\r\n"));
    assert!(text.contains("Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n"), "{}", &text[..600]);
    assert!(text.contains("multipart/encrypted; protocol=\"application/pgp-encrypted\""));
    assert!(text.contains("\r\n\r\nVersion: 1\r\n"));
}

#[test]
fn what_is_only_signed_does_not_claim_to_be_encrypted() {
    let mut signed = parcel(1, 300);
    signed[0] = 0xc4;
    let mail = String::from_utf8(mail(&signed)).unwrap();
    assert!(mail.contains("multipart/mixed") && !mail.contains("pgp-encrypted"));
    assert_eq!(candidates(mail.as_bytes()), [signed]);
}

#[test]
fn a_parcel_is_found_in_every_shape_that_gateways_leave() {
    for length in [1, 47, 48, 49, 1000, 70_000] {
        let parcel = parcel(2, length);
        let mail = mail(&parcel);
        assert_eq!(candidates(&mail), std::slice::from_ref(&parcel), "{length} bytes, as they were sent");
        for one in Gateway::ALL {
            let once = one.pass(&mail);
            assert_ne!(once, mail, "{one:?} changed nothing");
            assert_eq!(candidates(&once), std::slice::from_ref(&parcel), "{length} bytes through {one:?}");
            for other in Gateway::ALL {
                let twice = other.pass(&once);
                assert_eq!(
                    candidates(&twice),
                    std::slice::from_ref(&parcel),
                    "{length} bytes through {one:?}, {other:?}"
                );
            }
        }
    }
}

#[test]
fn the_name_is_found_in_a_subject_that_was_marked() {
    let name = name(&parcel(1, 9)).0;
    let token = &name[..20];
    assert_eq!(named(&format!("[EXTERNAL] {name}"), token), Some(&name[..]));
    assert_eq!(named(&format!("Fwd:{name}"), token), Some(&name[..]));
    assert_eq!(named("Lunch?", token), None);
}

#[test]
fn a_mail_is_no_larger_than_was_reckoned() {
    for limit in [10_000_u64, 1_000_000, 10_240_000] {
        let length = usize::try_from(parcel_bytes(limit)).unwrap();
        let size = mail(&parcel(3, length)).len() as u64;
        assert!(size <= limit && size > limit - 5_000, "{size} of {limit}");
    }
}

#[test]
fn what_is_no_address_is_refused_with_the_reason() {
    for (address, why) in [
        ("acme", "NAME@DOMAIN"),
        ("@a.test", "NAME@DOMAIN"),
        ("acme@", "NAME@DOMAIN"),
        ("acme@a.test\r\nBcc: eve@c.test", "characters"),
        ("acme@a.test>", "characters"),
        ("a b@a.test", "characters"),
        ("äcme@a.test", "characters"),
    ] {
        for (sender, recipient) in [(address, "globex@b.test"), ("globex@b.test", address)] {
            let envelope = Envelope { sender, recipient, name: "n", id: "i", date: Default::default() };
            let refused = compose(&envelope, b"x").unwrap_err();
            assert!(refused.contains(why), "{address}: {refused}");
        }
    }
}

#[test]
fn what_is_cut_off_or_holds_nothing_gives_nothing() {
    let mail = mail(&parcel(4, 5000));
    for end in (0..mail.len() - 60).step_by(97) {
        assert_eq!(candidates(&mail[..end]), Vec::<Vec<u8>>::new(), "{end} bytes");
    }
    assert_eq!(candidates(b"From: <a@b.test>\r\nSubject: Lunch?\r\n\r\nAt noon.\r\n"), Vec::<Vec<u8>>::new());
}

#[test]
fn openings_without_an_end_cost_no_more_than_their_length() {
    let parcel = parcel(5, 100);
    let mut mails = "-----BEGIN PGP MESSAGE-----\r\n".repeat(400_000).into_bytes();
    mails.extend(mail(&parcel));
    assert_eq!(candidates(&mails), [parcel]);
}

#[test]
fn structure_without_end_is_not_taken_apart() {
    let head = "Content-Type: multipart/mixed; boundary=\"a\"\r\n\r\n".to_owned();
    let parts = head + &"--a\r\n\r\n".repeat(200_000);
    assert_eq!(candidates(parts.as_bytes()), Vec::<Vec<u8>>::new());
    let headers = "a:\r\n".repeat(200_000) + "\r\n";
    assert_eq!(candidates(headers.as_bytes()), Vec::<Vec<u8>>::new());
}
