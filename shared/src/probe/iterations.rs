//! Attention as a recurrence (VARS), step by step.

use burn::prelude::*;

use super::{Probe, Reading, map};

/// What the last block reconstructs at each patch, before and after every step of its recurrence.
pub const ITERATIONS: Probe = Probe {
    key: "iterations",
    title: "iterations",
    meaning: "What the last block reconstructs at each patch, before and after every step of its recurrence.",
    take: |forward| Some(Tensor::cat(map::steps(forward)?, 1)),
    read: |values, patches| Reading::Maps(values.chunks_exact(patches.max(1)).map(map::scaled).collect()),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_a_map_of_its_own() {
        let Reading::Maps(maps) = ITERATIONS.read(&[1.0, 1.0, 3.0, 1.0], 2) else { panic!("maps") };
        assert_eq!(maps, [[0.5, 0.5], [0.75, 0.25]]);
    }
}
