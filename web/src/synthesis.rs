//! What is done to an image step by step while models watch (`vitro::synthesis`), at the size of the model that it is done against.

use vitro::probe::class_map;
use vitro::synthesis::{self, Made, Subject, Wish};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

use crate::engine::softmax;
use crate::refusal::Code;
use crate::{Engine, rgba};

/// Something under way.
#[wasm_bindgen]
pub struct Course {
    model: usize,
    subject: Subject,
    inner: Box<dyn synthesis::Course>,
}

/// What of a course is looked at.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Shown {
    /// The image as it was.
    Clean,
    /// What is made so far.
    Made,
    /// What has as much noise and should do more.
    Control,
}

/// What a model says of it.
#[wasm_bindgen(getter_with_clone)]
pub struct Watched {
    /// Scores before softmax, one per class.
    pub logits: Vec<f32>,
    /// Softmax of the scores.
    pub probabilities: Vec<f32>,
}

/// The difference between what is made and the image as it was: see `vitro::synthesis::Noise`.
#[wasm_bindgen(getter_with_clone)]
pub struct Noise {
    /// RGBA at the model's size.
    pub pixels: Vec<u8>,
    /// Its size.
    pub size: f64,
    /// Whether it is on tokens.
    #[wasm_bindgen(js_name = onTokens)]
    pub on_tokens: bool,
}

/// Everything that can be done, JSON: `[{"name", "title", "about", "amount", "watched", "has_place", "is_random"}]`.
#[wasm_bindgen]
pub fn syntheses() -> String {
    serde_json::to_string(synthesis::ALL).unwrap_or_default()
}

#[wasm_bindgen]
impl Engine {
    /// Begins `name` against model `id`, on RGBA pixels of its size as [`Engine::see`] gives them. The place is the centre, from the
    /// left and from the top, as fractions.
    #[expect(clippy::too_many_arguments, reason = "JavaScript has no structures to give")]
    pub fn begin(
        &self,
        id: usize,
        pixels: &[u8],
        side: usize,
        name: &str,
        amount: f64,
        seed: u32,
        x: f64,
        y: f64,
    ) -> Result<Course, JsValue> {
        let bundle = self.bundle(id)?;
        let row = synthesis::find(name).map_err(|error| Code::Engine.error(error))?;
        let image = bundle.input(pixels, side, &self.device)?;
        let subject = Subject::new(bundle.model.clone(), bundle.manifest.preprocess.clone(), image);
        let wish = Wish { amount, seed: seed.into(), place: [x, y] };
        let inner = row.begin(&subject, wish).map_err(|error| Code::Engine.error(error))?;
        Ok(Course { model: id, subject, inner })
    }

    /// What model `id` says of a course, or why it cannot see it. Nothing where the course has no control.
    pub fn watch(&self, id: usize, course: &Course, shown: Shown) -> Result<Option<Watched>, JsValue> {
        let Course { model, subject, .. } = course;
        let Some(made) = course.shown(shown) else { return Ok(None) };
        let bundle = self.bundle(id)?;
        let preprocess = &bundle.manifest.preprocess;
        let logits = match (&made, subject.made_for(preprocess, &made)) {
            _ if id == *model => subject.logits(&made).map_err(|error| Code::Engine.error(error))?,
            (_, Some(image)) => bundle.model.forward(image),
            (Made::Tokens(_), None) => {
                return Err(Code::Image.error("noise on tokens is for one model, and another has other tokens"));
            }
            (Made::Image(_), None) => {
                let sentence = format!(
                    "it takes images of {0}×{0} pixels, and this one has {1}×{1}",
                    preprocess.image_size, subject.preprocess.image_size
                );
                return Err(Code::Image.error(sentence));
            }
        };
        let logits: Vec<f32> = logits.into_data().iter::<f32>().collect();
        if !logits.iter().all(|logit| logit.is_finite()) {
            return Err(Code::Bundle.error("its answer is not a number; write the bundle again with vitro"));
        }
        Ok(Some(Watched { probabilities: softmax(&logits), logits }))
    }

    /// How much each patch of what is made speaks for class `class` of model `id`, summing to one, row by row: see
    /// `vitro::probe::class_map`. Nothing where no layer of the model forms attention, or where it does not see what is made.
    #[wasm_bindgen(js_name = classMap)]
    pub fn class_map(&self, id: usize, course: &Course, class: usize) -> Result<Option<Vec<f32>>, JsValue> {
        let bundle = self.bundle(id)?;
        let made = course.inner.made();
        let (image, noise) = match (&made, course.subject.made_for(&bundle.manifest.preprocess, &made)) {
            (Made::Tokens(noise), _) if id == course.model => (course.subject.image.clone(), Some(noise.clone())),
            (_, Some(image)) => (image, None),
            (_, None) => return Ok(None),
        };
        let map = class_map::class_maps(&bundle.model, image, noise, &[class]);
        let map = map.map_err(|error| Code::Engine.error(error))?;
        Ok(map.map(|map| class_map::read(&map.into_data().iter::<f32>().collect::<Vec<_>>())))
    }
}

#[wasm_bindgen]
impl Course {
    /// Takes the next step; nothing when there is none left, else JSON: `{"done", "of", "value"}`.
    pub fn step(&mut self) -> Result<Option<String>, JsValue> {
        let step = self.inner.step().map_err(|error| Code::Engine.error(error))?;
        Ok(step.and_then(|step| serde_json::to_string(&step).ok()))
    }

    /// Carries what has a place to another.
    pub fn carry(&mut self, x: f64, y: f64) -> Result<(), JsValue> {
        self.inner.carry([x, y]).map_err(|error| Code::Engine.error(error))
    }

    /// The class that attacks lead away from.
    #[wasm_bindgen(getter)]
    pub fn label(&self) -> usize {
        self.subject.label
    }

    /// The image so far, RGBA at the model's size.
    pub fn image(&self) -> Vec<u8> {
        rgba::from_rgb(&self.subject.picture(&self.inner.made()))
    }

    /// What changed.
    pub fn noise(&self) -> Noise {
        let synthesis::Noise { image, size, on_tokens } = self.subject.noise(&self.inner.made());
        Noise { pixels: rgba::from_rgb(&image), size, on_tokens }
    }
}

impl Course {
    fn shown(&self, shown: Shown) -> Option<Made> {
        match shown {
            Shown::Clean => Some(Made::Image(self.subject.image.clone())),
            Shown::Made => Some(self.inner.made()),
            Shown::Control => self.inner.control(),
        }
    }
}
