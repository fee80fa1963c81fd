//! What a tracker adapter in Rust is made with: the interfaces of `wit/` as
//! Rust types ([`model`]), what the operator granted as small traits
//! ([`outside`]) with their implementation in a component ([`Imports`]), and
//! [`export!`], which turns an [`Adapter`] into one.
//!
//! An adapter that takes its outside through the traits runs natively in its
//! own tests, with a folder and a store in memory.
//!
//! Deliberately absent: anything that one tracker needs and another doesn't.

mod adapter;
mod imports;
pub mod outside;

/// The generated bindings; adapters use [`model`] and [`outside`] instead.
#[doc(hidden)]
#[allow(
    unsafe_code,
    missing_docs,
    clippy::all,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "generated: memory is handed across the component's border here"
)]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "adapter",
        pub_export_macro: true,
        export_macro_name: "export_bindings",
        default_bindings_module: "ferry_adapter::bindings",
        additional_derives: [PartialEq, Eq],
        generate_all,
    });
}

pub use adapter::Adapter;
pub use bindings::ferry::tracker::model;
pub use imports::Imports;

/// Makes a type the component's tracker: `ferry_adapter::export!(MyTracker);`.
/// The type is an [`Adapter`] and [`Default`]; one value lives as long as the
/// instance, which is at most a tick: what has to last goes into the store.
/// Natively it does nothing: linkers there don't take the interface's names.
#[macro_export]
macro_rules! export {
    ($adapter:ty) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::Adapter as _;
            use $crate::model::*;

            struct Component;

            std::thread_local! {
                static ADAPTER: $adapter = <$adapter>::default();
            }

            impl $crate::bindings::exports::ferry::tracker::issues::Guest for Component {
                fn identify() -> Result<Identity, Fault> {
                    ADAPTER.with(|adapter| adapter.identify())
                }
                fn schema() -> Result<ProjectSchema, Fault> {
                    ADAPTER.with(|adapter| adapter.schema())
                }
                fn people(whom: Vec<Person>) -> Vec<Result<Option<User>, Fault>> {
                    ADAPTER.with(|adapter| adapter.people(whom))
                }
                fn changes(since: Option<Cursor>, limit: u32) -> Result<ChangePage, Fault> {
                    ADAPTER.with(|adapter| adapter.changes(since, limit))
                }
                fn read(ids: Vec<IssueId>) -> Vec<Result<Issue, Fault>> {
                    ADAPTER.with(|adapter| adapter.read(ids))
                }
                fn ids(after: Option<IssueId>, limit: u32) -> Result<Vec<IssueId>, Fault> {
                    ADAPTER.with(|adapter| adapter.ids(after, limit))
                }
                fn find(effects: Vec<Effect>) -> Vec<Result<Vec<Found>, Fault>> {
                    ADAPTER.with(|adapter| adapter.find(effects))
                }
                fn apply(effects: Vec<Effect>) -> Vec<Result<Applied, Fault>> {
                    ADAPTER.with(|adapter| adapter.apply(effects))
                }
                fn fetch_attachment(issue: IssueId, attachment: AttachmentId) -> Result<String, Fault> {
                    ADAPTER.with(|adapter| adapter.fetch_attachment(issue, attachment))
                }
            }

    $crate::bindings::export_bindings!(Component with_types_in $crate::bindings);
        };
    };
}

/// Embeds an adapter's manifest, so that the component says of itself what it
/// is and what it asks for: `ferry_adapter::manifest!("../adapter.toml");`,
/// with the path from the source file. It travels as the custom section
/// `ferry-adapter`.
#[macro_export]
macro_rules! manifest {
    ($path:literal) => {
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            const TEXT: &[u8] = include_bytes!($path);
            #[allow(unsafe_code, reason = "a section of the file that nothing but a reader of it sees")]
            #[used]
            #[unsafe(link_section = "ferry-adapter")]
            static MANIFEST: [u8; TEXT.len()] = *include_bytes!($path);
        };
    };
}
