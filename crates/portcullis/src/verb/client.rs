//! `portcullis client …`: who may call, within which bounds, and how a client signs in.

mod secret;
mod shown;
mod sign_in;

use crate::arguments::{self, Add, Arguments, Change};
use crate::failure::{Exit, Failure};
use crate::ledger::Ledger;
use crate::printer::Printer;
use crate::settings::Settings;
use crate::wiring::State;
use access::{
    Basis, Client, Hidden, Keyring, NewClient, OrgName, Overrides, Priority, Share, Sight,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use shown::{described, details, value};

/// Runs the verb.
pub(crate) async fn run(
    verb: &arguments::Client,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let (org, org_settings) = settings.org(arguments.org.as_deref())?;
    let state = State::open(&settings)?;
    let now = state.clock.now();
    let keyring = &state.keyring;
    match verb {
        arguments::Client::Add(add) => {
            let ledger = Ledger::open(&state, org).await?;
            let client = keyring.register(new(add, org, now)?, now)?;
            write(&ledger, "client_added", &client).await?;
            tell_out_of_reach(&client, printer);
            let text = format!("registered {}\n{}", described(&client), next(&client));
            printer.result(text, &value(&client))?;
        }
        arguments::Client::List => {
            let clients = keyring.clients(org)?;
            let text = clients.iter().map(described).collect::<Vec<_>>().join("\n");
            let none = format!(
                "no clients in org {org}; register one with `portcullis client add NAME --scope SCOPE`"
            );
            let values: Vec<Value> = clients.iter().map(value).collect();
            printer.result(if clients.is_empty() { none } else { text }, &values)?;
        }
        arguments::Client::Show { name } => {
            let client = named(keyring, org, name)?;
            printer.result(details(&client), &value(&client))?;
        }
        arguments::Client::Change(change) => {
            let client = named(keyring, org, &change.name)?;
            let ledger = Ledger::open(&state, org).await?;
            let asked = changed(client.clone(), change, now)?;
            if asked == client {
                return Err(unchanged(&client));
            }
            let client = keyring.amend(&asked, now)?;
            write(&ledger, "client_changed", &client).await?;
            tell_out_of_reach(&client, printer);
            printer.result(format!("changed {}", details(&client)), &value(&client))?;
        }
        arguments::Client::Disable { name } => {
            let client = named(keyring, org, name)?;
            let ledger = Ledger::open(&state, org).await?;
            let client = keyring.disable(&client.id, now)?;
            ledger
                .write("client_disabled", Some(&client.id), [])
                .await?;
            printer.result(
                format!(
                    "disabled {}; every gateway refuses what it shows within half a second",
                    client.name
                ),
                &value(&client),
            )?;
        }
        arguments::Client::Secret(verb) => {
            secret::run(verb, &state, org, org_settings, printer).await?;
        }
    }
    Ok(Exit::Done)
}

/// Writes down what a client is registered with now.
pub(super) async fn write(
    ledger: &Ledger,
    kind: &'static str,
    client: &Client,
) -> Result<(), Failure> {
    let lists = [&client.scopes, &client.operations, &client.eligible].map(|list| list.join(" "));
    let [scopes, operations, eligible] = lists.each_ref().map(String::as_str);
    let weight = client.share.weight.to_string();
    let budgets = client.budgets.written();
    let hidden = shown::hidden(client).join(" ");
    let details = [
        ("name", client.name.as_str()),
        ("priority", client.share.priority.word()),
        ("weight", weight.as_str()),
        ("budgets", budgets.as_str()),
        (
            "secrets",
            if client.sight.reveal {
                "shown"
            } else {
                "masked"
            },
        ),
        ("hidden", hidden.as_str()),
        ("scopes", scopes),
        ("operations", operations),
        ("eligible", eligible),
    ];
    ledger.write(kind, Some(&client.id), details).await
}

/// The client called `name`.
pub(crate) fn named(keyring: &Keyring, org: &OrgName, name: &str) -> Result<Client, Failure> {
    keyring
        .clients(org)?
        .into_iter()
        .find(|client| client.name == name)
        .ok_or_else(|| {
            let hint = "See the names with `portcullis client list`.";
            Failure::new(
                Exit::Usage,
                format!("no client `{name}` in org {org}"),
                hint,
            )
        })
}

fn new(add: &Add, org: &OrgName, now: Timestamp) -> Result<NewClient, Failure> {
    Ok(NewClient {
        scopes: add.scopes.clone(),
        operations: add.bounds.operations.clone(),
        teams: add.bounds.teams.clone(),
        basis: if add.by_policy {
            Basis::Policies
        } else {
            Basis::Registration
        },
        networks: add.bounds.networks.clone(),
        eligible: add.bounds.eligible.clone(),
        budgets: budgets(Overrides::default(), &add.bounds.budgets)?,
        shadow_until: add.bounds.shadow_days.and_then(|days| shadow(days, now)),
        oauth: sign_in::registered(&add.sign_in, None)?,
        share: shared(Share::default(), &add.bounds),
        sight: Sight {
            reveal: add.reveal,
            hidden: hidden(&add.bounds.hidden)?,
        },
        ..NewClient::new(org.clone(), add.name.as_str())
    })
}

fn changed(mut client: Client, change: &Change, now: Timestamp) -> Result<Client, Failure> {
    let replace = |list: &mut Vec<String>, given: &[String], emptied: bool| {
        if emptied || !given.is_empty() {
            *list = given.to_vec();
        }
    };
    let bounds = &change.bounds;
    replace(&mut client.scopes, &change.scopes, false);
    replace(
        &mut client.operations,
        &bounds.operations,
        change.no_operations,
    );
    replace(&mut client.teams, &bounds.teams, change.no_teams);
    replace(&mut client.eligible, &bounds.eligible, change.no_eligible);
    if change.no_networks || !bounds.networks.is_empty() {
        client.networks.clone_from(&bounds.networks);
    }
    let own = match change.no_budgets {
        true => Overrides::default(),
        false => std::mem::take(&mut client.budgets),
    };
    client.budgets = budgets(own, &bounds.budgets)?;
    if change.by_policy {
        client.basis = Basis::Policies;
    } else if change.by_registration {
        client.basis = Basis::Registration;
    }
    if let Some(days) = bounds.shadow_days {
        client.shadow_until = shadow(days, now);
    }
    client.share = shared(client.share, bounds);
    if change.no_hide || !bounds.hidden.is_empty() {
        client.sight.hidden = hidden(&bounds.hidden)?;
    }
    client.sight.reveal = (client.sight.reveal || change.reveal) && !change.no_reveal;
    client.oauth = match change.no_sign_in {
        true => None,
        false => sign_in::registered(&change.sign_in, client.oauth.take())?,
    };
    if let Some(oauth) = client.oauth.as_mut().filter(|_| change.no_dpop) {
        oauth.dpop_bound = false;
    }
    Ok(client)
}

/// The members that are to be hidden.
fn hidden(texts: &[String]) -> Result<Vec<Hidden>, Failure> {
    Hidden::read_all(texts.iter().map(String::as_str)).map_err(|error| {
        let hint = "See what answers hold in Okta's reference; the ids of operations are in `okta/operations.jsonl`.";
        Failure::new(Exit::Usage, format!("--hide: {error}"), hint)
    })
}

/// The share as asked for; what is not named stays.
fn shared(share: Share, bounds: &arguments::Bounds) -> Share {
    Share {
        priority: bounds.priority.map_or(share.priority, Priority::from),
        weight: bounds.weight.unwrap_or(share.weight),
    }
}

/// Budgets as typed, over those there are.
fn budgets(mut own: Overrides, typed: &[String]) -> Result<Overrides, Failure> {
    for text in typed {
        own.put(text).map_err(|error| {
            let hint = "Write it like --budget deletes=50/hour,200/day; `docs/blast-radius.md` says what counts.";
            Failure::new(Exit::Usage, error.to_string(), hint)
        })?;
    }
    Ok(own)
}

fn unchanged(client: &Client) -> Failure {
    let hint = "Say what is to change; `portcullis client change --help` shows what can.";
    let message = format!("client `{}` is registered so already", client.name);
    Failure::new(Exit::Usage, message, hint)
}

/// Says which of the named operations no scope of the client reaches, nor one it may be elevated to.
fn tell_out_of_reach(client: &Client, printer: Printer) {
    let has = |scope: &str| {
        client
            .scopes
            .iter()
            .chain(&client.eligible)
            .any(|one| one == scope)
    };
    for id in &client.operations {
        let operation = catalog::operations().by_id(id);
        let scopes = operation.map_or(&[][..], |operation| &operation.scopes);
        if let Some(scope) = scopes.iter().find(|scope| !has(scope)) {
            printer.note(format!(
                "{id} stays out of reach: it needs the scope {scope}."
            ));
        }
    }
}

/// When shadow mode ends.
fn shadow(days: u16, now: Timestamp) -> Option<Timestamp> {
    let length = SignedDuration::from_hours(24 * i64::from(days));
    now.checked_add(length).ok().filter(|_| days > 0)
}

/// What to type next.
fn next(client: &Client) -> String {
    use access::oauth::Authentication::{ClientSecretBasic, ClientSecretPost};
    let way = client.oauth.as_ref().map(|oauth| &oauth.authentication);
    match way {
        None => format!("Next: `portcullis key issue {}`.", client.name),
        Some(ClientSecretBasic | ClientSecretPost) => {
            format!(
                "Its client id is {}.\nNext: `portcullis client secret issue {}`.",
                client.id, client.name
            )
        }
        Some(_) => format!("Its client id is {}.", client.id),
    }
}
