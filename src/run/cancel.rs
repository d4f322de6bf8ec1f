//! Stopping a run from outside: running statements are interrupted, nothing new begins.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::adapter::lock;
use crate::engine::Handle;

/// How late a sleeper notices that it is stopped, at most.
const NAP: Duration = Duration::from_millis(100);

/// Shared by whoever may stop a run and the run itself.
#[derive(Default)]
pub struct Cancel {
    stopped: AtomicBool,
    handles: Mutex<Vec<Arc<dyn Handle>>>,
    reason: Mutex<Option<String>>,
}

impl Cancel {
    /// Stops the run.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        for handle in lock(&self.handles).iter() {
            handle.interrupt();
        }
    }

    /// Stops the run for a reason that makes it a failure.
    pub fn stop_because(&self, reason: &str) {
        *lock(&self.reason) = Some(reason.into());
        self.stop();
    }

    /// Returns the reason it was stopped for, when that makes it a failure.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        lock(&self.reason).clone()
    }

    /// Returns whether the run was stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    /// Sleeps, but not past a stop.
    pub(super) fn sleep(&self, time: Duration) {
        let until = Instant::now() + time;
        while !self.is_stopped() && Instant::now() < until {
            thread::sleep(NAP.min(until.saturating_duration_since(Instant::now())));
        }
    }

    pub(super) fn watch(&self, handle: Arc<dyn Handle>) {
        lock(&self.handles).push(handle);
    }
}
