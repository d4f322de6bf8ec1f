//! What the terminal can show.

use std::io::IsTerminal;

use super::args::Global;
use super::output::Screen;

/// Returns how many characters fit a line of standard output.
pub(super) fn width() -> usize {
    terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0))
}

/// Returns whether colours are wanted, where they can be shown.
pub(super) fn color(global: &Global) -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    global.use_colors && !refused && !dumb
}

/// Returns whether messages on standard error are coloured.
pub(super) fn color_of_errors(global: &Global) -> bool {
    std::io::stderr().is_terminal() && color(global)
}

/// Returns how whole tables are shown on standard output: cut to the width of a terminal, to nothing elsewhere.
pub(super) fn screen(global: &Global) -> Screen {
    let on_terminal = std::io::stdout().is_terminal();
    Screen {
        width: on_terminal.then(width),
        rows: None,
        color: on_terminal && color(global),
        types: false,
    }
}
