//! The engine component.
