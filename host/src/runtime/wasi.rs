//! WASI with nothing behind it but clocks and random bytes: what a Rust
//! program imports without using it must be there, and lead nowhere. No
//! sockets are linked at all.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::random::{insecure, insecure_seed, random};
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem, sync};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtx, WasiCtxView, WasiView};

use super::limits::{LAST_WORDS_BYTES, RANDOM_BYTES};
use crate::clock::Clock;
use crate::random::Random;

/// A component's side of WASI.
pub(super) struct Wasi {
    context: WasiCtx,
    table: ResourceTable,
    random: Source,
    last_words: MemoryOutputPipe,
}

/// Random bytes for a component.
pub(super) struct Source(Arc<dyn Random>);

impl Wasi {
    pub(super) fn new(clock: &Arc<dyn Clock>, source: &Arc<dyn Random>) -> Self {
        let last_words = MemoryOutputPipe::new(LAST_WORDS_BYTES);
        let mut context = WasiCtx::builder();
        context.stderr(last_words.clone());
        context.wall_clock(Wall(Arc::clone(clock))).monotonic_clock(Monotonic(Arc::clone(clock)));
        Self { context: context.build(), table: ResourceTable::new(), random: Source(Arc::clone(source)), last_words }
    }

    pub(super) fn view(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.context, table: &mut self.table }
    }

    pub(super) fn random(&mut self) -> &mut Source {
        &mut self.random
    }

    /// What the component wrote to its standard error: why it panicked.
    pub(super) fn last_words(&self) -> String {
        String::from_utf8_lossy(&self.last_words.contents()).trim().to_owned()
    }
}

/// Links it.
pub(super) fn link<T: WasiView>(linker: &mut Linker<T>, source: fn(&mut T) -> &mut Source) -> wasmtime::Result<()> {
    clocks::wall_clock::add_to_linker::<T, WasiClocks>(linker, T::clocks)?;
    clocks::monotonic_clock::add_to_linker::<T, WasiClocks>(linker, T::clocks)?;
    random::add_to_linker::<T, Source>(linker, source)?;
    insecure::add_to_linker::<T, Source>(linker, source)?;
    insecure_seed::add_to_linker::<T, Source>(linker, source)?;

    let table: fn(&mut T) -> &mut ResourceTable = |state| state.ctx().table;
    wasmtime_wasi_io::bindings::wasi::io::error::add_to_linker::<T, Table>(linker, table)?;
    sync::io::poll::add_to_linker::<T, Table>(linker, table)?;
    sync::io::streams::add_to_linker::<T, Table>(linker, table)?;

    cli::exit::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::environment::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::stdin::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::stdout::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::stderr::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::terminal_input::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::terminal_output::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::terminal_stdin::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::terminal_stdout::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::terminal_stderr::add_to_linker::<T, WasiCli>(linker, T::cli)?;

    // No folder is open, so that these lead nowhere.
    filesystem::preopens::add_to_linker::<T, WasiFilesystem>(linker, T::filesystem)?;
    sync::filesystem::types::add_to_linker::<T, WasiFilesystem>(linker, T::filesystem)
}

struct Table;

impl HasData for Table {
    type Data<'a> = &'a mut ResourceTable;
}

impl HasData for Source {
    type Data<'a> = &'a mut Source;
}

impl Source {
    fn bytes(&self, length: u64) -> wasmtime::Result<Vec<u8>> {
        if length > RANDOM_BYTES {
            return Err(io::Error::other(format!("{length} random bytes at once; {RANDOM_BYTES} are given")).into());
        }
        let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
        self.0.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn number(&self) -> wasmtime::Result<u64> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }
}

impl random::Host for Source {
    fn get_random_bytes(&mut self, length: u64) -> wasmtime::Result<Vec<u8>> {
        self.bytes(length)
    }

    fn get_random_u64(&mut self) -> wasmtime::Result<u64> {
        self.number()
    }
}

impl insecure::Host for Source {
    fn get_insecure_random_bytes(&mut self, length: u64) -> wasmtime::Result<Vec<u8>> {
        self.bytes(length)
    }

    fn get_insecure_random_u64(&mut self) -> wasmtime::Result<u64> {
        self.number()
    }
}

impl insecure_seed::Host for Source {
    fn insecure_seed(&mut self) -> wasmtime::Result<(u64, u64)> {
        Ok((self.number()?, self.number()?))
    }
}

struct Wall(Arc<dyn Clock>);
struct Monotonic(Arc<dyn Clock>);

impl HostWallClock for Wall {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        self.0.now()
    }
}

impl HostMonotonicClock for Monotonic {
    fn resolution(&self) -> u64 {
        1
    }

    fn now(&self) -> u64 {
        u64::try_from(self.0.monotonic().as_nanos()).unwrap_or(u64::MAX)
    }
}
