//! Feature views and their versions as tables: `wh.feature_views`, `wh.features`.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::Int64Type;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::Request;
use super::build::Contents;
use super::columns::Columns;
use crate::diagnostic::{Diagnostic, Kind, Result};
use crate::engine::{Param, Session, fetch};

/// Makes the tables, unless they are there.
pub(super) fn prepare(session: &mut dyn Session) -> Result<()> {
    session.execute(include_str!("prepare.sql"))?;
    Ok(())
}

/// Records a view that was built and returns its version: the last one while the definition is the same, else the next.
pub(super) fn record(
    session: &mut dyn Session,
    request: &Request<'_>,
    columns: &Columns,
    contents: &Contents,
) -> Result<i64> {
    prepare(session)?;
    let view = request.view;
    let name = || Param::from(view.name.as_str());
    let hash = definition_hash(request, columns);
    let now = request.now.as_microsecond();
    let latest = fetch(session, include_str!("latest.sql"), &[name()])?;
    let (version, registered_at) = match (whole(&latest, 0), whole(&latest, 2)) {
        (Some(version), Some(registered_at)) if text(&latest, 1) == Some(hash.as_str()) => {
            (version, registered_at)
        }
        (Some(version), _) => (version + 1, now),
        (None, _) => (1, now),
    };
    for forget in [
        include_str!("forget_view.sql"),
        include_str!("forget_features.sql"),
    ] {
        session.execute_with(forget, &[name(), Param::Int(version)])?;
    }
    let optional = |value: &Option<String>| value.clone().map_or(Param::Null, Param::Text);
    session.execute_with(
        include_str!("record_view.sql"),
        &[
            name(),
            Param::Int(version),
            Param::from(view.description.as_str()),
            Param::from(view.owner.as_str()),
            Param::from(json!(request.tags).to_string()),
            Param::from(json!(view.entity).to_string()),
            Param::from(view.timestamp.as_str()),
            Param::from(columns.timestamp.as_str()),
            optional(&view.created),
            view.ttl.map_or(Param::Null, Param::Int),
            Param::Bool(view.online),
            Param::from(view.from.to_string()),
            Param::from(request.output.to_string()),
            Param::from(hash),
            Param::Instant(registered_at),
            Param::Instant(now),
            Param::Int(i64::try_from(contents.rows)?),
            contents.newest_at.map_or(Param::Null, Param::Instant),
        ],
    )?;
    for (position, (served, declared)) in (1..).zip(columns.features.iter().zip(&view.features)) {
        session.execute_with(
            include_str!("record_feature.sql"),
            &[
                name(),
                Param::Int(version),
                Param::Int(position),
                Param::from(served.name.as_str()),
                Param::from(served.dtype.as_str()),
                Param::from(declared.description.as_str()),
            ],
        )?;
    }
    Ok(version)
}

/// Returns the SHA-256 of what decides a view's values; words for readers are no part of it.
fn definition_hash(request: &Request<'_>, columns: &Columns) -> String {
    let view = request.view;
    let features: Vec<_> = columns
        .features
        .iter()
        .map(|feature| json!([feature.name, feature.dtype]))
        .collect();
    let definition = json!({
        "entity": view.entity,
        "from": view.from.to_string(),
        "timestamp": [view.timestamp, columns.timestamp],
        "created": view.created,
        "ttl": view.ttl,
        "features": features,
    });
    Sha256::digest(definition.to_string().as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The newest version of a view, as it was built.
pub(super) struct Registered {
    pub(super) version: i64,
    pub(super) entity: Vec<String>,
    pub(super) timestamp: String,
    /// Whether the timestamp has a zone; without one it is read as UTC.
    pub(super) zoned: bool,
    pub(super) ttl: Option<i64>,
    /// The history, quoted for SQL.
    pub(super) relation: String,
    /// Names and SQL types.
    pub(super) features: Vec<(String, String)>,
}

/// Reads the newest version of a view; `None` when it was never built.
pub(super) fn read(session: &mut dyn Session, name: &str) -> Result<Option<Registered>> {
    let rows = fetch(session, include_str!("read.sql"), &[Param::from(name)])?;
    let Some(version) = whole(&rows, 0) else {
        return Ok(None);
    };
    let word = |column: usize| {
        let broken = || Diagnostic::new(Kind::Bug, "`wh.feature_views` holds a view without name");
        text(&rows, column).ok_or_else(broken)
    };
    let (names, types) = (
        rows.column(6).as_string::<i32>(),
        rows.column(7).as_string::<i32>(),
    );
    let features = names.iter().flatten().zip(types.iter().flatten());
    Ok(Some(Registered {
        version,
        entity: serde_json::from_str(word(1)?)?,
        timestamp: word(2)?.into(),
        zoned: word(3)?.ends_with("ZONE"),
        ttl: whole(&rows, 4),
        relation: word(5)?.into(),
        features: features
            .map(|(name, dtype)| (name.into(), dtype.into()))
            .collect(),
    }))
}

/// Reads a whole number of the first row.
fn whole(rows: &RecordBatch, column: usize) -> Option<i64> {
    let numbers = rows
        .columns()
        .get(column)?
        .as_primitive_opt::<Int64Type>()?;
    numbers.iter().next().flatten()
}

/// Reads a text of the first row.
fn text(rows: &RecordBatch, column: usize) -> Option<&str> {
    let texts = rows.columns().get(column)?.as_string_opt::<i32>()?;
    (!texts.is_empty() && texts.is_valid(0)).then(|| texts.value(0))
}
