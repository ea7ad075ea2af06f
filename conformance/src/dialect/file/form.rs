//! How a request is written, and how it is answered.

use std::ops::Range;

use toml::Spanned;
use trueline_protocol::dialect::{FORMS_MAX, Field, Form, Frame, Piece, Template, Worded};
use trueline_protocol::service::Service;

use super::terms::operator;
use super::value::{ByOperator, OneOrMore};
use super::{Also, MEND, Reader, wrong};
use crate::settings::Wrong;
use crate::transcript::Text;

impl Reader {
    /// What may stand in braces.
    pub(super) const fn fields(&self) -> Fields {
        use Field::{Any, Blanks, First, Left, Length, Operator, Result, Right, Text, Time};
        match self.service {
            Service::Calculator => Fields {
                asked: &[Left, Right, Operator, Blanks],
                needed: &[Left, Right, Operator],
                told: &[Left, Right, Operator, Result, Any],
            },
            Service::WordLength => {
                Fields { asked: &[Text], needed: &[Text], told: &[Length, First, Any] }
            }
            Service::Message | Service::Chat | Service::Connect => {
                Fields { asked: &[Text], needed: &[Text], told: &[Text, Any] }
            }
            Service::Time => Fields { asked: &[Text], needed: &[Text], told: &[Time] },
            _ => Fields { asked: &[Text], needed: &[Text], told: &[] },
        }
    }

    pub(super) fn form(
        &self,
        frames: &Frames<'_>,
        request: Option<Spanned<OneOrMore<String>>>,
        prompts: Option<Spanned<OneOrMore<String>>>,
        reply: Option<Spanned<ByOperator<String>>>,
    ) -> Result<Form, Wrong> {
        let missing = |what: &str, example: &str| {
            let mend = format!("add `{example}`; {MEND}");
            wrong(format!("`{what}` is missing"), mend, self.place.clone())
        };
        let request = match request {
            Some(request) => request,
            None if self.service == Service::Calculator => {
                return Err(missing("request", "request = \"{left} {operator} {right}\""));
            }
            None => Spanned::new(self.place.clone(), OneOrMore::One("{text}".to_owned())),
        };
        let Fields { asked, needed, told } = self.fields();
        let place = request.span();
        let parts = OneOrMore::all(request);
        let parts: Vec<Template> = parts
            .iter()
            .map(|part| {
                let read = template(part, asked)?;
                frames.fits(frames.request, &read, &part.span()).map(|()| read)
            })
            .collect::<Result<_, Wrong>>()?;
        for field in needed {
            let times: usize =
                parts.iter().map(|it| it.fields().filter(|it| it == field).count()).sum();
            if times != 1 {
                let how = if times == 0 {
                    "is missing".to_owned()
                } else {
                    format!("stands here {times} times")
                };
                let what = format!("{{{}}} {how}", field.name());
                let mend = format!(
                    "write each of {} once, as in `{{left}} {{operator}} {{right}}`",
                    listed(needed)
                );
                return Err(wrong(
                    what,
                    if needed.len() > 1 { mend } else { "write it once".to_owned() },
                    place,
                ));
            }
        }
        let beside = parts.iter().find_map(touching);
        if let Some((one, other)) = beside {
            let what = format!("nothing separates {{{}}} and {{{}}}", one.name(), other.name());
            return Err(wrong(
                what,
                "write what does, such as a blank, a comma or `{operator}`",
                place,
            ));
        }
        let prompts = match prompts {
            Some(prompts) => {
                let place = prompts.span();
                let prompts = OneOrMore::all(prompts);
                if prompts.len() >= parts.len() {
                    let what = format!(
                        "{} more than can be waited for",
                        counted(prompts.len() + 1 - parts.len(), "prompt")
                    );
                    let mend = "a prompt answers each message of a request but the last, which has the reply: `request = [\"{left}\", \
                                \"{operator}\", \"{right}\"]` has two";
                    return Err(wrong(what, mend, place));
                }
                prompts.into_iter().map(|it| frames.reply(it)).collect::<Result<Vec<_>, Wrong>>()?
            }
            None => Vec::new(),
        };
        let prompts = prompts.into_iter().map(|text| Some(text).filter(|text| !text.is_empty()));
        let reply = match reply {
            Some(reply) => reply,
            // What is said in a talk is said by people.
            None if !self.service.manner().answers() => {
                Spanned::new(self.place.clone(), ByOperator::Alike("{text}".to_owned()))
            }
            None => return Err(missing("reply", self.example())),
        };
        let place = reply.span();
        let told = |text: &Spanned<String>| {
            let read = template(text, told)?;
            frames.fits(frames.reply, &read, &text.span()).map(|()| read)
        };
        let reply = match reply.into_inner() {
            ByOperator::Alike(text) => Worded::Alike(told(&Spanned::new(place, text))?),
            ByOperator::Each(_) if self.service != Service::Calculator => {
                return Err(wrong(
                    format!("{} has no operators", self.service),
                    "write one text",
                    place,
                ));
            }
            ByOperator::Each(texts) => {
                let mut each = [const { None }; 4];
                for (symbol, text) in &texts {
                    each[operator(symbol)? as usize] = Some(told(text)?);
                }
                Worded::Each(each)
            }
        };
        Ok(Form { parts, prompts: prompts.collect(), reply })
    }

