//! A trained model as bytes: the same model gives the same bytes, and they give the same model back to the last bit.

use crate::diagnostic::{Diagnostic, Kind, Result};

/// First bytes of every model.
const MAGIC: &[u8] = b"whml";
/// Raised when what follows is written in another way.
const FORMAT: u32 = 1;
/// How hard zstd tries; a level of its own would change the bytes.
const LEVEL: i32 = 3;

/// Writes numbers little-endian, texts and lists with their length before them.
#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Returns what was written, compressed, behind the mark of the format.
    ///
    /// # Errors
    /// `Bug` when it cannot be compressed.
    pub(super) fn finish(self) -> Result<Vec<u8>> {
        let packed = zstd::encode_all(self.bytes.as_slice(), LEVEL).map_err(|err| {
            Diagnostic::new(Kind::Bug, "a model cannot be compressed").because(err)
        })?;
        Ok([MAGIC, &FORMAT.to_le_bytes(), &packed].concat())
    }

    pub(super) fn byte(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub(super) fn whole(&mut self, value: usize) {
        self.bytes.extend((value as u64).to_le_bytes());
    }

    pub(super) fn number(&mut self, value: f64) {
        self.bytes.extend(value.to_le_bytes());
    }

    pub(super) fn text(&mut self, value: &str) {
        self.whole(value.len());
        self.bytes.extend(value.as_bytes());
    }

    /// Writes how many items there are, then each with `write`.
    pub(super) fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.whole(items.len());
        for item in items {
            write(self, item);
        }
    }

    /// Writes a value that may be absent.
    pub(super) fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.byte(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }
}

/// Reads what [`Writer`] wrote, in the same order.
pub struct Reader {
    bytes: Vec<u8>,
    at: usize,
}

impl Reader {
    /// Unpacks a model's bytes.
    ///
    /// # Errors
    /// `Data` when they are no model, or one of a later version of `wh`.
    pub(super) fn new(bytes: &[u8]) -> Result<Self> {
        let format = bytes
            .strip_prefix(MAGIC)
            .and_then(<[u8]>::split_first_chunk);
        let Some((format, packed)) = format else {
            return Err(damaged().into());
        };
        if u32::from_le_bytes(*format) != FORMAT {
            return Err(
                Diagnostic::data("the model was written by another version of wh")
                    .hint("train it again")
                    .into(),
            );
        }
        let bytes = zstd::decode_all(packed).map_err(|err| damaged().because(err))?;
        Ok(Self { bytes, at: 0 })
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let found = self.bytes[self.at..].first_chunk().copied();
        self.at += N;
        found.ok_or_else(|| damaged().into())
    }

    pub(super) fn byte(&mut self) -> Result<u8> {
        Ok(self.take::<1>()?[0])
    }

    pub(super) fn whole(&mut self) -> Result<usize> {
        Ok(usize::try_from(u64::from_le_bytes(self.take()?))?)
    }

    pub(super) fn number(&mut self) -> Result<f64> {
        Ok(f64::from_le_bytes(self.take()?))
    }

    pub(super) fn text(&mut self) -> Result<String> {
        let length = self.whole()?;
        let found = self.bytes.get(self.at..self.at.saturating_add(length));
        let text = std::str::from_utf8(found.ok_or_else(damaged)?)?.to_owned();
        self.at += length;
        Ok(text)
    }

    pub(super) fn list<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T>,
    ) -> Result<Vec<T>> {
        (0..self.whole()?).map(|_| read(self)).collect()
    }

    pub(super) fn option<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<Option<T>> {
        match self.byte()? {
            0 => Ok(None),
            _ => read(self).map(Some),
        }
    }
}

fn damaged() -> Diagnostic {
    Diagnostic::data("the bytes of the model are damaged").hint("train it again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_to_the_last_bit() {
        let mut writer = Writer::default();
        writer.number(0.1 + 0.2);
        writer.text("Zürich");
        writer.list(&[1.5, -0.0], |writer, value| writer.number(*value));
        writer.option(None::<f64>, Writer::number);
        writer.option(Some(3), Writer::whole);
        let bytes = writer.finish().unwrap();
        let mut reader = Reader::new(&bytes).unwrap();
        assert_eq!(reader.number().unwrap().to_bits(), (0.1f64 + 0.2).to_bits());
        assert_eq!(reader.text().unwrap(), "Zürich");
        assert_eq!(reader.list(Reader::number).unwrap(), [1.5, -0.0]);
        assert_eq!(reader.option(Reader::number).unwrap(), None);
        assert_eq!(reader.option(Reader::whole).unwrap(), Some(3));
        assert!(reader.byte().is_err());
    }

    #[test]
    fn damaged_bytes_are_an_error() {
        assert!(Reader::new(b"").is_err());
        assert!(Reader::new(b"whml\x01\0\0\0no zstd").is_err());
        assert!(Reader::new(b"whml\x09\0\0\0").is_err());
    }
}
