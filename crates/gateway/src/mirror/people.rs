//! How people are named in paths: by login in any case, and by the part of it before `@` when only one has it.

use std::collections::HashMap;
use std::sync::Arc;

/// Logins and short names of all people.
#[derive(Debug, Default)]
pub(super) struct People {
    by_login: HashMap<String, Arc<str>>,
    by_short_name: HashMap<String, Vec<Arc<str>>>,
}

impl People {
    pub(super) fn add(&mut self, login: &str, id: &Arc<str>) {
        let login = login.to_lowercase();
        if let Some((short, _)) = login.split_once('@') {
            self.by_short_name
                .entry(short.to_owned())
                .or_default()
                .push(Arc::clone(id));
        }
        self.by_login.insert(login, Arc::clone(id));
    }

    pub(super) fn remove(&mut self, login: &str, id: &str) {
        let login = login.to_lowercase();
        if let Some((short, _)) = login.split_once('@')
            && let Some(bearers) = self.by_short_name.get_mut(short)
        {
            bearers.retain(|known| &**known != id);
        }
        if self
            .by_login
            .get(&login)
            .is_some_and(|known| &**known == id)
        {
            self.by_login.remove(&login);
        }
    }

    /// The one person of that name. `me` is whoever owns Okta's credential, which is nobody a policy could speak of.
    pub(super) fn named(&self, name: &str) -> Option<&Arc<str>> {
        if name == "me" {
            return None;
        }
        let name = name.to_lowercase();
        if let Some(id) = self.by_login.get(&name) {
            return Some(id);
        }
        match self.by_short_name.get(&name)?.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_counts_while_only_one_person_has_it() {
        let mut people = People::default();
        let (ada, other) = (Arc::from("00u1"), Arc::from("00u2"));
        people.add("Ada@example.com", &ada);
        assert_eq!(people.named("ADA@example.COM"), Some(&ada));
        assert_eq!(people.named("ada"), Some(&ada));
        people.add("ada@example.org", &other);
        assert_eq!(people.named("ada"), None);
        people.remove("ada@example.org", "00u2");
        assert_eq!(people.named("ada"), Some(&ada));
        assert_eq!(people.named("ada@example.org"), None);
    }

    #[test]
    fn the_owner_of_the_credential_is_nobody() {
        let mut people = People::default();
        people.add("me@example.com", &Arc::from("00u1"));
        assert_eq!(people.named("me"), None);
    }
}
