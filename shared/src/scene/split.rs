//! Families of scenes that share none.

/// What a scene is for. Splits draw from streams of different names, so no scene is in two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// For training.
    Train,
    /// For choices made while training.
    Validation,
    /// Held out, from the same worlds as those of training.
    Test,
    /// Held out, and from worlds of its own: textures, backdrops and lights that no other split can draw.
    Unseen,
}

impl Split {
    /// All splits.
    pub const ALL: &[Self] = &[Self::Train, Self::Validation, Self::Test, Self::Unseen];

    /// As it is written on a command line; also part of the name of its streams.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
            Self::Unseen => "unseen",
        }
    }
}
