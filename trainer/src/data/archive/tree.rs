//! The members of an archive as the folders that unpacking would make: a later member replaces an earlier one, links are resolved
//! inside the archive and never outside of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Result, bail, ensure};

use super::bounds;
use crate::data::clutter::is_clutter;
use crate::data::files::File;
use crate::data::names::text;

/// Links that may lead to each other, as many as Linux follows.
const HOPS: usize = 40;

/// Parts of a path, as bytes: names that are no UTF-8 stay apart.
pub(super) type Parts = Vec<Vec<u8>>;

/// What stands at a path.
#[derive(Debug)]
pub(super) enum Node {
    /// A folder, named by members below it.
    Folder(BTreeMap<Vec<u8>, Node>),
    /// A file.
    File(Arc<Vec<u8>>),
    /// A link.
    Link(Link),
}

/// Where a link leads.
#[derive(Debug)]
pub(super) struct Link {
    /// The path, as it is written.
    pub(super) target: Vec<u8>,
    /// Whether it counts from the top, as those of hard links do.
    pub(super) from_top: bool,
}

/// The folders of an archive.
#[derive(Debug)]
pub(super) struct Tree(Node);

/// The path of a member without `.` and `..`, from the top of the archive: what unpacking below a folder would make of it.
pub(super) fn parts(path: &[u8], separators: &[u8]) -> Parts {
    let mut parts = Parts::new();
    for part in path.split(|byte| separators.contains(byte)) {
        match part {
            b"" | b"." => {}
            b".." => drop(parts.pop()),
            name => parts.push(name.to_vec()),
        }
    }
    parts
}

/// A path for messages.
pub(super) fn shown(parts: &[Vec<u8>]) -> String {
    parts.iter().map(|part| text(part)).collect::<Vec<_>>().join("/")
}

impl Tree {
    pub(super) fn new() -> Self {
        Self(Node::Folder(BTreeMap::new()))
    }

    /// Puts a file or a link at `path`; what was there before is gone.
    ///
    /// # Errors
    /// When a folder is there, or a file where a folder would have to be.
    pub(super) fn put(&mut self, path: &[Vec<u8>], node: Node) -> Result<()> {
        let Some((name, above)) = path.split_last() else { return Ok(()) };
        let twice = || format!("{} is a folder and something else; pack it again without one of them", shown(path));
        let mut at = &mut self.0;
        for part in above {
            let Node::Folder(inside) = at else { bail!(twice()) };
            at = inside.entry(part.clone()).or_insert_with(|| Node::Folder(BTreeMap::new()));
        }
        let Node::Folder(inside) = at else { bail!(twice()) };
        let filled = matches!(inside.get(name), Some(Node::Folder(files)) if !files.is_empty());
        ensure!(!filled, twice());
        inside.insert(name.clone(), node);
        Ok(())
    }

    /// The content of the file at `path`, if one is there already.
    pub(super) fn file(&self, path: &[Vec<u8>]) -> Option<Arc<Vec<u8>>> {
        let path: Vec<&[u8]> = path.iter().map(Vec::as_slice).collect();
        match self.at(&path)? {
            Node::File(bytes) => Some(bytes.clone()),
            _ => None,
        }
    }

    /// All files, with links followed.
    ///
    /// # Errors
    /// For links that lead nowhere, out of the archive, or in circles.
    pub(super) fn files(&self) -> Result<Vec<File>> {
        let mut files = Vec::new();
        self.collect(&[], &mut Vec::new(), &mut vec![Vec::new()], &mut files)?;
        Ok(files)
    }

    /// Adds the files of the folder at `place` as if it were at `shown`; `above` are the places on the way.
    fn collect<'a>(
        &'a self,
        place: &[&'a [u8]],
        shown: &mut Vec<String>,
        above: &mut Vec<Vec<&'a [u8]>>,
        files: &mut Vec<File>,
    ) -> Result<()> {
        let Some(Node::Folder(inside)) = self.at(place) else { return Ok(()) };
        for (name, node) in inside {
            shown.push(text(name));
            let mut here = place.to_vec();
            here.push(name);
            let found = match node {
                Node::Link(_) if shown.iter().any(|part| is_clutter(part)) => None,
                Node::Link(link) => Some(self.follow(place, link, &mut 0).map_err(|lost| lost.refusal(shown))?),
                node => Some((here, node)),
            };
            match found {
                Some((_, Node::File(bytes))) => files.push(File::in_memory(shown.clone(), bytes.clone())),
                Some((there, Node::Folder(_))) => {
                    ensure!(!above.contains(&there), Lost::Circle.refusal(shown));
                    above.push(there.clone());
                    self.collect(&there, shown, above, files)?;
                    above.pop();
                }
                _ => {}
            }
            ensure!(
                files.len() <= bounds::FILES,
                "links make more than {} files of it; unpack it yourself",
                bounds::FILES
            );
            shown.pop();
        }
        Ok(())
    }

