//! What an adapter says of itself, so that its operator sees what it asks for
//! before it runs: TOML in the custom section `ferry-adapter`.

use serde::Deserialize;

use crate::settings::Name;

/// The custom section's name.
const SECTION: &str = "ferry-adapter";
/// A manifest, in bytes: a page of text.
const BYTES_MAX: usize = 64 << 10;
/// How deep modules and components may be nested when it is looked for.
const DEPTH_MAX: usize = 8;

/// An adapter's manifest. Unknown entries are of a newer version, and ignored.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Manifest {
    /// What it is called.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it is for, in a sentence.
    #[serde(default)]
    pub description: String,
    /// Whether it wants a folder.
    #[serde(default)]
    pub folder: Wish,
    /// Whether it wants an origin that its operator names: the tracker's own.
    #[serde(default)]
    pub origin: Wish,
    /// Origins on the internet that it wants whatever the operator names.
    #[serde(default)]
    pub origins: Vec<String>,
    /// The secrets that it has filled in.
    #[serde(default)]
    pub secrets: Vec<SecretWish>,
    /// The settings that it knows.
    #[serde(default)]
    pub settings: Vec<Setting>,
}

/// Whether an adapter wants something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wish {
    /// It does nothing with it.
    #[default]
    None,
    /// It can use it.
    Optional,
    /// It doesn't work without.
    Required,
}

/// A secret that an adapter names, and never sees.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SecretWish {
    /// Its name: where it is kept, a file has it.
    pub name: Name,
    /// What it is.
    #[serde(default)]
    pub description: String,
    /// Whether the adapter doesn't work without.
    #[serde(default)]
    pub required: bool,
}

/// A setting that an adapter knows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Whether the adapter doesn't work without.
    #[serde(default)]
    pub required: bool,
    /// What holds where it isn't set.
    #[serde(default)]
    pub default: Option<String>,
}

impl Manifest {
    /// The manifest in a component's bytes, where there is one.
    ///
    /// # Errors
    /// What is wrong with it, for people to read.
    pub fn of(component: &[u8]) -> Result<Option<Self>, String> {
        let Some(section) = find(component, DEPTH_MAX) else { return Ok(None) };
        if section.len() > BYTES_MAX {
            return Err(format!("its manifest has {} bytes; {BYTES_MAX} are read", section.len()));
        }
        let text = std::str::from_utf8(section).map_err(|_| "its manifest is not UTF-8".to_owned())?;
        toml_edit::de::from_str(text).map(Some).map_err(|error| format!("its manifest is wrong: {error}"))
    }
}

/// The section's content: of the component itself, or of a module or component
/// inside, where a linker put it.
fn find(binary: &[u8], depth: usize) -> Option<&[u8]> {
    let depth = depth.checked_sub(1)?;
    let (_, mut rest) = binary.strip_prefix(b"\0asm")?.split_at_checked(4)?;
    let mut inside = Vec::new();
    while let Some((kind, after)) = rest.split_first() {
        let (length, after) = leb(after)?;
        let (content, after) = after.split_at_checked(length)?;
        if *kind == 0 {
            let (length, named) = leb(content)?;
            let (name, data) = named.split_at_checked(length)?;
            if name == SECTION.as_bytes() {
                return Some(data);
            }
        } else if content.starts_with(b"\0asm") {
            inside.push(content);
        }
        rest = after;
    }
    inside.into_iter().find_map(|binary| find(binary, depth))
}

/// An unsigned LEB128 of at most 32 bits.
fn leb(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, bytes.get(index + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TEXT: &str = "name = 'local'\nversion = '1.0'\nfolder = 'required'\n[[settings]]\nname = 'key'\n";

    fn section(kind: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).unwrap();
        assert!(length < 128, "one byte of LEB128 is enough for a test");
        [&[kind, length], content].concat()
    }

    fn component(sections: &[Vec<u8>]) -> Vec<u8> {
        [b"\0asm\x0d\0\x01\0".as_slice(), &sections.concat()].concat()
    }

    fn manifest() -> Vec<u8> {
        let name = [&[13], b"ferry-adapter".as_slice()].concat();
        section(0, &[name, TEXT.into()].concat())
    }

    #[test]
    fn a_manifest_is_found_wherever_a_linker_put_it() {
        let outside = component(&[section(0, b"\x05other..."), manifest()]);
        let inside = component(&[section(1, &component(&[manifest()]))]);
        for binary in [outside, inside] {
            let manifest = Manifest::of(&binary).unwrap().unwrap();
            assert_eq!((manifest.name.as_str(), manifest.folder), ("local", Wish::Required));
            assert_eq!(manifest.settings.len(), 1);
        }
    }

    #[test]
    fn no_manifest_is_no_error_and_a_cut_file_has_none() {
        assert_eq!(Manifest::of(&component(&[])), Ok(None));
        assert_eq!(Manifest::of(b""), Ok(None));
        let whole = component(&[manifest()]);
        for length in 0..whole.len() {
            assert_eq!(Manifest::of(whole.get(..length).unwrap()), Ok(None), "{length}");
        }
    }

    #[test]
    fn a_wrong_manifest_says_what_is_wrong() {
        let name = [&[13], b"ferry-adapter".as_slice()].concat();
        let wrong = component(&[section(0, &[name, b"name = 1".to_vec()].concat())]);
        assert!(Manifest::of(&wrong).unwrap_err().contains("manifest"));
    }
}
