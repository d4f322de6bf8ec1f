//! Jinja's expression grammar over tokens: finds where an expression needs what upstream's operators and literals lack.
//!
//! Lists and dicts become mutable, `+` joins lists into a list, `%` formats strings. Judges no syntax: what it cannot read stays
//! as it is for the engine to refuse.

use super::tokens::{Kind, Token};

/// The functions that stand for comparisons, with their signs, alone and as arguments of a chain of them.
pub(crate) const COMPARISONS: &[(&str, &str, &str)] = &[
    ("__wh_eq", "==", ",'==',"),
    ("__wh_ne", "!=", ",'!=',"),
    ("__wh_lt", "<", ",'<',"),
    ("__wh_le", "<=", ",'<=',"),
    ("__wh_gt", ">", ",'>',"),
    ("__wh_ge", ">=", ",'>=',"),
];

/// Deepest nesting read; beyond it the engine refuses the expression.
const MAX_DEPTH: usize = 120;

/// The tokens of a tag with what is written before, instead of and after each.
pub(crate) struct Grammar<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    /// Text to write before each token.
    pub(crate) before: Vec<String>,
    /// Text to write instead of a token, when there is any.
    pub(crate) instead: Vec<Option<&'static str>>,
    /// Text to write after each token.
    pub(crate) after: Vec<String>,
    /// Names that are called: `name(…)`.
    pub(crate) called: Vec<&'a str>,
}

/// The expression could not be read.
struct Unreadable;

type Read = Result<(), Unreadable>;

impl<'a> Grammar<'a> {
    /// Begins before the token `at`.
    pub(crate) fn new(text: &'a str, tokens: &'a [Token], at: usize) -> Self {
        Self {
            text,
            tokens,
            at,
            depth: 0,
            before: vec![String::new(); tokens.len()],
            instead: vec![None; tokens.len()],
            after: vec![String::new(); tokens.len()],
            called: Vec::new(),
        }
    }

    /// Leaves out the token after the last.
    pub(crate) fn leave_out_next(&mut self) {
        self.before.push(String::new());
        self.instead.push(Some(""));
        self.after.push(String::new());
    }

    /// Reads `a` or `a, b`; returns whether all tokens were read. What could not be read gets no changes.
    pub(crate) fn print(&mut self) -> bool {
        self.whole(|own| own.tuple(Self::ternary))
    }

    /// Reads what follows `in` of a `for` tag.
    pub(crate) fn iteration(&mut self) -> bool {
        self.whole(|own| {
            let start = own.at;
            own.tuple(Self::or)?;
            own.wrap(start, "__wh_each");
            if own.skip("if") {
                own.ternary()?;
            }
            own.skip("recursive");
            Ok(())
        })
    }

    /// Reads `a = 1, b = 2` of a `with` tag.
    pub(crate) fn assignments(&mut self) -> bool {
        self.whole(|own| {
            while own.at < own.tokens.len() {
                own.at += 1;
                own.expect("=")?;
                own.ternary()?;
                own.skip(",");
            }
            Ok(())
        })
    }

    fn whole(&mut self, read: impl FnOnce(&mut Self) -> Read) -> bool {
        let complete = read(self).is_ok() && self.at == self.tokens.len();
        if !complete {
            self.before.fill(String::new());
            self.instead.fill(None);
            self.after.fill(String::new());
        }
        complete
    }

