//! Every model, as small as it can be: what it computes, what is stored of it, and what it refuses to be.

mod bundles;
mod forward;
mod fresh;
mod layers;
mod published;
mod refusals;
mod written;
