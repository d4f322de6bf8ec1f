//! Rewrites a template for the engine: mutable literals, operators, call blocks and local macros; remembers where each byte came from.
//!
//! A call block's body and a local macro's body become templates of their own, since the engine's macros cannot leave the
//! template that defines them. Compiles nothing.

use std::collections::BTreeSet;
use std::ops::Range;

use super::blocks::{Heading, Parameter, between, closing};
use super::grammar::Grammar;
use super::tokens::{Broken, Kind, Part, Piece, Token, lex, parts};
use super::trace;

/// A template as the engine reads it.
#[derive(Debug, Default)]
pub(crate) struct Rewritten {
    /// Text for the engine.
    pub(crate) text: String,
    /// Copied stretches: first byte here, first byte in the file, length.
    stretches: Vec<(usize, usize, usize)>,
    /// Bodies taken out: call blocks and local macros.
    pub(crate) inner: Vec<Inner>,
    /// Names that are called at this level.
    pub(crate) called: BTreeSet<String>,
    /// All names of the template, those of its inner bodies too.
    pub(crate) names: BTreeSet<String>,
    /// Whether text that is printed gets marks that say its line.
    marks: bool,
}

/// A call block's body or a local macro.
#[derive(Debug)]
pub(crate) struct Inner {
    /// `caller`, or the local macro's name.
    pub(crate) name: String,
    /// Its parameters.
    pub(crate) parameters: Vec<Parameter>,
    /// Bytes of the file.
    pub(crate) body: Range<usize>,
}

impl Rewritten {
    /// Returns the byte of the file that the byte `at` of the rewritten text came from.
    pub(crate) fn origin(&self, at: usize) -> usize {
        let next = self.stretches.partition_point(|(new, _, _)| *new <= at);
        match next
            .checked_sub(1)
            .and_then(|index| self.stretches.get(index))
        {
            Some((new, old, length)) => old + (at - new).min(*length),
            None => self.stretches.first().map_or(0, |(_, old, _)| *old),
        }
    }

    fn copy(&mut self, text: &str, range: Range<usize>) {
        if !range.is_empty() {
            self.stretches
                .push((self.text.len(), range.start, range.len()));
            self.text.push_str(&text[range]);
        }
    }

    /// Writes the bytes of `range` with the changes the grammar asks for at its tokens.
    fn copy_changed(
        &mut self,
        text: &str,
        range: Range<usize>,
        tokens: &[Token],
        changes: &Grammar<'_>,
    ) {
        let mut at = range.start;
        for (index, token) in tokens.iter().enumerate() {
            if token.range.start < range.start || token.range.end > range.end {
                continue;
            }
            self.copy(text, at..token.range.start);
            self.insert(&changes.before[index]);
            match changes.instead[index] {
                Some(sign) => self.text.push_str(sign),
                None => self.copy(text, token.range.clone()),
            }
            self.text.push_str(&changes.after[index]);
            at = token.range.end;
        }
        self.copy(text, at..range.end);
    }

    /// Writes what is new, apart from a word right before it.
    fn insert(&mut self, new: &str) {
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        if self.text.ends_with(is_word) && new.starts_with(is_word) {
            self.text.push(' ');
        }
        self.text.push_str(new);
    }
}

/// Rewrites `text[range]`; parameters with defaults that only a body can compute get them in front.
pub(crate) fn rewrite(
    text: &str,
    range: Range<usize>,
    defaults: &[Parameter],
) -> Result<Rewritten, Broken> {
    write(text, range, defaults, Rewritten::default())
}

/// Rewrites `text[range]` with marks in all text that goes straight to the output; see [`trace`].
pub(crate) fn marked(text: &str, range: Range<usize>) -> Result<Rewritten, Broken> {
    let out = Rewritten {
        marks: true,
        ..Rewritten::default()
    };
    write(text, range, &[], out)
}

fn write(
    text: &str,
    range: Range<usize>,
    defaults: &[Parameter],
    mut out: Rewritten,
) -> Result<Rewritten, Broken> {
    let parts = parts(text, range)?;
    let names = parts
        .iter()
        .flat_map(|part| &part.tokens)
        .filter(|token| token.kind == Kind::Name);
    out.names = names
        .map(|token| text[token.range.clone()].to_owned())
        .collect();
    for parameter in defaults {
        default(text, parameter, &mut out)?;
    }
    let bound = bound_names(text, &parts);
    let mut at = 0;
    let mut captures = 0;
    while at < parts.len() {
        let part = &parts[at];
        captures += trace::captures(text, part);
        if out.marks && captures == 0 && trace::mark(text, part, &mut out.text) {
            at += 1;
            continue;
        }
        match (part.piece, part.tag(text)) {
            (Piece::Text | Piece::Raw | Piece::Comment, _) => out.copy(text, part.outer.clone()),
            (Piece::Tag, "call" | "macro") => {
                let end = closing(text, &parts, at)?;
                take_out(text, &parts[at..=end], &bound, &mut out)?;
                at = end;
            }
            _ => code(text, part, &mut out),
        }
        at += 1;
    }
    Ok(out)
}

