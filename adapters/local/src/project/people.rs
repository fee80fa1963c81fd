//! Who is who: a closed list in `tracker.toml`, or whoever is named.

use ferry_adapter::model::{Person, User};

use super::{PersonEntry, Project};

pub(super) fn list(entries: &[PersonEntry]) -> Result<Vec<User>, String> {
    let user = |entry: &PersonEntry| User {
        id: entry.id.clone().unwrap_or_else(|| entry.name.clone()),
        name: entry.name.clone(),
        email: entry.email.clone(),
    };
    let people: Vec<User> = entries.iter().map(user).collect();
    super::distinct("people", people.iter().map(|user| user.id.as_str()))?;
    Ok(people)
}

impl Project {
    /// Who fits; none where nobody or more than one does. Without a list of
    /// people anybody is who the name says.
    pub fn person(&self, whom: &Person) -> Option<User> {
        if self.people.is_empty() {
            return match whom {
                Person::Id(name) | Person::Name(name) if !name.is_empty() => Some(stranger(name)),
                Person::Email(email) if !email.is_empty() => {
                    Some(User { email: Some(email.clone()), ..stranger(email) })
                }
                _ => None,
            };
        }
        let fits = |user: &&User| match whom {
            Person::Id(id) => user.id == *id,
            Person::Name(name) => user.name == *name,
            Person::Email(email) => user.email.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(email)),
        };
        let mut found = self.people.iter().filter(fits);
        found.next().filter(|_| found.next().is_none()).cloned()
    }

    /// Somebody named in a file by id, name or address; a stranger where the
    /// list doesn't have them.
    pub fn named(&self, name: &str) -> User {
        self.known(name).unwrap_or_else(|| stranger(name))
    }

    /// Somebody named in a file, where the list has them or there is no list.
    pub fn known(&self, name: &str) -> Option<User> {
        if self.people.is_empty() {
            return Some(stranger(name));
        }
        let by = |make: fn(String) -> Person| self.person(&make(name.to_owned()));
        by(Person::Id).or_else(|| by(Person::Name)).or_else(|| by(Person::Email))
    }
}

fn stranger(name: &str) -> User {
    User { id: name.to_owned(), name: name.to_owned(), email: None }
}
