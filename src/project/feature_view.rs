//! Reading `feature_views:`.

use super::declare::reference;
use super::duration::duration;
use super::nodes::{Feature, FeatureView};
use super::resources::Reader;
use super::shared::Declared;
use super::yaml::{Doc, Fields};
use crate::diagnostic::{Diagnostic, Result};

impl Reader<'_> {
    pub(super) fn feature_view(&self, item: Doc<'_>) -> Result<(Declared, FeatureView)> {
        let fields = item.fields("an entry of `feature_views`")?;
        let declared = self.node(&fields)?;
        let what = format!("feature view `{}`", declared.name);
        let features = fields
            .items("features")
            .into_iter()
            .map(feature)
            .collect::<Result<Vec<_>>>()?;
        let view = FeatureView {
            name: declared.name.clone(),
            description: declared.description.clone(),
            owner: owner(&fields)?,
            entity: fields.texts("entity")?,
            from: reference(&fields, "from")?,
            timestamp: fields.required("timestamp")?,
            created: fields.text("created")?,
            ttl: fields.get("ttl").map(ttl).transpose()?,
            features,
            online: fields.flag("online")?,
            at: declared.at.clone(),
        };
        fields.finish()?;
        for (missing, key) in [
            (view.entity.is_empty(), "entity"),
            (view.features.is_empty(), "features"),
        ] {
            if missing {
                return Err(Diagnostic::project(format!("{what} has no `{key}`"))
                    .at(&declared.at)
                    .into());
            }
        }
        unique(&view)?;
        Ok((declared, view))
    }
}

/// Refuses two columns of one name; SQL's names ignore case.
fn unique(view: &FeatureView) -> Result<()> {
    let mut seen: Vec<String> = Vec::new();
    let own = view
        .entity
        .iter()
        .chain([&view.timestamp])
        .map(|name| (name, &view.at));
    let features = view
        .features
        .iter()
        .map(|feature| (&feature.name, &feature.at));
    for (name, at) in own.chain(features) {
        if seen.contains(&name.to_lowercase()) {
            let what = format!("feature view `{}` names `{name}` twice", view.name);
            return Err(Diagnostic::project(what)
                .at(at)
                .hint("entity, timestamp and features are columns of one table")
                .into());
        }
        seen.push(name.to_lowercase());
    }
    Ok(())
}

/// Reads `{name: …, description: …, dtype: …}` or a name alone.
fn feature(item: Doc<'_>) -> Result<Feature> {
    if !item.value.is_mapping() {
        return Ok(Feature {
            name: item.text("a feature")?,
            description: String::new(),
            dtype: None,
            at: item.at(),
        });
    }
    let fields = item.fields("a feature")?;
    let feature = Feature {
        name: fields.required("name")?,
        description: fields.text("description")?.unwrap_or_default(),
        dtype: fields.text("dtype")?,
        at: item.at(),
    };
    fields.finish()?;
    Ok(feature)
}

/// Reads `owner: data team` or `owner: {name: …, email: …}`.
fn owner(fields: &Fields<'_>) -> Result<String> {
    let Some(doc) = fields.get("owner") else {
        return Ok(String::new());
    };
    if !doc.value.is_mapping() {
        return doc.text("`owner`");
    }
    let parts = doc.fields("`owner`")?;
    let owner = match (parts.text("name")?, parts.text("email")?) {
        (Some(name), Some(email)) => format!("{name} <{email}>"),
        (name, email) => name.or(email).unwrap_or_default(),
    };
    parts.finish()?;
    Ok(owner)
}

/// Reads `90d`, `36h` or `1w 2d` as seconds; a day is 24 hours.
fn ttl(doc: Doc<'_>) -> Result<i64> {
    let text = doc.text("`ttl`")?;
    seconds(&text).ok_or_else(|| {
        Diagnostic::project(format!("`{text}` is no time to live"))
            .at(&doc.at())
            .hint("for instance `90d`, `36h` or `1w 2d`; units are s, m, h, d and w")
            .into()
    })
}

fn seconds(text: &str) -> Option<i64> {
    let has_unit = text.chars().any(char::is_alphabetic);
    let time = duration(text).filter(|time| has_unit && !time.is_zero())?;
    let is_whole = time.subsec_nanos() == 0;
    is_whole.then(|| time.as_secs().try_into().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_to_live_is_a_sum_of_numbers_with_units() {
        assert_eq!(seconds("90d"), Some(90 * 86_400));
        assert_eq!(seconds("1w 2d"), Some(9 * 86_400));
        assert_eq!(seconds(" 36 h "), Some(129_600));
        for wrong in [
            "",
            "90",
            "d",
            "90 months",
            "0d",
            "1500ms",
            "-1d",
            "99999999999999999d",
        ] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }
}
