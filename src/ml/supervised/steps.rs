//! `preprocess:` of a supervised model: what is done to which feature, as declared.

use super::frame::{Frame, Values};
use crate::diagnostic::{At, Diagnostic, Result, nearest};
use crate::project::yaml::{Doc, Fields};

/// What takes the place of a missing value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Impute {
    /// The median of the numbers; of words the most frequent.
    Median,
    /// The mean of the numbers; of words the most frequent.
    Mean,
    /// The most frequent value.
    Mode,
    /// This value.
    Constant(String),
}

/// How words become numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encode {
    /// A column a word, 1 where it is the row's; the first word has none when `drop_first`.
    OneHot {
        /// Whether the first word has no column.
        drop_first: bool,
    },
    /// The word's number in the order of the alphabet.
    Label,
}

/// How columns are brought to one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// Mean 0 and standard deviation 1.
    Standard,
    /// From 0 to 1.
    MinMax,
}

/// What is done to one feature.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Plan {
    pub(super) impute: Option<Impute>,
    /// Quantiles beyond which numbers are cut off.
    pub(super) clip: Option<(f64, f64)>,
    pub(super) encode: Option<Encode>,
    pub(super) scale: Option<Scale>,
}

/// One step of the list.
#[derive(Debug, Clone)]
pub(super) struct Step {
    action: Action,
    /// The features it is for; none for all it fits.
    columns: Vec<String>,
    at: At,
}

#[derive(Debug, Clone)]
enum Action {
    Impute(Impute),
    Clip(f64, f64),
    Encode(Encode),
    Scale(Option<Scale>),
}

/// The steps in the order in which they are done.
const STEPS: &[&str] = &["impute", "clip", "one_hot", "label", "scale"];

impl Action {
    /// Returns its place in the order; the two ways to encode share one.
    fn rank(&self) -> usize {
        match self {
            Self::Impute(_) => 0,
            Self::Clip(..) => 1,
            Self::Encode(_) => 2,
            Self::Scale(_) => 3,
        }
    }
}

/// Reads the list of steps.
///
/// # Errors
/// `Project`, with its place, for a step that is unknown, wrong or out of order.
pub(super) fn read(options: &Fields<'_>) -> Result<Vec<Step>> {
    let mut steps: Vec<Step> = Vec::new();
    for item in options.items("preprocess") {
        let fields = item.fields("a step of `preprocess`")?;
        let found: Vec<_> = STEPS
            .iter()
            .filter(|step| fields.get(step).is_some())
            .collect();
        let [step] = found.as_slice() else {
            fields.pass_over(&["columns", "value", "drop"]);
            fields.finish()?;
            let what = "a step of `preprocess` is none or more than one of those there are";
            return Err(Diagnostic::project(what)
                .at(&item.at())
                .hint(format!("a step is one of: {}", STEPS.join(", ")))
                .into());
        };
        let step = one(step, &fields)?;
        fields.finish()?;
        if steps
            .last()
            .is_some_and(|last| last.action.rank() > step.action.rank())
        {
            let what = "a step of `preprocess` comes after one that is done later";
            return Err(Diagnostic::project(what)
                .at(&item.at())
                .hint("the order is: impute, clip, one_hot or label, scale")
                .into());
        }
        steps.push(step);
    }
    Ok(steps)
}

fn one(name: &str, fields: &Fields<'_>) -> Result<Step> {
    let mut columns = fields.texts("columns")?;
    let doc = fields.get(name).map_or_else(Vec::new, |doc| doc.items());
    let word = match doc.as_slice() {
        [word] => word.text(&format!("`{name}`"))?,
        _ => String::new(),
    };
    let at = fields.get(name).map_or_else(|| fields.at(), |doc| doc.at());
    let action = match name {
        "impute" => Action::Impute(match word.as_str() {
            "median" => Impute::Median,
            "mean" => Impute::Mean,
            "mode" => Impute::Mode,
            "constant" => Impute::Constant(fields.required("value")?),
            _ => {
                return Err(no_word(
                    name,
                    &word,
                    &["median", "mean", "mode", "constant"],
                    &at,
                ));
            }
        }),
        "clip" => quantiles(&doc, &at)?,
        "scale" => Action::Scale(match word.as_str() {
            "standard" => Some(Scale::Standard),
            "minmax" => Some(Scale::MinMax),
            "none" => None,
            _ => return Err(no_word(name, &word, &["standard", "minmax", "none"], &at)),
        }),
        _ => {
            if word != "auto" {
                columns = doc
                    .iter()
                    .map(|item| item.text("a feature"))
                    .collect::<Result<_>>()?;
            }
            let drop_first = name == "one_hot"
                && match fields.text("drop")?.as_deref() {
                    None | Some("none") => false,
                    Some("first") => true,
                    Some(other) => return Err(no_word("drop", other, &["none", "first"], &at)),
                };
            Action::Encode(match name {
                "label" => Encode::Label,
                _ => Encode::OneHot { drop_first },
            })
        }
    };
    Ok(Step {
        action,
        columns,
        at,
    })
}

