//! What other programs read: PyTorch's layout and ONNX.
//!
//! PyTorch, timm and onnxruntime take longer to start than these tests to run, so they are no part of the checks. The tests leave
//! what they wrote, with the logits that are ours, in Cargo's folder for temporary files; `proofs/interop/read.py` has the other
//! programs read it, asks for the same logits, and stores the digests of what it read in `proof.json`. What is written today must
//! have those digests.

mod keys;
mod onnx;
mod proof;
mod timm;
