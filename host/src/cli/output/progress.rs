//! Progress, on a terminal.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ferry::request::{Progress, Watcher};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// A bar for each stage of each synchronization.
#[derive(Debug, Default)]
pub struct ProgressBars {
    screen: MultiProgress,
    bars: Mutex<BTreeMap<(Option<String>, String), ProgressBar>>,
}

impl ProgressBars {
    /// Takes them off the screen.
    pub fn clear(&self) {
        let _ = self.screen.clear();
    }

    fn bar(&self, progress: &Progress) -> ProgressBar {
        let bar = self.screen.add(ProgressBar::no_length());
        let of = progress.synchronization.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
        bar.set_message(format!("{of}{}", progress.stage));
        bar.enable_steady_tick(Duration::from_millis(120));
        bar
    }
}

impl Watcher for ProgressBars {
    fn progress(&self, progress: Progress) {
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (progress.synchronization.clone(), progress.stage.clone());
        let bar = bars.entry(key).or_insert_with(|| self.bar(&progress));
        let template = match progress.total {
            Some(total) => {
                bar.set_length(total);
                "{spinner} {msg} [{bar:24}] {human_pos}/{human_len} {eta}"
            }
            None if progress.done == 0 => "{spinner} {msg}",
            None => "{spinner} {msg} {human_pos}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_position(progress.done);
        if progress.total.is_some_and(|total| progress.done >= total) {
            bar.finish_and_clear();
        }
    }
}
