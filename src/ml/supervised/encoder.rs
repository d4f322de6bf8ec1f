//! Preprocessing with its fitted parameters: features in, columns of finite numbers out.

use std::collections::HashMap;

use rayon::prelude::*;

use super::codec::{Reader, Writer};
use super::design::Bound;
use super::frame::{Frame, MISSING, Values};
use super::steps::{Encode, Impute, Plan, Scale};
use crate::diagnostic::{Diagnostic, Result};

/// Columns that one feature may become.
const MOST_LEVELS: usize = 1_000;

/// One feature and how it becomes columns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Feature {
    pub(super) name: String,
    pub(super) form: Form,
    /// Mean and standard deviation of each of its columns before they are scaled; of all rows it was fitted on.
    pub(super) columns: Vec<Column>,
}

/// What a feature is made into.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Form {
    /// Itself.
    Number {
        /// What takes the place of a missing value.
        fill: Option<f64>,
        /// Least and greatest value; what is beyond is cut off.
        clip: Option<(f64, f64)>,
    },
    /// A column a level, or one column with the level's number.
    Levels {
        /// Words that the rows had, sorted.
        levels: Vec<String>,
        /// The number of the level that takes the place of a missing value.
        fill: Option<usize>,
        encode: Encode,
    },
}

/// One column of numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    /// `tenure`, or `contract = Two year` of a feature that became several.
    pub(super) name: String,
    /// `scaled = (value - offset) / range`.
    offset: f64,
    range: f64,
    /// Mean of the values before they are scaled.
    pub(super) mean: f64,
    /// Their standard deviation.
    pub(super) deviation: f64,
}

/// All features of a model with what was learnt of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Encoder {
    pub(super) features: Vec<Feature>,
}

impl Encoder {
    /// Learns from some `rows` of `frame`, and from no others.
    ///
    /// # Errors
    /// `Data` for a feature without a value in these rows, missing values that nothing fills, and too many levels.
    pub(super) fn fit(
        names: &[String],
        frame: &Frame,
        rows: &[u32],
        plans: &[Plan],
    ) -> Result<Self> {
        let features = names.par_iter().zip(&frame.columns).zip(plans);
        let features = features.map(|((name, values), plan)| {
            let form = form(name, values, rows, plan)?;
            let mut feature = Feature {
                name: name.clone(),
                form,
                columns: Vec::new(),
            };
            feature.measure(values, rows, plan.scale);
            Ok(feature)
        });
        Ok(Self {
            features: features.collect::<Result<_>>()?,
        })
    }

    /// Returns all columns in order.
    pub(super) fn columns(&self) -> impl Iterator<Item = &Column> {
        self.features.iter().flat_map(|feature| &feature.columns)
    }

    /// Returns for each column the number of its feature.
    pub(super) fn owners(&self) -> Vec<usize> {
        let own = |(number, feature): (usize, &Feature)| vec![number; feature.columns.len()];
        self.features.iter().enumerate().flat_map(own).collect()
    }

    /// Writes it into a model's bytes.
    pub(super) fn write(&self, writer: &mut Writer) {
        writer.list(&self.features, |writer, feature| {
            writer.text(&feature.name);
            feature.form.write(writer);
            writer.list(&feature.columns, |writer, column| {
                writer.text(&column.name);
                for value in [column.offset, column.range, column.mean, column.deviation] {
                    writer.number(value);
                }
            });
        });
    }

    /// Reads what [`Encoder::write`] wrote.
    ///
    /// # Errors
    /// `Data` when the bytes are damaged.
    pub(super) fn read(reader: &mut Reader) -> Result<Self> {
        let features = reader.list(|reader| {
            Ok(Feature {
                name: reader.text()?,
                form: Form::read(reader)?,
                columns: reader.list(|reader| {
                    Ok(Column {
                        name: reader.text()?,
                        offset: reader.number()?,
                        range: reader.number()?,
                        mean: reader.number()?,
                        deviation: reader.number()?,
                    })
                })?,
            })
        })?;
        Ok(Self { features })
    }

