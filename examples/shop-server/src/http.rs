//! As much HTTP as a lookup needs: one request for each connection, without a body that matters.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::shop::{Answer, Request, Shop};

/// What a request's head may have, in bytes: some headers of the host's, and a line.
const HEAD_BYTES: u64 = 16 * 1024;
/// How long a caller may take to send it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Reads a request and answers it.
pub(crate) fn serve(caller: &TcpStream, shop: &Shop) -> io::Result<()> {
    caller.set_read_timeout(Some(PATIENCE))?;
    caller.set_write_timeout(Some(PATIENCE))?;
    let answer = match read(BufReader::new(caller).take(HEAD_BYTES))? {
        Some(request) => shop.answer(&request),
        None => Answer::refusing(400, "no request"),
    };
    write(caller, &answer)
}

/// The head of a request; nothing if it is none.
pub(crate) fn read(mut from: impl BufRead) -> io::Result<Option<Request>> {
    let mut line = String::new();
    from.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        ..Request::default()
    };
    loop {
        line.clear();
        from.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else {
            // The empty line, or the end.
            return Ok(Some(request));
        };
        let value = value.trim().to_owned();
        request
            .headers
            .insert(name.trim().to_ascii_lowercase(), value);
    }
}

fn write(mut to: impl Write, answer: &Answer) -> io::Result<()> {
    let reason = match answer.status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        _ => "Error",
    };
    write!(
        to,
        "HTTP/1.1 {} {reason}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{}",
        answer.status,
        answer.body.len(),
        answer.body
    )?;
    to.flush()
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn a_request_is_read_and_what_is_none_is_not() {
        let head = "GET /orders?open=true HTTP/1.1\r\nHost: a\r\nTollgate-Phone: +5511900000001\r\n\r\nrest: no header";
        let request = read(head.as_bytes()).unwrap().unwrap();
        assert_eq!(
            (request.path.as_str(), request.query.as_str()),
            ("/orders", "open=true")
        );
        assert_eq!(request.headers["tollgate-phone"], "+5511900000001");
        assert!(!request.headers.contains_key("rest"));
        assert_eq!(read("\r\n\r\n".as_bytes()).unwrap(), None);
    }

    #[test]
    fn it_answers_over_the_wire() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shop = Shop::new("secret");
        let server = thread::spawn(move || serve(&listener.accept().unwrap().0, &shop));
        let mut caller = TcpStream::connect(address).unwrap();
        let head = "GET /orders/4711 HTTP/1.1\r\nauthorization: Bearer secret\r\ntollgate-phone: +5511900000001\r\n\r\n";
        caller.write_all(head.as_bytes()).unwrap();
        let mut said = String::new();
        caller.read_to_string(&mut said).unwrap();
        server.join().unwrap().unwrap();
        assert!(said.starts_with("HTTP/1.1 200 OK\r\n"), "{said}");
        assert!(said.contains("\"number\":\"4711\""), "{said}");
    }
}
