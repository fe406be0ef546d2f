//! The composition root: reads the environment once, runs the command and returns its exit code.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use mimalloc::MiMalloc;
use mock_interviewer::cli::{self, Environment};

/// Returns freed memory to the system. glibc keeps it for each thread: after some logins, whose
/// password hashes take 19 MiB each, a server held on to 480 MB.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The time after which an idle blocking thread ends. The threads take turns, so that with tokio's
/// ten seconds none would ever end during an interview, even if it was started for one moment.
const THREAD_KEEP_ALIVE: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let code = run();
    exit(code)
}

/// Ends the process without running the exit handlers of C++ libraries. They free what a thread
/// that loads a model or transcribes still uses: quitting during an answer ended in a segmentation
/// fault.
#[cfg(unix)]
fn exit(code: u8) -> ! {
    // The reader of standard output may be gone, which is no failure.
    let _ = std::io::stdout().flush();
    signal_hook::low_level::exit(code.into())
}

#[cfg(not(unix))]
fn exit(code: u8) -> ExitCode {
    ExitCode::from(code)
}

fn run() -> u8 {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let builder = builder
        .worker_threads(workers())
        .thread_keep_alive(THREAD_KEEP_ALIVE)
        .enable_all();
    let runtime = match builder.build() {
        Ok(runtime) => runtime,
        Err(error) => {
            cli::print_notice(&format!("cannot start: {error}"));
            return 1;
        }
    };
    let command = || runtime.block_on(cli::run(std::env::args_os(), Environment::of_process()));
    // The panic hook has said where the report is. The exit code is that of any failure.
    let Ok(code) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(command)) else {
        runtime.shutdown_background();
        return 1;
    };
    // A pending read of standard input must not delay the exit.
    runtime.shutdown_background();
    code
}

/// Returns the number of worker threads: two suffice for one person, a server uses every processor.
fn workers() -> usize {
    let serves = std::env::args_os().any(|argument| argument == "serve");
    if serves {
        std::thread::available_parallelism().map_or(2, usize::from)
    } else {
        2
    }
}
