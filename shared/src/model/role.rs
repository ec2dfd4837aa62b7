//! What a stored array is to a model: said once, for counting, weight decay, bundles and checkpoints.

/// What the array at a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A matrix, a kernel, or a table or temperature of several axes.
    Weight,
    /// What is added to each channel.
    Bias,
    /// What each channel is multiplied by: norms and layer scales.
    Scale,
    /// A learned position embedding.
    Position,
    /// A learned token: class, distillation.
    Token,
    /// A running mean or variance of a batch norm: kept and averaged, never trained.
    Statistic,
    /// Kept and never trained: the random features and bounds of VARS and the Performer.
    Constant,
    /// A counter or a table that follows from the shape. Checkpoints of other programs hold them; our models do not.
    Computed,
}

/// Last parts of paths that settle the role, whatever the rank.
const BY_NAME: &[(&str, Role)] = &[
    ("cls_token", Role::Token),
    ("dist_token", Role::Token),
    ("pos_embed", Role::Position),
    ("rand_matrix", Role::Constant),
    ("lipschitz", Role::Constant),
    ("kernel_norm", Role::Constant),
    ("running_mean", Role::Statistic),
    ("running_var", Role::Statistic),
    ("num_batches_tracked", Role::Computed),
    ("relative_position_index", Role::Computed),
    ("attn_mask", Role::Computed),
];

impl Role {
    /// The role of the array with `rank` axes at `path`, whose parts are joined by dots.
    pub fn of(path: &str, rank: usize) -> Self {
        let name = path.rsplit('.').next().unwrap_or(path);
        if let Some((_, role)) = BY_NAME.iter().find(|(known, _)| *known == name) {
            return *role;
        }
        match (rank, name) {
            (2.., _) => Self::Weight,
            (_, "bias" | "beta") => Self::Bias,
            _ => Self::Scale,
        }
    }

    /// Whether training changes it by gradients.
    pub fn is_trained(self) -> bool {
        !matches!(self, Self::Statistic | Self::Constant | Self::Computed)
    }

    /// Whether weight decay pulls at it: at matrices and kernels; not at biases, norms, scales, nor at tokens and positions,
    /// as in timm. It does pull at FAN's temperatures, which have three axes: the released training has it so.
    pub fn decays(self) -> bool {
        self == Self::Weight
    }
}

#[cfg(test)]
mod tests {
    use super::Role;

    #[test]
    fn a_path_and_a_rank_say_what_an_array_is() {
        for (path, rank, role) in [
            ("blocks.0.attn.qkv.weight", 2, Role::Weight),
            ("blocks.0.attn.qkv.bias", 1, Role::Bias),
            ("blocks.0.norm1.gamma", 1, Role::Scale),
            ("blocks.0.norm1.beta", 1, Role::Bias),
            ("blocks.0.temperature", 3, Role::Weight),
            ("cls_token", 3, Role::Token),
            ("pos_embed", 3, Role::Position),
            ("pos_embed.projection.weight", 4, Role::Weight),
            ("patch_embed.stages.0.norm.running_var", 1, Role::Statistic),
            ("blocks.0.attn.rand_matrix", 2, Role::Constant),
            ("blocks.1.lipschitz", 1, Role::Constant),
            ("stem.norm.num_batches_tracked", 0, Role::Computed),
        ] {
            assert_eq!(Role::of(path, rank), role, "{path}");
        }
    }

    #[test]
    fn only_matrices_decay_and_only_what_gradients_change_is_trained() {
        assert!(Role::Weight.decays());
        for role in [Role::Bias, Role::Scale, Role::Position, Role::Token] {
            assert!(role.is_trained() && !role.decays(), "{role:?}");
        }
        for role in [Role::Statistic, Role::Constant, Role::Computed] {
            assert!(!role.is_trained() && !role.decays(), "{role:?}");
        }
    }
}
