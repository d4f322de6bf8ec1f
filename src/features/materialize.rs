//! From a view's history to the online store: the latest values of every entity.

use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use jiff::Timestamp;
use minijinja::context;

use super::registry;
use crate::diagnostic::{Diagnostic, Kind, Result};
use crate::engine::{Param, Session, render};
use crate::state::State;
use crate::state::online::{Latest, View};

/// What went to the online store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Materialized {
    /// Entities whose values it now holds.
    pub entities: u64,
    /// The version of the view.
    pub version: i64,
}

/// Replaces what the online store holds of a view by the latest values of every entity known at `now`.
///
/// The store changes in one transaction; memory grows with the number of entities.
///
/// # Errors
/// `Project` when the view was never built; what the warehouse or the state answers.
pub fn materialize(
    session: &mut dyn Session,
    state: &State,
    name: &str,
    now: Timestamp,
) -> Result<Materialized> {
    let view = registry::read(session, name)?.ok_or_else(|| {
        Diagnostic::project(format!("feature view `{name}` was never built"))
            .hint(format!("`wh build -s +{name}` builds it"))
    })?;
    let is_float = |dtype: &str| ["FLOAT", "DOUBLE"].contains(&dtype);
    let features: Vec<(String, bool)> = view
        .features
        .iter()
        .map(|(name, dtype)| (name.clone(), is_float(dtype)))
        .collect();
    let sql = render(
        include_str!("latest_values.sql"),
        context! {
            relation => &view.relation,
            entity => &view.entity,
            timestamp => &view.timestamp,
            zoned => view.zoned,
            features,
        },
    )?;
    let mut latest = Vec::new();
    let now_us = now.as_microsecond();
    session.query(&sql, &[Param::Instant(now_us)], &mut |batch| {
        let wrong = || {
            Diagnostic::new(
                Kind::Bug,
                "the latest values have other types than asked for",
            )
        };
        let entity = batch.column(0).as_string_opt::<i32>().ok_or_else(wrong)?;
        let known_at = batch.column(1).as_primitive_opt::<Int64Type>();
        let known_at = known_at.ok_or_else(wrong)?;
        let values = batch.column(2).as_string_opt::<i32>().ok_or_else(wrong)?;
        latest.extend((0..batch.num_rows()).map(|row| Latest {
            entity: entity.value(row).into(),
            known_at: known_at.value(row),
            values: values.value(row).into(),
        }));
        Ok(())
    })?;
    let online = View {
        name: name.into(),
        version: view.version,
        entity: view.entity,
        features: view.features.into_iter().map(|(name, _)| name).collect(),
        ttl: view.ttl,
        materialized_at: now_us,
    };
    state.replace_online(&online, &latest)?;
    Ok(Materialized {
        entities: latest.len() as u64,
        version: view.version,
    })
}
