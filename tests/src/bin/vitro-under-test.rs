//! The `vitro` command, built together with the tests: Cargo tells a test where the programs of its own package are.

fn main() -> std::process::ExitCode {
    vitro_cli::main(std::env::args_os())
}
