//! Decoded images, kept once made, as long as they fit.

use std::sync::{Arc, OnceLock};

use anyhow::Result;

use super::Sample;

/// Bytes of decoded pixels kept for one split.
const BUDGET: usize = 1 << 30;

/// A slot per image, or none when the images would not fit.
pub struct Cache {
    slots: Vec<OnceLock<Arc<Sample>>>,
}

impl Cache {
    /// For `count` images of about `bytes` each.
    pub fn new(count: usize, bytes: usize) -> Self {
        let fits = count.saturating_mul(bytes) <= BUDGET;
        Self { slots: if fits { (0..count).map(|_| OnceLock::new()).collect() } else { Vec::new() } }
    }

    /// Image `index`, made by `make` the first time.
    pub fn get(&self, index: usize, make: impl FnOnce() -> Result<Sample>) -> Result<Arc<Sample>> {
        let Some(slot) = self.slots.get(index) else { return Ok(Arc::new(make()?)) };
        if let Some(image) = slot.get() {
            return Ok(image.clone());
        }
        let image = Arc::new(make()?);
        // Two workers may make the same image at the same time; they make the same bytes, either may stay.
        Ok(slot.get_or_init(|| image).clone())
    }
}
