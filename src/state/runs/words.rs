//! The words that stand in the columns `status`, `trigger_kind` and `level`.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// Makes an enum of the words that a column may hold.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$meta:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$meta])* $variant,)* }

        impl $name {
            /// Returns the word, as tables, JSON and people have it.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                Ok(self.word().into())
            }
        }

        impl FromSql for $name {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                match value.as_str()? {
                    $($word => Ok(Self::$variant),)*
                    other => Err(FromSqlError::Other(format!("`{other}` is no word of wh's").into())),
                }
            }
        }
    };
}
pub(super) use words;

words! {
    /// How a run went.
    RunStatus {
        /// It has not ended.
        Running = "running",
        /// Everything was built, every test passed or only warned.
        Success = "success",
        /// Something failed.
        Failed = "failed",
        /// It was stopped from outside; what ran was undone.
        Interrupted = "interrupted",
        /// Its process died.
        Crashed = "crashed",
    }
}

words! {
    /// Who began a run.
    Trigger {
        /// A person, or a program that called `wh`.
        User = "user",
        /// A job's schedule.
        Schedule = "schedule",
        /// `wh resume`.
        Resume = "resume",
    }
}

words! {
    /// How an attempt at a node went.
    NodeStatus {
        /// It has not ended.
        Running = "running",
        /// Built, or a test that passed.
        Success = "success",
        /// A test that found something worth a warning.
        Warn = "warn",
        /// A test that failed.
        Fail = "fail",
        /// It could not be built.
        Error = "error",
        /// Something it reads was not built.
        Skipped = "skipped",
        /// It could not be built, and was tried again.
        Retried = "retried",
    }
}

words! {
    /// How grave a line of log is.
    Level {
        /// What happened.
        Info = "info",
        /// What is doubtful.
        Warn = "warn",
        /// What failed.
        Error = "error",
    }
}