fn quantiles(items: &[Doc<'_>], at: &At) -> Result<Action> {
    let share = |item: &Doc<'_>| item.number().filter(|share| (0.0..=1.0).contains(share));
    match items
        .iter()
        .map(share)
        .collect::<Option<Vec<_>>>()
        .as_deref()
    {
        Some([low, high]) if low < high => Ok(Action::Clip(*low, *high)),
        _ => Err(
            Diagnostic::project("`clip` is not two quantiles from 0 to 1")
                .at(at)
                .hint("for instance `clip: [0.01, 0.99]`")
                .into(),
        ),
    }
}

fn no_word(name: &str, word: &str, known: &[&str], at: &At) -> anyhow::Error {
    let hint = match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("use one of: {}", known.join(", ")),
    };
    Diagnostic::project(format!("`{name}` is `{word}`"))
        .at(at)
        .hint(hint)
        .into()
}

/// Returns what is done to each feature of `frame`.
///
/// # Errors
/// `Project`, with the step's place, for one that names no feature or does not fit it.
pub(super) fn plan(steps: &[Step], features: &[String], frame: &Frame) -> Result<Vec<Plan>> {
    let mut plans = vec![Plan::default(); features.len()];
    for step in steps {
        for name in &step.columns {
            if !features.contains(name) {
                let error = Diagnostic::project(format!("`{name}` is no feature of the model"))
                    .at(&step.at);
                return Err(match nearest(name, features.iter().map(String::as_str)) {
                    Some(near) => error.hint(format!("did you mean `{near}`?")).into(),
                    None => error.into(),
                });
            }
        }
        for ((feature, values), plan) in features.iter().zip(&frame.columns).zip(&mut plans) {
            let is_number = matches!(values, Values::Numbers(_));
            if step.columns.is_empty() || step.columns.contains(feature) {
                step.lay(plan, feature, is_number)?;
            }
        }
    }
    Ok(plans)
}

impl Step {
    /// Adds the step to what is done to a feature; a step for all features passes over those it does not fit.
    fn lay(&self, plan: &mut Plan, feature: &str, is_number: bool) -> Result<()> {
        let unfit = |what: &str| match self.columns.is_empty() {
            true => Ok(()),
            false => Err(Diagnostic::project(format!("`{feature}` {what}"))
                .at(&self.at)
                .into()),
        };
        match &self.action {
            Action::Impute(Impute::Constant(value))
                if is_number && value.parse::<f32>().is_err() =>
            {
                return unfit(&format!("is a number, and `{value}` is none"));
            }
            Action::Impute(impute) => plan.impute = Some(impute.clone()),
            Action::Clip(..) if !is_number => return unfit("is text, which has no quantiles"),
            Action::Clip(low, high) => plan.clip = Some((*low, *high)),
            Action::Encode(_) if is_number => {
                return unfit("is a number, and only text is encoded");
            }
            Action::Encode(encode) => plan.encode = Some(*encode),
            Action::Scale(scale) => plan.scale = *scale,
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::project::yaml::parse;

    fn plans(text: &str) -> Result<Vec<Plan>> {
        let file = Path::new("models/ml.yml");
        let value = parse(file, text)?;
        let doc = Doc {
            value: &value,
            file,
        };
        let steps = read(&doc.fields("ml model `m`")?)?;
        let frame = Frame {
            n_rows: 0,
            columns: vec![
                Values::Numbers(Vec::new()),
                Values::Words {
                    codes: Vec::new(),
                    words: Vec::new(),
                },
            ],
        };
        plan(&steps, &["tenure".into(), "contract".into()], &frame)
    }

    fn message(text: &str) -> String {
        plans(text).map_or_else(|err| err.to_string(), |_| "no error".into())
    }

    #[test]
    fn a_step_for_all_features_is_done_to_those_it_fits() {
        let plans = plans("preprocess: [{impute: median}, {clip: [0.01, 0.99]}, {one_hot: auto}, {scale: standard}]").unwrap();
        assert_eq!(plans[0].clip, Some((0.01, 0.99)));
        assert_eq!(plans[0].encode, None);
        assert_eq!(plans[1].encode, Some(Encode::OneHot { drop_first: false }));
        assert_eq!(plans[1].clip, None);
        assert_eq!(plans[1].scale, Some(Scale::Standard));
    }

    #[test]
    fn a_step_can_name_its_features() {
        let plans = plans(
            "preprocess: [{impute: constant, value: none, columns: contract}, {label: [contract]}]",
        )
        .unwrap();
        assert_eq!(plans[0], Plan::default());
        assert_eq!(plans[1].impute, Some(Impute::Constant("none".into())));
        assert_eq!(plans[1].encode, Some(Encode::Label));
    }

    #[test]
    fn a_wrong_step_is_answered_with_what_there_is() {
        assert!(message("preprocess: [{impute: medain}]").contains("did you mean `median`?"));
        assert!(
            message("preprocess: [{scale: standard}, {impute: mean}]")
                .contains("the order is: impute, clip")
        );
        assert!(message("preprocess: [{one_hot: [contrat]}]").contains("did you mean `contract`?"));
        assert!(message("preprocess: [{label: tenure}]").contains("`tenure` is a number"));
        assert!(message("preprocess: [{scael: minmax}]").contains("did you mean `scale`?"));
        assert!(message("preprocess: [{clip: [0.9, 0.1]}]").contains("two quantiles"));
    }
}
