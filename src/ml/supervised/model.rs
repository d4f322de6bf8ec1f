//! A trained model with its preprocessing: bytes in the registry, predictions for rows.

use rayon::prelude::*;

use super::codec::{Reader, Writer};
use super::declaration::classifier;
use super::design::Design;
use super::encoder::Encoder;
use super::frame::Frame;
use super::{Classifier, Trained, blocks};
use crate::diagnostic::{At, Result};

/// Values of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Classes {
    pub(super) negative: String,
    pub(super) positive: String,
}

/// Everything that is needed to predict.
pub(super) struct Model {
    pub(super) classifier: &'static dyn Classifier,
    pub(super) classes: Classes,
    pub(super) encoder: Encoder,
    pub(super) trained: Box<dyn Trained>,
}

impl Model {
    /// Returns the model as bytes, the same for the same model.
    ///
    /// # Errors
    /// `Bug` when they cannot be compressed.
    pub(super) fn bytes(&self) -> Result<Vec<u8>> {
        let mut writer = Writer::default();
        writer.text(self.classifier.name());
        writer.text(&self.classes.negative);
        writer.text(&self.classes.positive);
        self.encoder.write(&mut writer);
        self.trained.write(&mut writer);
        writer.finish()
    }

    /// Reads what [`Model::bytes`] returned.
    ///
    /// # Errors
    /// `Data` when the bytes are damaged or of another version of `wh`.
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes)?;
        let classifier = classifier(&reader.text()?, &At::default())?;
        Ok(Self {
            classifier,
            classes: Classes {
                negative: reader.text()?,
                positive: reader.text()?,
            },
            encoder: Encoder::read(&mut reader)?,
            trained: classifier.load(&mut reader)?,
        })
    }
}

/// Returns the probability of the positive class for some rows of a frame, on all threads.
///
/// # Errors
/// As [`Design::new`].
pub(super) fn predict(
    trained: &dyn Trained,
    encoder: &Encoder,
    (frame, rows): (&Frame, &[u32]),
    relation: &str,
) -> Result<Vec<f64>> {
    let design = Design::new(encoder, frame, rows, relation)?;
    let blocks = blocks(rows.len()).into_par_iter();
    Ok(blocks
        .flat_map_iter(|rows| trained.predict(&design, rows))
        .collect())
}
