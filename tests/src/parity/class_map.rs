//! GETAM: the map of a class in a small ViT whose head reads the mean of the patch tokens, and what one layer gives to it.

use anyhow::{Context, Result};
use burn::prelude::*;
use vitro::model::vit::VitConfig;
use vitro::model::{Family, FamilyConfig};
use vitro::probe::class_map::{Attended, layer_relevance, relevance};

use super::vars_module::values;
use super::{Fixture, Verdict};

/// Logits, attention of the last block with its gradient, relevance of each layer, and the maps.
pub(super) fn getam(fixture: &Fixture, device: &Device, verdict: &mut Verdict) -> Result<()> {
    let hyper = &fixture.json["hyper"];
    let count =
        |key: &str| Ok::<_, anyhow::Error>(hyper[key].as_u64().with_context(|| format!("hyper.{key}"))? as usize);
    let (side, width, classes) = (count("grid")?, count("dim")?, count("classes")?);
    let mut config = VitConfig::new(2 * side, 2, width, count("depth")?, count("heads")?, classes);
    config.mlp_ratio = hyper["mlp_ratio"].as_f64().context("hyper.mlp_ratio")?;
    let tolerance = |key: &str| fixture.json["tolerances"][key].as_f64().with_context(|| format!("tolerances.{key}"));
    let (logits_within, map_within) = ((tolerance("logits_abs")?, 0.0), (1e-7, tolerance("map_rel")?));

    let device = device.clone().autodiff();
    let mut model = config.init(&device)?;
    let mut weights = fixture.weights("");
    // Tokens come as they are: nothing is embedded here.
    weights.insert("patch_embed.proj.weight", vec![width, 3, 2, 2], vec![0.0; width * 12]);
    weights.insert("patch_embed.proj.bias", vec![width], vec![0.0; width]);
    weights.load_official(&mut model)?;
    let [head, bias] = [
        fixture.tensor::<2>("weights.head.weight", &device)?,
        fixture.tensor::<1>("weights.head.bias", &device)?.unsqueeze(),
    ];
    let model = model.valid();
    let tokens = fixture.tensor::<3>("tokens", &device)?;
    let [images, patches, _] = tokens.dims();

    // A pass for each class: what a backward pass has gone through is gone.
    for class in 0..2 {
        let mut attended = Attended::default();
        let seen = model.encode(tokens.clone(), [side, side], &mut attended);
        let mean = seen.tokens.narrow(1, 1, patches).mean_dim(1).squeeze_dim::<2>(1);
        let logits = mean.matmul(head.clone().transpose()) + bias.clone();
        verdict.compare_within("logits", fixture.array("logits")?, &values(&logits), logits_within);
        let layers = attended.differentiate(&logits.narrow(1, class, 1).sum());
        let maps = relevance(&layers, images, patches).context("a ViT has attention on its grid")?;
        for image in 0..images {
            let name = format!("map_img{image}_class{class}");
            verdict.compare_within(
                &name,
                fixture.array(&name)?,
                &values(&maps.clone().narrow(0, image, 1)),
                map_within,
            );
        }
        if class == 0 {
            let of_first = |layer: &[Tensor<4>; 2]| layer_relevance(layer).narrow(0, 0, 1);
            let late: Vec<_> = layers[count("start_layer")?..].iter().map(of_first).collect();
            let (name, ours) = ("per_layer_img0_class0", values(&Tensor::cat(late, 0)));
            verdict.compare_within(name, fixture.array(name)?, &ours, map_within);
            let [attention, gradient] = layers.last().context("there are blocks")?;
            for (name, ours) in
                [("attention_last_block_img0", attention), ("attention_gradient_last_block_img0_class0", gradient)]
            {
                verdict.compare_within(name, fixture.array(name)?, &values(&ours.clone().narrow(0, 0, 1)), map_within);
            }
        }
    }
    verdict.expect_all_but(fixture, &["weights.", "tokens"]);
    Ok(())
}
