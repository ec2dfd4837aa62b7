//! What makes the scenes hard, and the worlds that are kept for [`Split::Unseen`].

use super::super::backdrop::{Behind, Place};
use super::super::families::Families;
use super::super::texture::Pattern;
use super::super::world::World;
use super::super::*;
use super::{SEED, covered};

/// Scenes that are looked at.
const COUNT: u64 = 480;

/// The same world with nothing in it but the object.
fn alone(mut world: World) -> World {
    let parts = world.parts;
    world.things.truncate(parts);
    world.eyes.truncate(parts);
    world.discs.truncate(parts);
    world.shades.truncate(parts);
    world.windows.truncate(parts);
    world
}

#[test]
fn objects_are_whole_and_off_centre_and_some_are_partly_hidden() {
    let (mut hidden, mut astray, mut shares, mut things) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for index in 0..COUNT {
        let world = world(label(SEED, index, Split::Test), SEED, index, Split::Test);
        things.push((world.things.len() - world.parts) as f32);
        let (_, seen, _) = world.expose(64);
        let (_, whole, Bounds { x, y, width, height }) = alone(world).expose(64);
        assert!(x > 0 && y > 0 && x + width < 64 && y + height < 64, "scene {index} is cut by the edge");
        let middle = |first: usize, count: usize| (first as f32 + 0.5 * count as f32) / 64.0 - 0.5;
        astray.push(middle(x, width).hypot(middle(y, height)));
        hidden.push(1.0 - covered(&seen) / covered(&whole));
        shares.push(covered(&seen));
    }
    for list in [&mut hidden, &mut astray, &mut shares, &mut things] {
        list.sort_by(f32::total_cmp);
    }
    let at = |list: &[f32], share: f32| list[(share * (list.len() - 1) as f32) as usize];
    let occluded = hidden.iter().filter(|share| **share > 0.05).count() as f32 / COUNT as f32;
    let quantiles = |list: &[f32]| [0.0, 0.1, 0.5, 0.9, 1.0].map(|share| at(list, share));
    println!("hidden in {occluded:.2} of the scenes: {:.3?}", quantiles(&hidden));
    println!("off centre: {:.3?}", quantiles(&astray));
    println!("covers: {:.3?}", quantiles(&shares));
    println!("parts of clutter: {:.0?}", quantiles(&things));
    assert!((0.2..0.35).contains(&occluded), "{occluded}");
    assert!(at(&hidden, 1.0) < 0.4 && at(&hidden, 0.99) < 0.35, "{:?}", quantiles(&hidden));
    assert!(at(&astray, 0.5) > 0.1, "{:?}", quantiles(&astray));
    let [least, _, middle, _, most] = quantiles(&shares);
    assert!(least > 0.05 && (0.15..0.2).contains(&middle) && most < 0.5, "{:?}", quantiles(&shares));
    assert!(at(&things, 0.5) >= 5.0, "{:?}", quantiles(&things));
}

/// Textures of large surfaces, of the ground and of the wall, the place, and the sun's height in degrees and its colour.
struct Drawn {
    surfaces: Vec<Pattern>,
    ground: Pattern,
    wall: Option<Pattern>,
    place: Place,
    elevation: f32,
    /// Blue over red: above 1 is cold.
    tint: f32,
}

fn drawn(split: Split) -> Vec<Drawn> {
    let drawn = |world: World| {
        let (place, wall) = match world.backdrop.behind {
            Behind::Wall { texture, .. } => (Place::Wall, Some(texture.pattern)),
            Behind::Sky { .. } => (Place::Sky, None),
            Behind::Hills { .. } => (Place::Hills, None),
            Behind::Sweep { .. } => (Place::Sweep, None),
        };
        // The first is the object's main surface; of the others, what is plain is a small part.
        let patterns = world.materials.iter().map(|material| material.texture.pattern).enumerate();
        let surfaces = patterns.filter(|(i, pattern)| *i == 0 || *pattern != Pattern::Plain).map(|(_, p)| p).collect();
        Drawn {
            surfaces,
            ground: world.backdrop.ground.pattern,
            wall,
            place,
            elevation: world.light.direction.y.asin().to_degrees(),
            tint: world.light.sun.z / world.light.sun.x,
        }
    };
    (0..COUNT).map(|index| drawn(world(label(SEED, index, split), SEED, index, split))).collect()
}

/// All draws come from the split's families, and each of these is drawn.
#[test]
fn unseen_worlds_are_drawn_from_families_of_their_own() {
    for split in Split::ALL {
        let families = Families::of(*split);
        let drawn = drawn(*split);
        let same = |listed: &[Pattern], found: Vec<Pattern>| {
            listed.iter().all(|pattern| found.contains(pattern)) && found.iter().all(|pattern| listed.contains(pattern))
        };
        assert!(same(families.surfaces, drawn.iter().flat_map(|one| one.surfaces.clone()).collect()), "{split:?}");
        assert!(same(families.grounds, drawn.iter().map(|one| one.ground).collect()), "{split:?}");
        assert!(same(families.walls, drawn.iter().filter_map(|one| one.wall).collect()), "{split:?}");
        assert!(drawn.iter().all(|one| families.places.contains(&one.place)), "{split:?}");
        let lit = |one: &Drawn| {
            let warm = |warmth: f32| (1.0 - 1.2 * warmth) / (1.0 + 0.6 * warmth);
            families.suns.iter().any(|sun| {
                (sun.elevation.0 - 0.01..=sun.elevation.1 + 0.01).contains(&one.elevation)
                    && (warm(sun.warmth.1) - 0.001..=warm(sun.warmth.0) + 0.001).contains(&one.tint)
            })
        };
        assert!(drawn.iter().all(lit), "{split:?}");
    }

    let [known, unseen] = [Split::Train, Split::Unseen].map(Families::of);
    let apart = |a: &[Pattern], b: &[Pattern]| a.iter().all(|pattern| !b.contains(pattern));
    assert!(apart(known.surfaces, unseen.surfaces));
    assert!(apart(known.grounds, unseen.grounds));
    assert!(apart(known.walls, unseen.walls));
    // A wall is known, its pattern then is not.
    assert!(unseen.places.iter().all(|place| *place == Place::Wall || !known.places.contains(place)));
    for (a, b) in known.suns.iter().flat_map(|a| unseen.suns.iter().map(move |b| (a, b))) {
        let clear = |a: (f32, f32), b: (f32, f32)| a.1 < b.0 || b.1 < a.0;
        assert!(clear(a.elevation, b.elevation) && clear(a.warmth, b.warmth), "{a:?} and {b:?}");
    }
    for split in [Split::Validation, Split::Test] {
        assert!(std::ptr::eq(Families::of(split), known));
    }
}
