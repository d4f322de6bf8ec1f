//! The online store: the latest values of features by entity. What a value means, and when it is too old, is not known here.

use rusqlite::{OptionalExtension, params};

use super::State;
use crate::diagnostic::Result;

/// What is held of a feature view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Its name.
    pub name: String,
    /// The version of its definition.
    pub version: i64,
    /// The columns of an entity's key.
    pub entity: Vec<String>,
    /// Its features in order.
    pub features: Vec<String>,
    /// For how long a value is good, in seconds; `None` means for ever.
    pub ttl: Option<i64>,
    /// When the values were put here, in microseconds since 1970-01-01 UTC.
    pub materialized_at: i64,
}

/// The latest values of one entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    /// The entity's key: a JSON list of texts.
    pub entity: String,
    /// When they became known, in microseconds since 1970-01-01 UTC.
    pub known_at: i64,
    /// A JSON object, a key a feature.
    pub values: String,
}

impl State {
    /// Replaces all that is held of a view, in one transaction.
    ///
    /// # Errors
    /// What SQLite answers.
    pub fn replace_online(&self, view: &View, latest: &[Latest]) -> Result<()> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        transaction.execute(include_str!("forget_values.sql"), params![view.name])?;
        {
            let mut put = transaction.prepare(include_str!("put_values.sql"))?;
            // In the order of the key, each page is written once.
            let mut latest: Vec<&Latest> = latest.iter().collect();
            latest.sort_unstable_by(|a, b| a.entity.cmp(&b.entity));
            for row in latest {
                put.execute(params![view.name, row.entity, row.known_at, row.values])?;
            }
        }
        transaction.execute(
            include_str!("put_view.sql"),
            params![
                view.name,
                view.version,
                serde_json::to_string(&view.entity)?,
                serde_json::to_string(&view.features)?,
                view.ttl,
                i64::try_from(latest.len())?,
                view.materialized_at,
            ],
        )?;
        transaction.commit()?;
        Ok(())
    }

    /// Returns what is held of a view; `None` when nothing was ever put here.
    ///
    /// # Errors
    /// What SQLite answers.
    pub fn online_view(&self, name: &str) -> Result<Option<View>> {
        let connection = self.connection();
        let found = connection
            .query_row(include_str!("view.sql"), params![name], |row| {
                let texts: (String, String) = (row.get(1)?, row.get(2)?);
                Ok((row.get(0)?, texts, row.get(3)?, row.get(4)?))
            })
            .optional()?;
        let Some((version, (entity, features), ttl, materialized_at)) = found else {
            return Ok(None);
        };
        Ok(Some(View {
            name: name.into(),
            version,
            entity: serde_json::from_str(&entity)?,
            features: serde_json::from_str(&features)?,
            ttl,
            materialized_at,
        }))
    }

    /// Returns the latest values of entities of a view, in the order of `keys` (JSON lists of texts).
    ///
    /// # Errors
    /// What SQLite answers.
    pub fn online_values(&self, view: &str, keys: &[String]) -> Result<Vec<Option<Latest>>> {
        let connection = self.connection();
        let mut find = connection.prepare_cached(include_str!("values.sql"))?;
        let find = |key: &String| {
            let found = find.query_row(params![view, key], |row| {
                Ok(Latest {
                    entity: key.clone(),
                    known_at: row.get(0)?,
                    values: row.get(1)?,
                })
            });
            Ok(found.optional()?)
        };
        keys.iter().map(find).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(name: &str) -> View {
        View {
            name: name.into(),
            version: 2,
            entity: vec!["id".into()],
            features: vec!["n".into()],
            ttl: None,
            materialized_at: 7,
        }
    }

    fn latest(entity: &str, values: &str) -> Latest {
        Latest {
            entity: entity.into(),
            known_at: 5,
            values: values.into(),
        }
    }

    #[test]
    fn values_of_a_view_are_replaced_as_a_whole_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let state = State::open(folder.path()).unwrap();
        let keys = ["a", "b"].map(|id| format!("[\"{id}\"]"));
        let (a, b) = (latest(&keys[0], "{\"n\":1}"), latest(&keys[1], "{\"n\":2}"));
        state
            .replace_online(&view("x"), &[a.clone(), b.clone()])
            .unwrap();
        state
            .replace_online(&view("y"), std::slice::from_ref(&a))
            .unwrap();
        state
            .replace_online(&view("x"), std::slice::from_ref(&b))
            .unwrap();
        assert_eq!(state.online_values("x", &keys).unwrap(), [None, Some(b)]);
        assert_eq!(state.online_values("y", &keys).unwrap(), [Some(a), None]);
        assert_eq!(state.online_view("x").unwrap(), Some(view("x")));
        assert_eq!(state.online_view("z").unwrap(), None);
    }
}
