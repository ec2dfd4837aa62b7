//! Writes archives, byte by byte where no library would write them so.

use super::set;
use crate::workplace::tarball;

/// A tar of `files` without the blocks that end it.
pub(super) fn unended(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let whole = tarball(files);
    whole[..whole.len() - 1024].to_vec()
}

/// Adds a link to a tar.
pub(super) fn link(archive: &mut tar::Builder<Vec<u8>>, kind: tar::EntryType, path: &str, target: &str) {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(0);
    archive.append_link(&mut header, path, target).unwrap();
}

/// A tar of `files`, with `more` after them.
pub(super) fn tar_with(files: &[(String, Vec<u8>)], more: impl FnOnce(&mut tar::Builder<Vec<u8>>)) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        put(&mut archive, path.as_bytes(), bytes);
    }
    more(&mut archive);
    archive.into_inner().unwrap()
}

/// Adds a file under a short name of any bytes.
pub(super) fn put(archive: &mut tar::Builder<Vec<u8>>, name: &[u8], bytes: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name);
    header.set_size(bytes.len() as u64);
    header.set_cksum();
    archive.append(&header, bytes).unwrap();
}

/// A member of a zip, as it stands there.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) name: Vec<u8>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) stored: Vec<u8>,
    pub(super) content: Vec<u8>,
    pub(super) mode: u32,
}

impl Member {
    pub(super) fn new(name: impl AsRef<[u8]>, content: &[u8]) -> Self {
        let name = name.as_ref().to_vec();
        Self { name, flags: 0, method: 0, stored: content.to_vec(), content: content.to_vec(), mode: 0o100_644 }
    }
}

pub(super) fn members() -> Vec<Member> {
    set("cat").iter().map(|(path, bytes)| Member::new(path, bytes)).collect()
}

/// A zip written by hand, so that it may be as no library would write it.
pub(super) fn zipped(members: &[Member]) -> Vec<u8> {
    let (mut bytes, mut list) = (Vec::new(), Vec::new());
    for member in members {
        let mut sum = flate2::Crc::new();
        sum.update(&member.content);
        let mut common = Vec::new();
        for field in [20, member.flags, member.method, 0, 0x21] {
            common.extend(field.to_le_bytes());
        }
        for field in [sum.sum(), member.stored.len() as u32, member.content.len() as u32] {
            common.extend(field.to_le_bytes());
        }
        common.extend((member.name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        list.extend(b"PK\x01\x02\x14\x03");
        list.extend(&common);
        list.extend([0; 6]);
        list.extend((member.mode << 16).to_le_bytes());
        list.extend((bytes.len() as u32).to_le_bytes());
        list.extend(&member.name);
        bytes.extend(b"PK\x03\x04");
        bytes.extend(&common);
        bytes.extend(&member.name);
        bytes.extend(&member.stored);
    }
    let (at, count) = (bytes.len() as u32, members.len() as u16);
    bytes.extend(&list);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    bytes.extend([(list.len() as u32).to_le_bytes(), at.to_le_bytes()].concat());
    bytes.extend([0, 0]);
    bytes
}
