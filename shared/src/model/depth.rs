//! Which layer of a network a stored array belongs to, counted from the image: for learning rates that fall towards it.
//!
//! As in "BEiT: BERT Pre-Training of Image Transformers" (arXiv 2106.08254), the embedding is layer 0, block i is layer
//! i + 1, and the last norm and the heads are the layer after the last block. What leads from one stage to the next belongs
//! to the block that it leads to. A family names its parts in the order of a forward pass ([`super::FamilyConfig::layers`]).

/// The layers of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layers {
    /// Beginnings of paths, with their layer.
    parts: Vec<(String, usize)>,
    blocks: usize,
}

impl Layers {
    /// A network that begins with the parts `embedding`.
    pub fn new(embedding: &[&str]) -> Self {
        Self { parts: Vec::new(), blocks: 0 }.at(0, embedding)
    }

    /// Then `count` blocks, `place.0` and so on.
    #[must_use]
    pub fn blocks(mut self, place: &str, count: usize) -> Self {
        let first = self.blocks + 1;
        self.parts.extend((0..count).map(|i| (format!("{place}.{i}"), first + i)));
        self.blocks += count;
        self
    }

    /// Then what leads to the block after it.
    #[must_use]
    pub fn towards(self, place: &str) -> Self {
        let next = self.blocks + 1;
        self.at(next, &[place])
    }

    /// Then the parts behind the last block.
    #[must_use]
    pub fn heads(self, names: &[&str]) -> Self {
        let last = self.last();
        self.at(last, names)
    }

    /// The last layer, that of the heads.
    pub fn last(&self) -> usize {
        self.blocks + 1
    }

    /// The layer of what lies at `path`, whose parts are joined by dots; none for a path of another network.
    pub fn of(&self, path: &str) -> Option<usize> {
        // Fields are written in lower case. Variants of enums, which are not, say how a model is put together.
        let is_field = |part: &&str| !part.starts_with(|first: char| first.is_ascii_uppercase());
        let path = path.split('.').filter(is_field).collect::<Vec<_>>().join(".");
        let is_within =
            |place: &str| path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        self.parts.iter().find(|(place, _)| is_within(place)).map(|(_, layer)| *layer)
    }

    /// What the learning rate at `path` is multiplied by: `decay` for each layer between it and the last one.
    pub fn factor(&self, path: &str, decay: f64) -> Option<f64> {
        self.of(path).map(|layer| std::iter::repeat_n(decay, self.last() - layer).product())
    }

    fn at(mut self, layer: usize, names: &[&str]) -> Self {
        self.parts.extend(names.iter().map(|name| ((*name).to_owned(), layer)));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Layers;

    /// Two stages, of eleven blocks and of one.
    fn staged() -> Layers {
        let first = Layers::new(&["patch_embed", "pos_embed"]).blocks("stages.0.blocks", 11);
        first.towards("pools.0").blocks("stages.1.blocks", 1).heads(&["norm", "head"])
    }

    #[test]
    fn layers_are_counted_from_the_image_to_the_head() {
        let layers = staged();
        for (path, layer) in [
            ("patch_embed.proj.weight", 0),
            ("pos_embed", 0),
            ("stages.0.blocks.0.norm1.gamma", 1),
            ("stages.0.blocks.1.norm1.gamma", 2),
            ("stages.0.blocks.10.norm1.gamma", 11),
            ("pools.0.conv.weight", 12),
            ("stages.1.blocks.0.attn.qkv.weight", 12),
            ("norm.gamma", 13),
            ("head.bias", 13),
        ] {
            assert_eq!(layers.of(path), Some(layer), "{path}");
        }
        assert_eq!(layers.last(), 13);
    }

    #[test]
    fn variants_of_enums_are_passed_over_and_strangers_have_no_layer() {
        let layers = staged();
        assert_eq!(layers.of("Vit.stages.0.blocks.1.Plain.attn.Softmax.qkv.weight"), Some(2));
        for stranger in ["patch_embedding.weight", "stages.0.blocks.11.norm1.gamma", "stages", "decoder"] {
            assert_eq!(layers.of(stranger), None, "{stranger}");
        }
    }

    #[test]
    fn the_head_learns_at_the_full_rate_and_each_layer_before_it_at_a_fraction_of_the_next() {
        let layers = Layers::new(&["patch_embed"]).blocks("blocks", 2).heads(&["head"]);
        let factors = ["head.weight", "blocks.1.a", "blocks.0.a", "patch_embed.a"].map(|path| layers.factor(path, 0.5));
        assert_eq!(factors, [Some(1.0), Some(0.5), Some(0.25), Some(0.125)]);
        assert_eq!(layers.factor("patch_embed.a", 1.0), Some(1.0));
    }
}
