//! How a client stands to an operation, asked from outside any request: who can, by what, under which conditions, and what would have
//! to happen first. Goes through the same bounds, policies and `decide` as a call does.

use std::sync::Arc;

use catalog::Operation;
use jiff::Timestamp;
use policy::{Explanation, Outlook};

use crate::decision::{screened, terms};
use crate::{
    AccessError, Caller, Circumstances, Client, CredentialId, Denial, Keyring, OrgName, OrgRules,
    Standing, Terms,
};

/// How a client stands to an operation.
#[derive(Clone, Debug)]
pub struct Prospect {
    /// Whether, and by what.
    pub answer: Answer,
    /// Policies that permit it; where no call is given, also those that permit it sometimes.
    pub permits: Vec<Arc<str>>,
    /// Where no call is given: policies that forbid it for some objects, bodies, sources or times, or always.
    pub forbids: Vec<Arc<str>>,
    /// Whether the answer hangs on objects, bodies, sources or times.
    pub conditional: bool,
    /// Whether policies look at the body, which is taken to be empty where none is given.
    pub reads_body: bool,
}

/// Whether a client can call an operation.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Its registration and the policies permit it.
    Yes,
    /// An elevation that runs permits it.
    Elevated {
        /// The elevation.
        elevation: Arc<str>,
    },
    /// Only shadow mode lets it through, and records this denial.
    Shadow {
        /// What would have been denied.
        denial: Denial,
        /// Until when.
        until: Option<Timestamp>,
    },
    /// Not now; it may ask for an elevation.
    Eligible {
        /// What is denied until then.
        denial: Denial,
    },
    /// No.
    No {
        /// Why not.
        denial: Denial,
    },
}

/// How `standing` stands to `operation`. With `seen`, the objects of a call and where it comes from, the answer is what a call would
/// get; without, whether there is any call that would be permitted.
pub fn prospect(
    standing: &Arc<Standing>,
    rules: OrgRules,
    operation: &'static Operation,
    seen: Option<&Circumstances>,
    now: Timestamp,
) -> Prospect {
    let caller = Caller::new(Arc::clone(standing), CredentialId::new("survey"), None).under(rules);
    let decided = match seen {
        // As in the gateway: what no object could change is said before anything is looked up.
        Some(seen) => {
            screened(&caller, operation, now).and_then(|_| terms(&caller, operation, seen, now))
        }
        None => screened(&caller, operation, now).map(|(_, terms)| terms),
    };
    let reads_body = standing
        .slice()
        .is_some_and(|slice| slice.needs(operation).fields);
    if seen.is_some() {
        let permits = decided.as_ref().map(|terms| terms.policies.clone());
        return Prospect {
            permits: permits.unwrap_or_default(),
            answer: Answer::of(standing, decided),
            forbids: Vec::new(),
            conditional: false,
            reads_body,
        };
    }
    let known = standing.slice().map(|slice| slice.explain(operation));
    let told = |policies: fn(&Explanation) -> Vec<Arc<str>>| {
        known.as_ref().map(policies).unwrap_or_default()
    };
    Prospect {
        answer: Answer::of(standing, decided),
        reads_body,
        permits: told(|known| [known.permits.as_slice(), &known.permits_sometimes].concat()),
        forbids: told(|known| [known.forbids.as_slice(), &known.forbids_sometimes].concat()),
        conditional: matches!(
            known,
            Some(Explanation {
                outlook: Outlook::Depends { .. },
                ..
            })
        ),
    }
}

impl Answer {
    fn of(standing: &Standing, decided: Result<Terms, Denial>) -> Self {
        match decided {
            Ok(Terms {
                elevation: Some(elevation),
                ..
            }) => Self::Elevated { elevation },
            Ok(Terms {
                would_refuse: Some(denial),
                ..
            }) => Self::Shadow {
                denial,
                until: standing.shadow_until,
            },
            Ok(_) => Self::Yes,
            Err(denial) if denial.liftable => Self::Eligible { denial },
            Err(denial) => Self::No { denial },
        }
    }

    /// Whether a call would be let through now.
    pub fn lets_through(&self) -> bool {
        match self {
            Self::Yes | Self::Elevated { .. } | Self::Shadow { .. } => true,
            Self::Eligible { .. } | Self::No { .. } => false,
        }
    }
}

