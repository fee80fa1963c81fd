//! What wit-bindgen makes of `wit/`.

#![allow(missing_docs, clippy::all, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

wit_bindgen::generate!({
    path: "../../wit",
    world: "engine",
    generate_all,
});

use super::exports::Component;

export!(Component with_types_in self);
