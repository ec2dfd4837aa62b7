//! Images to drop on the page. None is in the repository: they are rendered, or taken from a dataset beside it.

use anyhow::{Context, Result, ensure};
use std::fs::File;
use std::io::Read;
use vitro::image::{encode_jpeg, encode_png};
use vitro::scene::{self, Split};
use vitro::view;
use xtask::workspace;

/// Photographs beside the repository, on machines that have them.
const PHOTOGRAPHS: &str = "../shared/data/imagenette-112.tar.zst";

/// An image file.
#[derive(Clone, Debug)]
pub struct Image {
    /// Name of the file.
    pub name: String,
    /// Content of the file; none for a scene that the page renders.
    pub bytes: Vec<u8>,
}

impl Image {
    /// A scene that the page renders itself, for each model.
    pub fn of_the_page(seed: u64, index: u64) -> Self {
        Self { name: format!("scene:{seed}/{index}"), bytes: Vec::new() }
    }

    /// A scene exactly as the page shows it, without loss, as a file.
    pub fn scene(seed: u64, index: u64) -> Self {
        let image = scene::render(seed, index, Split::Test, view::SIDE).image;
        Self { name: "scene.png".to_owned(), bytes: encode_png(&image) }
    }

    /// What a camera would give: larger than the models' input, not square, JPEG.
    ///
    /// # Errors
    /// The image cannot be encoded.
    pub fn jpeg_of_a_scene() -> Result<Self> {
        let scene = scene::render(2024, 5, Split::Test, 480).image;
        let bytes = encode_jpeg(&scene.crop(0, 30, 480, 400), 88);
        ensure!(bytes.starts_with(&[0xff, 0xd8]), "the scene was not encoded as a JPEG file");
        Ok(Self { name: "scene.jpg".to_owned(), bytes })
    }

    /// Files of our own formats that cannot be read: cut off, or of a size that their header makes up. A browser left to
    /// itself shows the part that is there.
    ///
    /// # Errors
    /// An image cannot be encoded.
    pub fn damaged() -> Result<Vec<Self>> {
        let (jpeg, png) = (Self::jpeg_of_a_scene()?, Self::scene(7, 3));
        let half = png.bytes.len() / 2;
        Ok(vec![png.cut(half), jpeg.clone().cut(40), jpeg.claiming(20_000)?])
    }

    fn cut(mut self, length: usize) -> Self {
        self.bytes.truncate(length);
        self
    }

    /// A JPEG file whose header says that it is `side` pixels wide and high.
    fn claiming(mut self, side: u16) -> Result<Self> {
        let frame = self.bytes.windows(2).position(|pair| pair == [0xff_u8, 0xc0]);
        let frame = frame.context("the JPEG file has no baseline frame")?;
        // After the marker: two bytes of length, one of precision, then height and width.
        let size = self.bytes.get_mut(frame + 5..frame + 9).context("the JPEG file ends in its frame")?;
        size.copy_from_slice(&[side.to_be_bytes(), side.to_be_bytes()].concat());
        Ok(self)
    }
}

/// A real photograph when the dataset is there; its absence is printed.
///
/// # Errors
/// The dataset is there and cannot be read.
pub fn photograph() -> Result<Option<Image>> {
    let path = workspace::root().join(PHOTOGRAPHS);
    let Ok(file) = File::open(&path) else {
        println!("no photograph: {PHOTOGRAPHS} is not here");
        return Ok(None);
    };
    let reader = ruzstd::decoding::StreamingDecoder::new(file).context("the photographs are no zstd archive")?;
    for entry in tar::Archive::new(reader).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        if path.ends_with(".JPEG") {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            return Ok(Some(Image { name, bytes }));
        }
    }
    Ok(None)
}
