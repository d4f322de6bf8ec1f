//! How old the rows of a source table may be, and what says so: beside `config:` or in it, of the source or of the table.

use serde_yaml::{Mapping, Value};

/// Where it is said, the weakest first: beside the source's configuration, in it, beside the table's, in it.
pub(super) type Said<'a> = [&'a Mapping; 4];

/// The limits of `freshness`.
const LIMITS: [&str; 2] = ["warn_after", "error_after"];

/// Puts into a table's configuration what all places together say.
pub(super) fn settle(said: Said<'_>, config: &mut Mapping) {
    let mut put = |key: &str, value: Option<Value>| {
        let key = Value::string(key.to_owned());
        match value {
            Some(value) => drop(config.insert(key, value)),
            None => drop(config.shift_remove(&key)),
        }
    };
    put("freshness", freshness(said));
    let (field, query) = loaded_at(said);
    put("loaded_at_field", Some(field));
    put("loaded_at_query", Some(query));
}

/// Returns `freshness` of all places: limits and filter of each over those of the weaker ones. Null anywhere, unless somebody
/// stronger says more, is null; nothing said is `None`.
fn freshness(said: Said<'_>) -> Option<Value> {
    let nothing = Value::mapping(Mapping::new());
    let mut places = said
        .into_iter()
        .map(|place| place.get("freshness").unwrap_or(&nothing));
    let mut merged = places.next()?.as_mapping().cloned();
    for place in places {
        merged = match (merged, place.as_mapping()) {
            (Some(below), Some(above)) => Some(laid(&below, above)),
            (None, Some(above)) if has_limit(above) => Some(above.clone()),
            _ => None,
        };
    }
    match merged {
        Some(merged) if has_limit(&merged) => Some(Value::mapping(merged)),
        Some(_) => None,
        None => Some(Value::null()),
    }
}

/// Returns whether a limit is set.
fn has_limit(freshness: &Mapping) -> bool {
    let is_set = |key: &str| {
        let limit = freshness.get(key);
        ["count", "period"].iter().all(|part| {
            let part = limit.and_then(|limit| limit.get(part));
            part.is_some_and(|part| !part.is_null())
        })
    };
    LIMITS.iter().any(|key| is_set(key))
}

fn laid(below: &Mapping, above: &Mapping) -> Mapping {
    let mut merged = below.clone();
    for (key, value) in above {
        let is_limit = key.as_str().is_some_and(|key| LIMITS.contains(&key));
        match (merged.get_mut(key), value) {
            (Some(Value::Mapping(below, _)), Value::Mapping(above, _)) => {
                below.extend(above.clone());
            }
            (_, value) if value.is_null() && !is_limit => {}
            _ => drop(merged.insert(key.clone(), value.clone())),
        }
    }
    merged
}

/// Returns `loaded_at_field` and `loaded_at_query`. A table that has the field, be it null, asks its source for neither.
fn loaded_at([source, source_config, table, table_config]: Said<'_>) -> (Value, Value) {
    let either = |places: [&Mapping; 2], key: &str| {
        let said = places.into_iter().filter_map(|place| place.get(key));
        let mut said = said.filter(|value| !value.is_null() && value.as_str() != Some(""));
        said.next().cloned()
    };
    let of_source = |key: &str| either([source, source_config], key);
    let of_table = |key: &str| either([table, table_config], key);
    let is_configured = either([table_config; 2], "loaded_at_field").is_some();
    let is_said = is_configured || table.contains_key("loaded_at_field");
    let or_source = |key: &str| match (of_table(key), is_said) {
        (Some(value), _) => Some(value),
        (None, true) => None,
        (None, false) => of_source(key),
    };
    let both = ["loaded_at_field", "loaded_at_query"].map(or_source);
    let [field, query] = both.map(|value| value.unwrap_or(Value::null()));
    (field, query)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(said: [&str; 4]) -> Mapping {
        let said = said.map(|text| serde_yaml::from_str::<Mapping>(text).unwrap());
        let [a, b, c, d] = &said;
        let mut config = d.clone();
        settle([a, b, c, d], &mut config);
        config
    }

    #[test]
    fn limits_are_laid_over_each_other_and_null_ends_them() {
        let day = "{freshness: {warn_after: {count: 1, period: day}}}";
        let hour = "{freshness: {error_after: {count: 1, period: hour}, filter: a}}";
        let config = settled(["{}", day, "{}", hour]);
        let both = "{warn_after: {count: 1, period: day}, error_after: {count: 1, period: hour}, filter: a}";
        let both: Value = serde_yaml::from_str(both).unwrap();
        assert_eq!(config.get("freshness"), Some(&both));
        let config = settled([day, "{}", "{freshness: null}", "{}"]);
        assert_eq!(config.get("freshness"), Some(&Value::null()));
        assert_eq!(settled(["{}"; 4]).get("freshness"), None);
    }

    #[test]
    fn a_table_asks_its_source_when_it_says_nothing_itself() {
        let field = |said| {
            let config = settled(said);
            let field = config.get("loaded_at_field").unwrap();
            field.as_str().map(str::to_owned)
        };
        let of_source = "{loaded_at_field: a}";
        assert_eq!(field([of_source, "{}", "{}", "{}"]).as_deref(), Some("a"));
        let of_table = "{loaded_at_field: b}";
        assert_eq!(
            field([of_source, "{}", "{}", of_table]).as_deref(),
            Some("b")
        );
        assert_eq!(
            field([of_source, "{}", "{loaded_at_field: null}", "{}"]),
            None
        );
    }
}
