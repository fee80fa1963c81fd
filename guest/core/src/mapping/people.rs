//! People, as both sides can name them.

use super::{Directory, Unmapped};
use crate::model::{PersonQuery, User};
use crate::shared::Person;

/// How people of one side are known at the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct People {
    /// What they are looked up by, where the table doesn't know them.
    pub by: By,
    /// A shared name, and the name, address or id of our account.
    pub table: Vec<(String, String)>,
    /// Our account for those whom nobody here knows.
    pub default: Option<String>,
}

/// What people are looked up by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum By {
    /// By address where both know it, else by name.
    #[default]
    Either,
    /// By address alone.
    Email,
    /// By name alone; addresses don't leave.
    Name,
    /// By the table alone; neither names nor addresses of others leave.
    Table,
}

impl By {
    /// All of them, as a configuration calls them.
    pub(crate) const WORDS: [(&'static str, Self); 4] =
        [("email-or-name", Self::Either), ("email", Self::Email), ("name", Self::Name), ("table", Self::Table)];

    /// As a configuration calls it.
    pub(crate) fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, by)| *by == self).map_or("email", |(word, _)| word)
    }
}

impl People {
    /// Somebody of ours, as the partner may know them.
    pub(crate) fn outgoing(&self, user: &User) -> Result<Person, Unmapped> {
        let ours = |(_, local): &&(String, String)| {
            *local == user.id || *local == user.name || user.email.as_deref() == Some(local.as_str())
        };
        if let Some((alias, _)) = self.table.iter().find(ours) {
            return Ok(Person { name: alias.clone(), email: None });
        }
        match self.by {
            By::Table => Err(Unmapped::value(format!(
                "{} is not in the table of users that are shared: add them to users.table",
                user.name
            ))),
            By::Name => Ok(Person { name: user.name.clone(), email: None }),
            By::Either | By::Email => Ok(Person { name: user.name.clone(), email: user.email.clone() }),
        }
    }

    /// Our account of somebody.
    pub(crate) fn incoming(&self, person: &Person, directory: &dyn Directory) -> Result<User, Unmapped> {
        if let Some((_, local)) = self.table.iter().find(|(alias, _)| *alias == person.name) {
            return account(local, directory)?.ok_or_else(|| no_account(local, "users.table"));
        }
        let email = person.email.as_ref().filter(|_| matches!(self.by, By::Either | By::Email));
        if let Some(email) = email
            && let Some(user) = find(&PersonQuery::Email(email.clone()), directory)?
        {
            return Ok(user);
        }
        if matches!(self.by, By::Either | By::Name)
            && let Some(user) = find(&PersonQuery::Name(person.name.clone()), directory)?
        {
            return Ok(user);
        }
        match &self.default {
            Some(default) => account(default, directory)?.ok_or_else(|| no_account(default, "users.default")),
            None => Err(Unmapped::value(format!(
                "nobody at our tracker answers to the partner's \"{}\": add them to users.table, or set users.default",
                person.name
            ))),
        }
    }
}

/// An account by what a configuration calls it.
fn account(text: &str, directory: &dyn Directory) -> Result<Option<User>, Unmapped> {
    if text.contains('@')
        && let Some(user) = find(&PersonQuery::Email(text.to_owned()), directory)?
    {
        return Ok(Some(user));
    }
    match find(&PersonQuery::Name(text.to_owned()), directory)? {
        Some(user) => Ok(Some(user)),
        None => find(&PersonQuery::Id(text.to_owned()), directory),
    }
}

fn find(whom: &PersonQuery, directory: &dyn Directory) -> Result<Option<User>, Unmapped> {
    directory.find(whom).map_err(|fault| Unmapped {
        kind: Unmapped::PASSING,
        reason: format!("somebody could not be looked up at our tracker: {fault}"),
    })
}

fn no_account(text: &str, key: &str) -> Unmapped {
    Unmapped::value(format!("our tracker has no account \"{text}\", which {key} names: correct it there"))
}
