//! Reading a filter: words, then conditions by descent.

use super::{Comparison, Condition, FilterError, Operator};

/// Nesting of parentheses and `not`, in levels: nobody writes more, and the
/// reader's stack stays small.
const DEPTH_MAX: usize = 32;

const OPERATORS: &str = "write one of: =, !=, in, contains, matches";

pub(super) fn filter(text: &str) -> Result<Condition, FilterError> {
    let mut reader = Reader { tokens: tokens(text)?, next: 0, end: text.len() };
    let condition = reader.any(0)?;
    match reader.peek() {
        None => Ok(condition),
        Some((at, token)) => Err(error(
            at,
            format!("{} is not expected here", token.show()),
            "join conditions with and, or; the filter ends after a condition",
        )),
    }
}

fn error(at: usize, message: impl Into<String>, help: impl Into<String>) -> FilterError {
    FilterError { at, message: message.into(), help: help.into() }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A name, or one of the language's words.
    Word(String),
    /// In quotes, or a number.
    Value(String),
    /// A name between back-quotes.
    Name(String),
    /// `=`, `!=`, `(`, `)`, `[`, `]`, `,`.
    Mark(&'static str),
}

impl Token {
    fn show(&self) -> String {
        match self {
            Self::Word(word) => format!("`{word}`"),
            Self::Value(value) => format!("\"{value}\""),
            Self::Name(name) => format!("`{name}`"),
            Self::Mark(mark) => format!("`{mark}`"),
        }
    }

    fn is(&self, word: &str) -> bool {
        match self {
            Self::Word(own) => own.eq_ignore_ascii_case(word),
            Self::Mark(mark) => *mark == word,
            _ => false,
        }
    }
}

const MARKS: [(&str, &str); 9] =
    [("==", "="), ("!=", "!="), ("<>", "!="), ("=", "="), ("(", "("), (")", ")"), ("[", "["), ("]", "]"), (",", ",")];

fn tokens(text: &str) -> Result<Vec<(usize, Token)>, FilterError> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        if first.is_whitespace() {
            at += first.len_utf8();
        } else if let Some((mark, token)) = MARKS.iter().find(|(mark, _)| rest.starts_with(mark)) {
            found.push((at, Token::Mark(token)));
            at += mark.len();
        } else if matches!(first, '"' | '\'' | '`') {
            let (inside, length) = quoted(rest, first)
                .ok_or_else(|| error(at, "this quote is not closed", format!("close it with {first}")))?;
            found.push((at, if first == '`' { Token::Name(inside) } else { Token::Value(inside) }));
            at += length;
        } else if first.is_alphanumeric() || matches!(first, '_' | '-') {
            let length = rest.find(|c: char| !(c.is_alphanumeric() || "_-.".contains(c))).unwrap_or(rest.len());
            let word = rest.get(..length).unwrap_or_default().to_owned();
            let number = word.parse::<f64>().is_ok() && word.starts_with(|c: char| c.is_ascii_digit() || c == '-');
            found.push((at, if number { Token::Value(word) } else { Token::Word(word) }));
            at += length;
        } else {
            return Err(error(at, format!("`{first}` has no meaning here"), OPERATORS));
        }
    }
    Ok(found)
}

/// What stands between quotes, and the length with them; `\` keeps the next
/// character from ending it.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut inside = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => inside.push(characters.next()?.1),
            c if c == quote => return Some((inside, at + c.len_utf8())),
            c => inside.push(c),
        }
    }
    None
}

struct Reader {
    tokens: Vec<(usize, Token)>,
    next: usize,
    end: usize,
}

impl Reader {
    fn peek(&self) -> Option<(usize, &Token)> {
        self.tokens.get(self.next).map(|(at, token)| (*at, token))
    }

    fn at(&self) -> usize {
        self.peek().map_or(self.end, |(at, _)| at)
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|(_, token)| token.is(word));
        self.next += usize::from(found);
        found
    }

    fn any(&mut self, depth: usize) -> Result<Condition, FilterError> {
        let mut parts = vec![self.all(depth)?];
        while self.take("or") {
            parts.push(self.all(depth)?);
        }
        Ok(one_of(parts, Condition::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Condition, FilterError> {
        let mut parts = vec![self.one(depth)?];
        while self.take("and") {
            parts.push(self.one(depth)?);
        }
        Ok(one_of(parts, Condition::All))
    }

    fn one(&mut self, depth: usize) -> Result<Condition, FilterError> {
        let at = self.at();
        if depth > DEPTH_MAX {
            return Err(error(at, "nested too deeply", "write the condition with fewer parentheses"));
        }
        if self.take("not") {
            return Ok(Condition::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.take("(") {
            let inside = self.any(depth + 1)?;
            if !self.take(")") {
                return Err(error(self.at(), "a parenthesis is not closed", "close it with )"));
            }
            return Ok(inside);
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Condition, FilterError> {
        let at = self.at();
        let field = match self.peek() {
            Some((_, Token::Word(word))) if !reserved(word) => word.clone(),
            Some((_, Token::Name(name))) => name.clone(),
            Some((_, token)) => {
                let help = "begin with a field's name, as in priority = \"high\"; other names go between back-quotes";
                return Err(error(at, format!("a field's name is missing before {}", token.show()), help));
            }
            None => return Err(error(at, "the filter ends too early", "write a condition: priority = \"high\"")),
        };
        self.next += 1;
        let negated = self.take("not");
        let place = self.at();
        let test = |operator, words| Condition::Test(Comparison { field: field.clone(), at, operator, words });
        let condition = if !negated && self.take("=") {
            test(Operator::Equals, vec![self.word()?])
        } else if !negated && self.take("!=") {
            Condition::Not(Box::new(test(Operator::Equals, vec![self.word()?])))
        } else if self.take("in") {
            test(Operator::In, self.list()?)
        } else if self.take("contains") {
            test(Operator::Contains, vec![self.word()?])
        } else if self.take("matches") {
            test(Operator::Matches, vec![self.word()?])
        } else {
            return Err(error(place, format!("`{field}` is compared with nothing"), OPERATORS));
        };
        Ok(if negated { Condition::Not(Box::new(condition)) } else { condition })
    }

    fn word(&mut self) -> Result<String, FilterError> {
        let at = self.at();
        let word = match self.peek() {
            Some((_, Token::Value(value))) => value.clone(),
            Some((_, Token::Word(word))) if word == "true" || word == "false" => word.clone(),
            Some((_, token)) => {
                let help = "put the value into quotes";
                return Err(error(at, format!("a value is missing; {} is none", token.show()), help));
            }
            None => return Err(error(at, "a value is missing", "write it in quotes: \"high\"")),
        };
        self.next += 1;
        Ok(word)
    }

    fn list(&mut self) -> Result<Vec<String>, FilterError> {
        if !self.take("[") {
            return Err(error(self.at(), "a list is missing after `in`", "write in [\"high\", \"urgent\"]"));
        }
        let mut words = Vec::new();
        while !self.take("]") {
            words.push(self.word()?);
            if !self.take(",") && !self.peek().is_some_and(|(_, token)| token.is("]")) {
                return Err(error(self.at(), "the list is not closed", "separate values with commas and end with ]"));
            }
        }
        Ok(words)
    }
}

fn one_of(mut parts: Vec<Condition>, many: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.len() {
        1 => parts.remove(0),
        _ => many(parts),
    }
}

fn reserved(word: &str) -> bool {
    ["and", "or", "not", "in", "contains", "matches"].iter().any(|known| word.eq_ignore_ascii_case(known))
}