/// Turns text that is one `{{ … }}` and nothing else into a template that returns the expression's value.
pub(crate) fn single_expression(text: &str) -> Option<String> {
    let end = text.strip_suffix('\n').unwrap_or(text).len();
    match &parts(text, 0..end).ok()?[..] {
        [part] if part.piece == Piece::Print => {
            Some(format!("{{{{return(({}))}}}}", &text[part.inner.clone()]))
        }
        _ => None,
    }
}

/// Writes a parameter's default: it may name parameters before it, so the body computes it.
fn default(text: &str, parameter: &Parameter, out: &mut Rewritten) -> Result<(), Broken> {
    let Some(range) = parameter.default.clone() else {
        return Ok(());
    };
    let (tokens, _) = lex(&text[..range.end], range.start, None)?;
    let mut grammar = Grammar::new(text, &tokens, 0);
    grammar.print();
    let name = &parameter.name;
    out.text
        .push_str(&format!("{{%if __wh_missing('{name}')%}}{{%set {name}="));
    out.copy_changed(text, range, &tokens, &grammar);
    out.text.push_str("%}{%endif%}");
    Ok(())
}

/// Writes a print or a tag that is no call block and no macro.
fn code(text: &str, part: &Part, out: &mut Rewritten) {
    let word = |token: &Token| &text[token.range.clone()];
    let tag = part.tag(text);
    // As in Python, a tag may end in a colon, which the engine does not take.
    let (tokens, colon) = match part.tokens.split_last() {
        Some((last, rest)) if part.piece == Piece::Tag && word(last) == ":" => (rest, true),
        _ => (&part.tokens[..], false),
    };
    let after = |wanted: &str| {
        tokens
            .iter()
            .position(|token| word(token) == wanted)
            .map(|index| index + 1)
    };
    let start = match (part.piece, tag) {
        (Piece::Print, _) => Some(0),
        (_, "if" | "elif" | "do" | "with") => Some(1),
        (_, "set") => after("="),
        (_, "for") => after("in"),
        _ => None,
    };
    let mut changes = Grammar::new(text, tokens, start.unwrap_or(0));
    if let Some(start) = start {
        let read = match tag {
            "for" => changes.iteration(),
            "with" => changes.assignments(),
            _ => changes.print(),
        };
        let lazy = tokens
            .iter()
            .skip(start)
            .any(|token| matches!(word(token), "*" | ":" | "|"));
        if tag == "set" && read && lazy {
            changes.before[start].insert_str(0, "__wh_value(");
            changes.after[tokens.len() - 1].push(')');
        }
        out.called
            .extend(changes.called.iter().map(|name| (*name).to_owned()));
    }
    if colon {
        changes.leave_out_next();
    }
    match tag {
        "do" => evaluate(text, part, changes, out),
        _ => out.copy_changed(text, part.outer.clone(), &part.tokens, &changes),
    }
}

/// Writes a `do` tag as a condition without a body: the engine's `do` takes nothing but a call.
fn evaluate(text: &str, part: &Part, mut changes: Grammar<'_>, out: &mut Rewritten) {
    changes.instead[0] = Some("if(");
    changes.after[part.tokens.len() - 1].push(')');
    let range = part.outer.start..part.inner.end;
    out.copy_changed(text, range, &part.tokens, &changes);
    let end = if part.trims_after(text) {
        "%}{%endif-%}"
    } else {
        "%}{%endif%}"
    };
    out.text.push_str(end);
}

/// Writes a call block or a local macro, `parts` from its opening to its closing tag, and takes its body out.
fn take_out(
    text: &str,
    parts: &[Part],
    bound: &BTreeSet<&str>,
    out: &mut Rewritten,
) -> Result<(), Broken> {
    let (open, close) = (&parts[0], &parts[parts.len() - 1]);
    let mut heading = Heading::new(text, open);
    let is_call = open.tag(text) == "call";
    let name = if is_call {
        "caller"
    } else {
        heading.name("a name")?
    };
    let has_parameters = !is_call || heading.peek() == "(";
    let inner = Inner {
        name: name.to_owned(),
        parameters: if has_parameters {
            heading.parameters()?
        } else {
            Vec::new()
        },
        body: between(text, open, close),
    };
    let block = format!(
        "__wh_block({},{{{}}})",
        out.inner.len(),
        captured(text, parts, bound)
    );
    out.inner.push(inner);
    let before = if open.trims_before(text) { "-" } else { "" };
    let after = if close.trims_after(text) { "-" } else { "" };
    // The tag keeps the newlines of what it replaces, so that lines after it keep their numbers.
    let newlines = |range: Range<usize>| "\n".repeat(text[range].matches('\n').count());
    if !is_call {
        let newlines = newlines(open.outer.start..close.outer.end);
        out.text.push_str(&format!(
            "{{%{before} set {name}={block} {newlines}{after}%}}"
        ));
        return Ok(());
    }
    let expression = heading.rest();
    let range = called(text, open, expression)?;
    out.text.push_str(&format!(
        "{{{{{before} {}",
        newlines(open.outer.start..range.start)
    ));
    pass(text, expression, &block, out);
    out.text.push_str(&format!(
        " {}{after}}}}}",
        newlines(range.end..close.outer.end)
    ));
    Ok(())
}

