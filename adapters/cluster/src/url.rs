//! Connection URLs over the unix socket, as sqlx and libpq both read them.

use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

pub(crate) fn of(socket: &Path, login: &str, dbname: &str) -> String {
    format!(
        "postgres://{}@localhost:{}/{}?host={}&sslmode=disable",
        encode(login.as_bytes()),
        crate::PORT,
        encode(dbname.as_bytes()),
        encode(socket.as_os_str().as_bytes()),
    )
}

fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sign_that_means_something_in_a_url_is_encoded() {
        assert_eq!(
            of(Path::new("/a b/c&d+é"), "app", "one?two"),
            "postgres://app@localhost:5432/one%3Ftwo?host=%2Fa%20b%2Fc%26d%2B%C3%A9&sslmode=disable"
        );
    }
}
