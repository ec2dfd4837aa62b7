//! Corruptions as augmentation: now and then a training image gets one of the registry's, at a random severity.
//!
//! Which ones is the whole question: what is trained on is not unseen when it is measured. [`UNSEEN_BENCHMARK`] names the
//! sets that leave the fifteen of the benchmark out.

use std::collections::BTreeSet;

use chacha20::ChaCha8Rng;
use chacha20::rand_core::Rng;

use super::draw::{below, chance};
use crate::corruption::{self, ALL, Corruption, Group, Set, Severity, Variant};
use crate::image::Rgb8;
use crate::name::{self, UnknownName};

/// All but the fifteen of the benchmark.
pub const UNSEEN_BENCHMARK: &str = "extra,bar";

/// How corruptions are drawn.
#[derive(Clone, Debug)]
pub struct RandomCorruption {
    /// Probability that an image is corrupted.
    pub probability: f64,
    /// By which; each is as likely as another. None: no image is.
    pub corruptions: Vec<&'static Corruption>,
    /// The strongest severity; those up to it are as likely as each other.
    pub strongest: Severity,
    /// Whose constants.
    pub variant: Variant,
}

/// What happens to one image: a decision, ready to be applied.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    /// Which corruption.
    pub corruption: &'static Corruption,
    /// How strong.
    pub severity: Severity,
    /// Whose constants.
    pub variant: Variant,
    /// Seed of whatever the corruption itself draws.
    pub seed: u64,
}

impl RandomCorruption {
    /// Draws what happens to one image; often nothing.
    pub fn plan(&self, random: &mut ChaCha8Rng) -> Option<Draw> {
        if !chance(random, self.probability) {
            return None;
        }
        let corruption = *self.corruptions.get(below(random, self.corruptions.len()))?;
        let severity = Severity::ALL[below(random, usize::from(self.strongest.get()))];
        Some(Draw { corruption, severity, variant: self.variant, seed: random.next_u64() })
    }
}

impl Draw {
    /// The image, corrupted; of the same size.
    pub fn apply(&self, image: &Rgb8) -> Rgb8 {
        corruption::corrupt(image, self.corruption, self.severity, self.variant, self.seed)
    }
}

/// The corruptions that `words` stand for, in the registry's order: names of corruptions, of sets (`common`, `extra`, `bar`)
/// and of families (`noise`, `blur`, `weather`, `digital`), with commas between.
///
/// # Errors
/// For a word that is none of these; the error names the nearest.
pub fn chosen(words: &str) -> Result<Vec<&'static Corruption>, UnknownName> {
    let mut names = BTreeSet::new();
    for word in words.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let meant = ALL.iter().filter(|row| [row.name, row.set.name(), row.group.name()].contains(&word));
        let meant: Vec<&str> = meant.map(|row| row.name).collect();
        if meant.is_empty() {
            return Err(name::unknown("corruption", known(), word));
        }
        names.extend(meant);
    }
    Ok(ALL.iter().filter(|row| names.contains(row.name)).collect())
}

/// Every word that [`chosen`] knows.
fn known() -> impl Iterator<Item = &'static str> {
    let sets = Set::ALL.iter().map(|set| set.name());
    ALL.iter().map(|row| row.name).chain(sets).chain(Group::ALL.iter().map(|group| group.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::stream;

    fn image() -> Rgb8 {
        Rgb8::from_fn(40, 33, |x, y| [(x * 6) as u8, (y * 7) as u8, (x * y) as u8])
    }

    fn half_of(words: &str) -> RandomCorruption {
        let corruptions = chosen(words).expect("known words");
        RandomCorruption { probability: 0.5, corruptions, strongest: Severity::ALL[2], variant: Variant::Tiny }
    }

    #[test]
    fn words_are_names_sets_and_families_and_each_row_comes_once() {
        let names = |words: &str| chosen(words).expect("known words").iter().map(|row| row.name).collect::<Vec<_>>();
        assert_eq!(names("fog, shot_noise ,fog"), ["shot_noise", "fog"]);
        assert_eq!(names("common").len(), 15);
        assert_eq!(names("common,extra,bar").len(), ALL.len());
        assert_eq!(names("bar,ripple"), names("bar"));
        assert!(names("blur").contains(&"defocus_blur") && !names("blur").contains(&"fog"));
        assert!(names(" , ").is_empty());
    }

    #[test]
    fn the_default_leaves_the_benchmark_unseen() {
        let rows = chosen(UNSEEN_BENCHMARK).expect("known words");
        let benchmark = ALL.iter().filter(|row| row.set == Set::Common).count();
        assert_eq!((rows.len(), benchmark), (ALL.len() - 15, 15));
        assert!(rows.iter().all(|row| row.set != Set::Common));
    }

    #[test]
    fn an_unknown_word_is_named_with_the_nearest_row_set_or_family() {
        let nearest = |words: &str| chosen(words).expect_err("an unknown word").nearest;
        assert_eq!((nearest("fog,frots"), nearest("comon"), nearest("wether")), ("frost", "common", "weather"));
        let said = chosen("bar,gausian_noise").expect_err("an unknown word").to_string();
        assert_eq!(said, "there is no corruption `gausian_noise`; did you mean `gaussian_noise`?");
    }

    #[test]
    fn corruptions_and_severities_are_drawn_as_often_as_asked() {
        let half = half_of("fog,frost,ripple");
        let plans: Vec<Option<Draw>> = (0..3000).map(|i| half.plan(&mut stream(1, i, "corruption"))).collect();
        let drawn: Vec<&Draw> = plans.iter().flatten().collect();
        // Five standard deviations.
        assert!(drawn.len().abs_diff(1500) < 137, "{}", drawn.len());
        for name in ["fog", "frost", "ripple"] {
            let count = drawn.iter().filter(|draw| draw.corruption.name == name).count();
            assert!(count.abs_diff(drawn.len() / 3) < 100, "{name}: {count}");
        }
        for severity in 1..=3 {
            let count = drawn.iter().filter(|draw| draw.severity.get() == severity).count();
            assert!(count.abs_diff(drawn.len() / 3) < 100, "{severity}: {count}");
        }
        assert!(drawn.iter().all(|draw| draw.severity <= Severity::ALL[2] && draw.variant == Variant::Tiny));
    }

    #[test]
    fn a_draw_depends_on_the_stream_alone_and_keeps_the_size() {
        let always = RandomCorruption { probability: 1.0, ..half_of("shot_noise,speckle_noise") };
        let corrupted = |index| {
            let draw = always.plan(&mut stream(1, index, "corruption")).expect("probability one");
            draw.apply(&image())
        };
        assert_eq!(corrupted(0), corrupted(0));
        assert_ne!(corrupted(0), corrupted(1));
        assert_ne!(corrupted(0), image());
        assert_eq!((corrupted(0).width(), corrupted(0).height()), (40, 33));
        let never = RandomCorruption { probability: 0.0, ..always.clone() };
        assert!((0..50).all(|index| never.plan(&mut stream(1, index, "corruption")).is_none()));
        let nothing = RandomCorruption { corruptions: Vec::new(), ..always };
        assert!(nothing.plan(&mut stream(1, 0, "corruption")).is_none());
    }
}
