//! What a version says of itself, as a record in JSON and as rows of `wh.data_versions` and the tables beside it.

use arrow::util::display::{ArrayFormatter, FormatOptions};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::objects::hash_of;
use crate::diagnostic::{Diagnostic, Kind, Result};
use crate::engine::{Param, Relation, Session, fetch};

/// A version of the data: which tables it holds, which files of the lake, and how it came to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// Counts from 1; shown as `v1`.
    pub number: i64,
    /// The version before it, or the one restored last.
    pub parent: Option<i64>,
    /// When.
    #[serde(with = "as_text")]
    pub committed_at: Timestamp,
    /// What asked for it: `commit`, or `train <model>`.
    pub source: String,
    /// The project's commit in git, when it has one.
    pub git_commit: Option<String>,
    /// Whether files that git knows differed from that commit.
    pub git_dirty: bool,
    /// Who.
    pub author: String,
    /// Why, in the author's words.
    pub message: String,
    /// Tables, by schema and name.
    pub tables: Vec<Table>,
    /// Files of the lake whose content had been loaded, by path.
    pub files: Vec<LakeFile>,
    /// SHA-256 of all the above, as the record's JSON.
    #[serde(skip)]
    pub hash: String,
}

/// A table as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// SHA-256 of schema and contents: two tables of the same hash are the same.
    pub hash: String,
    /// SHA-256 of the columns, constraints and indexes alone.
    pub schema_hash: String,
    /// Rows.
    pub n_rows: u64,
    /// Size of its objects in bytes.
    pub n_bytes: u64,
    /// Columns in order.
    pub columns: Vec<Column>,
    /// Columns that identify a row; empty where nothing says so.
    pub key: Vec<String>,
    /// The source table it is, or whose ingestion it records.
    pub origin: Origin,
    /// The statement that makes it.
    pub create: String,
    /// The statements that make its indexes.
    pub indexes: Vec<String>,
    /// Its rows.
    pub chunks: Vec<Chunk>,
}

/// What a table is to the project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A seed, model or prediction.
    #[default]
    Built,
    /// A source table that `wh` ingests, or its rejects.
    Ingested {
        /// Name of the source.
        source: String,
        /// Name of the table in it.
        table: String,
    },
    /// A record of what was ingested, of all sources.
    Ledger,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Name.
    pub name: String,
    /// SQL type.
    pub sql_type: String,
}

/// Some rows of a table: one Parquet file in `.wh/objects`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// SHA-256 of the file.
    pub object: String,
    /// Rows.
    pub n_rows: u64,
    /// Size in bytes.
    pub n_bytes: u64,
    /// Sums over hashes of the rows: tells cheaply that rows are those of this chunk.
    pub fingerprint: String,
}

/// A file of the lake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LakeFile {
    /// Path, relative to the project's root.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Size in bytes.
    pub n_bytes: u64,
}

/// Times as RFC 3339 in UTC.
mod as_text {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(at)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl Version {
    /// Returns its name: `v7`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("v{}", self.number)
    }

    /// Returns the first characters of its hash.
    #[must_use]
    pub fn short_hash(&self) -> &str {
        self.hash.get(..8).unwrap_or(&self.hash)
    }

    /// Returns a table by name; names ignore case.
    #[must_use]
    pub fn table(&self, relation: &Relation) -> Option<&Table> {
        self.tables
            .iter()
            .find(|table| table.relation().same(relation))
    }

    /// Writes the record and sets the hash to its.
    ///
    /// # Errors
    /// `Bug` only.
    pub(super) fn seal(&mut self) -> Result<Vec<u8>> {
        let bytes = serde_json::to_vec(self)?;
        self.hash = hash_of(&bytes);
        Ok(bytes)
    }
}

impl Table {
    /// Returns where it stands.
    #[must_use]
    pub fn relation(&self) -> Relation {
        Relation::new(&self.schema, &self.name)
    }

    /// Returns its name as people write it: `marts.revenue`, without the schema `main`.
    #[must_use]
    pub fn shown(&self) -> String {
        shown(&self.relation())
    }

    /// Sets the hashes and sizes that follow from the rest.
    ///
    /// # Errors
    /// `Bug` only.
    pub(super) fn seal(&mut self) -> Result<()> {
        let schema = serde_json::to_vec(&(&self.columns, &self.create, &self.indexes))?;
        self.schema_hash = hash_of(&schema);
        let objects: Vec<_> = self.chunks.iter().map(|chunk| &chunk.object).collect();
        self.hash = hash_of(&serde_json::to_vec(&(&self.schema_hash, objects))?);
        self.n_rows = self.chunks.iter().map(|chunk| chunk.n_rows).sum();
        self.n_bytes = self.chunks.iter().map(|chunk| chunk.n_bytes).sum();
        Ok(())
    }
}

/// Returns a relation's name as people write it.
pub(super) fn shown(relation: &Relation) -> String {
    match relation.schema.as_str() {
        "main" => relation.name.clone(),
        schema => format!("{schema}.{}", relation.name),
    }
}

/// Makes the tables of versions, unless they are there.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn prepare(session: &mut dyn Session) -> Result<()> {
    session.execute(include_str!("prepare.sql"))?;
    Ok(())
}

