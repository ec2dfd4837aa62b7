//! A setting of the global allocator that is worth a fifth of the training speed.
//!
//! Training makes and drops a tensor of megabytes per operation. mimalloc gives such memory back to the system after a
//! while and pays page faults to get it again; told not to, it keeps it. It reads the setting from the environment before
//! `main`, so the process starts itself once more with it.

/// mimalloc's name for "give memory back after so many milliseconds"; -1 is never.
#[cfg(unix)]
const SETTING: &str = "MIMALLOC_PURGE_DELAY";

/// Restarts the process with the setting, unless it is there already. Returns where that is not possible.
pub fn keep_memory() {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        if std::env::var_os(SETTING).is_some() {
            return;
        }
        if let Ok(program) = std::env::current_exe() {
            let mut arguments = std::env::args_os();
            let name = arguments.next().unwrap_or_else(|| program.clone().into());
            // `exec` comes back only when it failed; then the training is a little slower.
            let _ = std::process::Command::new(program).arg0(name).args(arguments).env(SETTING, "-1").exec();
        }
    }
}