impl Keyring {
    /// The clients of an org by name, each with what it may do at the moment.
    ///
    /// # Errors
    /// [`AccessError`], when the state cannot be read.
    pub fn standings(
        &self,
        org: &OrgName,
        now: Timestamp,
    ) -> Result<Vec<(Client, Arc<Standing>)>, AccessError> {
        let snapshot = self.current(now)?;
        let registered = snapshot.clients.values();
        let of_org = registered.filter(|known| known.client.org == *org);
        let mut standings: Vec<(Client, Arc<Standing>)> = of_org
            .map(|known| (known.client.clone(), Arc::clone(&known.standing)))
            .collect();
        standings.sort_by(|one, other| one.0.name.cmp(&other.0.name));
        Ok(standings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Basis, ClientId, Elevated, Grant, Objects, Operations, decide};
    use policy::{Attribute, Object, Policies, PolicyText};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn client() -> Client {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Client {
            id: ClientId::new("cli1"),
            org: OrgName::parse("production").unwrap(),
            name: "helpdesk".to_owned(),
            scopes: words(&["okta.users.read"]),
            operations: Vec::new(),
            teams: Vec::new(),
            basis: Basis::Registration,
            networks: Vec::new(),
            eligible: words(&["okta.groups.read"]),
            shadow_until: None,
            oauth: None,
            share: crate::Share::default(),
            budgets: crate::Overrides::default(),
            sight: crate::Sight::default(),
            created: NOW,
            disabled: None,
        }
    }

    fn standing(client: &Client, policies: &[&str], elevations: Vec<Elevated>) -> Arc<Standing> {
        let text = |(at, text): (usize, &&str)| PolicyText {
            name: format!("policy-{at}"),
            text: (*text).to_owned(),
        };
        let texts: Vec<PolicyText> = policies.iter().enumerate().map(text).collect();
        let policies = Arc::new(Policies::read(&texts).unwrap());
        Arc::new(Standing::of(client, policies, elevations))
    }

    fn asked_of(standing: &Arc<Standing>, id: &str) -> Prospect {
        let operation = catalog::operations().by_id(id).unwrap();
        prospect(standing, OrgRules::default(), operation, None, NOW)
    }

    fn user(admin: bool) -> Circumstances {
        let object = Object::bare("User", "00u1")
            .with("admin", Attribute::Flag(admin))
            .with("login", Attribute::Text("ana@example.com".into()))
            .with("email", Attribute::Text("ana@example.com".into()))
            .with("status", Attribute::Text("ACTIVE".into()));
        Circumstances {
            objects: Objects::Known(vec![object]),
            ..Circumstances::default()
        }
    }

    const NO_ADMINS: &str = "forbid (principal, action, resource is User) when { resource.admin };";

    #[test]
    fn without_an_object_an_answer_names_its_conditions_and_with_one_it_is_definite() {
        let standing = standing(&client(), &[NO_ADMINS], Vec::new());
        let open = asked_of(&standing, "getUser");
        assert!(open.conditional && matches!(open.answer, Answer::Yes));
        assert_eq!(open.forbids, [Arc::from("policy-0")]);
        let operation = catalog::operations().by_id("getUser").unwrap();
        for admin in [false, true] {
            let seen = user(admin);
            let told = prospect(&standing, OrgRules::default(), operation, Some(&seen), NOW);
            assert!(!told.conditional && told.forbids.is_empty());
            assert_eq!(told.answer.lets_through(), !admin);
        }
    }

    #[test]
    fn what_no_object_could_change_is_told_of_unknown_objects_too() {
        let standing = standing(&client(), &[NO_ADMINS], Vec::new());
        let unknown = Circumstances {
            objects: Objects::Unknown { parameter: "id" },
            ..Circumstances::default()
        };
        let told = |id: &str| {
            let operation = catalog::operations().by_id(id).unwrap();
            let told = prospect(
                &standing,
                OrgRules::default(),
                operation,
                Some(&unknown),
                NOW,
            );
            match told.answer {
                Answer::No { denial } => denial.to_string(),
                answer => format!("{answer:?}"),
            }
        };
        assert!(
            told("deleteUser").contains("lacks the scope"),
            "{}",
            told("deleteUser")
        );
        assert!(
            told("getUser").contains("does not know"),
            "{}",
            told("getUser")
        );
    }

    #[test]
    fn what_is_lacking_is_told_from_what_could_be_asked_for() {
        let plain = standing(&client(), &[], Vec::new());
        assert!(matches!(asked_of(&plain, "listUsers").answer, Answer::Yes));
        assert!(matches!(
            asked_of(&plain, "listGroups").answer,
            Answer::Eligible { .. }
        ));
        assert!(matches!(
            asked_of(&plain, "deleteUser").answer,
            Answer::No { .. }
        ));
        let hour = Timestamp::from_second(3_600).unwrap();
        let running = Elevated {
            id: "ele1".into(),
            grant: Grant::scoped(["okta.groups.read"], Operations::All).between(NOW, hour),
        };
        let elevated = standing(&client(), &[], vec![running]);
        let answer = asked_of(&elevated, "listGroups").answer;
        assert!(matches!(answer, Answer::Elevated { elevation } if &*elevation == "ele1"));
        let shadow = Client {
            shadow_until: Some(hour),
            ..client()
        };
        let shadow = standing(
            &shadow,
            &["forbid (principal, action == Action::\"listApplications\", resource);"],
            Vec::new(),
        );
        assert!(matches!(
            asked_of(&shadow, "deleteUser").answer,
            Answer::Shadow { .. }
        ));
        assert!(matches!(
            asked_of(&shadow, "listApplications").answer,
            Answer::No { .. }
        ));
    }

    #[test]
    fn the_answer_over_an_object_is_the_decision_over_a_call_for_every_operation() {
        let by_policy = Client {
            basis: Basis::Policies,
            scopes: vec!["okta.users.read".to_owned(), "okta.users.manage".to_owned()],
            ..client()
        };
        let permit = "permit (principal == Client::\"helpdesk\", action in Action::\"read\", resource) unless { resource is User && resource.admin };";
        let standing = standing(&by_policy, &[permit, NO_ADMINS], Vec::new());
        let caller = Caller::new(Arc::clone(&standing), CredentialId::new("key1"), None);
        for operation in catalog::operations().iter() {
            let places = policy::objects_of(operation);
            if !matches!(places, [place] if place.entity == "User") {
                continue;
            }
            for admin in [false, true] {
                let seen = user(admin);
                let params: Vec<(&str, &str)> = operation
                    .path_parameters()
                    .map(|name| (name, "00u1"))
                    .collect();
                let call = crate::Call::new(operation.id, &params).unwrap();
                let decided = decide(&caller, call, &seen, NOW).is_ok();
                let told = prospect(&standing, OrgRules::default(), operation, Some(&seen), NOW);
                assert_eq!(
                    told.answer.lets_through(),
                    decided,
                    "{} admin {admin}",
                    operation.id
                );
            }
        }
    }
}
