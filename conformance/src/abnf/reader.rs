//! Reads ABNF. Each parser bears the name of its rule in RFC 5234 section 4, but that a line may also end in LF, or with
//! the text.

use nom::branch::alt;
use nom::bytes::complete::{is_a, tag, tag_no_case, take_while, take_while1};
use nom::character::complete::{char, line_ending, not_line_ending, one_of, satisfy};
use nom::combinator::{all_consuming, cut, eof, map, map_opt, opt, recognize, success, value};
use nom::multi::{many0, many1, separated_list1};
use nom::sequence::{delimited, preceded, terminated};
use nom::{Finish, IResult, Parser};

use super::{AbnfError, Block, Expression, Rule};

/// The rules of a block, each with whether it adds to another (`=/`).
pub(super) fn rules(block: &Block<'_>) -> Result<Vec<(Rule, bool)>, AbnfError> {
    let line = |rest: &str| {
        let read = &block.text[..block.text.len() - rest.len()];
        block.line + read.matches('\n').count()
    };
    let mut rules = Vec::new();
    let mut rest = block.text;
    while !rest.is_empty() {
        if let Ok((after, _)) = blank_line(rest) {
            rest = after;
            continue;
        }
        let (after, (name, adds, definition)) =
            rule(rest).finish().map_err(|error| unreadable(error.input, line(error.input)))?;
        let rule = Rule {
            name: name.to_owned(),
            definition,
            section: block.section.to_owned(),
            line: line(rest),
            source: rest[..rest.len() - after.len()].trim_end().to_owned(),
        };
        rules.push((rule, adds));
        rest = after;
    }
    Ok(rules)
}

/// What could stand behind the `=` of a rule.
pub(super) fn expression(text: &str) -> Result<Expression, AbnfError> {
    let (_, expression) = all_consuming(alternation)
        .parse(text)
        .finish()
        .map_err(|error| unreadable(error.input, 1))?;
    Ok(expression)
}

fn unreadable(rest: &str, line: usize) -> AbnfError {
    let what = match rest.lines().next().unwrap_or_default() {
        "" => "the rule ends too early".to_owned(),
        at => format!("`{at}` is not ABNF over Unicode scalar values"),
    };
    AbnfError { line, what }
}

/// `*c-wsp c-nl`, as it may stand between rules.
fn blank_line(input: &str) -> IResult<&str, ()> {
    terminated(c_wsps, c_nl).parse(input)
}

/// `rule = rulename defined-as elements c-nl`
fn rule(input: &str) -> IResult<&str, (&str, bool, Expression)> {
    terminated((rulename, defined_as, alternation), (c_wsps, c_nl)).parse(input)
}

/// `rulename = ALPHA *(ALPHA / DIGIT / "-")`
fn rulename(input: &str) -> IResult<&str, &str> {
    let first = satisfy(|c| c.is_ascii_alphabetic());
    let rest = take_while(|c: char| c.is_ascii_alphanumeric() || c == '-');
    recognize((first, rest)).parse(input)
}

/// `defined-as = *c-wsp ("=" / "=/") *c-wsp`: whether it adds alternatives.
fn defined_as(input: &str) -> IResult<&str, bool> {
    let sign = preceded(char('='), map(opt(char('/')), |adds| adds.is_some()));
    delimited(c_wsps, sign, c_wsps).parse(input)
}

/// `*c-wsp`
fn c_wsps(input: &str) -> IResult<&str, ()> {
    value((), many0(c_wsp)).parse(input)
}

/// `c-wsp = WSP / (c-nl WSP)`: a line that begins with a blank continues the one before.
fn c_wsp(input: &str) -> IResult<&str, char> {
    preceded(opt(c_nl), one_of(" \t")).parse(input)
}

/// `c-nl = comment / CRLF`
fn c_nl(input: &str) -> IResult<&str, ()> {
    let comment = (char(';'), not_line_ending);
    value((), (opt(comment), alt((line_ending, eof)))).parse(input)
}

/// `alternation = concatenation *(*c-wsp "/" *c-wsp concatenation)`
fn alternation(input: &str) -> IResult<&str, Expression> {
    let more = preceded((c_wsps, char('/'), c_wsps), cut(concatenation));
    map((concatenation, many0(more)), |(first, more)| joined(first, more, Expression::Alternation))
        .parse(input)
}

