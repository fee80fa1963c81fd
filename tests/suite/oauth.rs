//! Access tokens: each way to get one, and that it lets us into a mailbox.

use std::time::SystemTime;

use ferry_post::oauth::{Ask, Authority, Client, Grant};
use ferry_post::{Credentials, Fault, Mailbox, Submission, Trust};
use ferry_tests::authorization_server::{AuthorizationServer, CLIENT, browse};
use ferry_tests::mail_servers::{GLOBEX, MailServers};

fn client(server: &AuthorizationServer) -> Client {
    let authority = Authority::discover(&server.issuer(), &["mail".to_owned()], &Trust::Platform).unwrap();
    Client { id: CLIENT.0.to_owned(), secret: None, authority, trust: Trust::Platform }
}

/// Somebody at a browser of this machine, who agrees.
fn agrees(ask: &Ask) {
    let url = ask.url.clone();
    // It comes back to who waits for it.
    std::thread::spawn(move || assert!(browse(&url).contains("Ferry may use the mailbox now")));
}

#[test]
fn a_token_of_each_kind_lets_us_in() {
    let Some(servers) = MailServers::up(7, &[]) else { return };
    let server = AuthorizationServer::new(GLOBEX);
    let client = client(&server);
    let by_browser = client.by_browser(&agrees).unwrap();
    let by_device = client.by_device(&|ask| assert_eq!(ask.code.as_deref(), Some("ABCD-EFGH"))).unwrap();
    let itself = Client { secret: Some(CLIENT.1.to_owned()), ..client.clone() };
    let by_itself = itself.by_itself().unwrap();
    assert_eq!(by_itself.refresh, None);
    let refreshed = client.refresh(by_device.refresh.as_ref().unwrap()).unwrap();
    for Grant { access, until, .. } in [by_browser, by_device, by_itself, refreshed] {
        assert!(until > SystemTime::now());
        let who = || Credentials::Token { user: GLOBEX.to_owned(), token: access.clone() };
        Mailbox::open(&servers.place("imaps"), &servers.trust(), who()).unwrap();
        Mailbox::open(&servers.place("imap+starttls"), &servers.trust(), who()).unwrap();
        Submission::open(&servers.place("smtps"), &servers.trust(), who()).unwrap();
    }
}

#[test]
fn what_was_taken_back_wants_a_person_and_a_wrong_client_gets_nothing() {
    let server = AuthorizationServer::new(GLOBEX);
    let client = client(&server);
    let granted = client.by_browser(&agrees).unwrap();
    let next = client.refresh(granted.refresh.as_ref().unwrap()).unwrap();
    server.revoke();
    let refused = client.refresh(next.refresh.as_ref().unwrap()).unwrap_err();
    assert!(matches!(&refused, Fault::Unauthenticated(why) if why.contains("agree again")), "{refused:?}");

    let stranger = Client { id: "somebody".to_owned(), ..client.clone() };
    assert!(matches!(stranger.by_device(&|_| ()), Err(Fault::Denied(_) | Fault::Unauthenticated(_))));
    let wrong = Client { secret: Some("wrong".to_owned()), ..client.clone() };
    assert!(wrong.by_itself().is_err());
    assert!(matches!(client.by_itself(), Err(Fault::Denied(_))), "without a secret nobody is asked");
    for shown in [format!("{client:?}"), format!("{next:?}"), refused.to_string()] {
        assert!(!shown.contains("refresh ") && !shown.contains(CLIENT.1), "{shown}");
    }
}

#[test]
fn nobody_is_asked_who_is_not_secure_or_speaks_for_another() {
    let scopes = ["mail".to_owned()];
    let open = Authority::discover("http://192.0.2.1", &scopes, &Trust::Platform);
    assert!(matches!(open, Err(Fault::Insecure(_))), "{open:?}");
    let server = AuthorizationServer::new(GLOBEX);
    // It answers for all that lies below it, as what it is itself.
    let other = Authority::discover(&format!("{}/realm", server.issuer()), &scopes, &Trust::Platform);
    assert!(matches!(&other, Err(Fault::Insecure(why)) if why.contains(&server.issuer())), "{other:?}");
    assert_eq!(server.requests(), 1, "nobody else is asked then");
}
