//! Checkpoints as training scripts leave them: archives with two copies of the weights, in both file formats.

use std::io::Write;

use burn::nn::{Linear, LinearConfig};
use burn::prelude::*;
use vitro::bundle::{Checkpoint, CheckpointError, PytorchReader};

/// Weights of a linear layer from two inputs to one output.
const PLAIN: [f32; 2] = [1.0, 2.0];
const AVERAGED: [f32; 2] = [3.0, 4.0];

fn layer() -> Linear {
    LinearConfig::new(2, 1).with_bias(false).init(&Device::flex())
}

fn weight(layer: &Linear) -> Vec<f32> {
    layer.weight.val().into_data().iter::<f32>().collect()
}

#[test]
fn averaged_weights_are_loaded_and_the_report_says_so() {
    let mut archive = Checkpoint::default();
    archive.insert("state_dict.module.weight", vec![1, 2], PLAIN.to_vec());
    let mut module = layer();
    let report = archive.load_official(&mut module).expect("one copy");
    assert_eq!((report.taken_from.as_str(), weight(&module)), ("state_dict", PLAIN.to_vec()));

    archive.insert("state_dict_ema.module.weight", vec![1, 2], AVERAGED.to_vec());
    let report = archive.load_official(&mut module).expect("two copies");
    assert_eq!((report.taken_from.as_str(), weight(&module)), ("state_dict_ema", AVERAGED.to_vec()));
}

#[test]
fn a_pytorch_archive_gives_its_averaged_weights_and_leaves_the_optimiser() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let entries = dictionary(&[
        ("epoch", vec![b'K', 3]),
        ("state_dict", dictionary(&[("module.weight", tensor("0"))])),
        ("optimizer", dictionary(&[("state", dictionary(&[("exp_avg", tensor("0"))]))])),
        ("state_dict_ema", dictionary(&[("module.weight", tensor("1"))])),
    ]);
    write_archive(file.as_file(), &entries, &[PLAIN, AVERAGED]);

    let opened = PytorchReader::new(file.path()).expect("a PyTorch file");
    let checkpoint = Checkpoint::from_pytorch(opened).expect("weights");
    assert_eq!(checkpoint.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["state_dict_ema.module.weight"]);
    let mut module = layer();
    let report = checkpoint.load_official(&mut module).expect("a fitting layer");
    assert_eq!((report.taken_from.as_str(), weight(&module)), ("state_dict_ema", AVERAGED.to_vec()));
}

#[test]
fn an_array_without_a_place_is_still_refused_inside_an_archive() {
    let mut archive = Checkpoint::default();
    archive.insert("model.weight", vec![1, 2], PLAIN.to_vec());
    archive.insert("model.bias", vec![1], vec![0.0]);
    let refusal = archive.load_official(&mut layer()).expect_err("the layer has no bias");
    assert!(matches!(&refusal, CheckpointError::HalfLoaded(report) if report.unused == ["bias"]), "{refusal}");
}

#[test]
fn a_file_from_before_zip_archives_is_read_too() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let entries = dictionary(&[
        ("epoch", vec![b'K', 3]),
        ("state_dict", dictionary(&[("module.weight", old_tensor("0", b"NtQ"))])),
    ]);
    write_pickles(file.as_file(), &entries, &[AVERAGED]);

    let opened = PytorchReader::new(file.path()).expect("an old PyTorch file");
    assert!(opened.metadata().is_legacy_format());
    let checkpoint = Checkpoint::from_pytorch(opened).expect("weights");
    let mut module = layer();
    let report = checkpoint.load_official(&mut module).expect("a fitting layer");
    assert_eq!((report.taken_from.as_str(), weight(&module)), ("state_dict", AVERAGED.to_vec()));
}

#[test]
fn entries_that_are_computed_from_the_shape_are_passed_over_by_name() {
    let mut archive = Checkpoint::default();
    archive.insert("model.weight", vec![1, 2], PLAIN.to_vec());
    archive.insert("model.norm.num_batches_tracked", vec![], vec![7.0]);
    let report = archive.load_official(&mut layer()).expect("a fitting layer");
    assert_eq!((report.applied, report.computed), (vec!["weight".into()], vec!["norm.num_batches_tracked".into()]));
}

/// What `torch.save` wrote before version 1.6: pickles one after the other, then the length and values of each storage.
fn write_pickles(mut file: &std::fs::File, root: &[u8], storages: &[[f32; 2]]) {
    let pickled = |value: &[u8]| [b"\x80\x02".as_slice(), value, b"."].concat();
    let magic = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
    let version = b"M\xe9\x03";
    let system = dictionary(&[("little_endian", vec![0x88])]);
    let names: Vec<u8> = (0..storages.len()).flat_map(|i| text(&i.to_string())).collect();
    let names = [b"](".as_slice(), &names, b"e"].concat();
    for value in [magic, version.as_slice(), &system, root, &names] {
        file.write_all(&pickled(value)).expect("a pickle");
    }
    for values in storages {
        file.write_all(&(values.len() as u64).to_le_bytes()).expect("a length");
        file.write_all(&values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>()).expect("values");
    }
}

/// What `torch.save` writes: a zip with a pickle, and one entry for the values of each storage.
fn write_archive(file: &std::fs::File, root: &[u8], storages: &[[f32; 2]]) {
    let mut archive = zip::ZipWriter::new(file);
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut add = |name: &str, bytes: &[u8]| {
        archive.start_file(format!("archive/{name}"), options).expect("an entry");
        archive.write_all(bytes).expect("its bytes");
    };
    add("data.pkl", &[b"\x80\x02", root, b"."].concat());
    add("byteorder", b"little");
    for (i, values) in storages.iter().enumerate() {
        add(&format!("data/{i}"), &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>());
    }
    add("version", b"3\n");
    archive.finish().expect("a whole archive");
}

/// Pickles a dictionary of pickled values.
fn dictionary(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let entries = entries.iter().map(|(key, value)| [text(key).as_slice(), value].concat());
    [b"}(".as_slice(), &entries.collect::<Vec<_>>().concat(), b"u"].concat()
}

/// Pickles a `[1, 2]` tensor on a storage.
fn tensor(storage: &str) -> Vec<u8> {
    old_tensor(storage, b"tQ")
}

/// The same where the storage's name has one more part, which says what it is a view of.
fn old_tensor(storage: &str, end: &[u8]) -> Vec<u8> {
    let class = b"ctorch\nFloatStorage\n";
    let id = [b"(".as_slice(), &text("storage"), class, &text(storage), &text("cpu"), b"K\x02", end];
    let layout = b"K\x00(K\x01K\x02t(K\x02K\x01t\x89ccollections\nOrderedDict\n)RtR";
    [b"ctorch._utils\n_rebuild_tensor_v2\n(".as_slice(), &id.concat(), layout].concat()
}

/// Pickles a string.
fn text(value: &str) -> Vec<u8> {
    let length = u32::try_from(value.len()).expect("a short string");
    [b"X".as_slice(), &length.to_le_bytes(), value.as_bytes()].concat()
}
