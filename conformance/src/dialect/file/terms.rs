//! What is said of operators, results, operands, the end of a conversation, errors and tiers.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use trueline_protocol::calculator::Operator;
use trueline_protocol::dialect::{Field, Number, Quit, Response};
use trueline_protocol::error::ErrorCode;

use super::form::{Frames, template};
use super::value::{self, ByOperator, OneOrMore, Refusal, Spelled, Word};
use super::{Leave, wrong};
use crate::dialect::Operands;
use crate::dialect::holds::{DECLARES, named};
use crate::settings::Wrong;
use crate::spec::{DECLARED, Id, Level, Spec};

/// The operator of a symbol.
pub(super) fn operator(symbol: &Spanned<String>) -> Result<Operator, Wrong> {
    let known = Operator::ALL.into_iter().find(|it| it.to_string() == *symbol.get_ref());
    known.ok_or_else(|| {
        let mend = "the operators are \"+\", \"-\", \"*\" and \"/\", in quotes; what stands for them is on the right";
        wrong(format!("`{}` is none of the operators", symbol.get_ref()), mend, symbol.span())
    })
}

pub(super) fn operators(
    words: Option<Spanned<BTreeMap<Spanned<String>, Spanned<String>>>>,
) -> Result<[Option<String>; 4], Wrong> {
    let Some(words) = words else {
        return Ok(Operator::ALL.map(|operator| Some(operator.to_string())));
    };
    let place = words.span();
    let mut all = [const { None }; 4];
    for (symbol, word) in words.into_inner() {
        let operator = operator(&symbol)?;
        let (span, word) = (word.span(), word.into_inner());
        if word.is_empty() {
            let mend = "write the word that stands for it";
            return Err(wrong(format!("`{operator}` has no word"), mend, span));
        }
        if all.contains(&Some(word.clone())) {
            let mend = "give each operator a word of its own";
            return Err(wrong(format!("`{word}` stands for two operators"), mend, span));
        }
        all[operator as usize] = Some(word);
    }
    if all.iter().all(Option::is_none) {
        return Err(wrong("there is no operator", "name one at least", place));
    }
    Ok(all)
}

pub(super) fn results(spelled: Option<Spanned<ByOperator<Spelled>>>) -> Result<[Number; 4], Wrong> {
    let mut all = [Number::Plain; 4];
    match spelled.map(Spanned::into_inner) {
        None => {}
        Some(ByOperator::Alike(Spelled(number))) => all = [number; 4],
        Some(ByOperator::Each(each)) => {
            for (symbol, spelled) in each {
                all[operator(&symbol)? as usize] = spelled.into_inner().0;
            }
        }
    }
    Ok(all)
}

pub(super) fn operands(operands: Option<Spanned<value::Range>>) -> Result<Operands, Wrong> {
    let Some(operands) = operands else {
        return Ok(Operands::Between(Operands::LEAST, Operands::MOST));
    };
    match operands.get_ref().0 {
        Operands::Between(least, most) if least > most => Err(wrong(
            "no integer is between these",
            "write the smaller one as `least`",
            operands.span(),
        )),
        read => Ok(read),
    }
}

pub(super) fn tolerance(near: Option<Spanned<f64>>) -> Result<Option<f64>, Wrong> {
    match near {
        Some(near) if !near.get_ref().is_finite() || *near.get_ref() < 0.0 => {
            let mend = "say how far a result may be from the right one, as in 0.001";
            Err(wrong("this is no distance", mend, near.span()))
        }
        near => Ok(near.map(Spanned::into_inner)),
    }
}

pub(super) fn quit(frames: &Frames<'_>, leave: Spanned<Leave>) -> Result<Quit, Wrong> {
    let Leave { words, reply, stops } = leave.into_inner();
    let place = words.span();
    let words = OneOrMore::all(words).into_iter().map(|word| frames.request(word));
    let words: Vec<String> = words.collect::<Result<_, Wrong>>()?;
    if words.is_empty() {
        let mend = "write the words, as in `words = [\"quit\", \"exit\"]`, or leave `quit` out";
        return Err(wrong("no word ends the conversation", mend, place));
    }
    let reply = reply.map(|text| frames.reply(text)).transpose()?;
    Ok(Quit { words, reply, stops })
}

/// The error of a name.
fn code(name: &Spanned<String>) -> Result<ErrorCode, Wrong> {
    let known = ErrorCode::ALL.into_iter().find(|code| code.as_str() == name.get_ref());
    known.ok_or_else(|| {
        let all = ErrorCode::ALL.map(ErrorCode::as_str).join(", ");
        let mend = format!("the errors are {all}");
        wrong(format!("`{}` is no error", name.get_ref()), mend, name.span())
    })
}

pub(super) fn errors(
    frames: &Frames<'_>,
    refusals: Option<Spanned<BTreeMap<Spanned<String>, Spanned<Refusal>>>>,
) -> Result<BTreeMap<ErrorCode, Response>, Wrong> {
    let mut all = BTreeMap::new();
    for (name, refusal) in refusals.into_iter().flat_map(Spanned::into_inner) {
        let place = refusal.span();
        let responses = match (name.get_ref().as_str(), refusal.into_inner()) {
            ("silent" | "closes" | "stops", Refusal::Reply(_)) => {
                let mend =
                    "write the errors that this is done to, as in `[\"syntax\", \"operator\"]`";
                return Err(wrong(format!("`{}` has no reply", name.get_ref()), mend, place));
            }
            ("silent", Refusal::Codes(names)) => each(names, &Response::Silence)?,
            ("closes", Refusal::Codes(names)) => each(names, &Response::Close)?,
            ("stops", Refusal::Codes(names)) => each(names, &Response::Stop)?,
            (_, Refusal::Reply(text)) => {
                let code = code(&name)?;
                let text = Spanned::new(place.clone(), text);
                let template = template(&text, &[Field::Any])?;
                frames.fits(frames.reply, &template, &place)?;
                vec![(code, name.span(), Response::Reply(template))]
            }
            (_, Refusal::Codes(_)) => {
                let mend =
                    "`silent`, `closes` and `stops` have lists of errors; an error has its reply";
                return Err(wrong(format!("`{}` has no list", name.get_ref()), mend, name.span()));
            }
        };
        for (code, place, response) in responses {
            if all.insert(code, response).is_some() {
                return Err(wrong(
                    format!("two things are said of `{code}`"),
                    "leave one out",
                    place,
                ));
            }
        }
    }
    Ok(all)
}

/// The same for each of these errors.
fn each(
    names: Vec<Spanned<String>>,
    response: &Response,
) -> Result<Vec<(ErrorCode, Range<usize>, Response)>, Wrong> {
    let each = names.iter().map(|name| Ok((code(name)?, name.span(), response.clone())));
    each.collect()
}

pub(super) fn tiers(
    tiers: BTreeMap<Spanned<String>, Word<Option<Level>>>,
) -> Result<BTreeMap<Id, Option<Level>>, Wrong> {
    let known = |id: &str| {
        let id = Id::parse(id)?;
        let own = id.area() == DECLARED && DECLARES.iter().any(|it| named(it.0) == id);
        (own || Spec::current().get(id).is_some()).then_some(id)
    };
    let each = tiers.into_iter().map(|(id, tier)| match known(id.get_ref()) {
        Some(known) => Ok((known, tier.0)),
        None => Err(wrong(
            format!("no requirement is called `{}`", id.get_ref()),
            "`trueline list requirements` shows them",
            id.span(),
        )),
    });
    each.collect()
}