    fn word(&self, at: usize) -> &'a str {
        self.tokens
            .get(at)
            .map_or("", |token| &self.text[token.range.clone()])
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn peek(&self) -> &'a str {
        self.word(self.at)
    }

    fn skip(&mut self, word: &str) -> bool {
        let found = self.peek() == word;
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, word: &str) -> Read {
        self.skip(word).then_some(()).ok_or(Unreadable)
    }

    /// Writes `function(` before the token `start` and `)` after the last one read.
    fn wrap(&mut self, start: usize, function: &str) {
        self.before[start].insert_str(0, &format!("{function}("));
        self.after[self.at - 1].push(')');
    }

    fn tuple(&mut self, item: fn(&mut Self) -> Read) -> Read {
        let start = self.at;
        item(self)?;
        if self.peek() == "," {
            while self.skip(",") {
                if self.at == self.tokens.len() {
                    break;
                }
                item(self)?;
            }
            self.wrap(start, "");
        }
        Ok(())
    }

    fn ternary(&mut self) -> Read {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Unreadable);
        }
        self.or()?;
        while self.skip("if") {
            self.or()?;
            if self.skip("else") {
                self.ternary()?;
            }
        }
        self.depth -= 1;
        Ok(())
    }

    fn or(&mut self) -> Read {
        self.and()?;
        while self.skip("or") {
            self.and()?;
        }
        Ok(())
    }

    fn and(&mut self) -> Read {
        self.not()?;
        while self.skip("and") {
            self.not()?;
        }
        Ok(())
    }

    fn not(&mut self) -> Read {
        while self.skip("not") {}
        let start = self.at;
        self.sum()?;
        let first = self.at;
        let mut signs = Vec::new();
        loop {
            signs.push(self.at);
            match self.peek() {
                "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" => self.at += 1,
                "not" if self.word(self.at + 1) == "in" => self.at += 2,
                _ => break,
            }
            self.sum()?;
        }
        signs.pop();
        let of = |sign: &usize| {
            COMPARISONS
                .iter()
                .find(|(_, own, _)| *own == self.word(*sign))
        };
        let found: Option<Vec<_>> = signs.iter().map(of).collect();
        match found.as_deref() {
            // Whether it equals a word the engine knows itself.
            Some([(_, "==" | "!=", _)])
                if self.is_word(start, first) || self.is_word(first + 1, self.at) => {}
            Some([(function, ..)]) => {
                self.instead[first] = Some(",");
                self.wrap(start, function);
            }
            Some(chain @ [_, _, ..]) => {
                for (sign, (_, _, argument)) in signs.iter().zip(chain) {
                    self.instead[*sign] = Some(argument);
                }
                self.wrap(start, "__wh_chain");
            }
            _ => {}
        }
        Ok(())
    }

    /// Returns whether the tokens are one literal that is no number: nothing but its like is equal to it.
    fn is_word(&self, start: usize, end: usize) -> bool {
        let is_constant = matches!(
            self.word(start),
            "none" | "None" | "true" | "True" | "false" | "False"
        );
        end == start + 1 && (is_constant || self.kind(start) == Some(Kind::Text))
    }

    fn sum(&mut self) -> Read {
        let start = self.at;
        self.concatenation()?;
        while matches!(self.peek(), "+" | "-") {
            let sign = self.at;
            self.at += 1;
            self.concatenation()?;
            let arithmetic = self.is_number(start, sign) && self.is_number(sign + 1, self.at);
            if !arithmetic {
                let function = if self.word(sign) == "+" {
                    "__wh_add"
                } else {
                    "__wh_sub"
                };
                self.instead[sign] = Some(",");
                self.wrap(start, function);
            }
        }
        Ok(())
    }

    /// Returns whether the tokens are one number.
    fn is_number(&self, start: usize, end: usize) -> bool {
        end == start + 1 && self.kind(start) == Some(Kind::Number)
    }

    fn concatenation(&mut self) -> Read {
        let start = self.at;
        self.product()?;
        let mut is_joined = false;
        while self.peek() == "~" {
            self.instead[self.at] = Some(",");
            self.at += 1;
            self.product()?;
            is_joined = true;
        }
        if is_joined {
            self.wrap(start, "__wh_concat");
        }
        Ok(())
    }

    fn product(&mut self) -> Read {
        let start = self.at;
        self.power()?;
        while matches!(self.peek(), "*" | "/" | "//" | "%") {
            let sign = self.at;
            self.at += 1;
            self.power()?;
            let function = match self.word(sign) {
                _ if self.is_number(start, sign) && self.is_number(sign + 1, self.at) => continue,
                "%" => "__wh_mod",
                "*" => "__wh_mul",
                "/" => "__wh_div",
                "//" => "__wh_floordiv",
                _ => continue,
            };
            self.instead[sign] = Some(",");
            self.wrap(start, function);
        }
        Ok(())
    }

    fn power(&mut self) -> Read {
        self.unary()?;
        while self.skip("**") {
            self.unary()?;
        }
        Ok(())
    }

    fn unary(&mut self) -> Read {
        let mut signs = Vec::new();
        while matches!(self.peek(), "-" | "+") {
            match self.peek() {
                "-" => signs.push(self.at),
                _ => self.instead[self.at] = Some(""),
            }
            self.at += 1;
        }
        let start = self.at;
        self.primary()?;
        self.postfix()?;
        if !self.is_number(start, self.at) {
            for sign in signs {
                self.instead[sign] = Some("");
                self.wrap(start, "__wh_neg");
            }
        }
        self.filters()
    }

    fn primary(&mut self) -> Read {
        let start = self.at;
        match (self.kind(start), self.peek()) {
            (Some(Kind::Text), _) => {
                while self.kind(self.at) == Some(Kind::Text) {
                    self.at += 1;
                }
            }
            (Some(Kind::Name), name) => {
                self.at += 1;
                if self.peek() == "(" {
                    self.called.push(name);
                }
            }
            (Some(Kind::Number), _) => self.at += 1,
            (Some(Kind::Sign), "(") => {
                self.at += 1;
                self.items(")", Self::ternary)?;
            }
            (Some(Kind::Sign), "[") => {
                self.at += 1;
                self.items("]", Self::ternary)?;
                self.wrap(start, "__wh_list");
            }
            (Some(Kind::Sign), "{") => {
                self.at += 1;
                self.items("}", |own| {
                    own.ternary()?;
                    own.expect(":")?;
                    own.ternary()
                })?;
                self.wrap(start, "__wh_dict");
            }
            _ => return Err(Unreadable),
        }
        Ok(())
    }

    /// Reads items separated by commas up to `close`, and it.
    fn items(&mut self, close: &str, item: fn(&mut Self) -> Read) -> Read {
        while !self.skip(close) {
            item(self)?;
            if !self.skip(",") {
                return self.expect(close);
            }
        }
        Ok(())
    }

    fn postfix(&mut self) -> Read {
        loop {
            match self.peek() {
                "." => self.at += 2,
                "[" => {
                    self.at += 1;
                    self.items("]", Self::subscript)?;
                }
                "(" => self.arguments()?,
                _ => return Ok(()),
            }
        }
    }

    /// Reads `1`, `1:`, `:2`, `1:2:3`.
    fn subscript(&mut self) -> Read {
        loop {
            if !matches!(self.peek(), ":" | "]" | ",") {
                self.ternary()?;
            }
            if !self.skip(":") {
                return Ok(());
            }
        }
    }

    fn arguments(&mut self) -> Read {
        self.expect("(")?;
        self.items(")", |own| {
            let named = own.kind(own.at) == Some(Kind::Name) && own.word(own.at + 1) == "=";
            if named {
                own.at += 2;
            } else if !own.skip("**") {
                own.skip("*");
            }
            own.ternary()
        })
    }

    fn filters(&mut self) -> Read {
        loop {
            match self.peek() {
                "|" => {
                    self.at += 2;
                    while self.skip(".") {
                        self.at += 1;
                    }
                    self.postfix()?;
                }
                "is" => self.test()?,
                "(" => self.arguments()?,
                _ => return Ok(()),
            }
        }
    }

    /// Reads `is name`, `is not name(args)`, `is name argument`.
    fn test(&mut self) -> Read {
        self.at += 1;
        self.skip("not");
        self.at += 1;
        if self.peek() == "(" {
            return self.arguments();
        }
        let bare = match self.kind(self.at) {
            Some(Kind::Name) => !matches!(
                self.peek(),
                "else" | "or" | "and" | "if" | "is" | "in" | "not" | "recursive"
            ),
            Some(Kind::Sign) => matches!(self.peek(), "[" | "{"),
            Some(Kind::Text | Kind::Number) => true,
            None => false,
        };
        if bare {
            self.primary()?;
            self.postfix()?;
        }
        Ok(())
    }
}
