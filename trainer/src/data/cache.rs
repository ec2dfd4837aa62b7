//! Decoded images, kept once made, as long as they fit.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::Result;

use super::Sample;

/// Bytes of decoded pixels that are kept for a dataset, all splits together.
const BUDGET: usize = 768 << 20;

/// Memory that is left for decoded images; the splits of a dataset share it.
#[derive(Clone, Debug)]
pub struct Room(Arc<AtomicUsize>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(AtomicUsize::new(BUDGET)))
    }
}

/// A slot per image. Which images are in one depends on who came first; what is asked for does not.
pub struct Cache {
    slots: Vec<OnceLock<Arc<Sample>>>,
    room: Room,
}

impl Cache {
    /// For `count` images.
    pub fn new(count: usize, room: &Room) -> Self {
        Self { slots: (0..count).map(|_| OnceLock::new()).collect(), room: room.clone() }
    }

    /// Image `index`, made by `make` unless it was kept.
    pub fn get(&self, index: usize, make: impl FnOnce() -> Result<Sample>) -> Result<Arc<Sample>> {
        let slot = self.slots.get(index);
        if let Some(image) = slot.and_then(OnceLock::get) {
            return Ok(image.clone());
        }
        let image = Arc::new(make()?);
        let Some(slot) = slot else { return Ok(image) };
        let bytes = image.image.bytes().len() + size_of::<Sample>();
        let left = |room: usize| room.checked_sub(bytes);
        if self.room.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).is_err() {
            return Ok(image);
        }
        // Two workers may make the same image at the same time; they make the same bytes, either may stay.
        Ok(slot.get_or_init(|| image).clone())
    }
}

#[cfg(test)]
mod tests {
    use vitro::image::Rgb8;

    use super::*;

    #[test]
    fn what_does_not_fit_is_made_again() {
        let room = Room(Arc::new(AtomicUsize::new(1000)));
        let (one, other) = (Cache::new(3, &room), Cache::new(3, &room));
        let made = AtomicUsize::new(0);
        let make = |side: usize| {
            made.fetch_add(1, Ordering::Relaxed);
            Ok(Sample { image: Rgb8::from_fn(side, side, |_, _| [side as u8; 3]), label: side })
        };
        for _ in 0..2 {
            // 300 bytes are kept, and the same again; 3 kB never.
            assert_eq!(one.get(0, || make(10)).unwrap().label, 10);
            assert_eq!(one.get(1, || make(32)).unwrap().label, 32);
            assert_eq!(other.get(0, || make(10)).unwrap().label, 10);
        }
        assert_eq!(made.load(Ordering::Relaxed), 4);
    }
}
