//! The inspector of one org: all checks over one parsed call.

use std::borrow::Cow;

use catalog::Operation;

use crate::address::Addresses;
use crate::limits::FINDINGS_MAX;
use crate::{Check, Fault, Finding, Mode, Report, Settings, body, parameter, shape};

/// A parsed call, as inspection sees it.
#[derive(Clone, Copy)]
pub struct Subject<'c> {
    /// What is called.
    pub operation: &'static Operation,
    /// Path parameters by name, decoded.
    pub params: &'c [(String, String)],
    /// Query pairs, decoded, in the caller's order.
    pub query: &'c [(String, String)],
    /// Media type of the body, lower case; empty without a body.
    pub media: &'c str,
    /// The body as it will be sent.
    pub body: Option<&'c [u8]>,
}

/// Judges calls by the settings of one org. Cheap to share, keeps nothing of what it saw.
#[derive(Debug)]
pub struct Inspector {
    settings: Settings,
}

impl Inspector {
    /// An inspector by these settings.
    pub fn new(settings: Settings) -> Self {
        // Compiled now, for all orgs, so that no call waits for it.
        shape::bodies();
        Self { settings }
    }

    /// Every finding in a call.
    pub fn inspect(&self, subject: &Subject<'_>) -> Report {
        let mut notes = Notes::new(&self.settings);
        parameter::judge(subject, &mut notes);
        if let Some(body) = subject.body {
            body::judge(subject, body, &mut notes);
        }
        notes.into_report()
    }
}

impl Default for Inspector {
    fn default() -> Self {
        Self::new(Settings::default())
    }
}

/// Where checks put what they find; applies the org's modes.
#[derive(Debug)]
pub struct Notes<'s> {
    settings: &'s Settings,
    report: Report,
}

impl<'s> Notes<'s> {
    pub(crate) fn new(settings: &'s Settings) -> Self {
        Self {
            settings,
            report: Report::default(),
        }
    }

    /// What the org says of addresses.
    pub(crate) const fn addresses(&self) -> &'s Addresses {
        &self.settings.addresses
    }

    /// Notes a fault. `field` is the place in the catalog's words or a parameter (`query.q`), by which settings name it.
    pub(crate) fn add(
        &mut self,
        check: Check,
        place: impl Into<String>,
        field: impl Into<Cow<'static, str>>,
        fault: Fault,
    ) {
        let field = field.into();
        let severity = self.settings.mode(check, &field);
        if severity == Mode::Off || !self.has_room_for(severity) {
            return;
        }
        self.report.findings.push(Finding {
            check,
            place: place.into(),
            field,
            kind: fault.kind,
            what: fault.what,
            severity,
        });
    }

    /// A refusal takes the place of a warning: many harmless findings must not hide one that is not.
    fn has_room_for(&mut self, severity: Mode) -> bool {
        let findings = &mut self.report.findings;
        if findings.len() < FINDINGS_MAX {
            return true;
        }
        let warning = findings
            .iter()
            .rposition(|known| known.severity == Mode::Warn);
        match warning.filter(|_| severity == Mode::Refuse) {
            Some(at) => {
                findings.remove(at);
                true
            }
            None => false,
        }
    }

    pub(crate) fn into_report(self) -> Report {
        self.report
    }
}

#[cfg(test)]
mod tests;
