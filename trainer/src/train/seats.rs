//! Who shares the batches of a training: the places, each with a copy of the models that teach.

use anyhow::Result;
use burn::tensor::Device;
use vitro::model::Model;

use super::loss::Task;
use crate::places::{self, Place, Places};

/// One place, furnished.
pub struct Seat {
    /// The place.
    pub place: Place,
    labeler: Option<Model>,
    teacher: Option<Model>,
}

impl Seat {
    /// `task` with the teachers that are here.
    pub fn task<'a>(&'a self, task: &Task<'a>) -> Task<'a> {
        Task { labeler: self.labeler.as_ref(), teacher: self.teacher.as_ref(), ..*task }
    }
}

/// All of them, in the order of the workers.
#[derive(Default)]
pub struct Seats {
    places: Places,
    seats: Vec<Seat>,
}

impl Seats {
    /// Furnishes `places`.
    ///
    /// # Errors
    /// When another machine is lost meanwhile.
    pub fn new(places: &Places, labeler: Option<&Model>, teacher: Option<&Model>) -> Result<Self> {
        let seat = |place: &Place| {
            place.run(|| {
                let copy = |model: Option<&Model>| model.map(|model| places::copy(model, place));
                Ok(Seat { place: place.clone(), labeler: copy(labeler), teacher: copy(teacher) })
            })
        };
        Ok(Self { places: places.clone(), seats: places.all().iter().map(seat).collect::<Result<_>>()? })
    }

    /// The seat of a worker; `None` where it sits on `main`, the device of the model itself.
    pub fn of(&self, worker: usize, main: &Device) -> Option<&Seat> {
        self.seats.get(worker).filter(|seat| seat.place.device != *main)
    }

    /// Runs a part of a step and counts the bytes that it takes.
    pub fn counted<T>(&self, part: impl FnOnce() -> T) -> T {
        self.places.counted(part)
    }

    /// Counts a step whose parts are all done.
    pub fn end_step(&self) {
        self.places.end_step();
    }
}
