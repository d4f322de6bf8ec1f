//! `.env`: variables of the environment in a file, read before anything else, as dbt reads it: of the current folder or the nearest
//! one above it that has the file. What the environment has already stays.

use std::collections::HashMap;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::diagnostic::{Diagnostic, Result};

/// Puts the variables of the nearest `.env` into the environment, by starting the program anew with them where it lacks one.
/// Returns what of the file cannot be read, for the reader.
///
/// # Errors
/// `Environment` when the program cannot be started.
pub(super) fn load() -> Result<Vec<String>> {
    let folder = std::env::current_dir()?;
    let mut files = folder.ancestors().map(|folder| folder.join(".env"));
    let Some(file) = files.find(|file| file.is_file()) else {
        return Ok(Vec::new());
    };
    let name = file.display();
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(err) => return Ok(vec![format!("`{name}` cannot be read: {err}")]),
    };
    let (mut variables, broken) = read(&text, |name| std::env::var(name).ok());
    // What no environment takes would be lacking for ever.
    variables.retain(|(name, value)| {
        let is_possible = !name.contains(['=', '\0']) && !value.contains('\0');
        is_possible && std::env::var_os(name).is_none()
    });
    if !variables.is_empty() {
        return Err(anew(variables));
    }
    let broken = broken.into_iter();
    let warning = |line| format!("{name}:{line} is not `NAME=value`, and is left out");
    Ok(broken.map(warning).collect())
}

/// Starts the program anew in its own place, with further variables; comes back with what keeps it from that only.
fn anew(variables: Vec<(String, String)>) -> anyhow::Error {
    let mut args = std::env::args_os();
    let called = args.next().unwrap_or_default();
    let again = || std::env::current_exe().map(Command::new);
    let err = match again() {
        Ok(mut command) => command.arg0(called).args(args).envs(variables).exec(),
        Err(err) => err,
    };
    Diagnostic::environment("the variables of `.env` cannot be set")
        .because(anyhow::Error::from(err))
        .into()
}

/// Returns the variables of a file in order, and the lines that are none, counted from 1. `known` is what the environment has.
fn read(text: &str, known: impl Fn(&str) -> Option<String>) -> (Vec<(String, String)>, Vec<usize>) {
    let mut rest = text.trim_start_matches('\u{feff}').trim_start();
    let (mut found, mut broken) = (Vec::new(), Vec::new());
    let mut values: HashMap<String, String> = HashMap::new();
    while !rest.is_empty() {
        let line = text[..text.len() - rest.len()].matches('\n').count() + 1;
        match binding(rest) {
            Some((pair, after)) => {
                rest = after;
                if let Some((name, value)) = pair {
                    let of = |name: &str| known(name).or_else(|| values.get(name).cloned());
                    let value = filled(&value, of);
                    values.insert(name.clone(), value.clone());
                    found.push((name, value));
                }
            }
            None => {
                broken.push(line);
                rest = rest.find(['\n', '\r']).map_or("", |end| &rest[end..]);
            }
        }
        rest = rest.trim_start();
    }
    (found, broken)
}

/// One line, read: a variable if it has one, and what follows.
type Read<'a> = Option<(Option<(String, String)>, &'a str)>;

/// Reads `NAME=value`, a name alone or a comment at the beginning of a text that begins with no space; none where it is another thing.
fn binding(text: &str) -> Read<'_> {
    let exported = text.strip_prefix("export").filter(|rest| {
        rest.starts_with(|c: char| c.is_whitespace()) && !rest.starts_with(['\n', '\r'])
    });
    let rest = exported.map_or(text, inline);
    let (name, rest) = match rest.strip_prefix('\'') {
        Some(quoted) => quoted.split_once('\'')?,
        None => rest.split_at(
            rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '#'))
                .unwrap_or(rest.len()),
        ),
    };
    if name.is_empty() && !rest.starts_with('#') {
        return None;
    }
    let rest = inline(rest);
    let (value, rest) = match rest.strip_prefix('=') {
        Some(after) if !name.is_empty() => {
            let (value, rest) = value(after)?;
            (Some(value), rest)
        }
        _ => (None, rest),
    };
    let rest = inline(rest);
    let rest = match rest.starts_with('#') {
        true => rest.find(['\n', '\r']).map_or("", |end| &rest[end..]),
        false => rest,
    };
    let pair = value.map(|value| (name.to_owned(), value));
    (rest.is_empty() || rest.starts_with(['\n', '\r'])).then_some((pair, rest))
}

/// Reads the value after `=`.
fn value(text: &str) -> Option<(String, &str)> {
    let rest = inline(text);
    if rest.len() < text.len() && rest.starts_with('#') {
        return Some((String::new(), rest));
    }
    if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"')) {
        return quoted(&rest[1..], quote);
    }
    let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
    let line = &rest[..end];
    let is_comment = |at: &usize| line[..*at].ends_with(char::is_whitespace);
    let comment = line.match_indices('#').map(|(at, _)| at).find(is_comment);
    let value = &line[..comment.unwrap_or(line.len())];
    Some((value.trim_end().to_owned(), &rest[end..]))
}

/// Reads a quoted value behind its first quote, over lines if need be; none where it does not end.
fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return Some((value, &text[at + 1..]));
        }
        if c != '\\' {
            value.push(c);
            continue;
        }
        let (_, escaped) = chars.next()?;
        match (quote, escaped) {
            (_, '\\' | '\'') | ('"', '"') => value.push(escaped),
            ('"', 'n') => value.push('\n'),
            ('"', 'r') => value.push('\r'),
            ('"', 't') => value.push('\t'),
            ('"', 'a') => value.push('\u{7}'),
            ('"', 'b') => value.push('\u{8}'),
            ('"', 'v') => value.push('\u{b}'),
            ('"', 'f') => value.push('\u{c}'),
            (_, other) => value.extend(['\\', other]),
        }
    }
    None
}

/// Puts values in the place of `${NAME}` and `${NAME:-default}`.
fn filled(text: &str, of: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let inner = after.split_once('}').map(|(inner, after)| {
            let (name, default) = inner.split_once(":-").unwrap_or((inner, ""));
            (name, default, after)
        });
        rest = match inner.filter(|(name, _, _)| !name.contains(':')) {
            Some((name, default, after)) => {
                out.push_str(&of(name).unwrap_or_else(|| default.to_owned()));
                after
            }
            None => {
                out.push_str("${");
                after
            }
        };
    }
    out.push_str(rest);
    out
}

/// Returns a text without the spaces it begins with, up to the end of its line.
fn inline(text: &str) -> &str {
    text.trim_start_matches(|c: char| c.is_whitespace() && !matches!(c, '\n' | '\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_dbt_reads_them() {
        let text = "\u{feff}# a comment\nexport A = one # two\nB='it\\'s\nlong' # c\nC=\"x\\ty ${A} ${NO:-none} ${SET}\"\n\
                    'D'=#kept\nE= # nothing\nALONE\nbroken line\nF=a=b#c\r\nG=\n='x'\nH=\"open";
        let known = |name: &str| (name == "SET").then(|| "set".to_owned());
        let (found, broken) = read(text, known);
        let found: Vec<(&str, &str)> = found.iter().map(|(a, b)| (&**a, &**b)).collect();
        assert_eq!(
            found,
            [
                ("A", "one"),
                ("B", "it's\nlong"),
                ("C", "x\ty one none set"),
                ("D", "#kept"),
                ("E", ""),
                ("F", "a=b#c"),
                ("G", ""),
            ]
        );
        assert_eq!(broken, [9, 12, 13]);
    }
}
