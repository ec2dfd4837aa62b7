//! What stands around the object: small things, some of its own size, and in a part of the scenes one thing before it.
//!
//! Nothing but that one thing may hide the object, and that one only so much: candidates are drawn until one fits.

use super::camera::Window;
use super::clutter;
use super::distractor;
use super::draw::Draw;
use super::part::{Ball, Part};
use super::setting::Setting;
use super::sight::Sight;
use super::vector::{Rotation, Vec3, vec3};

/// Fraction of the scenes in which something is put before the object.
const SCREENED: f32 = 0.36;
/// How much of the object that may hide, as [`Sight`] sees it.
const HIDDEN: (f32, f32) = (0.06, 0.30);
/// The others may hide no more than this: an edge that falls between two of its rays.
const GRAZED: f32 = 0.01;
/// How often a place is tried.
const TRIES: usize = 8;

impl Setting<'_> {
    /// Below the middle of the object.
    fn middle(&self) -> Vec3 {
        vec3(self.ball.centre.x, 0.0, self.ball.centre.z)
    }

    /// How far the object comes towards the camera.
    fn front(&self) -> f32 {
        let towards = self.camera.towards();
        let ahead = |corner: Vec3| (corner - self.middle()).dot(towards);
        self.object.iter().flat_map(Part::corners).map(ahead).fold(0.0, f32::max)
    }
}

/// Two to five small things, one or two large ones, and perhaps a screen.
pub(super) fn gather(draw: &mut Draw, setting: &Setting<'_>) -> Vec<Part> {
    let sight = Sight::of(setting.camera, setting.object);
    let mut things = Vec::new();
    let mut taken = Vec::new();
    if draw.chance(SCREENED) {
        let front = setting.front();
        let screen = (0..TRIES).map(|_| screen(draw, setting, front)).find(|screen| {
            let hidden = sight.hidden(screen);
            hidden > HIDDEN.0 && hidden < HIDDEN.1
        });
        if let Some(screen) = screen {
            taken.push(Ball::around(&screen));
            things.extend(screen);
        }
    }
    let large = 1 + draw.index(2);
    let small = 2 + draw.index(4);
    for i in 0..large + small {
        let material = setting.material + i % clutter::MATERIALS;
        for _ in 0..TRIES {
            let item =
                if i < large { large_thing(draw, setting, material) } else { small_thing(draw, setting, material) };
            let ball = Ball::around(&item);
            let free = taken.iter().all(|other| !other.near(ball.centre, ball.radius));
            let before_wall = setting.backdrop.room(ball.centre) > ball.radius;
            let in_view = setting.camera.window(&item).meets(&Window::IMAGE);
            if free && before_wall && in_view && sight.hidden(&item) < GRAZED {
                taken.push(ball);
                things.extend(item);
                break;
            }
        }
    }
    things
}

/// Beside the object or behind it.
fn large_thing(draw: &mut Draw, setting: &Setting<'_>, material: usize) -> Vec<Part> {
    let size = setting.ball.radius * draw.between(0.3, 0.6);
    let away = setting.reach + size + draw.between(0.1, 2.2);
    let place = spot(setting, draw.between(-1.0, 1.0), draw.between(-1.0, 0.35), away);
    distractor::build(draw, place, size, material)
}

/// Anywhere around the object.
fn small_thing(draw: &mut Draw, setting: &Setting<'_>, material: usize) -> Vec<Part> {
    let size = draw.between(0.12, 0.3);
    let away = setting.reach + size * 1.6 + draw.between(0.05, 1.8);
    let place = spot(setting, draw.between(-1.0, 1.0), draw.between(-1.0, 1.0), away);
    vec![clutter::item(draw, place, size, material)]
}

/// Something upright, low or round between the camera and the object, which comes `front` towards it.
fn screen(draw: &mut Draw, setting: &Setting<'_>, front: f32) -> Vec<Part> {
    let radius = setting.ball.radius;
    let size = radius * draw.between(0.25, 0.55);
    let towards = setting.camera.towards();
    let across = Vec3::UP.cross(towards);
    let side = across * (radius * draw.between(-0.9, 0.9));
    let place = setting.middle() + towards * (front + size + draw.between(0.05, 0.7)) + side;
    let turn = Rotation { x: across, y: Vec3::UP, z: towards }.after(Rotation::about_y(draw.between(-0.3, 0.3)));
    match draw.index(5) {
        0 => distractor::post(draw, place, radius, setting.material),
        1 => distractor::board(draw, place, turn, size, setting.material),
        2 => distractor::fence(draw, place, turn, radius, setting.material),
        _ => distractor::build(draw, place, size, setting.material),
    }
}

/// A place on the ground `away` from the object: `side` to the right of the camera's view, `depth` towards the camera.
fn spot(setting: &Setting<'_>, side: f32, depth: f32, away: f32) -> Vec3 {
    let towards = setting.camera.towards();
    let direction = (Vec3::UP.cross(towards) * side + towards * depth).normalised();
    setting.middle() + direction * away
}
