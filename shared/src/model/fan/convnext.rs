//! The first two stages of ConvNeXt, "A ConvNet for the 2020s", as the stem of the hybrid FANs.
//!
//! The released stem normalises with [`LayerNorm2d`](super::LayerNorm2d), whose numbers depend on the engine it runs on;
//! [`StemVariance`] names the three settings that were seen or are to be expected. Its drop-path is 0 whatever the rate of
//! the model, as released.

use burn::module::{Initializer, Param};
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::prelude::*;
use serde::{Deserialize, Serialize};

use super::layer_norm_2d::{LayerNorm2d, LayerNorm2dConfig, Variance};
use crate::model::observer::Observer;
use crate::ops::gelu;

/// First value of the blocks' layer scale.
const GAMMA: f64 = 1e-6;

/// Shape of the two stages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConvNextConfig {
    /// Channels of each stage. Paper: 128, 256.
    pub widths: [usize; 2],
    /// Blocks of each stage. Paper: 3, 3; large 3, 5; X-large 3, 7.
    pub depths: [usize; 2],
    /// Which norms divide by C − 1.
    #[serde(default)]
    pub variance: StemVariance,
}

/// Which of the stem's norms use the sample variance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StemVariance {
    /// None.
    #[default]
    Population,
    /// All but the first, as the released code runs on a processor.
    SampleAfterStem,
    /// Only the one between the stages, as the released code presumably runs on a graphics card.
    SampleBetweenStages,
}

impl StemVariance {
    fn in_blocks(self) -> Variance {
        if self == Self::SampleAfterStem { Variance::Sample } else { Variance::Population }
    }

    fn between_stages(self) -> Variance {
        if self == Self::Population { Variance::Population } else { Variance::Sample }
    }
}

/// Two stages of ConvNeXt.
#[derive(Module, Debug)]
pub struct ConvNext {
    stem: Stem,
    stages: Vec<Stage>,
}

#[derive(Module, Debug)]
struct Stem {
    conv: Conv2d,
    norm: LayerNorm2d,
}

#[derive(Module, Debug)]
struct Stage {
    downsample: Option<Halving>,
    blocks: Vec<ConvNextBlock>,
}

#[derive(Module, Debug)]
struct Halving {
    norm: LayerNorm2d,
    conv: Conv2d,
}

#[derive(Module, Debug)]
struct ConvNextBlock {
    conv_dw: Conv2d,
    norm: LayerNorm2d,
    mlp: PointwiseMlp,
    gamma: Param<Tensor<1>>,
}

#[derive(Module, Debug)]
struct PointwiseMlp {
    fc1: Conv2d,
    fc2: Conv2d,
}

impl ConvNextConfig {
    /// The published widths with `depths` blocks.
    pub fn new(depths: [usize; 2]) -> Self {
        Self { widths: [128, 256], depths, variance: StemVariance::default() }
    }

    /// Builds the stages with fresh weights. Widths below 2 are the caller's to refuse.
    pub fn init(&self, device: &Device) -> ConvNext {
        let [first, second] = self.widths;
        let norm = |channels, variance| LayerNorm2dConfig::new(channels).with_variance(variance).init(device);
        let blocks = |stage: usize| {
            let block = |_| ConvNextBlock::new(self.widths[stage], self.variance.in_blocks(), device);
            (0..self.depths[stage]).map(block).collect()
        };
        let halving = Halving {
            norm: norm(first, self.variance.between_stages()),
            conv: normal(Conv2dConfig::new([first, second], [2, 2]).with_stride([2, 2]), device),
        };
        ConvNext {
            stem: Stem {
                conv: normal(Conv2dConfig::new([3, first], [4, 4]).with_stride([4, 4]), device),
                norm: norm(first, Variance::Population),
            },
            stages: vec![
                Stage { downsample: None, blocks: blocks(0) },
                Stage { downsample: Some(halving), blocks: blocks(1) },
            ],
        }
    }
}

/// A convolution with normal weights of deviation 0.02 and zero bias.
fn normal(config: Conv2dConfig, device: &Device) -> Conv2d {
    let outputs = config.channels[1];
    let mut layer = config.with_initializer(Initializer::Normal { mean: 0.0, std: 0.02 }).init(device);
    layer.bias = Some(Initializer::Zeros.init([outputs], device));
    layer
}

impl ConvNext {
    /// Images `[b, 3, y, x]` → map `[b, c, ⌊⌊y/4⌋/2⌋, ⌊⌊x/4⌋/2⌋]`.
    pub fn forward(&self, images: Tensor<4>, observer: &mut impl Observer) -> Tensor<4> {
        let mut map = self.stem.norm.forward(self.stem.conv.forward(images));
        observer.see("stem", &map);
        for (i, stage) in self.stages.iter().enumerate() {
            if let Some(halving) = &stage.downsample {
                map = halving.conv.forward(halving.norm.forward(map));
            }
            map = stage.blocks.iter().fold(map, |map, block| block.forward(map));
            observer.see(&format!("stages.{i}"), &map);
        }
        map
    }
}

impl ConvNextBlock {
    fn new(channels: usize, variance: Variance, device: &Device) -> Self {
        let seven = Conv2dConfig::new([channels, channels], [7, 7])
            .with_groups(channels)
            .with_padding(PaddingConfig2d::Explicit(3, 3, 3, 3));
        let pointwise = |inputs, outputs| normal(Conv2dConfig::new([inputs, outputs], [1, 1]), device);
        Self {
            conv_dw: normal(seven, device),
            norm: LayerNorm2dConfig::new(channels).with_variance(variance).init(device),
            mlp: PointwiseMlp { fc1: pointwise(channels, 4 * channels), fc2: pointwise(4 * channels, channels) },
            gamma: Initializer::Constant { value: GAMMA }.init([channels], device),
        }
    }

    /// `[b, c, y, x]` → `[b, c, y, x]`.
    fn forward(&self, map: Tensor<4>) -> Tensor<4> {
        let [_, c, _, _] = map.dims();
        let hidden = self.mlp.fc1.forward(self.norm.forward(self.conv_dw.forward(map.clone())));
        let branch = self.mlp.fc2.forward(gelu(hidden));
        map + branch * self.gamma.val().reshape([1, c, 1, 1])
    }
}
