//! Where an attack starts: at the image, at random within the budget, or where it is told to.

use burn::prelude::*;

use super::ball::{drawn, near};
use super::{AttackError, PixelSpace, Radius};

/// Where an attack starts. Those that draw nothing start at the image.
#[derive(Clone, Debug)]
pub enum Start {
    /// At the image.
    Image,
    /// At random within the budget, each image from a stream of its own.
    Drawn {
        /// Seed of the streams.
        seed: u64,
        /// Which image of its data set each one is: the number of its stream.
        samples: Vec<u64>,
    },
    /// At the image plus this, `[b, 3, y, x]` in normalised units.
    Noise(Tensor<4>),
}

impl Start {
    /// The place within `radius` of normalised `images` `[b, 3, y, x]`, at valid pixels; `purpose` names the streams.
    pub(super) fn place(
        self,
        images: Tensor<4>,
        radius: Radius,
        space: PixelSpace,
        purpose: &str,
    ) -> Result<Tensor<4>, AttackError> {
        let dims = images.dims();
        if dims[1] != 3 {
            return Err(AttackError::Channels { channels: dims[1] });
        }
        let place = match self {
            Self::Image => images,
            Self::Drawn { seed, samples } => drawn(images, radius, space, (seed, &samples, purpose))?,
            Self::Noise(noise) if noise.dims() == dims => near(images.clone() + noise.inner(), images, radius, space),
            Self::Noise(noise) => return Err(AttackError::Start { given: noise.dims(), expected: dims }),
        };
        Ok(space.clamp(place))
    }
}
