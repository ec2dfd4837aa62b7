//! Tars of every dialect: long names, several tars one after the other, links.
//!
//! A tar ends with empty blocks. One that lacks them may be cut between two members, which nothing else would show, so it is
//! refused; what follows them is read as well, as `tar --ignore-zeros` does, because a dataset must not lose a part in silence.

use std::io::Read;

use anyhow::{Result, bail, ensure};
use tar::EntryType;

use super::bounds::{Bounds, read_member};
use super::tree::{Link, Node, Tree, parts, shown};
use super::{Damaged, damaged};

/// Headers and contents come in blocks of this many bytes.
const BLOCK: u64 = 512;

/// Whether a stream starts with a header whose checksum is right, or with the end of an empty tar.
pub(in crate::data) fn is_tar(start: &[u8]) -> bool {
    let Some(header) = start.get(..BLOCK as usize) else { return false };
    if header.iter().all(|byte| *byte == 0) {
        return true;
    }
    let header = tar::Header::from_byte_slice(header);
    let bytes = header.as_bytes();
    let sum: u32 = bytes[..148].iter().chain(&[b' '; 8]).chain(&bytes[156..]).map(|byte| u32::from(*byte)).sum();
    header.cksum().is_ok_and(|stored| stored == sum)
}

/// Reads all members.
///
/// # Errors
/// For tars that are damaged or cut, and members that cannot be had.
pub(super) fn read(reader: &mut dyn Read, bounds: &Bounds) -> Result<Tree> {
    let mut archive = tar::Archive::new(reader);
    archive.set_ignore_zeros(true);
    let (mut tree, mut last, mut end) = (Tree::new(), "the start".to_owned(), 0);
    // What the crate says of a damaged header holds the bytes of that header.
    let broken = |last: &str| damaged(format!("after {last}"));
    bounds.allow(0);
    let entries = archive.entries().map_err(|_| broken(&last))?;
    for entry in entries {
        let mut entry = entry.map_err(|_| broken(&last))?;
        let path = path_of(&entry.path_bytes());
        let name = shown(&path);
        let size = entry.size();
        let kind = entry.header().entry_type();
        // Of a sparse file less is stored than it holds; of others, the header or an extension says how much.
        let stored = if kind.is_gnu_sparse() { entry.header().entry_size().map_err(|_| broken(&last))? } else { size };
        end = entry.raw_file_position() + stored.div_ceil(BLOCK) * BLOCK;
        bounds.allow(stored.saturating_add(BLOCK));
        if let Some(node) = node(&mut entry, kind, &name, bounds, &tree)? {
            tree.put(&path, node)?;
        }
        last = name;
    }
    ensure!(bounds.position() >= end + BLOCK, Damaged(format!("the end is missing after {last}")));
    // The compressed stream must be whole as well: its end marker and checksum come after the last member.
    std::io::copy(&mut archive.into_inner(), &mut std::io::sink()).map_err(damaged)?;
    Ok(tree)
}

/// What a member is; nothing for folders, which their files name, and for devices.
fn node<R: Read>(
    entry: &mut tar::Entry<'_, R>,
    kind: EntryType,
    name: &str,
    bounds: &Bounds,
    tree: &Tree,
) -> Result<Option<Node>> {
    let target = || entry.link_name_bytes().map(|target| target.into_owned()).unwrap_or_default();
    Ok(match kind {
        EntryType::Link => {
            let target = target();
            // The content is that of now: a later member may take the name, and leaves this one as it is.
            let now = tree.file(&path_of(&target));
            Some(now.map_or_else(|| Node::Link(Link { target: target.clone(), from_top: true }), Node::File))
        }
        EntryType::Symlink => Some(Node::Link(Link { target: target(), from_top: false })),
        // The oldest tars mark folders by their name alone.
        EntryType::Regular if entry.path_bytes().ends_with(b"/") => None,
        EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
            let extensions = entry.pax_extensions().map_err(damaged)?;
            let is_sparse = |key: &[u8]| key.starts_with(b"GNU.sparse");
            let sparse =
                extensions.is_some_and(|mut all| all.any(|one| one.is_ok_and(|one| is_sparse(one.key_bytes()))));
            ensure!(!sparse, "{name} is stored with holes; pack it again without --sparse");
            let size = entry.size();
            bounds.keep(name, size).map_err(anyhow::Error::msg)?;
            let bytes = read_member(&mut *entry, size).map_err(damaged)?.unwrap_or_default();
            // A stream that stops inside a member may just read as short.
            ensure!(bytes.len() as u64 == size, Damaged(format!("{name} ends early")));
            Some(Node::File(std::sync::Arc::new(bytes)))
        }
        other if other.as_byte() == b'M' => bail!("{name} began in another volume; join the volumes first"),
        _ => None,
    })
}

/// Backslashes separate folders only in names that have nothing else to do it; elsewhere they are letters.
fn path_of(name: &[u8]) -> super::tree::Parts {
    if name.contains(&b'/') { parts(name, b"/") } else { parts(name, b"/\\") }
}
