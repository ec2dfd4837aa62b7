//! One scene before it is seen: object, clutter, finishes, light, backdrop and camera.

use super::backdrop::Backdrop;
use super::camera::{Camera, Window};
use super::crowd;
use super::draw::Draw;
use super::families::Families;
use super::light::{Light, RAYS, Shade};
use super::material::Material;
use super::object::{Assembly, Class};
use super::palette::Palette;
use super::part::{Ball, Part};
use super::setting::Setting;
use super::vector::Vec3;

/// Everything a ray can meet or be lit by. The object stands unturned at the origin; camera and sun move around it.
pub(super) struct World {
    /// The object's parts, then the clutter.
    pub(super) things: Vec<Part>,
    /// How many of them are the object's.
    pub(super) parts: usize,
    /// The camera and the sun's disc in each thing's own frame.
    pub(super) eyes: Vec<Vec3>,
    pub(super) discs: Vec<[Vec3; RAYS]>,
    /// Around the whole object.
    pub(super) ball: Ball,
    /// Where each thing's shadow can fall, and where the object's can.
    pub(super) shades: Vec<Shade>,
    pub(super) shade: Shade,
    /// Where in the image each thing can appear, and where any can.
    pub(super) windows: Vec<Window>,
    pub(super) window: Window,
    pub(super) materials: Vec<Material>,
    pub(super) backdrop: Backdrop,
    pub(super) light: Light,
    pub(super) camera: Camera,
    pub(super) exposure: f32,
}

impl World {
    pub(super) fn draw(draw: &mut Draw, class: &Class, families: &Families) -> Self {
        // Colours and finishes come first, from draws that every class makes alike.
        let palette = Palette::draw(draw);
        let [main, second, detail] = palette.object;
        let mut materials = vec![
            Material::textured(draw, families.surfaces, main),
            if draw.chance(0.4) {
                Material::textured(draw, families.surfaces, second)
            } else {
                Material::plain(draw, second.0)
            },
            Material::plain(draw, detail.0),
        ];
        let first_clutter = materials.len();
        materials.extend(palette.clutter.map(|colour| clutter_finish(draw, families, colour)));

        let mut assembly = Assembly::default();
        (class.build)(draw, &mut assembly);
        let object = assembly.parts;
        let ball = Ball::around(&object);

        let camera = Camera::draw(draw, &object, &class.pose);
        let light = Light::draw(draw, camera.azimuth, palette.ground.0, families.suns);
        let backdrop = Backdrop::draw(draw, &palette, &camera, families);
        let reach = object.iter().flat_map(Part::corners).map(|p| (p.x * p.x + p.z * p.z).sqrt()).fold(0.0, f32::max);
        let setting = Setting {
            object: &object,
            ball: &ball,
            reach,
            camera: &camera,
            backdrop: &backdrop,
            material: first_clutter,
        };
        let clutter = crowd::gather(draw, &setting);
        let exposure = draw.between(0.38, 0.55);
        let parts = object.len();
        let mut things = object;
        things.extend(clutter);
        let eyes = things.iter().map(|part| part.local_point(camera.origin)).collect();
        let discs = things.iter().map(|part| light.disc.map(|to| part.local_direction(to))).collect();
        let windows = things.iter().map(|part| camera.window([part])).collect();
        let window = camera.window(&things);
        let shades = things.iter().map(|part| light.shade(&part.ball, part.corners().into_iter())).collect();
        let shade = light.shade(&ball, things[..parts].iter().flat_map(Part::corners));
        Self {
            things,
            parts,
            eyes,
            discs,
            ball,
            shades,
            shade,
            windows,
            window,
            materials,
            backdrop,
            light,
            camera,
            exposure,
        }
    }
}

/// Things that are as large as the object have its textures, so that texture does not say which of them it is.
fn clutter_finish(draw: &mut Draw, families: &Families, colour: Vec3) -> Material {
    if draw.chance(0.4) {
        return Material::plain(draw, colour);
    }
    let other = colour * draw.between(0.3, 0.6);
    Material::textured(draw, families.surfaces, (colour, other))
}
