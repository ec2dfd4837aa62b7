//! Archives that unpack to more than a bound are refused before they are unpacked.

use std::io::Write;

use super::pack::{members, zipped};
use super::refusal;
use crate::workplace::gzip;

#[test]
fn what_unpacks_to_more_than_a_bound_is_refused_before_it_is_unpacked() {
    let zeros = |bytes: usize| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        let block = vec![0; 1 << 20];
        (0..bytes >> 20).for_each(|_| encoder.write_all(&block).unwrap());
        encoder.finish().unwrap()
    };
    let header = |name: &str, kind: tar::EntryType, size: u64| {
        let mut header = tar::Header::new_gnu();
        header.set_path(name).unwrap();
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_cksum();
        gzip(header.as_bytes())
    };
    let huge = [header("train/cat/huge.png", tar::EntryType::Regular, 20 << 30), zeros(64 << 20)].concat();
    let said = refusal("set.tar.gz", &huge);
    assert!(said.contains("train/cat/huge.png") && said.contains("256 MiB"), "{said}");

    let (packed, mut many) = (zeros(200 << 20), Vec::new());
    for index in 0..8 {
        many.extend(header(&format!("train/cat/{index}.png"), tar::EntryType::Regular, 200 << 20));
        many.extend(&packed);
    }
    let said = refusal("set.tar.gz", &many);
    assert!(said.contains("unpacks to more than") && said.contains("name the folder"), "{said}");

    let name = [header("././@LongLink", tar::EntryType::GNULongName, 4 << 30), zeros(64 << 20)].concat();
    assert!(refusal("set.tar.gz", &name).contains("name"));

    let mut liar = members();
    liar[3].method = 8;
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    (0..300).for_each(|_| encoder.write_all(&[0; 1 << 20]).unwrap());
    liar[3].stored = encoder.finish().unwrap();
    let said = refusal("set.zip", &zipped(&liar));
    assert!(said.contains("train/cat/3.jpg"), "{said}");
}
