//! Compiled code, and the host's only `unsafe`: telling the engine to trust it.
//!
//! The engine runs compiled code as it is. Bytes that anybody else made could do whatever this process can, so that a
//! [`Code`] exists only if our own compiler made it: it came from [`Code::of_our_compiler`], which is called with what
//! our own process or our own child compiled, or it was sealed by us and unsealed unchanged.
#![allow(
    unsafe_code,
    reason = "the engine's one way to load code that was compiled before; audited in `Code::load`"
)]

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::engine::Build;

/// What a sealed file begins with. Another layout gets another number.
const MAGIC: [u8; 8] = *b"tgcode01";
const SEAL_BYTES: usize = 32;

/// Machine code of one component, made by our own compiler.
pub(crate) struct Code {
    bytes: Vec<u8>,
    /// Where it begins in them: after the seal, if it bore one.
    begins: usize,
}

impl Code {
    /// Code that this process compiled, or a child that is this program and answered for its build.
    pub(crate) fn of_our_compiler(bytes: Vec<u8>) -> Self {
        Self { bytes, begins: 0 }
    }

    /// As it is kept where others might reach it: what goes before the code, and the code.
    pub(crate) fn seal(&self, key: &Key, entry: &Entry) -> Option<(Vec<u8>, &[u8])> {
        let code = self.bytes.get(self.begins..)?;
        let seal = key.over(entry, code)?.finalize().into_bytes();
        Some(([&MAGIC[..], &seal[..]].concat(), code))
    }

    /// What was sealed with this key under this entry, to the bit; nothing otherwise.
    pub(crate) fn unseal(bytes: Vec<u8>, key: &Key, entry: &Entry) -> Option<Self> {
        let begins = MAGIC.len() + SEAL_BYTES;
        let (magic, rest) = bytes.split_first_chunk::<{ MAGIC.len() }>()?;
        let (seal, code) = rest.split_first_chunk::<SEAL_BYTES>()?;
        if *magic != MAGIC {
            return None;
        }
        key.over(entry, code)?.verify_slice(seal).ok()?;
        Some(Self { bytes, begins })
    }

    /// The component that this is the code of.
    pub(crate) fn load(&self, engine: &Engine) -> wasmtime::Result<Component> {
        let code = self.bytes.get(self.begins..).unwrap_or_default();
        // SAFETY: `deserialize` demands bytes that `Engine::precompile_component` returned, unchanged. A `Code` is made in
        // two places. `of_our_compiler` takes what that function has just returned, in this process or in a child that
        // runs this program, over a pipe that nobody else holds. `unseal` takes bytes whose keyed hash fits, with a key
        // that only this user can read and that only `seal` uses, on such bytes alone. They lie in memory of our own from
        // before the hash was checked until after this call, so that nobody changes them in between. That the code is for
        // this engine and its settings, the engine checks by itself, and an error is all that comes of it if not.
        unsafe { Component::deserialize(engine, code) }
    }
}

/// What seals are made with.
pub(crate) struct Key(pub(crate) [u8; 32]);

impl Key {
    fn over(&self, entry: &Entry, code: &[u8]) -> Option<Hmac<Sha256>> {
        let mut hash = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        hash.update(&MAGIC);
        hash.update(&entry.0);
        hash.update(code);
        Some(hash)
    }
}

/// Which component's code, for which build.
pub(crate) struct Entry([u8; 32]);

impl Entry {
    pub(crate) fn new(component: &[u8; 32], build: &Build) -> Self {
        let mut digest = Sha256::new();
        digest.update(component);
        digest.update(build.0);
        Self(digest.finalize().into())
    }

    /// The name of its file.
    pub(crate) fn file_name(&self) -> String {
        format!("{}.{}", hex::encode(self.0), Self::EXTENSION)
    }

    /// How files of code are known.
    pub(crate) const EXTENSION: &str = "code";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(component: u8) -> Entry {
        Entry::new(&[component; 32], &Build([7; 32]))
    }

    #[test]
    fn what_was_sealed_is_unsealed_and_nothing_else_is() {
        let key = Key([1; 32]);
        let compiled = Code::of_our_compiler(b"code".to_vec());
        let (seal, code) = compiled.seal(&key, &entry(1)).unwrap();
        let sealed = [&seal, code].concat();
        assert!(Code::unseal(sealed.clone(), &key, &entry(1)).is_some());
        assert!(Code::unseal(sealed.clone(), &key, &entry(2)).is_none());
        assert!(Code::unseal(sealed.clone(), &Key([2; 32]), &entry(1)).is_none());
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(
                Code::unseal(changed, &key, &entry(1)).is_none(),
                "byte {index}"
            );
            let cut = sealed[..index].to_vec();
            assert!(
                Code::unseal(cut, &key, &entry(1)).is_none(),
                "cut at {index}"
            );
        }
    }
}
