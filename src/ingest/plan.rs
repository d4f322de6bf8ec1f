//! Decides which contents of the lake enter the table and which leave it. Reads and writes nothing.

use super::connectors::Extent;
use super::lake::{Entry, Loaded};
use crate::project::nodes::Mode;

/// What the table is to hold.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// How new rows meet old ones.
    pub(super) mode: Mode,
    /// What the matching contents are to the table.
    pub(super) extent: Extent,
    /// Hashes of the contents that match the declaration now.
    pub(super) matching: &'a [String],
    /// Whether the table is built from nothing.
    pub(super) fresh: bool,
}

/// What is to be done, by position in the lake's entries, oldest first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Whether the table is built from nothing.
    pub(super) fresh: bool,
    /// Contents whose rows enter.
    pub(super) load: Vec<usize>,
    /// Contents whose rows leave.
    pub(super) leave: Vec<usize>,
}

impl Plan {
    /// Returns whether there is nothing to do.
    pub(super) fn is_empty(&self) -> bool {
        self.load.is_empty() && self.leave.is_empty()
    }
}

/// Compares what is wanted with what the lake holds and what of it was loaded.
pub(super) fn plan(wanted: &Wanted<'_>, entries: &[Entry]) -> Plan {
    let positions = |keep: &dyn Fn(&Entry) -> bool| -> Vec<usize> {
        (0..entries.len()).filter(|i| keep(&entries[*i])).collect()
    };
    let active = |entry: &Entry| entry.loaded.as_ref().is_some_and(|loaded| loaded.active);
    if wanted.extent != Extent::Lake {
        return fetched(wanted, entries);
    }
    if wanted.mode != Mode::Replace {
        let load = positions(&|entry| wanted.fresh || entry.loaded.is_none());
        return Plan {
            fresh: wanted.fresh,
            load,
            leave: Vec::new(),
        };
    }
    if wanted.matching.is_empty() {
        return Plan::default();
    }
    let matches = |entry: &Entry| wanted.matching.contains(&entry.sha256);
    let load = positions(&|entry| matches(entry) && (wanted.fresh || !active(entry)));
    let leave = positions(&|entry| active(entry) && !matches(entry));
    let stays = entries.iter().any(|entry| active(entry) && matches(entry));
    Plan {
        fresh: !load.is_empty() && (wanted.fresh || !stays),
        load,
        leave,
    }
}

/// As [`plan`], for contents that a source was asked for: copies that a killed process left are not loaded, since
/// the source was asked for their rows again.
fn fetched(wanted: &Wanted<'_>, entries: &[Entry]) -> Plan {
    fn active(entry: &Entry) -> Option<&Loaded> {
        entry.loaded.as_ref().filter(|loaded| loaded.active)
    }
    let matches = |entry: &Entry| wanted.matching.contains(&entry.sha256);
    let newest = entries
        .iter()
        .filter_map(active)
        .map(|loaded| loaded.at)
        .max();
    let holds = |entry: &Entry| match (wanted.extent, wanted.mode) {
        (_, Mode::Append) => entry.loaded.is_some(),
        (Extent::Whole, _) => active(entry).is_some(),
        // Its rows may have been replaced by those of a content that was loaded after it.
        _ => active(entry).is_some_and(|loaded| Some(loaded.at) == newest),
    };
    let positions = |keep: &dyn Fn(&Entry) -> bool| -> Vec<usize> {
        (0..entries.len()).filter(|i| keep(&entries[*i])).collect()
    };
    let load = positions(&|entry| matches(entry) && (wanted.fresh || !holds(entry)));
    let is_whole = wanted.extent == Extent::Whole || wanted.fresh;
    let leave = positions(&|entry| is_whole && active(entry).is_some() && !matches(entry));
    Plan {
        fresh: !load.is_empty() && is_whole,
        load,
        leave,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(sha256: &str, active: Option<bool>) -> Entry {
        let loaded = active.map(|active| Loaded {
            at: jiff::Timestamp::UNIX_EPOCH,
            rows: 1,
            rejected: 0,
            active,
        });
        Entry {
            sha256: sha256.into(),
            loaded,
            ..Entry::default()
        }
    }

    fn planned(mode: Mode, matching: &[&str], fresh: bool, entries: &[Entry]) -> Plan {
        let matching: Vec<String> = matching.iter().map(|hash| (*hash).to_owned()).collect();
        plan(
            &Wanted {
                mode,
                extent: Extent::Lake,
                matching: &matching,
                fresh,
            },
            entries,
        )
    }

    #[test]
    fn append_loads_what_was_never_loaded_whether_it_still_matches_or_not() {
        let entries = [entry("a", Some(true)), entry("b", None), entry("c", None)];
        let plan = planned(Mode::Append, &["a", "c"], false, &entries);
        assert_eq!(
            plan,
            Plan {
                fresh: false,
                load: vec![1, 2],
                leave: vec![]
            }
        );
    }

    #[test]
    fn a_fresh_table_takes_every_content_of_the_lake() {
        let entries = [entry("a", Some(true)), entry("b", None)];
        assert_eq!(planned(Mode::Append, &["b"], true, &entries).load, [0, 1]);
        assert_eq!(planned(Mode::Replace, &["b"], true, &entries).load, [1]);
    }

    #[test]
    fn replace_exchanges_the_contents_that_changed_only() {
        let entries = [
            entry("old", Some(true)),
            entry("same", Some(true)),
            entry("new", None),
        ];
        let plan = planned(Mode::Replace, &["same", "new"], false, &entries);
        assert_eq!(
            plan,
            Plan {
                fresh: false,
                load: vec![2],
                leave: vec![0]
            }
        );
    }

    #[test]
    fn replace_starts_anew_when_no_content_stays_and_takes_back_an_old_version() {
        let entries = [entry("v1", Some(false)), entry("v2", Some(true))];
        let plan = planned(Mode::Replace, &["v1"], false, &entries);
        assert_eq!(
            plan,
            Plan {
                fresh: true,
                load: vec![0],
                leave: vec![1]
            }
        );
    }

    #[test]
    fn replace_keeps_the_table_when_nothing_matches() {
        let entries = [entry("a", Some(true))];
        assert!(planned(Mode::Replace, &[], false, &entries).is_empty());
        assert!(planned(Mode::Replace, &[], true, &entries).is_empty());
    }
}
