//! Requests bent into attacks on the structure.

use inspection::Inspector;

use super::report::Printed;

/// Bends bodies of every operation and counts how many are refused.
pub(super) fn measure(inspector: &Inspector, report: &mut Printed) {
    let _ = (inspector, report);
}
