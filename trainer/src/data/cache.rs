//! Decoded pictures, kept once made, as long as they fit.

use std::sync::{Arc, OnceLock};

use anyhow::Result;

use super::Sample;

/// Bytes of decoded pixels kept for one split.
const BUDGET: usize = 1 << 30;

/// A slot per picture, or none when the pictures would not fit.
pub struct Cache {
    slots: Vec<OnceLock<Arc<Sample>>>,
}

impl Cache {
    /// For `count` pictures of about `bytes` each.
    pub fn new(count: usize, bytes: usize) -> Self {
        let fits = count.saturating_mul(bytes) <= BUDGET;
        Self { slots: if fits { (0..count).map(|_| OnceLock::new()).collect() } else { Vec::new() } }
    }

    /// Picture `index`, made by `make` the first time.
    pub fn get(&self, index: usize, make: impl FnOnce() -> Result<Sample>) -> Result<Arc<Sample>> {
        let Some(slot) = self.slots.get(index) else { return Ok(Arc::new(make()?)) };
        if let Some(picture) = slot.get() {
            return Ok(picture.clone());
        }
        let picture = Arc::new(make()?);
        // Two workers may make the same picture at the same time; they make the same bytes, either may stay.
        Ok(slot.get_or_init(|| picture).clone())
    }
}
