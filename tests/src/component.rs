//! The engine as it is shipped, in place of the native one: a component,
//! instantiated anew for each call, whose imports lead into a world in memory.
//! A host of its own, as an embedder would write it.

mod issue;
mod mail;
mod outside;
mod schema;
mod write;

use std::sync::OnceLock;
use std::time::Duration;

use ferry::bindings::engine::ferry::{control, host, state, tracker, transport};
use ferry::bindings::engine::{Engine, EnginePre};
use ferry::control::{Budget, Fault as Refused, Report as Told};
use ferry_core::engine::tick;
use ferry_core::fault::Fault;
use wasmtime::component::{Component, HasSelf, Linker, ResourceTable};
use wasmtime::{Config, Store};
use wasmtime_wasi::p2::bindings::random::random;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtx, WasiCtxView, WasiView};

use crate::world::{Order, Works};
use crate::{Side, office};
use outside::{Hands, Outside};

/// Whoever works in the component.
#[derive(Clone, Copy, Debug)]
pub struct InWasm;

impl Works for InWasm {
    fn tick(&self, side: &Side, budget: tick::Budget) -> Result<tick::Report, Fault> {
        let tick::Budget { effects, parcels, finishing, receive, pull } = budget;
        let allowed = Budget { effects, parcels, finishing, receive, pull };
        call(side, |engine, store| engine.ferry_control_run().call_tick(store, allowed)).map(report)
    }

    fn order(&self, side: &Side, order: &Order) -> Result<(), Fault> {
        call(side, |engine, store| {
            let admin = engine.ferry_control_admin();
            match order {
                Order::Start => admin.call_start(store),
                Order::Stop => admin.call_stop(store),
                Order::Reconcile => admin.call_reconcile(store),
                Order::Rotate => admin.call_rotate(store),
                Order::Revoke => admin.call_revoke(store),
                Order::Publish(text) => Ok(admin.call_publish(store, Some(text))?.map(drop)),
                Order::Adopt(text) => Ok(admin.call_adopt(store, Some(text))?.map(drop)),
            }
        })
    }
}

fn report(told: Told) -> tick::Report {
    let Told { received, applied, sent, parcels, faults, work_left, wake_after_ms, trouble, passing } = told;
    tick::Report { received, applied, sent, parcels, faults, work_left, wake_after_ms, trouble, passing }
}

/// One call of one export, in an instance of its own. Dies where the side's
/// fuse is through.
fn call<T>(
    side: &Side,
    work: impl FnOnce(&Engine, &mut Store<Instance>) -> wasmtime::Result<Result<T, Refused>>,
) -> Result<T, Fault> {
    let instance = Instance {
        context: WasiCtx::builder().wall_clock(Still(side.now().0)).monotonic_clock(Still(0)).inherit_stderr().build(),
        table: ResourceTable::new(),
        seed: Seed { bytes: side.next_seed(), given: 0 },
        outside: Outside,
    };
    let pre = engine();
    let mut store = Store::new(pre.engine(), instance);
    let answer = Hands::of(side).lent(|| pre.instantiate(&mut store).and_then(|engine| work(&engine, &mut store)));
    answer.expect("the component doesn't trap").map_err(|refused| Fault::Other(format!("{refused:?}")))
}

/// The component, compiled once a process.
fn engine() -> &'static EnginePre<Instance> {
    static ENGINE: OnceLock<EnginePre<Instance>> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let engine = wasmtime::Engine::new(&Config::new()).unwrap();
        let component = Component::from_file(&engine, office::components().join(ferry::runtime::ENGINE_FILE)).unwrap();
        EnginePre::new(link(&engine).unwrap().instantiate_pre(&component).unwrap()).unwrap()
    })
}

fn link(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<Instance>> {
    type Out = HasSelf<Outside>;
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_sync(&mut linker)?;
    linker.allow_shadowing(true);
    random::add_to_linker::<_, HasSelf<Seed>>(&mut linker, |instance: &mut Instance| &mut instance.seed)?;
    let outside: fn(&mut Instance) -> &mut Outside = |instance| &mut instance.outside;
    control::request::add_to_linker::<_, Out>(&mut linker, outside)?;
    host::observe::add_to_linker::<_, Out>(&mut linker, outside)?;
    state::store::add_to_linker::<_, Out>(&mut linker, outside)?;
    state::blobs::add_to_linker::<_, Out>(&mut linker, outside)?;
    tracker::model::add_to_linker::<_, Out>(&mut linker, outside)?;
    tracker::issues::add_to_linker::<_, Out>(&mut linker, outside)?;
    transport::delivery::add_to_linker::<_, Out>(&mut linker, outside)?;
    transport::folder::add_to_linker::<_, Out>(&mut linker, outside)?;
    transport::mailbox::add_to_linker::<_, Out>(&mut linker, outside)?;
    transport::submission::add_to_linker::<_, Out>(&mut linker, outside)?;
    Ok(linker)
}

/// What an instance holds. What it works on is not there: that is the world's.
struct Instance {
    context: WasiCtx,
    table: ResourceTable,
    seed: Seed,
    outside: Outside,
}

impl WasiView for Instance {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.context, table: &mut self.table }
    }
}

/// The random bytes of one call: the seed that the native engine would get, and
/// nothing more.
struct Seed {
    bytes: [u8; 32],
    given: usize,
}

impl random::Host for Seed {
    fn get_random_bytes(&mut self, length: u64) -> wasmtime::Result<Vec<u8>> {
        let end = self.given + usize::try_from(length)?;
        let bytes = self.bytes.get(self.given..end).expect("the engine asks for its seed only").to_vec();
        self.given = end;
        Ok(bytes)
    }

    fn get_random_u64(&mut self) -> wasmtime::Result<u64> {
        Ok(u64::from_le_bytes(self.get_random_bytes(8)?.try_into().expect("eight bytes")))
    }
}

/// A time that stands still, in milliseconds since 1970.
struct Still(u64);

impl HostWallClock for Still {
    fn resolution(&self) -> Duration {
        Duration::from_millis(1)
    }

    fn now(&self) -> Duration {
        Duration::from_millis(self.0)
    }
}

impl HostMonotonicClock for Still {
    fn resolution(&self) -> u64 {
        1_000_000
    }

    fn now(&self) -> u64 {
        self.0
    }
}