    /// Returns a row a fitted parameter: feature, step, parameter, value.
    pub(super) fn parameters(&self) -> Vec<[String; 4]> {
        let mut rows = Vec::new();
        for feature in &self.features {
            let mut row = |step: &str, parameter: String, value: String| {
                rows.push([feature.name.clone(), step.into(), parameter, value]);
            };
            match &feature.form {
                Form::Number { fill, clip } => {
                    if let Some(fill) = fill {
                        row("impute", "value".into(), fill.to_string());
                    }
                    if let Some((low, high)) = clip {
                        row("clip", "low".into(), low.to_string());
                        row("clip", "high".into(), high.to_string());
                    }
                }
                Form::Levels {
                    levels,
                    fill,
                    encode,
                } => {
                    if let Some(fill) = fill {
                        row("impute", "value".into(), levels[*fill].clone());
                    }
                    let step = match encode {
                        Encode::Label => "label",
                        Encode::OneHot { .. } => "one_hot",
                    };
                    for (number, level) in levels.iter().enumerate() {
                        row(step, format!("level {number}"), level.clone());
                    }
                }
            }
            for column in feature.columns.iter().filter(|column| column.is_scaled()) {
                row(
                    "scale",
                    format!("offset of {}", column.name),
                    column.offset.to_string(),
                );
                row(
                    "scale",
                    format!("range of {}", column.name),
                    column.range.to_string(),
                );
            }
        }
        rows
    }
}

impl Column {
    fn is_scaled(&self) -> bool {
        self.offset != 0.0 || self.range != 1.0
    }

    /// Returns a value as an algorithm sees it.
    pub(super) fn scaled(&self, value: f64) -> f64 {
        (value - self.offset) / self.range
    }

    /// Mean of the column as an algorithm sees it.
    pub(super) fn scaled_mean(&self) -> f64 {
        self.scaled(self.mean)
    }

    /// Standard deviation of the column as an algorithm sees it.
    pub(super) fn scaled_deviation(&self) -> f64 {
        self.deviation / self.range
    }
}

fn form(name: &str, values: &Values, rows: &[u32], plan: &Plan) -> Result<Form> {
    match values {
        Values::Numbers(numbers) => {
            let mut known: Vec<f32> = rows.iter().map(|row| numbers[*row as usize]).collect();
            known.retain(|number| !number.is_nan());
            if known.is_empty() {
                return Err(empty(name).into());
            }
            known.sort_unstable_by(f32::total_cmp);
            let fill = plan.impute.as_ref().map(|impute| match impute {
                Impute::Median => quantile(&known, 0.5),
                Impute::Mean => mean(&known),
                Impute::Mode => mode(&known),
                Impute::Constant(value) => value.parse().unwrap_or_default(),
            });
            let clip = plan
                .clip
                .map(|(low, high)| (quantile(&known, low), quantile(&known, high)));
            Ok(Form::Number { fill, clip })
        }
        Values::Words { codes, words } => levels(name, (codes, words), rows, plan),
    }
}

