//! Evaluation mode on a device that records gradients.

use burn::module::{Flag, Module, ModuleMapper, Param};

/// The same module with every batch norm in evaluation mode: stored statistics are used and not updated.
///
/// [`Module::valid`] does this too but also stops recording gradients; attacks and saliency need both.
pub fn evaluating<M: Module>(module: M) -> M {
    module.map(&mut FlagsOff)
}

struct FlagsOff;

impl ModuleMapper for FlagsOff {
    fn map_flag(&mut self, flag: Param<Flag>) -> Param<Flag> {
        flag.with_value(false)
    }
}
