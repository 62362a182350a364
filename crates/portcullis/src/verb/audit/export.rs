//! `portcullis audit export`: writes entries for those who collect them, once or for as long as it is let.

use super::span;
use crate::arguments::{Arguments, Export};
use crate::export::{Shipment, Target, ship_forever};
use crate::failure::{Exit, Failure};
use crate::printer::Printer;
use crate::settings::Settings;
use crate::verb::serve::stop_asked;
use std::path::Path;

/// Runs the verb.
pub(super) async fn run(
    what: &Export,
    arguments: &Arguments,
    printer: Printer,
) -> Result<Exit, Failure> {
    let settings = Settings::read(&arguments.config)?;
    let (org, _) = settings.org(arguments.org.as_deref())?;
    let now = clock::Clock::now(&clock::System);
    let target = match &what.to {
        None => Target::Out,
        Some(text) => Target::parse(text, Path::new("")).map_err(|why| {
            let hint = "Name a file or a collector, as in --to tcp://10.0.0.9:601.";
            Failure::new(Exit::Usage, why, hint)
        })?,
    };
    let since = what
        .since
        .as_deref()
        .map(|text| span::read(text, now))
        .transpose()?;
    let mut shipment = Shipment {
        state: settings.state.clone(),
        org: org.to_string(),
        form: what.format,
        target,
        since,
        position: what.position.clone(),
        printer,
        under_way: None,
    };
    if what.follow {
        let stop = stop_asked()?;
        tokio::select! {
            () = stop => {}
            () = ship_forever(shipment) => {}
        }
        return Ok(Exit::Done);
    }
    let shipped = tokio::task::spawn_blocking(move || {
        while shipment.step()? > 0 {}
        shipment.end()
    });
    shipped.await.map_err(Failure::broken)??;
    Ok(Exit::Done)
}