fn levels(
    name: &str,
    (codes, words): (&[u16], &[String]),
    rows: &[u32],
    plan: &Plan,
) -> Result<Form> {
    let Some(encode) = plan.encode else {
        let what = format!("feature `{name}` is text, and no step of `preprocess` encodes it");
        return Err(Diagnostic::project(what)
            .hint("add `{one_hot: auto}` to `preprocess`")
            .into());
    };
    let mut counts = vec![0usize; words.len()];
    for code in rows
        .iter()
        .map(|row| codes[*row as usize])
        .filter(|code| *code != MISSING)
    {
        counts[code as usize] += 1;
    }
    let mut known: Vec<(&str, usize)> = words.iter().map(String::as_str).zip(counts).collect();
    known.retain(|(_, count)| *count > 0);
    known.sort_unstable();
    let fill = match &plan.impute {
        None => None,
        Some(Impute::Constant(value)) => {
            if let Err(place) = known.binary_search_by_key(&value.as_str(), |(word, _)| word) {
                known.insert(place, (value, 0));
            }
            known.iter().position(|(word, _)| word == value)
        }
        Some(_) => {
            let most = known.iter().map(|(_, count)| *count).max();
            known.iter().position(|(_, count)| Some(*count) == most)
        }
    };
    if known.is_empty() {
        return Err(empty(name).into());
    }
    if known.len() > MOST_LEVELS && matches!(encode, Encode::OneHot { .. }) {
        let what = format!(
            "feature `{name}` has {} different values, too many for a column each",
            known.len()
        );
        return Err(Diagnostic::data(what)
            .hint("group them in SQL, use `label`, or take it out of `features`")
            .into());
    }
    let levels = known.into_iter().map(|(word, _)| word.to_owned()).collect();
    Ok(Form::Levels {
        levels,
        fill,
        encode,
    })
}

fn empty(name: &str) -> Diagnostic {
    Diagnostic::data(format!(
        "feature `{name}` has no value in any row that is learnt from"
    ))
    .hint("take it out of `features`")
}

fn mean(values: &[f32]) -> f64 {
    values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len() as f64
}

/// Returns a quantile of sorted values, between two of them by the straight line, as numpy does.
fn quantile(sorted: &[f32], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (low, high) = (
        sorted[place.floor() as usize],
        sorted[place.ceil() as usize],
    );
    f64::from(low) + (f64::from(high) - f64::from(low)) * place.fract()
}

/// Returns the most frequent of sorted values, of several the smallest.
fn mode(sorted: &[f32]) -> f64 {
    let mut best: &[f32] = &[];
    for run in sorted.chunk_by(|left, right| left == right) {
        if run.len() > best.len() {
            best = run;
        }
    }
    best.first().map_or(0.0, |value| f64::from(*value))
}

impl Form {
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Number { fill, clip } => {
                writer.byte(0);
                writer.option(*fill, Writer::number);
                writer.option(*clip, |writer, (low, high)| {
                    writer.number(low);
                    writer.number(high);
                });
            }
            Self::Levels {
                levels,
                fill,
                encode,
            } => {
                writer.byte(match encode {
                    Encode::Label => 1,
                    Encode::OneHot { drop_first: false } => 2,
                    Encode::OneHot { drop_first: true } => 3,
                });
                writer.list(levels, |writer, level| writer.text(level));
                writer.option(*fill, Writer::whole);
            }
        }
    }

    fn read(reader: &mut Reader) -> Result<Self> {
        let encode = match reader.byte()? {
            0 => {
                return Ok(Self::Number {
                    fill: reader.option(Reader::number)?,
                    clip: reader.option(|reader| Ok((reader.number()?, reader.number()?)))?,
                });
            }
            1 => Encode::Label,
            kind => Encode::OneHot {
                drop_first: kind == 3,
            },
        };
        Ok(Self::Levels {
            levels: reader.list(Reader::text)?,
            fill: reader.option(Reader::whole)?,
            encode,
        })
    }

    /// Returns the names of the columns it becomes.
    fn columns(&self, feature: &str) -> Vec<String> {
        match self {
            Self::Levels {
                levels,
                encode: Encode::OneHot { drop_first },
                ..
            } => {
                let kept = levels.iter().skip(usize::from(*drop_first));
                kept.map(|level| format!("{feature} = {level}")).collect()
            }
            _ => vec![feature.to_owned()],
        }
    }

    /// Returns for each word of the frame the number of its level, -1 where it has none; the last is for a missing value.
    pub(super) fn codes(&self, words: &[String]) -> Vec<i32> {
        let Self::Levels { levels, fill, .. } = self else {
            return Vec::new();
        };
        let numbers: HashMap<&str, i32> = levels.iter().map(String::as_str).zip(0..).collect();
        let own = words
            .iter()
            .map(|word| numbers.get(word.as_str()).copied().unwrap_or(-1));
        let missing = fill.map_or(-1, |fill| fill as i32);
        own.chain([missing]).collect()
    }

    /// Returns the value of a number that may be missing.
    pub(super) fn number(&self, value: f32) -> f64 {
        let Self::Number { fill, clip } = self else {
            return 0.0;
        };
        let value = match value.is_nan() {
            true => fill.unwrap_or_default(),
            false => f64::from(value),
        };
        clip.map_or(value, |(low, high)| value.clamp(low, high))
    }

    /// Returns the only level for which one of its columns is 1; `None` for a column of numbers of levels.
    pub(super) fn only_level(&self, column: usize) -> Option<i32> {
        match self {
            Self::Levels {
                encode: Encode::OneHot { drop_first },
                ..
            } => Some(column as i32 + i32::from(*drop_first)),
            _ => None,
        }
    }

    /// Returns the value of one of its columns for a level.
    pub(super) fn level(&self, column: usize, level: i32) -> f64 {
        match self.only_level(column) {
            Some(only) => f64::from(u8::from(level == only)),
            None => f64::from(level),
        }
    }
}

