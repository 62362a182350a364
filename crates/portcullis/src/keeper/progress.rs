//! Progress as a bar on a terminal, and as nothing elsewhere.

use crate::printer::Printer;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar, or the silence of one.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// For a capture: counts kinds.
    pub(super) fn of_kinds(printer: Printer) -> Self {
        Self::new(printer, "  reading {wide_bar} {pos}/{len} kinds · {msg}")
    }

    /// For a run: counts steps.
    pub(super) fn of_steps(printer: Printer) -> Self {
        Self::new(printer, "  {wide_bar} {pos}/{len} · {elapsed} · {msg}")
    }

    fn new(printer: Printer, template: &str) -> Self {
        let bar = ProgressBar::new(0);
        if !printer.shows_progress() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("━╸─"));
        }
        Self(bar)
    }

    pub(super) fn capture(&self, progress: recovery::Progress) {
        let (done, total) = progress.kinds;
        self.0.set_length(total as u64);
        self.0.set_message(format!(
            "{} objects, {} calls",
            progress.objects, progress.calls
        ));
        self.0.set_position(done as u64);
    }

    pub(super) fn step(&self, progress: recovery::apply::Progress) {
        self.0.set_length(progress.total as u64);
        self.0
            .set_message(format!("{} calls · {}", progress.calls, progress.title));
        self.0.set_position(progress.done as u64);
    }

    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}