/// Returns whether the tables of versions are there.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn is_prepared(session: &mut dyn Session) -> Result<bool> {
    let found = rows(session, include_str!("is_prepared.sql"), &[])?;
    Ok(!found.is_empty())
}

/// Writes a version's rows; its number must be free.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn write(session: &mut dyn Session, version: &Version) -> Result<()> {
    let optional = |text: &Option<String>| text.clone().map_or(Param::Null, Param::Text);
    let params = [
        version.number.into(),
        version.hash.as_str().into(),
        version.parent.map_or(Param::Null, Param::Int),
        Param::Instant(version.committed_at.as_microsecond()),
        version.source.as_str().into(),
        optional(&version.git_commit),
        Param::Bool(version.git_dirty),
        version.author.as_str().into(),
        version.message.as_str().into(),
    ];
    session.execute_with(include_str!("write_version.sql"), &params)?;
    let tables = serde_json::to_string(&version.tables)?;
    let params = [version.number.into(), tables.into()];
    session.execute_with(include_str!("write_tables.sql"), &params)?;
    let files = serde_json::to_string(&version.files)?;
    let params = [version.number.into(), files.into()];
    session.execute_with(include_str!("write_files.sql"), &params)?;
    Ok(())
}

/// Returns every version, oldest first, without tables and files.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn headers(session: &mut dyn Session) -> Result<Vec<Version>> {
    if !is_prepared(session)? {
        return Ok(Vec::new());
    }
    rows(session, include_str!("read_versions.sql"), &[])?
        .into_iter()
        .map(header)
        .collect()
}

fn header(row: Vec<Option<String>>) -> Result<Version> {
    let [
        number,
        hash,
        parent,
        at,
        source,
        git,
        dirty,
        author,
        message,
    ] = <[Option<String>; 9]>::try_from(row).map_err(|_| odd("a row"))?;
    let required = |text: Option<String>| text.ok_or_else(|| odd("NULL"));
    Ok(Version {
        number: required(number)?.parse().map_err(|_| odd("the number"))?,
        hash: required(hash)?,
        parent: parent.and_then(|text| text.parse().ok()),
        committed_at: at
            .and_then(|micros| micros.parse().ok())
            .and_then(|micros| Timestamp::from_microsecond(micros).ok())
            .ok_or_else(|| odd("the time"))?,
        source: required(source)?,
        git_commit: git,
        git_dirty: dirty.as_deref() == Some("true"),
        author: required(author)?,
        message: required(message)?,
        tables: Vec::new(),
        files: Vec::new(),
    })
}

/// Fills in tables and files.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn complete(session: &mut dyn Session, version: &mut Version) -> Result<()> {
    let params = [version.number.into()];
    version.tables = manifests(session, include_str!("read_tables.sql"), &params)?;
    version.files = rows(session, include_str!("read_files.sql"), &params)?
        .into_iter()
        .map(|row| file(&row))
        .collect::<Result<_>>()?;
    Ok(())
}

/// Returns the tables that a query of manifests gives.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn manifests(
    session: &mut dyn Session,
    sql: &str,
    params: &[Param],
) -> Result<Vec<Table>> {
    rows(session, sql, params)?
        .iter()
        .map(|row| {
            let json = row.first().and_then(Option::as_deref);
            Ok(serde_json::from_str(json.unwrap_or_default())?)
        })
        .collect()
}

/// Returns the files of the lake that the warehouse has loaded now; none where nothing was ever ingested.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn lake_files(session: &mut dyn Session) -> Result<Vec<LakeFile>> {
    if rows(session, include_str!("has_lake.sql"), &[])?.is_empty() {
        return Ok(Vec::new());
    }
    rows(session, include_str!("lake_files.sql"), &[])?
        .iter()
        .map(|row| file(row))
        .collect()
}

fn file(row: &[Option<String>]) -> Result<LakeFile> {
    match row {
        [Some(path), Some(sha256), Some(n_bytes)] => Ok(LakeFile {
            path: path.clone(),
            sha256: sha256.clone(),
            n_bytes: n_bytes.parse().map_err(|_| odd("a size"))?,
        }),
        _ => Err(odd("a file")),
    }
}

/// Runs one query and returns its cells as text; times and numbers are cast in the statement.
///
/// # Errors
/// As [`Session::execute`].
pub(super) fn rows(
    session: &mut dyn Session,
    sql: &str,
    params: &[Param],
) -> Result<Vec<Vec<Option<String>>>> {
    let batch = fetch(session, sql, params)?;
    let options = FormatOptions::default();
    let columns = batch
        .columns()
        .iter()
        .map(|column| Ok((column, ArrayFormatter::try_new(column, &options)?)))
        .collect::<Result<Vec<_>>>()?;
    let cells = |row: usize| {
        columns
            .iter()
            .map(move |(column, format)| {
                column.is_valid(row).then(|| format.value(row).to_string())
            })
            .collect()
    };
    Ok((0..batch.num_rows()).map(cells).collect())
}

fn odd(what: &str) -> anyhow::Error {
    Diagnostic::new(
        Kind::Bug,
        format!("{what} in `wh.data_versions` is not as it was written"),
    )
    .into()
}