    /// Where a link in the folder at `place` ends, and what is there.
    fn follow<'a>(
        &'a self,
        place: &[&'a [u8]],
        link: &'a Link,
        hops: &mut usize,
    ) -> Result<(Vec<&'a [u8]>, &'a Node), Lost> {
        *hops += 1;
        if *hops > HOPS {
            return Err(Lost::Circle);
        }
        let from_top = link.from_top || link.target.starts_with(b"/");
        let mut place = if from_top { Vec::new() } else { place.to_vec() };
        for part in link.target.split(|byte| *byte == b'/') {
            match part {
                b"" | b"." => {}
                b".." => {
                    if place.pop().is_none() && !from_top {
                        return Err(Lost::Outside);
                    }
                }
                name => {
                    place.push(name);
                    if let Node::Link(next) = self.at(&place).ok_or(Lost::Nowhere)? {
                        place.pop();
                        place = self.follow(&place, next, hops)?.0;
                    }
                }
            }
        }
        let node = self.at(&place).ok_or(Lost::Nowhere)?;
        Ok((place, node))
    }

    fn at(&self, place: &[&[u8]]) -> Option<&Node> {
        place.iter().try_fold(&self.0, |node, part| match node {
            Node::Folder(inside) => inside.get(*part),
            _ => None,
        })
    }
}

/// Why a link cannot be followed. The target is not shown: it may be anything.
#[derive(Debug)]
enum Lost {
    Outside,
    Nowhere,
    Circle,
}

impl Lost {
    fn refusal(&self, path: &[String]) -> anyhow::Error {
        let name = path.join("/");
        match self {
            Self::Outside => {
                anyhow::anyhow!("{name} is a link that leads outside; pack files instead of links (tar --dereference)")
            }
            Self::Nowhere => anyhow::anyhow!(
                "{name} is a link to something that is not in it; pack that as well, or leave the link out"
            ),
            Self::Circle => anyhow::anyhow!("{name} is a link that leads back to itself; leave it out"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(members: &[(&str, Option<&str>)]) -> Tree {
        let mut tree = Tree::new();
        for (path, link) in members {
            let node = match link {
                Some(target) => Node::Link(Link { target: target.as_bytes().to_vec(), from_top: false }),
                None => Node::File(Arc::new(path.as_bytes().to_vec())),
            };
            tree.put(&parts(path.as_bytes(), b"/"), node).unwrap();
        }
        tree
    }

    fn names(members: &[(&str, Option<&str>)]) -> Result<Vec<String>> {
        Ok(tree(members).files()?.iter().map(File::name).collect())
    }

    #[test]
    fn links_to_files_and_folders_count_as_what_they_lead_to() {
        let found = names(&[
            ("set/a/1.png", None),
            ("set/a/2.png", Some("./1.png")),
            ("set/b", Some("a")),
            ("set/c/3.png", Some("../b/2.png")),
            ("set/c/4.png", Some("/set/a/1.png")),
        ]);
        let expected = ["set/a/1.png", "set/a/2.png", "set/b/1.png", "set/b/2.png", "set/c/3.png", "set/c/4.png"];
        assert_eq!(found.unwrap(), expected);
    }

    #[test]
    fn links_that_lead_nowhere_are_refused_by_name() {
        for (target, words) in
            [("../../../etc/passwd", "outside"), ("3.png", "not in it"), ("2.png", "itself"), ("..", "itself")]
        {
            let refusal = names(&[("a/1.png", None), ("a/2.png", Some(target))]).unwrap_err().to_string();
            assert!(refusal.contains("a/2.png") && refusal.contains(words), "{target}: {refusal}");
            assert!(!refusal.contains("passwd"), "{refusal}");
        }
        assert_eq!(names(&[("a/1.png", None), ("a/._2.png", Some("/etc/passwd"))]).unwrap(), ["a/1.png"]);
    }

    #[test]
    fn a_later_member_replaces_an_earlier_one_under_any_spelling() {
        let mut tree = tree(&[("a/1.png", None), ("./a/../a//1.png", None)]);
        assert_eq!(tree.files().unwrap().len(), 1);
        assert_eq!(*tree.file(&parts(b"../a/1.png", b"/")).unwrap(), b"./a/../a//1.png");
        assert!(tree.put(&parts(b"a/1.png/2.png", b"/"), Node::File(Arc::default())).is_err());
        assert!(tree.put(&parts(b"a", b"/"), Node::File(Arc::default())).is_err());
    }

    #[test]
    fn names_that_are_no_utf_8_stay_apart() {
        let mut tree = Tree::new();
        for name in [b"a/caf\xE9.png", b"a/caf\xE8.png"] {
            tree.put(&parts(name, b"/"), Node::File(Arc::default())).unwrap();
        }
        let names: Vec<String> = tree.files().unwrap().iter().map(File::name).collect();
        assert_eq!(names, ["a/caf\\xE8.png", "a/caf\\xE9.png"]);
    }
}
