//! `selectors.yml` as the manifest has it: selections by name, texts taken apart.

use serde_json::{Map, Value, json};

/// Returns the selectors by name; `file` is the whole of `selectors.yml`.
pub(super) fn selectors(file: &Value) -> Value {
    let listed = file.get("selectors").and_then(Value::as_array);
    let entry = |selector: &Value| {
        let mut selector = selector.as_object()?.clone();
        let name = selector.get("name")?.as_str()?.to_owned();
        if let Some(definition) = selector.get_mut("definition") {
            *definition = taken_apart(definition);
        }
        Some((name, Value::Object(selector)))
    };
    let selectors: Map<String, Value> = listed.into_iter().flatten().filter_map(entry).collect();
    Value::Object(selectors)
}

/// Writes a definition with a method and a value for each criterion.
fn taken_apart(definition: &Value) -> Value {
    let all = |items: &Value| -> Value {
        let items = items.as_array().into_iter().flatten();
        items.map(taken_apart).collect()
    };
    match definition {
        Value::String(text) => criterion(text),
        Value::Object(map) => {
            for key in ["union", "intersection", "exclude"] {
                if let Some(items) = map.get(key).filter(|_| map.len() == 1) {
                    return json!({key: all(items)});
                }
            }
            match (map.len(), map.iter().next()) {
                (1, Some((method, value))) => json!({"method": method, "value": value}),
                _ => definition.clone(),
            }
        }
        other => other.clone(),
    }
}

/// Takes a text such as `2+tag:nightly+` apart.
fn criterion(text: &str) -> Value {
    let mut rest = text;
    let mut found = Map::new();
    let mut sides = Map::new();
    if let Some(after) = rest.strip_prefix('@') {
        sides.insert("childrens_parents".into(), true.into());
        rest = after;
    }
    if let Some((depth, after)) = rest.split_once('+')
        && depth.chars().all(|digit| digit.is_ascii_digit())
    {
        side(&mut sides, "parents", depth);
        rest = after;
    }
    if let Some((before, depth)) = rest.rsplit_once('+')
        && depth.chars().all(|digit| digit.is_ascii_digit())
    {
        side(&mut sides, "children", depth);
        rest = before;
    }
    let (method, value) = match rest.split_once(':') {
        Some(parts) => parts,
        None if rest.contains('/') => ("path", rest),
        None if rest.ends_with(".sql") || rest.ends_with(".py") || rest.ends_with(".csv") => {
            ("file", rest)
        }
        None => ("fqn", rest),
    };
    found.insert("method".into(), method.into());
    found.insert("value".into(), value.into());
    found.extend(sides);
    Value::Object(found)
}

fn side(sides: &mut Map<String, Value>, name: &str, depth: &str) {
    sides.insert(name.into(), true.into());
    if let Ok(depth) = depth.parse::<u64>() {
        sides.insert(format!("{name}_depth"), depth.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_taken_apart() {
        let file = json!({"selectors": [{
            "name": "s",
            "definition": {"union": ["2+tag:x+", {"exclude": ["b"]}, {"tag": "y"}]},
        }]});
        let definition = &selectors(&file)["s"]["definition"];
        let expected = json!({"union": [
            {"method": "tag", "value": "x", "parents": true, "parents_depth": 2, "children": true},
            {"exclude": [{"method": "fqn", "value": "b"}]},
            {"method": "tag", "value": "y"},
        ]});
        assert_eq!(definition, &expected);
    }
}
