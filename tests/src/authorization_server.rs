//! An authorization server of OAuth 2.0, on loopback: its tokens are good for
//! the mail servers that tests start.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::mail_servers::signed_token;

/// Whoever is registered there.
pub const CLIENT: (&str, &str) = ("ferry", "client secret");

/// A server that goes on until the process ends.
#[derive(Debug)]
pub struct AuthorizationServer {
    port: u16,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    user: String,
    /// Challenges by the codes that answer them.
    codes: BTreeMap<String, String>,
    refresh: Option<String>,
    /// How often somebody asked whether a device may come in.
    asked: u32,
    /// Requests so far.
    requests: u32,
}

impl AuthorizationServer {
    /// A server that lets this user in.
    pub fn new(user: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State { user: user.to_owned(), ..State::default() }));
        let shared = state.clone();
        thread::spawn(move || {
            for asked in listener.incoming().map_while(Result::ok) {
                answer(asked, port, &shared);
            }
        });
        Self { port, state }
    }

    /// What it calls itself.
    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What was granted is taken back: a person has to agree again.
    pub fn revoke(&self) {
        self.state.lock().unwrap().refresh = None;
    }

    /// How often it was asked for anything.
    pub fn requests(&self) -> u32 {
        self.state.lock().unwrap().requests
    }
}

/// Follows an address as a browser does, and answers where it ends.
pub fn browse(address: &str) -> String {
    let answer = get(address);
    match answer.lines().find_map(|line| line.strip_prefix("Location: ")) {
        Some(location) => browse(location.trim()),
        None => answer,
    }
}

fn get(address: &str) -> String {
    let rest = address.strip_prefix("http://").expect("nothing else is asked in tests");
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut server = TcpStream::connect(host).unwrap();
    write!(server, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    server.read_to_string(&mut answer).unwrap();
    answer
}

fn answer(mut asked: TcpStream, port: u16, state: &Mutex<State>) {
    let mut reader = BufReader::new(asked.try_clone().unwrap());
    let mut first = String::new();
    if reader.read_line(&mut first).is_err() {
        return;
    }
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).is_err() || line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let target = first.split(' ').nth(1).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut state = state.lock().unwrap();
    state.requests += 1;
    let page = match path {
        path if path.starts_with("/.well-known/oauth-authorization-server") => metadata(port),
        "/authorize" => authorize(&mut state, &pairs(query)),
        "/device" => device(port),
        "/token" => token(&mut state, &pairs(&String::from_utf8(body).unwrap())),
        _ => page("404 Not Found", "", "{}"),
    };
    asked.write_all(page.as_bytes()).ok();
}

fn metadata(port: u16) -> String {
    let issuer = format!("http://127.0.0.1:{port}");
    let text = format!(
        r#"{{"issuer":"{issuer}","authorization_endpoint":"{issuer}/authorize","token_endpoint":"{issuer}/token",
        "device_authorization_endpoint":"{issuer}/device"}}"#
    );
    page("200 OK", "", &text)
}

fn authorize(state: &mut State, asked: &BTreeMap<String, String>) -> String {
    assert_eq!(asked["code_challenge_method"], "S256");
    let code = format!("code {}", state.requests);
    state.codes.insert(code.clone(), asked["code_challenge"].clone());
    let location =
        format!("Location: {}?code={}&state={}\r\n", asked["redirect_uri"], code.replace(' ', "%20"), asked["state"]);
    page("302 Found", &location, "")
}

fn device(port: u16) -> String {
    let text = format!(
        r#"{{"device_code":"a device","user_code":"ABCD-EFGH","verification_uri":"http://127.0.0.1:{port}/agree",
        "expires_in":600,"interval":1}}"#
    );
    page("200 OK", "", &text)
}

fn token(state: &mut State, asked: &BTreeMap<String, String>) -> String {
    let refused = |error: &str| page("400 Bad Request", "", &format!(r#"{{"error":"{error}"}}"#));
    if asked["client_id"] != CLIENT.0 {
        return refused("invalid_client");
    }
    let good = match asked["grant_type"].as_str() {
        "authorization_code" => {
            let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(asked["code_verifier"].as_bytes()));
            state.codes.remove(&asked["code"]) == Some(challenge)
        }
        "refresh_token" => state.refresh.is_some() && asked.get("refresh_token") == state.refresh.as_ref(),
        "client_credentials" => asked.get("client_secret").is_some_and(|secret| secret == CLIENT.1),
        "urn:ietf:params:oauth:grant-type:device_code" => {
            state.asked += 1;
            if state.asked < 2 {
                return refused("authorization_pending");
            }
            true
        }
        _ => return refused("unsupported_grant_type"),
    };
    if !good {
        return refused("invalid_grant");
    }
    let access = signed_token(&state.user, 600);
    let own = asked["grant_type"] == "client_credentials";
    let refresh = format!("refresh {}", state.requests);
    let told = if own { String::new() } else { format!(r#","refresh_token":"{refresh}""#) };
    state.refresh = (!own).then_some(refresh).or(state.refresh.take());
    page("200 OK", "", &format!(r#"{{"access_token":"{access}","token_type":"Bearer","expires_in":600{told}}}"#))
}

fn page(status: &str, headers: &str, text: &str) -> String {
    let length = text.len();
    format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Type: application/json\r\nContent-Length: {length}\r\nConnection: \
         close\r\n\r\n{text}"
    )
}

fn pairs(query: &str) -> BTreeMap<String, String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), plain(value))).collect()
}

fn plain(value: &str) -> String {
    let mut parts = value.split('%');
    let mut text = parts.next().unwrap_or_default().replace('+', " ");
    for part in parts {
        let byte = u8::from_str_radix(&part[..2], 16).unwrap();
        text.push(char::from(byte));
        text.push_str(&part[2..].replace('+', " "));
    }
    text
}
