//! `portcullis serve`: the gateway for every org of the settings, until it is told to stop.

use crate::arguments::Arguments;
use crate::export::{Shipment, ship_forever};
use crate::failure::{Exit, Failure, chain};
use crate::lookout::Lookouts;
use crate::printer::Printer;
use crate::process;
use crate::settings::Settings;
use crate::wiring::witness::WitnessHook;
use crate::wiring::{State, Writer};
use audit::Witness;
use egress::{Egress, Notices};
use gateway::{Gateway, GuardedOrg, Threads, Tls};
use inspection::Inspector;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use upstream::Pace;

/// Runs the verb.
pub(crate) async fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let mut settings = Settings::read(&arguments.config)?;
    let room = process::room_for(settings.limits.connections);
    if room < settings.limits.connections {
        printer.note(format!("room for {room} connections only: raise the number of open files (`ulimit -n`), or lower [limits] connections"));
        settings.limits.connections = room;
    }
    let state = State::open(&settings)?;
    let mut lookouts = Lookouts::new(&settings);
    let gateway = Arc::new(gateway(&settings, &state, &mut lookouts)?);
    let tls = settings.tls.clone().map(Tls::open).transpose()?;
    let listener = TcpListener::bind(settings.listen).await.map_err(|error| {
        let hint = "End the program that uses the address, or choose another with `listen` in the settings.";
        Failure::new(Exit::Settings, format!("cannot listen on {}: {error}", settings.listen), hint)
    })?;
    let stop = stop_asked()?;
    begin_with_a_second(&state).await;
    let orgs: Vec<_> = settings
        .orgs
        .iter()
        .map(|(name, org)| (name.as_str(), org))
        .collect();
    let text = orgs.iter().map(|(name, org)| {
        format!(
            "guarding {name}: {} before {}",
            shown(&org.public),
            shown(&org.okta)
        )
    });
    let first = orgs
        .first()
        .map(|(_, org)| shown(&org.public))
        .unwrap_or_default();
    let listed: Vec<_> =
        orgs.iter().map(|(name, org)| json!({ "org": name, "url": shown(&org.public), "okta": shown(&org.okta) })).collect();
    printer.result(
        text.collect::<Vec<_>>().join("\n"),
        &json!({ "url": first, "orgs": listed }),
    )?;
    for (name, org) in orgs.iter().filter(|(_, org)| is_everywhere(&org.public)) {
        let url = shown(&org.public);
        printer.note(format!("nobody reaches {url}: say `public`, the URL that callers use, under [org.{name}] in the settings"));
    }
    let looking = tokio::spawn(lookouts.keep());
    let shipping = ship(&settings, printer);
    let tls = tls.map(Arc::new);
    let served = gateway::serve(gateway, listener, tls, Threads::PerProcessor, stop).await;
    looking.abort();
    shipping.iter().for_each(tokio::task::JoinHandle::abort);
    state.close_trails();
    served.map_err(|error| Failure::broken(chain(&error)))?;
    state.keyring.record_uses()?;
    Ok(Exit::Done)
}

/// Starts to ship the trails of all orgs, if the settings say where to.
fn ship(settings: &Settings, printer: Printer) -> Vec<tokio::task::JoinHandle<()>> {
    let Some((form, target)) = &settings.audit.export else {
        return Vec::new();
    };
    let shipments = settings.orgs.keys().map(|org| Shipment {
        state: settings.state.clone(),
        org: org.to_string(),
        form: *form,
        target: target.clone(),
        since: None,
        position: Some(settings.state.join("export").join(format!("{org}.json"))),
        printer,
        under_way: None,
    });
    shipments
        .map(|shipment| tokio::spawn(ship_forever(shipment)))
        .collect()
}

/// Puts the gateway together; contacts nothing.
pub(crate) fn gateway(
    settings: &Settings,
    state: &State,
    lookouts: &mut Lookouts,
) -> Result<Gateway, Failure> {
    let notices = crate::desk::notices(settings, state)?;
    let mut orgs = Vec::new();
    for (name, org) in &settings.orgs {
        let okta = state.okta(name, org)?.paced(Pace::GATEWAY);
        orgs.push(GuardedOrg {
            name: name.clone(),
            public_url: org.public.clone(),
            okta_urls: vec![org.okta.clone()],
            rules: access::OrgRules {
                protocol: org.sign_in,
            },
            upstream: Arc::new(okta),
            trail: state.trail_shown(name, Writer::Gateway, shown_to(settings, &notices, state))?,
            mirror: lookouts.post(name, state),
            inspector: Inspector::new(org.inspect.clone()),
            redaction: state.redaction(name, org)?,
            budgets: org.budgets.clone(),
        });
    }
    let settings = gateway::Settings {
        orgs,
        trusted_proxies: settings.trusted_proxies.clone(),
        egress: way_out(),
        notices,
        limits: settings.limits,
    };
    Ok(Gateway::new(
        settings,
        Arc::clone(&state.keyring),
        Arc::clone(&state.clock),
    )?)
}

/// The webhook as a witness of the trail, if the settings want it.
fn shown_to(settings: &Settings, notices: &Notices, state: &State) -> Option<Arc<dyn Witness>> {
    let witness = WitnessHook::of(notices.clone(), Arc::clone(&state.clock));
    settings
        .audit
        .notice
        .then(|| Arc::new(witness) as Arc<dyn Witness>)
}

/// The way to outside issuers' keys. A machine without a certificate store has none, and refuses their tokens.
fn way_out() -> Option<Egress> {
    Egress::new()
        .inspect_err(|error| tracing::warn!(%error, "no keys of outside issuers are fetched"))
        .ok()
}

/// A URL as people type it: without the slash that the standard adds.
/// Whether the URL names no address but all of this machine's, as it does where only `listen` was said.
fn is_everywhere(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_unspecified(),
        Some(url::Host::Ipv6(address)) => address.is_unspecified(),
        Some(url::Host::Domain(_)) | None => false,
    }
}

fn shown(url: &url::Url) -> &str {
    url.as_str().trim_end_matches('/')
}

/// Waits for the next whole second. DPoP proofs are dated by the second, and those from before the start do not count: whoever calls
/// at once would be refused. Connections made meanwhile wait with it.
async fn begin_with_a_second(state: &State) {
    let into_second = state.clock.now().as_millisecond().rem_euclid(1_000);
    let rest = u64::try_from(1_000 - into_second).unwrap_or_default();
    tokio::time::sleep(Duration::from_millis(rest)).await;
}

/// Listens for Ctrl-C and SIGTERM from this moment on; what it gives resolves at the first of them. To be called before anybody is
/// told that the program is ready.
pub(crate) fn stop_asked() -> Result<impl Future<Output = ()>, Failure> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::broken)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::broken)?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
