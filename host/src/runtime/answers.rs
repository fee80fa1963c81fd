//! A tracker's faults as sentences, for people.

use crate::bindings::engine::ferry::tracker::model::Fault;

/// A tracker's fault as a sentence.
pub(crate) fn describe_tracker(fault: &Fault) -> String {
    match fault {
        Fault::RetryLater(None) => "the tracker can't be reached now; try again later".to_owned(),
        Fault::RetryLater(Some(seconds)) => {
            format!("the tracker can't be reached now; it asks to try again in {seconds} s")
        }
        Fault::Unauthenticated(text) => format!("the tracker refuses the credentials: {text}"),
        Fault::Denied(text) => format!("the synchronization user may not do this: {text}"),
        Fault::NotFound => "the tracker has no such issue, comment or attachment".to_owned(),
        Fault::Stale => "the issue changed meanwhile".to_owned(),
        Fault::Invalid(problems) => {
            let parts: Vec<_> = problems.iter().map(|p| format!("{}: {}", p.field, p.reason)).collect();
            format!("the tracker refuses: {}", parts.join("; "))
        }
        Fault::Unreadable(text) | Fault::Other(text) => text.clone(),
        Fault::TooLarge(bytes) => format!("larger than the {bytes} bytes that the tracker takes"),
        Fault::UnknownOutcome(text) => format!("the tracker's answer was lost: {text}"),
        Fault::Unsupported(text) => format!("the tracker can't do this: {text}"),
    }
}
