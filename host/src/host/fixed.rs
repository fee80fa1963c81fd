//! What is fixed at creation. `ferry.toml` is there to be edited; project and
//! synchronization user are not, or issues of another project would take the
//! place of those that were paired.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Host;
use crate::home::write_private;
use crate::request::Failure;
use crate::runtime::SyncPlace;
use crate::settings::Name;

/// What never changes.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Fixed {
    project: String,
    user: String,
}

impl Host {
    /// Writes down what is fixed from now on.
    pub(super) fn fix(&self, place: &SyncPlace) -> Result<(), Failure> {
        let fixed = Fixed { project: place.project.clone(), user: place.user.clone() };
        let text = serde_json::to_vec(&fixed).map_err(|e| Failure::failed(e.to_string()))?;
        let path = path(place);
        write_private(&path, &text).map_err(Failure::io(format!("{} can't be written", path.display())))
    }

    /// Whether it still stands so in `ferry.toml`.
    pub(super) fn unchanged(&self, name: &Name, place: &SyncPlace) -> Result<(), Failure> {
        let Ok(text) = std::fs::read(path(place)) else { return Ok(()) };
        let Ok(fixed) = serde_json::from_slice::<Fixed>(&text) else { return Ok(()) };
        let parts = [("project", &fixed.project, &place.project), ("user", &fixed.user, &place.user)];
        match parts.into_iter().find(|(_, then, now)| then != now) {
            Some((what, then, now)) => Err(Failure::not_allowed(format!(
                "synchronizations.{name}.{what} in {} is \"{now}\", and was \"{then}\" when it was created: \
                 it can't be changed",
                self.home().settings().display()
            ))
            .with_help("put it back; another project or user takes a new synchronization")),
            None => Ok(()),
        }
    }
}

fn path(place: &SyncPlace) -> PathBuf {
    place.dir.join("fixed.json")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::host::HostBuilder;
    use crate::request::Kind;
    use crate::runtime::TrackerPlace;

    #[test]
    fn another_project_by_hand_is_refused_and_the_old_one_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let host = HostBuilder::new(dir.path()).unwrap().build().unwrap();
        let tracker = TrackerPlace::new("ours", "local", dir.path().join("tracker"));
        let mut place = SyncPlace {
            dir: dir.path().to_owned(),
            tracker,
            project: "ACME".to_owned(),
            user: "ferry".to_owned(),
            channel: None,
        };
        let name = "globex".parse().unwrap();
        host.fix(&place).unwrap();
        host.unchanged(&name, &place).unwrap();
        place.project = "OTHER".to_owned();
        let failure = host.unchanged(&name, &place).unwrap_err();
        assert_eq!(failure.kind, Kind::NotAllowed);
        assert!(failure.message.contains("ACME"), "{failure}");
    }
}
