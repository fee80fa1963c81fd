//! The host's side of `wit/`: generated types and traits, and one file for
//! each interface with its conversions. Nothing here decides anything.

mod abilities;
mod blobs;
mod files;
mod folder;
mod http;
mod issues;
mod mail;
mod observe;
mod settings;
mod store;
mod types;

#[allow(missing_docs, clippy::all, clippy::pedantic)] // Generated; documented in wit/.
pub mod engine {
    //! The world of the engine. Its types are everybody's.
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "engine",
        imports: { default: trappable },
        additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
    });
}

#[allow(missing_docs, clippy::all, clippy::pedantic)] // Generated; documented in wit/.
pub mod adapter {
    //! The world of an adapter, with the types of the engine's, so that an
    //! issue passes from one to the other without conversion.
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "adapter",
        imports: { default: trappable },
        additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
        with: {
            "ferry:tracker/model@0.1.0": super::engine::ferry::tracker::model,
            "ferry:state/store@0.1.0": super::engine::ferry::state::store,
            "ferry:state/blobs@0.1.0": super::engine::ferry::state::blobs,
            "ferry:host/observe@0.1.0": super::engine::ferry::host::observe,
        },
    });
}
