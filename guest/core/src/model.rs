//! What every tracker's issues have in common: the Rust side of
//! `ferry:tracker/model`, whose documentation fixes the meanings.

mod effect;
mod issue;
mod schema;
mod value;

pub use effect::{Applied, Content, Effect, Found, NewAttachment, NewComment, NewIssue, Target};
pub use issue::{Attachment, ChangePage, Comment, Departure, DepartureReason, Issue, Unreadable, Visibility};
pub use schema::{Abilities, FieldKind, FieldSchema, Identity, PersonQuery, ProjectSchema, Transition, TypeSchema};
pub use value::{Field, FieldProblem, Markup, OptionValue, RichText, User, Value};
