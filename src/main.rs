//! The composition root: reads the surroundings once, runs the command, turns its end into an exit code.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use mimalloc::MiMalloc;
use mock_interviewer::cli::{self, Environment};

/// Gives back what is free. glibc keeps what each thread ever took: after some logins, whose hashes take 19 MiB each, a
/// server held 480 MB for good.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How long a thread that waited for a disk or a program stays without work. They take turns: with tokio's ten seconds
/// none would ever end during an interview, whatever moment it was made for.
const KEPT: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let code = run();
    leave(code)
}

/// Ends the process at once. The clean-up of C++ libraries takes away what a thread that loads a model or writes words
/// down still works with: who left in the middle of an answer saw a segmentation fault.
#[cfg(unix)]
fn leave(code: u8) -> ! {
    // Nobody may read it any more, which changes nothing.
    let _ = std::io::stdout().flush();
    signal_hook::low_level::exit(code.into())
}

#[cfg(not(unix))]
fn leave(code: u8) -> ExitCode {
    ExitCode::from(code)
}

fn run() -> u8 {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let builder = builder
        .worker_threads(workers())
        .thread_keep_alive(KEPT)
        .enable_all();
    let runtime = match builder.build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "cannot start: {error}");
            return 1;
        }
    };
    let outcome = runtime.block_on(cli::run(std::env::args_os(), Environment::of_process()));
    // A read of standard input that nobody waits for any more must not hold up the end.
    runtime.shutdown_background();
    match outcome {
        Ok(code) => code,
        // Whoever reads the output has seen enough, as `… | head` does.
        Err(error) if cli::is_broken_pipe(&error) => 0,
        Err(error) => {
            // Nobody may read it any more, which changes nothing.
            let _ = writeln!(std::io::stderr(), "mock-interviewer: {error:#}");
            cli::exit_code(&error)
        }
    }
}

/// Two are plenty for one person; a server uses the whole machine.
fn workers() -> usize {
    let serves = std::env::args_os().any(|argument| argument == "serve");
    if serves {
        std::thread::available_parallelism().map_or(2, usize::from)
    } else {
        2
    }
}
