//! Between our terms and shared terms.