impl Feature {
    /// Names its columns, measures them over `rows` and sets their scale.
    fn measure(&mut self, values: &Values, rows: &[u32], scale: Option<Scale>) {
        let bound = Bound::new(self, values);
        let columns = self.form.columns(&self.name).into_iter().enumerate();
        let columns = columns.map(|(number, name)| {
            let value = |row: &u32| bound.value(number, *row as usize);
            let n_rows = rows.len() as f64;
            let mean = rows.iter().map(value).sum::<f64>() / n_rows;
            let squares: f64 = rows.iter().map(|row| (value(row) - mean).powi(2)).sum();
            let deviation = (squares / n_rows).sqrt();
            let (offset, range) = match scale {
                None => (0.0, 1.0),
                Some(Scale::Standard) => (mean, deviation),
                Some(Scale::MinMax) => {
                    let low = rows.iter().map(value).fold(f64::INFINITY, f64::min);
                    let high = rows.iter().map(value).fold(f64::NEG_INFINITY, f64::max);
                    (low, high - low)
                }
            };
            // A column that is the same in every row becomes 0.
            let range = if range > 0.0 { range } else { 1.0 };
            Column {
                name,
                offset,
                range,
                mean,
                deviation,
            }
        });
        self.columns = columns.collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ml::supervised::design::Design;

    fn words(values: &[&str]) -> Values {
        let mut words: Vec<String> = Vec::new();
        let codes = values.iter().map(|value| match *value {
            "" => MISSING,
            value => words
                .iter()
                .position(|word| word == value)
                .unwrap_or_else(|| {
                    words.push(value.into());
                    words.len() - 1
                }) as u16,
        });
        let codes = codes.collect();
        Values::Words { codes, words }
    }

    fn encoded(column: Values, train: &[u32], plan: &Plan) -> (Vec<String>, Vec<Vec<f64>>) {
        let n_rows = match &column {
            Values::Numbers(numbers) => numbers.len(),
            Values::Words { codes, .. } => codes.len(),
        };
        let frame = Frame {
            n_rows,
            columns: vec![column],
        };
        let encoder =
            Encoder::fit(&["x".into()], &frame, train, std::slice::from_ref(plan)).unwrap();
        let mut writer = Writer::default();
        encoder.write(&mut writer);
        let mut reader = Reader::new(&writer.finish().unwrap()).unwrap();
        assert_eq!(Encoder::read(&mut reader).unwrap(), encoder);
        let rows: Vec<u32> = (0..n_rows as u32).collect();
        let design = Design::new(&encoder, &frame, &rows, "t").unwrap();
        let columns = (0..design.width()).map(|column| design.column(column, 0..n_rows).collect());
        (
            encoder
                .columns()
                .map(|column| column.name.clone())
                .collect(),
            columns.collect(),
        )
    }

    #[test]
    fn nothing_is_learnt_from_rows_that_are_not_for_it() {
        let plan = Plan {
            impute: Some(Impute::Median),
            scale: Some(Scale::MinMax),
            ..Plan::default()
        };
        let (_, columns) = encoded(
            Values::Numbers(vec![0.0, 10.0, 4.0, f32::NAN, 1000.0]),
            &[0, 1, 2],
            &plan,
        );
        assert_eq!(columns, [[0.0, 1.0, 0.4, 0.4, 100.0]]);
    }

    #[test]
    fn standard_scale_has_mean_0_and_deviation_1_and_a_constant_becomes_0() {
        let plan = Plan {
            scale: Some(Scale::Standard),
            ..Plan::default()
        };
        let (_, columns) = encoded(Values::Numbers(vec![1.0, 3.0]), &[0, 1], &plan);
        assert_eq!(columns, [[-1.0, 1.0]]);
        let (_, columns) = encoded(Values::Numbers(vec![7.0, 7.0]), &[0, 1], &plan);
        assert_eq!(columns, [[0.0, 0.0]]);
    }

    #[test]
    fn a_word_that_was_not_learnt_has_no_column() {
        let plan = Plan {
            encode: Some(Encode::OneHot { drop_first: false }),
            ..Plan::default()
        };
        let (names, columns) = encoded(words(&["b", "a", "b", "c"]), &[0, 1, 2], &plan);
        assert_eq!(names, ["x = a", "x = b"]);
        assert_eq!(columns, [[0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0]]);
    }

    #[test]
    fn the_first_word_can_be_left_out_and_a_missing_one_is_the_most_frequent() {
        let plan = Plan {
            encode: Some(Encode::OneHot { drop_first: true }),
            impute: Some(Impute::Median),
            ..Plan::default()
        };
        let (names, columns) = encoded(words(&["b", "a", "b", ""]), &[0, 1, 2], &plan);
        assert_eq!(names, ["x = b"]);
        assert_eq!(columns, [[1.0, 0.0, 1.0, 1.0]]);
    }

    #[test]
    fn labels_are_numbered_by_the_alphabet_and_a_constant_is_a_level() {
        let plan = Plan {
            encode: Some(Encode::Label),
            impute: Some(Impute::Constant("aa".into())),
            ..Plan::default()
        };
        let (names, columns) = encoded(words(&["b", "a", "", "z"]), &[0, 1, 2], &plan);
        assert_eq!(names, ["x"]);
        assert_eq!(columns, [[2.0, 0.0, 1.0, -1.0]]);
    }

    /// `numpy.quantile([1, 2, 3, 10], [0.05, 0.5, 0.95])` is 1.15, 2.5 and 8.95.
    #[test]
    fn values_are_cut_off_at_quantiles() {
        let values = [1.0, 2.0, 3.0, 10.0];
        assert!((quantile(&values, 0.05) - 1.15).abs() < 1e-12);
        assert!((quantile(&values, 0.5) - 2.5).abs() < 1e-12);
        let plan = Plan {
            clip: Some((0.05, 0.95)),
            ..Plan::default()
        };
        let (_, columns) = encoded(Values::Numbers(values.to_vec()), &[0, 1, 2, 3], &plan);
        assert!((columns[0][0] - 1.15).abs() < 1e-12 && (columns[0][3] - 8.95).abs() < 1e-12);
    }

    #[test]
    fn a_gap_that_nothing_fills_is_an_error() {
        let frame = Frame {
            n_rows: 2,
            columns: vec![Values::Numbers(vec![1.0, f32::NAN])],
        };
        let encoder = Encoder::fit(&["x".into()], &frame, &[0], &[Plan::default()]).unwrap();
        let Err(err) = Design::new(&encoder, &frame, &[0, 1], "t") else {
            unreachable!()
        };
        assert!(
            err.to_string()
                .contains("1 row of `t` without a value in `x`"),
            "{err}"
        );
    }
}
