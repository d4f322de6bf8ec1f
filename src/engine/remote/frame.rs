//! Messages on a socket: two lengths, JSON, and a body of bytes.

use std::io::{ErrorKind, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::diagnostic::Result;

/// The longest message that is believed, in bytes: a larger one is no message of wh's.
const LONGEST: u64 = 1 << 34;

/// Sends a message.
pub(super) fn send(out: &mut impl Write, message: &impl Serialize, body: &[u8]) -> Result<()> {
    let head = serde_json::to_vec(message)?;
    let mut start = Vec::with_capacity(16 + head.len());
    start.extend((head.len() as u64).to_le_bytes());
    start.extend((body.len() as u64).to_le_bytes());
    start.extend(&head);
    out.write_all(&start)?;
    out.write_all(body)?;
    Ok(())
}

/// Waits for a message; `None` when the other side is gone.
pub(super) fn receive<T: DeserializeOwned>(from: &mut impl Read) -> Result<Option<(T, Vec<u8>)>> {
    let mut lengths = [0; 16];
    match from.read_exact(&mut lengths) {
        Ok(()) => {}
        Err(err) if is_gone(err.kind()) => return Ok(None),
        Err(err) => return Err(err.into()),
    }
    let [head, body] = [&lengths[..8], &lengths[8..]].map(|bytes| {
        let mut number = [0; 8];
        number.copy_from_slice(bytes);
        u64::from_le_bytes(number)
    });
    if head > LONGEST || body > LONGEST {
        return Ok(None);
    }
    let head = exactly(from, head)?;
    let body = exactly(from, body)?;
    Ok(Some((serde_json::from_slice(&head)?, body)))
}

fn exactly(from: &mut impl Read, length: u64) -> Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(length)?];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn is_gone(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_arrives_as_it_was_sent_and_an_end_is_an_end() {
        let mut bytes = Vec::new();
        send(&mut bytes, &("a", 1), b"body").unwrap();
        send(&mut bytes, &("b", 2), b"").unwrap();
        let mut from = bytes.as_slice();
        let mut next = || receive::<(String, u8)>(&mut from).unwrap();
        assert_eq!(next(), Some((("a".into(), 1), b"body".to_vec())));
        assert_eq!(next(), Some((("b".into(), 2), Vec::new())));
        assert_eq!(next(), None);
    }
}
