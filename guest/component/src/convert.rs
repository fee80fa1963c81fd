//! Between what wit-bindgen generates and the core's types; nowhere else.

pub(crate) mod control;
pub(crate) mod issue;
pub(crate) mod schema;
pub(crate) mod write;
