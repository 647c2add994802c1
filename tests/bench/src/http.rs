//! A small HTTP/1.1 client over keep-alive: as little work as a load generator can do.

use std::{fmt::Write as _, net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

const PATIENCE: Duration = Duration::from_secs(20);

/// A request as bytes, ready to be written.
pub struct Ask(Vec<u8>);

impl Ask {
    pub fn get(host: &str, path: &str, cookie: &str, ip: &str) -> Self {
        Self(head("GET", host, path, cookie, ip).into_bytes()).closed()
    }

    /// A posted form.
    pub fn post(host: &str, path: &str, cookie: &str, ip: &str, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let mut text = head("POST", host, path, cookie, ip);
        let _ = write!(
            text,
            "content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        Self(text.into_bytes())
    }

    fn closed(mut self) -> Self {
        self.0.extend_from_slice(b"\r\n");
        self
    }
}

fn head(method: &str, host: &str, path: &str, cookie: &str, ip: &str) -> String {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n");
    if !cookie.is_empty() {
        let _ = write!(text, "cookie: {cookie}\r\n");
    }
    if !ip.is_empty() {
        let _ = write!(text, "x-forwarded-for: {ip}\r\n");
    }
    text
}

/// An address per person, so that limits per address see people and not one machine.
pub fn address(n: u64) -> String {
    format!("10.{}.{}.{}", (n >> 16) & 255, (n >> 8) & 255, n & 255)
}

/// What came back.
#[derive(Debug, Default)]
pub struct Answer {
    pub status: u16,
    pub location: Option<String>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The words of a page's first alert, for who looks for the cause of a failure.
    pub fn told(&self) -> String {
        let page = String::from_utf8_lossy(&self.body);
        let alert = page.split("role=\"alert\"").nth(1).unwrap_or(&page);
        let words = alert.split('<').filter_map(|part| part.split('>').nth(1));
        let words = words.map(str::trim).filter(|part| !part.is_empty());
        words.take(4).collect::<Vec<_>>().join(" ")
    }
}

/// One connection, opened again when the other side closed it.
pub struct Connection {
    to: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Connection {
    pub fn new(to: SocketAddr) -> Self {
        Self {
            to,
            stream: None,
            buffer: Vec::with_capacity(64 * 1024),
        }
    }

    /// One exchange. A connection that was closed while it lay idle is opened again, once.
    pub async fn exchange(&mut self, ask: &Ask) -> anyhow::Result<Answer> {
        let fresh = self.stream.is_none();
        match timeout(PATIENCE, self.once(ask)).await? {
            Err(_) if !fresh && self.buffer.is_empty() => timeout(PATIENCE, self.once(ask)).await?,
            done => done,
        }
    }

    async fn once(&mut self, ask: &Ask) -> anyhow::Result<Answer> {
        self.buffer.clear();
        let mut stream = if let Some(stream) = self.stream.take() {
            stream
        } else {
            let stream = TcpStream::connect(self.to).await?;
            stream.set_nodelay(true)?;
            stream
        };
        stream.write_all(&ask.0).await?;
        let head = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            anyhow::ensure!(stream.read_buf(&mut self.buffer).await? > 0, "closed");
        };
        let fields = Head::read(&self.buffer[..head])?;
        let mut answer = Answer {
            status: fields.status,
            location: fields.location,
            body: Vec::new(),
        };
        if fields.chunked {
            answer.body = chunks(&mut stream, &mut self.buffer, head).await?;
        } else {
            let end = head + fields.length;
            while self.buffer.len() < end {
                anyhow::ensure!(stream.read_buf(&mut self.buffer).await? > 0, "cut short");
            }
            answer.body = self.buffer[head..end].to_vec();
        }
        if !fields.close {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

async fn chunks(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    mut at: usize,
) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = loop {
            if let Some(end) = find(&buffer[at..], b"\r\n") {
                break at + end;
            }
            anyhow::ensure!(stream.read_buf(buffer).await? > 0, "cut short");
        };
        let size = usize::from_str_radix(std::str::from_utf8(&buffer[at..line])?.trim(), 16)?;
        let start = line + 2;
        while buffer.len() < start + size + 2 {
            anyhow::ensure!(stream.read_buf(buffer).await? > 0, "cut short");
        }
        body.extend_from_slice(&buffer[start..start + size]);
        at = start + size + 2;
        if size == 0 {
            return Ok(body);
        }
    }
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|w| w == what)
}

struct Head {
    status: u16,
    length: usize,
    chunked: bool,
    close: bool,
    location: Option<String>,
}

impl Head {
    fn read(bytes: &[u8]) -> anyhow::Result<Self> {
        let text = std::str::from_utf8(bytes)?;
        let mut lines = text.split("\r\n");
        let status = lines.next().unwrap_or_default();
        let status = status.split(' ').nth(1).unwrap_or_default().parse()?;
        let mut head = Self {
            status,
            length: 0,
            chunked: false,
            close: false,
            location: None,
        };
        for line in lines {
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => head.length = value.parse()?,
                "transfer-encoding" => head.chunked = value.eq_ignore_ascii_case("chunked"),
                "connection" => head.close = value.eq_ignore_ascii_case("close"),
                "location" => head.location = Some(value.to_owned()),
                _ => {}
            }
        }
        Ok(head)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    async fn answered(bytes: &'static [u8]) -> Answer {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let to = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a caller");
            let mut read = [0; 512];
            let _ = stream.read(&mut read).await;
            let _ = stream.write_all(bytes).await;
        });
        Connection::new(to)
            .exchange(&Ask::get("h", "/", "", ""))
            .await
            .expect("an answer")
    }

    #[tokio::test]
    async fn a_body_of_known_length_and_one_in_chunks_are_read_whole() {
        let answer = answered(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").await;
        assert_eq!((answer.status, &answer.body[..]), (200, &b"hello"[..]));
        let answer = answered(
            b"HTTP/1.1 303 See Other\r\nLocation: /x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        )
        .await;
        assert_eq!(answer.location.as_deref(), Some("/x"));
        assert_eq!((answer.status, &answer.body[..]), (303, &b"abcde"[..]));
    }
}