/// `concatenation = repetition *(1*c-wsp repetition)`
fn concatenation(input: &str) -> IResult<&str, Expression> {
    let more = preceded(many1(c_wsp), repetition);
    map((repetition, many0(more)), |(first, more)| joined(first, more, Expression::Concatenation))
        .parse(input)
}

/// One expression as itself, several as what they form.
fn joined(
    first: Expression,
    more: Vec<Expression>,
    form: fn(Vec<Expression>) -> Expression,
) -> Expression {
    if more.is_empty() { first } else { form([vec![first], more].concat()) }
}

/// `repetition = [repeat] element`
fn repetition(input: &str) -> IResult<&str, Expression> {
    map((opt(repeat), element), |(repeat, element)| match repeat {
        None => element,
        Some((least, most)) => Expression::Repetition { least, most, of: Box::new(element) },
    })
    .parse(input)
}

/// `repeat = 1*DIGIT / (*DIGIT "*" *DIGIT)`
fn repeat(input: &str) -> IResult<&str, (usize, Option<usize>)> {
    let bounds = (opt(count), char('*'), opt(count));
    let bounds = map(bounds, |(least, _, most)| (least.unwrap_or(0), most));
    let exactly = map(count, |count| (count, Some(count)));
    let ordered = |(least, most): (usize, Option<usize>)| {
        most.is_none_or(|most| least <= most).then_some((least, most))
    };
    map_opt(alt((bounds, exactly)), ordered).parse(input)
}

fn count(input: &str) -> IResult<&str, usize> {
    map_opt(is_a("0123456789"), |digits: &str| digits.parse().ok()).parse(input)
}

/// `element = rulename / group / option / char-val / num-val / prose-val`, without the last
fn element(input: &str) -> IResult<&str, Expression> {
    let name = map(rulename, |name| Expression::Rule(name.to_ascii_lowercase()));
    alt((name, group, option, char_val, preceded(char('%'), cut(num_val)))).parse(input)
}

/// `group = "(" *c-wsp alternation *c-wsp ")"`
fn group(input: &str) -> IResult<&str, Expression> {
    let inner = delimited(c_wsps, alternation, c_wsps);
    preceded(char('('), cut(terminated(inner, char(')')))).parse(input)
}

/// `option = "[" *c-wsp alternation *c-wsp "]"`
fn option(input: &str) -> IResult<&str, Expression> {
    let inner = delimited(c_wsps, alternation, c_wsps);
    let inner = preceded(char('['), cut(terminated(inner, char(']'))));
    map(inner, |of| Expression::Repetition { least: 0, most: Some(1), of: Box::new(of) })
        .parse(input)
}

/// `char-val = case-insensitive-string / case-sensitive-string` (RFC 7405)
fn char_val(input: &str) -> IResult<&str, Expression> {
    let cased =
        alt((value(true, tag_no_case("%s")), value(false, tag_no_case("%i")), success(false)));
    map((cased, quoted_string), |(cased, text)| Expression::Text { text: text.to_owned(), cased })
        .parse(input)
}

/// `quoted-string = DQUOTE *(%x20-21 / %x23-7E) DQUOTE` (RFC 7405)
fn quoted_string(input: &str) -> IResult<&str, &str> {
    let inner = take_while(|c| matches!(c, ' '..='~') && c != '"');
    delimited(char('"'), inner, char('"')).parse(input)
}

/// `num-val = "%" (bin-val / dec-val / hex-val)`, without the sign
fn num_val(input: &str) -> IResult<&str, Expression> {
    let bases = (value(2, one_of("bB")), value(10, one_of("dD")), value(16, one_of("xX")));
    let (input, base) = alt(bases).parse(input)?;
    let (input, first) = scalar(base)(input)?;
    let last = preceded(char('-'), cut(scalar(base)));
    let range = map_opt(last, |last| (first <= last).then_some(Expression::Range(first, last)));
    let more = preceded(char('.'), separated_list1(tag("."), scalar(base)));
    let one = |c| Expression::Range(c, c);
    let more = map(more, |more| {
        joined(one(first), more.into_iter().map(one).collect(), Expression::Concatenation)
    });
    alt((range, more, success(one(first)))).parse(input)
}

/// A Unicode scalar value in digits to this base.
fn scalar(base: u32) -> impl Fn(&str) -> IResult<&str, char> {
    move |input| {
        let digits = take_while1(|c: char| c.is_digit(base));
        let scalar = |digits: &str| char::from_u32(u32::from_str_radix(digits, base).ok()?);
        map_opt(digits, scalar).parse(input)
    }
}
