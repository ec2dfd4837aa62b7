//! The frame header (ISO 10918-1, B.2.2): size, components and how densely each is sampled.

use super::Fault;

/// Everything of a frame header that says how many blocks a scan holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// Whether coefficients come in several passes.
    pub(super) progressive: bool,
    /// Pixels of a row.
    pub(super) width: u32,
    /// Rows.
    pub(super) height: u32,
    /// In the order of the header.
    pub(super) components: Vec<Component>,
}

/// One of Y, Cb, Cr, or of grey, RGB and CMYK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Component {
    /// What scans call it.
    pub(super) id: u8,
    /// Sampling factors, horizontal and vertical, 1 to 4.
    pub(super) sampling: [u32; 2],
}

impl Frame {
    /// Reads the header behind `marker`, which is one of the frame markers.
    pub(super) fn parse(marker: u8, body: &[u8]) -> Result<Self, Fault> {
        match marker {
            0xC0..=0xC2 => (),
            0xC3 => return Err(Fault::Foreign("a lossless JPEG")),
            0xC5..=0xC7 => return Err(Fault::Foreign("a hierarchical JPEG")),
            _ => return Err(Fault::Foreign("a JPEG with arithmetic coding")),
        }
        let [precision, h1, h0, w1, w0, count, rest @ ..] = body else {
            return Err(Fault::Broken("its frame header is cut short"));
        };
        if *precision != 8 {
            return Err(Fault::Foreign("a JPEG with more than 8 bits per sample"));
        }
        let (specs, _) = rest.as_chunks::<3>();
        let specs = specs.get(..usize::from(*count)).ok_or(Fault::Broken("its frame header is cut short"))?;
        if !matches!(specs.len(), 1 | 3 | 4) {
            return Err(Fault::Foreign("a JPEG with neither 1, 3 nor 4 components"));
        }
        let components: Vec<Component> = specs
            .iter()
            .map(|[id, sampling, _]| Component {
                id: *id,
                sampling: [u32::from(sampling >> 4), u32::from(sampling & 15)],
            })
            .collect();
        if components.iter().flat_map(|component| component.sampling).any(|factor| !(1..=4).contains(&factor)) {
            return Err(Fault::Broken("a sampling factor is not 1 to 4"));
        }
        let side = |high: &u8, low: &u8| u32::from(u16::from_be_bytes([*high, *low]));
        Ok(Self { progressive: marker == 0xC2, width: side(w1, w0), height: side(h1, h0), components })
    }

    /// Largest sampling factors, horizontal and vertical.
    pub(super) fn most(&self) -> [u32; 2] {
        [0, 1].map(|axis| self.components.iter().map(|component| component.sampling[axis]).max().unwrap_or(1))
    }

    /// Columns and rows of the units that scans with several components consist of.
    pub(super) fn units(&self) -> [u32; 2] {
        let [h, v] = self.most();
        [self.width.div_ceil(8 * h), self.height.div_ceil(8 * v)]
    }

    /// Columns and rows of the blocks that a component has alone (A.2.2): those with pixels of the image.
    pub(super) fn blocks(&self, component: usize) -> [u32; 2] {
        let ([h, v], most) = (self.components[component].sampling, self.most());
        [(self.width * h).div_ceil(most[0]).div_ceil(8), (self.height * v).div_ceil(most[1]).div_ceil(8)]
    }

    /// Columns and rows of the blocks that a component has in whole units.
    pub(super) fn padded(&self, component: usize) -> [u32; 2] {
        let ([h, v], [columns, rows]) = (self.components[component].sampling, self.units());
        [columns * h, rows * v]
    }
}
