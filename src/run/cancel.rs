//! Stopping a run from outside: running statements are interrupted, nothing new begins.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::adapter::lock;
use crate::engine::Handle;

/// Shared by whoever may stop a run and the run itself.
#[derive(Default)]
pub struct Cancel {
    stopped: AtomicBool,
    handles: Mutex<Vec<Arc<dyn Handle>>>,
}

impl Cancel {
    /// Stops the run.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        for handle in lock(&self.handles).iter() {
            handle.interrupt();
        }
    }

    /// Returns whether the run was stopped.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }

    pub(super) fn watch(&self, handle: Arc<dyn Handle>) {
        lock(&self.handles).push(handle);
    }
}
