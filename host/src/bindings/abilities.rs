//! What a tracker can do, as names: generated flags know no serde.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::engine::ferry::tracker::model::Abilities;

/// Every ability, by the name that the interface gives it.
const NAMES: [(Abilities, &str); 16] = [
    (Abilities::COMMENTS, "comments"),
    (Abilities::EDIT_COMMENTS, "edit-comments"),
    (Abilities::DELETE_COMMENTS, "delete-comments"),
    (Abilities::INTERNAL_COMMENTS, "internal-comments"),
    (Abilities::ATTACHMENTS, "attachments"),
    (Abilities::DELETE_ATTACHMENTS, "delete-attachments"),
    (Abilities::LINKS, "links"),
    (Abilities::HIERARCHY, "hierarchy"),
    (Abilities::WORKLOGS, "worklogs"),
    (Abilities::WORKFLOW, "workflow"),
    (Abilities::ISSUE_KEYS, "issue-keys"),
    (Abilities::COMMENT_KEYS, "comment-keys"),
    (Abilities::ATTACHMENT_KEYS, "attachment-keys"),
    (Abilities::WORKLOG_KEYS, "worklog-keys"),
    (Abilities::OPTIMISTIC_WRITES, "optimistic-writes"),
    (Abilities::AUTHORSHIP, "authorship"),
];

impl Abilities {
    /// The names of those that are set, in the order of the interface.
    pub fn names(&self) -> Vec<&'static str> {
        NAMES.iter().filter(|(ability, _)| self.contains(*ability)).map(|(_, name)| *name).collect()
    }
}

impl Serialize for Abilities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.names().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Abilities {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut all = Self::empty();
        for name in Vec::<String>::deserialize(deserializer)? {
            let known = NAMES.iter().find(|(_, known)| *known == name);
            let (ability, _) = known.ok_or_else(|| D::Error::custom(format!("no ability is called {name}")))?;
            all |= *ability;
        }
        Ok(all)
    }
}
