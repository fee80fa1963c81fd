//! What wit-bindgen makes of `wit/`.

#![allow(missing_docs, clippy::all, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

wit_bindgen::generate!({
    path: "../../wit",
    world: "engine",
    pub_export_macro: false,
});

export!(super::exports::Component with_types_in self);
