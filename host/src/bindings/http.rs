//! `ferry:host/http`, onto granted origins.

use std::io::Read;
use std::time::Duration;

use ferry_http::{Answer, Authorization, Body, Content, Exchange, Fault, Method, Part, Shelf, ShelfFault};

use super::adapter::ferry::host::http as wit;
use crate::blobs::{BlobFault, Blobs};
use crate::runtime::Grants;

impl wit::Host for Grants {
    fn send(&mut self, exchanges: Vec<wit::Exchange>) -> wasmtime::Result<Vec<Result<wit::Answer, wit::Fault>>> {
        let exchanges: Vec<Exchange> = exchanges.into_iter().map(Exchange::from).collect();
        let secret = |name: &str| self.secret(name);
        let answers = self.meter.hosted(|| self.http.send(&exchanges, &secret, &*self.blobs));
        Ok(answers.into_iter().map(|answer| answer.map(wit::Answer::from).map_err(wit::Fault::from)).collect())
    }
}

impl Shelf for Blobs {
    fn open(&self, name: &str) -> Result<(Box<dyn Read + Send>, u64), ShelfFault> {
        let file = self.file(name)?;
        let length = file.metadata()?.len();
        Ok((Box::new(file), length))
    }

    fn put(&self, content: &mut dyn Read, max: u64) -> Result<String, ShelfFault> {
        Ok(self.fill(content, max)?)
    }
}

impl From<BlobFault> for ShelfFault {
    fn from(fault: BlobFault) -> Self {
        match fault {
            BlobFault::NotFound => Self::NotFound,
            BlobFault::TooLarge(max) => Self::TooLarge(max),
            other => Self::Io(std::io::Error::other(other)),
        }
    }
}

impl From<wit::Exchange> for Exchange {
    fn from(exchange: wit::Exchange) -> Self {
        Self {
            method: exchange.method.into(),
            url: exchange.url,
            authorization: exchange.authorization.into(),
            headers: exchange.headers.into_iter().map(|header| (header.name, header.value)).collect(),
            body: exchange.body.into(),
            into_blob: exchange.into_blob,
            max_bytes: exchange.max_bytes,
            within: Duration::from_millis(exchange.timeout_ms.into()),
        }
    }
}

impl From<wit::Method> for Method {
    fn from(method: wit::Method) -> Self {
        match method {
            wit::Method::Get => Self::Get,
            wit::Method::Head => Self::Head,
            wit::Method::Post => Self::Post,
            wit::Method::Put => Self::Put,
            wit::Method::Patch => Self::Patch,
            wit::Method::Delete => Self::Delete,
        }
    }
}

impl From<wit::Authorization> for Authorization {
    fn from(authorization: wit::Authorization) -> Self {
        match authorization {
            wit::Authorization::None => Self::None,
            wit::Authorization::Bearer(secret) => Self::Bearer(secret),
            wit::Authorization::Basic((user, secret)) => Self::Basic(user, secret),
            wit::Authorization::Header((name, secret)) => Self::Header(name, secret),
        }
    }
}

impl From<wit::Body> for Body {
    fn from(body: wit::Body) -> Self {
        match body {
            wit::Body::None => Self::None,
            wit::Body::Content(content) => Self::Content(content.into()),
            wit::Body::Multipart(parts) => Self::Form(parts.into_iter().map(Part::from).collect()),
        }
    }
}

impl From<wit::Part> for Part {
    fn from(part: wit::Part) -> Self {
        let wit::Part { name, file_name, media_type, content } = part;
        Self { name, file_name, media_type, content: content.into() }
    }
}

impl From<wit::Content> for Content {
    fn from(content: wit::Content) -> Self {
        match content {
            wit::Content::Bytes(bytes) => Self::Bytes(bytes),
            wit::Content::Blob(name) => Self::Blob(name),
        }
    }
}

impl From<Answer> for wit::Answer {
    fn from(answer: Answer) -> Self {
        let headers = answer.headers.into_iter().map(|(name, value)| wit::Header { name, value }).collect();
        let body = match answer.body {
            Content::Bytes(bytes) => wit::Content::Bytes(bytes),
            Content::Blob(name) => wit::Content::Blob(name),
        };
        Self { status: answer.status, headers, url: answer.url, body }
    }
}

impl From<Fault> for wit::Fault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Denied(why) => Self::Denied(why),
            Fault::Unreachable(why) => Self::Unreachable(why),
            Fault::Insecure(why) => Self::Insecure(why),
            Fault::BrokenOff(why) => Self::BrokenOff(why),
            Fault::TooLarge(max) => Self::TooLarge(max),
            Fault::Invalid(why) => Self::Invalid(why),
        }
    }
}