/// Returns the bytes of the call that a call block is passed to.
fn called(text: &str, open: &Part, expression: &[Token]) -> Result<Range<usize>, Broken> {
    let Some((first, last)) = expression.first().zip(expression.last()) else {
        let what = "expected a call such as `name(…)` before the end of the tag";
        return Err(Broken::new(what, open.inner.end));
    };
    let range = first.range.start..last.range.end;
    match &text[last.range.clone()] {
        ")" => Ok(range),
        _ => {
            let what = format!(
                "expected a call such as `name(…)`, found `{}`",
                &text[range]
            );
            Err(Broken::new(what, first.range.start))
        }
    }
}

/// Writes a call with `block` as its argument `caller`.
fn pass(text: &str, expression: &[Token], block: &str, out: &mut Rewritten) {
    let last = expression.len() - 1;
    let mut grammar = Grammar::new(text, expression, 0);
    grammar.print();
    let previous = last
        .checked_sub(1)
        .map_or("(", |at| &text[expression[at].range.clone()]);
    let comma = if matches!(previous, "(" | ",") {
        ""
    } else {
        ","
    };
    grammar.before[last].push_str(&format!("{comma}caller={block}"));
    out.called
        .extend(grammar.called.iter().map(|name| (*name).to_owned()));
    let range = expression[0].range.start..expression[last].range.end;
    out.copy_changed(text, range, expression, &grammar);
}

/// Writes the variables of the surrounding template that the body names, as items of a dict.
fn captured(text: &str, parts: &[Part], bound: &BTreeSet<&str>) -> String {
    let names = parts
        .iter()
        .flat_map(|part| &part.tokens)
        .filter(|token| token.kind == Kind::Name);
    let names: BTreeSet<&str> = names.map(|token| &text[token.range.clone()]).collect();
    let items: Vec<_> = names
        .intersection(bound)
        .map(|name| format!("'{name}':{name}"))
        .collect();
    items.join(",")
}

/// Returns the names that tags of a template bind.
fn bound_names<'a>(text: &'a str, parts: &[Part]) -> BTreeSet<&'a str> {
    let mut bound = BTreeSet::new();
    for part in parts {
        let until = match part.tag(text) {
            "set" => "=",
            "for" => "in",
            "with" => "",
            "macro" => "(",
            _ => continue,
        };
        if part.tag(text) == "for" {
            bound.insert("loop");
        }
        let words = part.tokens[1..]
            .iter()
            .map(|token| (token.kind, &text[token.range.clone()]));
        let words = words.take_while(|(_, word)| *word != until);
        bound.extend(
            words
                .filter(|(kind, _)| *kind == Kind::Name)
                .map(|(_, word)| word),
        );
    }
    bound
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str) -> String {
        rewrite(text, 0..text.len(), &[]).unwrap().text
    }

    #[test]
    fn literals_become_mutable_and_subscripts_stay() {
        assert_eq!(
            rewritten(
                "{% set a = [1, {'b': [2]}] %}{{ a[0] }}{{ f([])[1:] }}{% for x in [1] if x in [2] %}"
            ),
            "{% set a = __wh_value(__wh_list([1, __wh_dict({'b': __wh_list([2])})])) %}{{ a[0] }}{{ f(__wh_list([]))[1:] }}\
             {% for x in __wh_each(__wh_list([1])) if x in __wh_list([2]) %}"
        );
    }

    #[test]
    fn operators_on_lists_and_strings_are_ours() {
        assert_eq!(
            rewritten("{{ a + b + c }}{{ i + 1 }}{{ (x) % (y, 1) }}{{ -a.b[1](c)|d(e) % 2 * 3 }}"),
            "{{ __wh_add(__wh_add(a , b) , c) }}{{ __wh_add(i , 1) }}{{ __wh_mod((x) , (y, 1)) }}{{ __wh_mul(__wh_mod(__wh_neg(a.b[1](c))|d(e) , 2) , 3) }}"
        );
    }

    #[test]
    fn a_call_block_is_passed_as_an_argument_and_keeps_line_numbers() {
        let text =
            "{% set v = 1 %}\n{%- call(row) f(x) -%}\n{{ v }}{{ row }}\n{%- endcall %}\n{{ 1 + }}";
        let out = rewrite(text, 0..text.len(), &[]).unwrap();
        assert_eq!(
            out.text,
            "{% set v = 1 %}\n{{- f(x,caller=__wh_block(0,{'v':v})) \n\n}}\n{{ 1 + }}"
        );
        assert_eq!(&text[out.inner[0].body.clone()], "{{ v }}{{ row }}");
        assert_eq!(out.inner[0].parameters[0].name, "row");
    }

    #[test]
    fn every_byte_knows_where_it_came_from() {
        let text = "{% set a = [1] %}{{ a + b }}";
        let out = rewrite(text, 0..text.len(), &[]).unwrap();
        let at = out.text.find("b)").unwrap();
        assert_eq!(&text[out.origin(at)..=out.origin(at)], "b");
    }
}
