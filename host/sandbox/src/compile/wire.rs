//! What goes between the host and its compiler: one order in, one reply out.

use std::io::{self, Read, Write};

/// What an order begins with. Another layout gets another number.
const MAGIC: [u8; 8] = *b"tgcomp01";

/// What the host wants compiled, but for the component, which follows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    /// Bytes that the compiler may use beyond what it begins with.
    pub(super) memory_bytes: u64,
    /// Seconds of processor time that it may use.
    pub(super) processor_seconds: u64,
    /// The component's size.
    pub(super) component_bytes: u64,
}

impl Order {
    pub(super) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        to.write_all(&MAGIC)?;
        for number in [
            self.memory_bytes,
            self.processor_seconds,
            self.component_bytes,
        ] {
            to.write_all(&number.to_le_bytes())?;
        }
        Ok(())
    }

    pub(super) fn read(from: &mut impl Read) -> io::Result<Self> {
        if read_array(from)? != MAGIC {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut number = || read_array(from).map(u64::from_le_bytes);
        Ok(Self {
            memory_bytes: number()?,
            processor_seconds: number()?,
            component_bytes: number()?,
        })
    }
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reply {
    /// Machine code.
    Code(Vec<u8>),
    /// The component is at fault.
    Refused(String),
    /// There was not enough memory.
    TooMuchMemory,
    /// The compiler could not contain itself, and did not begin.
    Unable(String),
}

const CODE: u8 = 1;
const REFUSED: u8 = 2;
const TOO_MUCH_MEMORY: u8 = 3;
const UNABLE: u8 = 4;

/// The build that answers, what it answers, and how many bytes follow.
const HEAD_BYTES: usize = 32 + 1 + 8;

impl Reply {
    pub(super) fn write(&self, build: &[u8; 32], to: &mut impl Write) -> io::Result<()> {
        let (kind, body): (u8, &[u8]) = match self {
            Self::Code(code) => (CODE, code),
            Self::Refused(message) => (REFUSED, message.as_bytes()),
            Self::TooMuchMemory => (TOO_MUCH_MEMORY, &[]),
            Self::Unable(message) => (UNABLE, message.as_bytes()),
        };
        let length = u64::try_from(body.len()).map_err(io::Error::other)?;
        to.write_all(build)?;
        to.write_all(&[kind])?;
        to.write_all(&length.to_le_bytes())?;
        to.write_all(body)?;
        to.flush()
    }

    /// The build that answered and what it said; nothing if it is no whole reply.
    pub(super) fn parse(mut bytes: Vec<u8>) -> Option<([u8; 32], Self)> {
        let (build, rest) = bytes.split_first_chunk::<32>()?;
        let (&kind, rest) = rest.split_first()?;
        let (length, body) = rest.split_first_chunk::<8>()?;
        if u64::try_from(body.len()).ok()? != u64::from_le_bytes(*length) {
            return None;
        }
        let build = *build;
        bytes.drain(..HEAD_BYTES);
        let words = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let reply = match kind {
            CODE => Self::Code(bytes),
            REFUSED => Self::Refused(words(bytes)),
            TOO_MUCH_MEMORY => Self::TooMuchMemory,
            UNABLE => Self::Unable(words(bytes)),
            _ => return None,
        };
        Some((build, reply))
    }
}

fn read_array<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut array = [0; N];
    from.read_exact(&mut array)?;
    Ok(array)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read_as_it_was_written() {
        let order = Order {
            memory_bytes: 1,
            processor_seconds: 2,
            component_bytes: 3,
        };
        let mut written = Vec::new();
        order.write(&mut written).unwrap();
        assert_eq!(Order::read(&mut written.as_slice()).unwrap(), order);
        written[0] ^= 1;
        assert!(Order::read(&mut written.as_slice()).is_err());
    }

    #[test]
    fn a_reply_is_read_whole_or_not_at_all() {
        for reply in [
            Reply::Code(vec![1, 2, 3]),
            Reply::Refused("no".to_owned()),
            Reply::TooMuchMemory,
            Reply::Unable("no".to_owned()),
        ] {
            let mut written = Vec::new();
            reply.write(&[9; 32], &mut written).unwrap();
            for cut in 0..written.len() {
                assert_eq!(Reply::parse(written[..cut].to_vec()), None, "{cut}");
            }
            assert_eq!(Reply::parse(written), Some(([9; 32], reply)));
        }
    }
}
