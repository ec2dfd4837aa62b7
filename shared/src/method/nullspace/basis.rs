//! The exact nullspace of a patch embedding.
//!
//! A patch u, flattened channel, row, column, becomes the token W u + b. Noise v with W v = 0 in every patch therefore leaves
//! every token, and so every logit, as it is. The singular value decomposition W = U Σ Vᵀ splits the pixels of a patch into
//! the rows of Vᵀ with a singular value, which the embedding sees, and the rest, which it does not.
//!
//! The published scripts take each colour channel by itself and find a smaller space; both are here ([`Channels`]). They have
//! searches for the largest noise that fits an image but no sampler. Ours projects any noise: v = P z, P = I − V Vᵀ, and
//! shrinks it patch by patch to keep pixels valid, because clipping would leave the nullspace.
//!
//! The decomposition is done once for a set of weights, on the host in f64, and needs no matrix of the size of P.

use std::ops::Range;

use nalgebra::{DMatrix, SVD};
use thiserror::Error;

/// Rounds of the decomposition before it counts as failed.
const MOST_ITERATIONS: usize = 100_000;

/// Channels of an image.
const COLOURS: usize = 3;

/// Which pixels may balance each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Channels {
    /// All channels of a patch together: the whole nullspace.
    #[default]
    Joint,
    /// Each colour channel for itself, as in the published scripts: a part of it.
    Separate,
}

/// How large a noise shall be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// As projected.
    Keep,
    /// Largest absolute value, in units of the normalised image.
    Peak(f64),
    /// Euclidean norm over the whole image.
    Norm(f64),
}

/// Why there is no nullspace noise.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum BasisError {
    /// The weights are not those of a patch embedding.
    #[error("a patch embedding has weights [width, 3, side, side]; {shape:?} with {values} values is none")]
    Kernel {
        /// Shape that was given.
        shape: [usize; 4],
        /// Number of values.
        values: usize,
    },
    /// Infinite or missing weights.
    #[error("the weights of the patch embedding are not all finite; the checkpoint is damaged, load it again")]
    NotFinite,
    /// The decomposition did not converge.
    #[error("the singular values of the patch embedding were not found; check its weights")]
    NoConvergence,
    /// The embedding sees every direction.
    #[error(
        "this patch embedding sees every direction of its {pixels} inputs; use larger patches, fewer channels of a \
             token, or token noise instead"
    )]
    Trivial {
        /// Inputs of the linear map.
        pixels: usize,
    },
    /// Noise or image of another size.
    #[error("{values} values are not an image [3, {height}, {width}] of whole patches of {patch}×{patch}")]
    Image {
        /// Number of values.
        values: usize,
        /// Rows.
        height: usize,
        /// Columns.
        width: usize,
        /// Side of a patch.
        patch: usize,
    },
}

/// The directions of a patch that an embedding does not see.
#[derive(Clone, Debug)]
pub struct PatchNullspace {
    patch: usize,
    groups: Vec<Group>,
}

/// Inputs that were decomposed together, and what the embedding sees of them.
#[derive(Clone, Debug)]
struct Group {
    /// Orthonormal rows `[rank, pixels]`: the row space of W.
    seen: DMatrix<f64>,
    /// All singular values, falling.
    singular_values: Vec<f64>,
}

impl PatchNullspace {
    /// Decomposes the weights `[width, 3, side, side]` of a patch embedding, last axis fastest.
    ///
    /// A singular value counts as zero up to σ_max · max(width, pixels) · ε with the ε of f32, since weights are f32. Takes
    /// milliseconds for 8×8 patches, minutes for 32×32 ones.
    ///
    /// # Errors
    /// When the weights have another shape or are not finite.
    pub fn new(kernel: &[f32], shape: [usize; 4], channels: Channels) -> Result<Self, BasisError> {
        let [width, colours, patch, across] = shape;
        let pixels = colours * patch * across;
        if patch != across || colours != COLOURS || width * pixels == 0 || width * pixels != kernel.len() {
            return Err(BasisError::Kernel { shape, values: kernel.len() });
        }
        if !kernel.iter().all(|value| value.is_finite()) {
            return Err(BasisError::NotFinite);
        }
        let size = match channels {
            Channels::Joint => pixels,
            Channels::Separate => patch * patch,
        };
        let columns = |start: usize| {
            let value = |row: usize, column: usize| f64::from(kernel[row * pixels + start + column]);
            DMatrix::from_fn(width, size, value)
        };
        let groups = (0..pixels).step_by(size).map(|start| Group::new(columns(start))).collect::<Result<_, _>>()?;
        Ok(Self { patch, groups })
    }

