//! `feature_views([…])`: what templates may know of the project's feature views.

use minijinja::value::Value;

use crate::diagnostic::{Diagnostic, Result, nearest};
use crate::jinja;
use crate::project::Project;
use crate::project::nodes::FeatureView;

/// Returns the function `feature_views(features)`.
///
/// `features` are texts such as `view:feature`, `view:*` or `view`. The answer is a list of views in the order in
/// which they are first named, each with `name`, `entity`, `timestamp`, `ttl` (a SQL interval or none) and the
/// `features` asked for, in order and once each.
pub(super) fn function(project: &Project) -> Value {
    let views = project.feature_views();
    let views: Vec<FeatureView> = views.map(|(_, view)| view.clone()).collect();
    Value::from_function(move |features: Value| {
        let wanted: Vec<String> = match features.as_str() {
            Some(one) => vec![one.into()],
            None => features
                .try_iter()?
                .map(|item| jinja::text(&item))
                .collect(),
        };
        let chosen = choose(&views, &wanted).map_err(jinja::raise)?;
        Ok::<_, minijinja::Error>(jinja::list(
            chosen.iter().map(|(view, names)| described(view, names)),
        ))
    })
}

/// A view and the names of those of its features that are asked for.
type Chosen<'a> = (&'a FeatureView, Vec<&'a str>);

fn choose<'a>(views: &'a [FeatureView], wanted: &[String]) -> Result<Vec<Chosen<'a>>, Diagnostic> {
    let mut chosen: Vec<Chosen<'a>> = Vec::new();
    for text in wanted {
        let (name, feature) = text.split_once(':').unwrap_or((text, "*"));
        let (name, feature) = (name.trim(), feature.trim());
        let view = views
            .iter()
            .find(|view| view.name == name)
            .ok_or_else(|| no_view(views, name))?;
        let known = || view.features.iter().map(|feature| feature.name.as_str());
        let names: Vec<&str> = known()
            .filter(|name| feature == "*" || *name == feature)
            .collect();
        if names.is_empty() {
            let what = format!("feature view `{name}` has no feature `{feature}`");
            return Err(match nearest(feature, known()) {
                Some(near) => Diagnostic::project(what).hint(format!("did you mean `{near}`?")),
                None => Diagnostic::project(what).hint(format!(
                    "its features are: {}",
                    known().collect::<Vec<_>>().join(", ")
                )),
            });
        }
        match chosen.iter_mut().find(|(other, _)| other.name == name) {
            None => chosen.push((view, names)),
            Some((_, taken)) => {
                for name in names {
                    if !taken.contains(&name) {
                        taken.push(name);
                    }
                }
            }
        }
    }
    match chosen.is_empty() {
        true => Err(Diagnostic::project("a training set of no features")
            .hint("for instance `features=['customer_activity:*']`")),
        false => Ok(chosen),
    }
}

fn no_view(views: &[FeatureView], name: &str) -> Diagnostic {
    let err = Diagnostic::project(format!("no feature view is called `{name}`"));
    match nearest(name, views.iter().map(|view| view.name.as_str())) {
        Some(near) => err.hint(format!("did you mean `{near}`?")),
        None => err.hint("declare it under `feature_views:` in a YAML file of the models"),
    }
}

fn described(view: &FeatureView, features: &[&str]) -> Value {
    let entries = [
        ("name", Value::from(&view.name)),
        ("entity", jinja::list(view.entity.iter().map(Value::from))),
        ("timestamp", Value::from(&view.timestamp)),
        (
            "ttl",
            view.ttl
                .map_or(Value::from(()), |ttl| Value::from(interval(ttl))),
        ),
        (
            "features",
            jinja::list(features.iter().copied().map(Value::from)),
        ),
    ];
    jinja::dict(entries.map(|(key, value)| (key.to_owned(), value)))
}

/// Writes seconds as a SQL interval in hours where they are whole, so that a day is 24 hours in every zone.
fn interval(seconds: i64) -> String {
    match seconds % 3_600 {
        0 => format!("interval '{} hours'", seconds / 3_600),
        _ => format!("interval '{seconds} seconds'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ttl_is_an_interval_of_exact_length() {
        assert_eq!(interval(90 * 86_400), "interval '2160 hours'");
        assert_eq!(interval(90), "interval '90 seconds'");
    }
}
