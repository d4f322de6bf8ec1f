//! What the options that commands share say of one command: the nodes it is asked for, and how they are run.

use super::options::Given;
use super::{Command, DocsCommand, Selection};

impl Command {
    /// Returns which nodes a command is asked for, of one that takes a selection.
    pub(crate) fn selection(&self) -> Option<&Selection> {
        self.shared().0
    }

    /// Returns the options about how nodes are run, of a command that takes them.
    pub(crate) fn doing(&self) -> Option<&Given> {
        self.shared().1
    }

    fn shared(&self) -> (Option<&Selection>, Option<&Given>) {
        match self {
            Self::Build(args)
            | Self::Run(args)
            | Self::Seed(args)
            | Self::Test(args)
            | Self::Snapshot(args)
            | Self::Clone(args)
            | Self::Ingest(args) => (Some(&args.selection), Some(&args.doing.0)),
            Self::Compile(args) => (Some(&args.selection), Some(&args.doing.0)),
            Self::Show(args) => (Some(&args.selection), Some(&args.doing.0)),
            Self::Ls(args) => (Some(&args.selection), None),
            Self::Docs(args) => match &args.command {
                DocsCommand::Generate(args) => (Some(&args.selection), None),
                DocsCommand::Serve(_) => (None, None),
            },
            Self::Retry(args) => (None, Some(&args.doing.0)),
            _ => (None, None),
        }
    }
}