    /// Dimension of the nullspace of each group: one for [`Channels::Joint`], one for each channel otherwise.
    pub fn dimensions(&self) -> Vec<usize> {
        self.groups.iter().map(Group::dimension).collect()
    }

    /// All singular values of each group, falling.
    pub fn singular_values(&self) -> impl Iterator<Item = &[f64]> {
        self.groups.iter().map(|group| group.singular_values.as_slice())
    }

    /// An orthonormal basis of the nullspace of each group: vectors over the pixels of the group. The vectors are one choice of
    /// many; the space is not.
    pub fn bases(&self) -> Vec<Vec<Vec<f64>>> {
        self.groups.iter().map(Group::basis).collect()
    }

    /// The projector `[pixels, pixels]` of each group onto its nullspace.
    pub fn projectors(&self) -> Vec<Vec<f64>> {
        self.groups.iter().map(Group::projector).collect()
    }

    /// Nullspace noise for images of `[height, width]`: every patch of `draws` `[3, y, x]` projected, then scaled.
    ///
    /// With standard normal draws it is standard normal within the nullspace.
    ///
    /// # Errors
    /// When the nullspace is trivial, or the draws are not an image of whole patches.
    pub fn noise(&self, draws: &[f32], size: [usize; 2], scale: Scale) -> Result<Vec<f32>, BasisError> {
        if self.dimensions().iter().all(|dimension| *dimension == 0) {
            return Err(BasisError::Trivial { pixels: COLOURS * self.patch * self.patch });
        }
        let places = self.patches(draws.len(), size)?;
        let mut noise = vec![0.0f64; draws.len()];
        for places in places {
            let mut values: Vec<f64> = places.iter().map(|place| f64::from(draws[*place])).collect();
            for (group, range) in self.groups.iter().zip(self.ranges()) {
                group.project(&mut values[range]);
            }
            for (place, value) in places.iter().zip(values) {
                noise[*place] = value;
            }
        }
        let factor = match scale {
            Scale::Keep => 1.0,
            Scale::Peak(peak) => peak / noise.iter().fold(0.0f64, |most, value| most.max(value.abs())),
            Scale::Norm(norm) => norm / noise.iter().map(|value| value * value).sum::<f64>().sqrt(),
        };
        // All-zero draws have no direction to scale.
        let factor = if factor.is_finite() { factor } else { 0.0 };
        Ok(noise.into_iter().map(|value| (value * factor) as f32).collect())
    }

    /// Noise near to `noise` that stays in the nullspace and leads `image` + noise a little less far out of `low` to `high` in each of
    /// `rounds`: to the box, and back onto the nullspace (alternating projections). It comes as near as it can, not all the way;
    /// [`Self::shrunk`] is what keeps pixels valid.
    ///
    /// # Errors
    /// When the sizes do not agree.
    pub fn fitted(
        &self,
        noise: &[f32],
        image: &[f32],
        size: [usize; 2],
        (low, high): ([f32; 3], [f32; 3]),
        rounds: usize,
    ) -> Result<Vec<f32>, BasisError> {
        self.patches(image.len(), size)?;
        let mut fitted = noise.to_vec();
        for places in self.patches(noise.len(), size)? {
            let walls = |place: &usize| {
                let (channel, value) = (place / (size[0] * size[1]), f64::from(image[*place]));
                (f64::from(low[channel]) - value, f64::from(high[channel]) - value)
            };
            let walls: Vec<(f64, f64)> = places.iter().map(walls).collect();
            let mut values: Vec<f64> = places.iter().map(|place| f64::from(noise[*place])).collect();
            for _ in 0..rounds {
                let mut is_within = true;
                for (value, (low, high)) in values.iter_mut().zip(&walls) {
                    let there = value.max(*low).min(*high);
                    is_within &= there == *value;
                    *value = there;
                }
                if is_within {
                    break;
                }
                for (group, range) in self.groups.iter().zip(self.ranges()) {
                    group.project(&mut values[range]);
                }
            }
            for (place, value) in places.iter().zip(values) {
                fitted[*place] = value as f32;
            }
        }
        Ok(fitted)
    }