    /// A reply, as a message shows one.
    const fn example(&self) -> &'static str {
        match self.service {
            Service::Calculator => "reply = \"{result}\"",
            Service::WordLength => "reply = \"{length} {first}\"",
            Service::Message => "reply = \"Thanks...\"",
            Service::Time => "reply = \"{time}\"",
            _ => "reply = \"Hello\"",
        }
    }

    /// Reads another way to write a request.
    pub(super) fn further(
        &self,
        frames: &Frames<'_>,
        also: Also,
        forms: &mut Vec<Form>,
    ) -> Result<(), Wrong> {
        let place = also.request.span();
        let form = self.form(frames, Some(also.request), also.prompts, Some(also.reply))?;
        let parts = |form: &Form| (form.parts.len(), form.prompts.clone());
        if forms.len() == FORMS_MAX {
            let mend = format!("write {FORMS_MAX} at most, the first among them");
            return Err(wrong("this is one way too many to write a request", mend, place));
        }
        if parts(&forms[0]) != parts(&form) {
            let mend = "write each request in as many messages as the first, with the same prompts";
            return Err(wrong("nothing tells when this request is whole", mend, place));
        }
        if forms.len() + 1 == FORMS_MAX && forms[1].reply != form.reply {
            let mend = "answer the second and the third way to write a request alike";
            return Err(wrong("this is answered in a third way", mend, place));
        }
        forms.push(form);
        Ok(())
    }
}

/// What may stand in braces in a request and in a reply, and what must in a request.
pub(super) struct Fields {
    pub(super) asked: &'static [Field],
    needed: &'static [Field],
    told: &'static [Field],
}

/// Where messages end, and so what they cannot hold.
pub(super) struct Frames<'a> {
    pub(super) request: &'a Frame,
    pub(super) reply: &'a Frame,
}

impl Frames<'_> {
    /// A text that a client sends.
    pub(super) fn request(&self, text: Spanned<String>) -> Result<String, Wrong> {
        self.fits(self.request, &Template::literal(text.get_ref().as_str()), &text.span())?;
        Ok(text.into_inner())
    }

    /// A text that a server sends.
    pub(super) fn reply(&self, text: Spanned<String>) -> Result<String, Wrong> {
        self.fits(self.reply, &Template::literal(text.get_ref().as_str()), &text.span())?;
        Ok(text.into_inner())
    }

    /// Sees that a message does not end before its end.
    pub(super) fn fits(
        &self,
        frame: &Frame,
        template: &Template,
        place: &Range<usize>,
    ) -> Result<(), Wrong> {
        let text = template.filled(|_| Some(b"1".to_vec())).unwrap_or_default();
        match frame {
            Frame::Until(ends) if frame.wrap(&text).is_none() => {
                let end = ends.iter().find(|end| text.windows(end.len()).any(|it| it == **end));
                let end = end.or_else(|| ends.first()).cloned().unwrap_or_default();
                let mend = "leave it out: the framing writes it, once, at the end of each message";
                let end = Text::octets(end);
                Err(wrong(format!("the message would end at `{end}`"), mend, place.clone()))
            }
            // How long it is depends on what is filled in.
            Frame::Size(_, None) if template.fields().next().is_some() => Ok(()),
            _ if frame.wrap(&text).is_none() => {
                let mend = "make it shorter, or the message larger in `framing`";
                Err(wrong("the message does not fit into its frame", mend, place.clone()))
            }
            _ => Ok(()),
        }
    }
}

/// Two numbers that nothing keeps apart.
fn touching(template: &Template) -> Option<(Field, Field)> {
    let number = |piece: &Piece| match piece {
        Piece::Field(field @ (Field::Left | Field::Right)) => Some(*field),
        _ => None,
    };
    let written: Vec<&Piece> =
        template.pieces.iter().filter(|it| **it != Piece::Field(Field::Blanks)).collect();
    written.windows(2).find_map(|two| Some((number(two[0])?, number(two[1])?)))
}

fn counted(count: usize, what: &str) -> String {
    format!(
        "there {} {count} {what}{}",
        if count == 1 { "is" } else { "are" },
        if count == 1 { "" } else { "s" }
    )
}

fn listed(fields: &[Field]) -> String {
    let names: Vec<String> = fields.iter().map(|field| format!("{{{}}}", field.name())).collect();
    names.join(", ")
}

pub(super) fn template(text: &Spanned<String>, fields: &[Field]) -> Result<Template, Wrong> {
    let mend = || match fields {
        [] => "nothing may stand in braces here; a brace itself is `{{` or `}}`".to_owned(),
        fields => format!(
            "what may stand in braces here: {}; a brace itself is `{{{{` or `}}}}`",
            listed(fields)
        ),
    };
    let wrong = |what: String| wrong(what, mend(), text.span());
    let template = Template::parse(text.get_ref()).map_err(|error| wrong(error.to_string()))?;
    let strange = template.fields().find(|field| !fields.contains(field));
    match strange {
        Some(field) => Err(wrong(format!("{{{}}} cannot stand here", field.name()))),
        None => Ok(template),
    }
}
