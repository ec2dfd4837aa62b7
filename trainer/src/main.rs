//! The `vitro` command.

use std::process::ExitCode;

/// Training makes and drops a tensor per operation; mimalloc gives a tenth more images per second than glibc here.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    vitro_cli::main(std::env::args_os())
}
