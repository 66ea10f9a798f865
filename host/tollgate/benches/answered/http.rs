//! HTTP/1.1 as both ends of this benchmark need it: messages with a length, on connections that stay. By hand, because what the load
//! costs is taken from the host that it measures.

use std::io::{Error, ErrorKind, Result};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// More than any message here has; past it something is wrong.
const MOST: usize = 4 * 1024 * 1024;

/// One connection.
pub struct Peer {
    stream: TcpStream,
    heard: Vec<u8>,
    /// So much of it has been given out.
    given: usize,
}

/// A request or an answer.
pub struct Heard<'a> {
    /// Its first line and headers.
    pub head: &'a [u8],
    pub body: &'a [u8],
}

impl Peer {
    pub fn new(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            heard: Vec::with_capacity(8192),
            given: 0,
        }
    }

    pub async fn say(&mut self, message: &[u8]) -> Result<()> {
        self.stream.write_all(message).await
    }

    /// The next message; nothing if the other side has closed between two.
    pub async fn hear(&mut self) -> Result<Option<Heard<'_>>> {
        self.heard.drain(..self.given);
        self.given = 0;
        let (head, length) = loop {
            if let Some(whole) = whole(&self.heard)? {
                break whole;
            }
            if self.heard.len() > MOST {
                return Err(broken("a message without an end"));
            }
            if self.stream.read_buf(&mut self.heard).await? == 0 {
                return match self.heard.is_empty() {
                    true => Ok(None),
                    false => Err(broken("half a message")),
                };
            }
        };
        self.given = head + length;
        Ok(Some(Heard {
            head: &self.heard[..head],
            body: &self.heard[head..self.given],
        }))
    }
}

impl Heard<'_> {
    /// Of an answer.
    pub fn status(&self) -> u16 {
        let digits = self.head.get(9..12).unwrap_or_default();
        std::str::from_utf8(digits)
            .ok()
            .and_then(|digits| digits.parse().ok())
            .unwrap_or(0)
    }
}

/// The bytes of the head and of the body, if both are there.
fn whole(heard: &[u8]) -> Result<Option<(usize, usize)>> {
    let Some(end) = find(heard, b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = &heard[..end];
    let mut length = 0;
    for line in head.split(|byte| *byte == b'\n').skip(1) {
        let Some((name, value)) = line.split_at_checked(15) else {
            continue;
        };
        if name.eq_ignore_ascii_case(b"content-length:") {
            let value = std::str::from_utf8(value).unwrap_or_default().trim();
            length = value.parse().map_err(|_| broken("an odd length"))?;
        } else if name.eq_ignore_ascii_case(b"transfer-encodi") {
            return Err(broken("a body in chunks"));
        }
    }
    let head = end + 4;
    Ok((heard.len() >= head + length).then_some((head, length)))
}

/// Where something begins.
pub fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

fn broken(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}
