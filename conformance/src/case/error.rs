//! Generated cases of SPEC.md section 4.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::BoxedStrategy;
use trueline_protocol::error::ErrorCode;
use trueline_protocol::service::Service;

use super::{Case, Stage, generated};
use crate::service::{error, requests};
use crate::transcript::Dialogue;

/// The cases.
pub(super) fn cases(service: Service) -> Vec<Case> {
    let of = |name: &str, covers: &str, stage, dialogues| {
        generated(service, name, covers, None, stage, true, dialogues)
    };
    vec![
        of("err.too-long.any", "ERR-3", Stage::Errors, |_| {
            let long = (select(&["7", "1 ", "é", "x"][..]), 1024usize..6000)
                .prop_map(|(unit, octets)| unit.repeat(octets.div_ceil(unit.len())));
            refused(long.prop_map(String::into_bytes), ErrorCode::TooLong)
        }),
        of("err.encoding.any", "ERR-4", Stage::Junk, |service| {
            let request = requests(service);
            let broken = (request, any::<prop::sample::Index>(), select(&NOT_UTF8[..])).prop_map(
                |(request, at, octets)| {
                    let (before, after) = request.as_bytes().split_at(at.index(request.len() + 1));
                    [before, octets, after].concat()
                },
            );
            refused(broken, ErrorCode::Encoding)
        }),
        of("err.encoding.control.any", "ERR-5", Stage::Junk, |service| {
            let request = requests(service);
            // CR in front of the terminator is part of it, and LF ends the line.
            let controls = ('\0'..='\u{9f}').filter(|c| c.is_control() && !"\t\r\n".contains(*c));
            let with =
                (request, any::<prop::sample::Index>(), select(controls.collect::<Vec<_>>()))
                    .prop_map(|(request, at, control)| {
                        let (before, after) = request.split_at(at.index(request.len() + 1));
                        format!("{before}{control}{after}").into_bytes()
                    });
            refused(with, ErrorCode::Encoding)
        }),
        of("err.order.any", "ERR-2", Stage::Junk, |_| {
            let long = (select(&NOT_UTF8[..]), 1024usize..3000)
                .prop_map(|(octets, n)| octets.repeat(n.div_ceil(octets.len())));
            let bad = (
                vec(select(&[" ", "\t", "1", "%", "x", "0", "/"][..]), 0..6),
                select(&NOT_UTF8[..]),
            )
                .prop_map(|(text, octets)| [text.concat().as_bytes(), octets].concat());
            prop_oneof![refused(long, ErrorCode::TooLong), refused(bad, ErrorCode::Encoding)]
                .boxed()
        }),
    ]
}

/// Octets that are in no UTF-8: stray and missing continuations, overlong forms, surrogates, values past U+10FFFF.
const NOT_UTF8: [&[u8]; 18] = [
    b"\xff",
    b"\xfe",
    b"\x80",
    b"\xbf",
    b"\xc3",
    b"\xe2\x82",
    b"\xf0\x9f\x98",
    b"\xc0\x80",
    b"\xc1\xbf",
    b"\xe0\x9f\xbf",
    b"\xed\xa0\x80",
    b"\xed\xbf\xbf",
    b"\xf0\x8f\xbf\xbf",
    b"\xf4\x90\x80\x80",
    b"\xf5\x80\x80\x80",
    b"\xf7\xbf\xbf\xbf",
    b"\xf8\x88\x80\x80\x80",
    b"\xfc\x84\x80\x80\x80\x80",
];

fn refused(
    requests: impl Strategy<Value = Vec<u8>> + 'static,
    code: ErrorCode,
) -> BoxedStrategy<Dialogue> {
    requests.prop_map(move |request| Dialogue::pair(request, error(code))).boxed()
}