    /// Noise that keeps `image` + noise between `low` and `high` of each channel: every patch shrunk by its own factor, so
    /// that it stays in the nullspace. A patch whose noise pushes a pixel that is already outside gets none.
    ///
    /// # Errors
    /// When the sizes do not agree.
    pub fn shrunk(
        &self,
        noise: &[f32],
        image: &[f32],
        size: [usize; 2],
        (low, high): ([f32; 3], [f32; 3]),
    ) -> Result<Vec<f32>, BasisError> {
        self.patches(image.len(), size)?;
        let mut shrunk = noise.to_vec();
        for places in self.patches(noise.len(), size)? {
            let room = |place: &usize| {
                let channel = place / (size[0] * size[1]);
                let (value, step) = (f64::from(image[*place]), f64::from(noise[*place]));
                let wall = f64::from(if step > 0.0 { high[channel] } else { low[channel] });
                if step == 0.0 { 1.0 } else { (wall - value) / step }
            };
            // A hair less than all, so that rounding to f32 does not cross the wall.
            let factor = places.iter().map(room).fold(1.0, f64::min).max(0.0) * (1.0 - 1e-6);
            let factor = if places.iter().all(|place| room(place) >= 1.0) { 1.0 } else { factor };
            for place in places {
                shrunk[place] = (f64::from(noise[place]) * factor) as f32;
            }
        }
        Ok(shrunk)
    }

    /// The pixels of each group within a patch.
    fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let size = COLOURS * self.patch * self.patch / self.groups.len();
        (0..self.groups.len()).map(move |group| group * size..(group + 1) * size)
    }

    /// For each patch, where its pixels lie in an image `[3, y, x]`, in the order of the weights: channel, row, column.
    fn patches(&self, values: usize, [height, width]: [usize; 2]) -> Result<Vec<Vec<usize>>, BasisError> {
        let Self { patch, .. } = *self;
        if values != COLOURS * height * width || values == 0 || height % patch != 0 || width % patch != 0 {
            return Err(BasisError::Image { values, height, width, patch });
        }
        let corners = (0..height).step_by(patch).flat_map(|y| (0..width).step_by(patch).map(move |x| (y, x)));
        let pixels = |(top, left): (usize, usize)| {
            let rows = (0..COLOURS).flat_map(|channel| (0..patch).map(move |row| (channel, row)));
            let start = |(channel, row): (usize, usize)| (channel * height + top + row) * width + left;
            rows.flat_map(|at| start(at)..start(at) + patch).collect()
        };
        Ok(corners.map(pixels).collect())
    }
}

impl Group {
    fn new(weights: DMatrix<f64>) -> Result<Self, BasisError> {
        let (width, pixels) = weights.shape();
        let svd = SVD::try_new(weights, false, true, f64::EPSILON, MOST_ITERATIONS).ok_or(BasisError::NoConvergence)?;
        let right = svd.v_t.ok_or(BasisError::NoConvergence)?;
        let largest = svd.singular_values.iter().fold(0.0f64, |most, value| most.max(*value));
        let cut = largest * width.max(pixels) as f64 * f64::from(f32::EPSILON);
        let kept: Vec<usize> = (0..svd.singular_values.len()).filter(|row| svd.singular_values[*row] > cut).collect();
        let mut singular_values: Vec<f64> = svd.singular_values.iter().copied().collect();
        singular_values.sort_by(|a, b| b.total_cmp(a));
        Ok(Self { seen: right.select_rows(&kept), singular_values })
    }

    fn pixels(&self) -> usize {
        self.seen.ncols()
    }

    fn dimension(&self) -> usize {
        self.pixels() - self.seen.nrows()
    }

    /// Takes away what the embedding sees.
    fn project(&self, values: &mut [f64]) {
        if self.dimension() == 0 {
            return values.fill(0.0);
        }
        for row in self.seen.row_iter() {
            let projection: f64 = row.iter().zip(&*values).map(|(a, b)| a * b).sum();
            for (value, part) in values.iter_mut().zip(row.iter()) {
                *value -= projection * part;
            }
        }
    }

    fn projector(&self) -> Vec<f64> {
        let pixels = self.pixels();
        let projector = DMatrix::identity(pixels, pixels) - self.seen.transpose() * &self.seen;
        // Symmetric, so the order of storage does not matter.
        projector.iter().copied().collect()
    }

    /// The rest of an orthonormal basis whose first vectors span the row space.
    fn basis(&self) -> Vec<Vec<f64>> {
        let (rank, pixels) = self.seen.shape();
        let mut whole = DMatrix::<f64>::identity(pixels, pixels);
        if rank > 0 {
            self.seen.transpose().qr().q_tr_mul(&mut whole);
        }
        (rank..pixels).map(|row| whole.row(row).iter().copied().collect()).collect()
    }
}
