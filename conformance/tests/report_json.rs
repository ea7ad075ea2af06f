//! What a script may rely on in a JSON report: the schema, and what right and wrong servers look like.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use serde_json::{Value, json};
use trueline_conformance::case;
use trueline_conformance::judge::{Fault, Kind};
use trueline_conformance::report::{
    self, Check, Conclusion, Failure, Finding, Outcome, Recurrence, Report, SCHEMA, SCHEMA_VERSION,
    Verdict,
};
use trueline_conformance::run::{self, Patience, Selection};
use trueline_conformance::spec::Spec;
use trueline_conformance::transcript::{self, Client, Dialogue, Text};
use trueline_conformance::transport::Transport::{self, Tcp, Udp};
use trueline_conformance::wire::Simulated;
use trueline_protocol::calculator::{self, Calculation};
use trueline_protocol::framing::Line;
use trueline_protocol::reply::Reply;
use trueline_protocol::responder::{Action, Event, Meaning, Responder, Seams, Server};
use trueline_protocol::service::Service;

#[test]
fn a_right_server_conforms() {
    for transport in [Tcp, Udp] {
        let report = checked(transport, right);
        assert_eq!(report["conclusion"], "conforms");
        assert_eq!(failing(&report), Vec::<&str>::new());
        assert_eq!(report["transport"], transport.to_string());
        assert_eq!(report["counts"]["fail"], 0);
        assert!(report["counts"]["pass"].as_u64() > Some(30), "{}", report["counts"]);
        for (name, case) in report["cases"].as_object().unwrap() {
            assert_eq!(
                (&case["verdict"], &case["held"]),
                (&json!("pass"), &case["planned"]),
                "{name}"
            );
        }
    }
}

#[test]
fn wrong_servers_fail_what_they_break() {
    for (transport, server, id) in [
        (Tcp, floors as Start, "CALC-12"),
        (Udp, floors, "CALC-12"),
        (Tcp, closes, "FRAME-8"),
        (Udp, strays, "FRAME-32"),
        (Tcp, silent, "FRAME-1"),
    ] {
        let report = checked(transport, server);
        assert_eq!(report["conclusion"], "does-not-conform");
        let failing = failing(&report);
        assert!(failing.contains(&id), "{failing:?}");
        // One wrong server may break several requirements, but not what another area is about.
        let area = |id: &str| id.split('-').next().map(str::to_owned);
        assert!(failing.iter().all(|other| area(other) == area(id)), "{failing:?}");
    }
}

#[test]
fn a_silent_server_passes_nothing() {
    for transport in [Tcp, Udp] {
        let report = checked(transport, silent);
        assert_eq!(report["counts"]["pass"], 0);
        assert_ne!(report["conclusion"], "conforms");
    }
}

#[test]
fn a_failure_tells_what_was_due_and_what_came() {
    let report = checked(Tcp, floors);
    let failure = first_failure(&report);
    assert_eq!((&failure["kind"], &failure["recurrence"]), (&json!("wrong"), &json!("alone")));
    let (due, came) = (failure["expected"].as_str(), failure["observed"]["text"].as_str());
    assert!(due.is_some() && came.is_some() && due != came, "{failure}");
    assert_eq!(failure["observed"]["octets"], came.unwrap().len());

    let report = checked(Tcp, silent);
    let failure = first_failure(&report);
    assert_eq!(failure["kind"], "silence");
    let nothing = json!({ "text": "", "hex": "", "octets": 0, "truncated": false });
    assert_eq!(failure["observed"], nothing);
}

#[test]
fn the_same_check_gives_the_same_report() {
    for (transport, server) in
        [(Tcp, right as Start), (Udp, right), (Tcp, floors), (Tcp, closes), (Udp, strays)]
    {
        let [mut one, mut two] = [checked(transport, server), checked(transport, server)];
        for report in [&mut one, &mut two] {
            let timing = report.as_object_mut().unwrap().shift_remove("timing");
            assert!(timing.is_some_and(|timing| timing["elapsed_ms"].as_f64() > Some(0.0)));
        }
        // As text, for the order of the members is part of it.
        assert_eq!(one.to_string(), two.to_string());
    }
}

/// In simulation time is virtual, and says the same each time.
#[test]
fn what_the_clock_and_the_system_decide_is_left_out() {
    assert_eq!(valid(&made(1, kinds(7))), valid(&made(1, kinds(9))));
}

#[test]
fn a_seed_beyond_binary64_is_kept() {
    let report = valid(&made(u64::MAX, vec![]));
    assert_eq!(report["seed"], "18446744073709551615");
    assert_eq!(report["schema"], SCHEMA_VERSION);
    assert_eq!(report["target"]["command"], Value::Null);
}

#[test]
fn every_kind_of_fault_has_its_word() {
    let report = valid(&made(1, kinds(7)));
    let failures = report["requirements"][0]["failures"].as_array().unwrap();
    let used = failures.iter().map(|failure| failure["kind"].clone());
    assert_eq!(used.collect::<Value>(), words("/$defs/failure/properties/kind"));
}

#[test]
fn every_word_stands_in_the_schema() {
    use Verdict::{Blocked, Fail, Pass, Skip};
    let verdicts = [Pass, Fail, Blocked, Skip, Verdict::Inconclusive];
    assert_eq!(json!(verdicts), words("/$defs/verdict"));
    use Conclusion::{Conforms, DoesNotConform, NothingAnswers};
    let conclusions = [Conforms, DoesNotConform, NothingAnswers, Conclusion::Inconclusive];
    assert_eq!(json!(conclusions), words("/properties/conclusion"));
    use Recurrence::{AfterTheSame, Alone, Once, Untried};
    let recurrences = [Alone, AfterTheSame, Once, Untried];
    assert_eq!(json!(recurrences), words("/$defs/failure/properties/recurrence"));
}

#[test]
fn what_came_is_shown_as_far_as_a_reply_may_reach() {
    let of =
        |kind| valid(&made(1, vec![kind]))["requirements"][0]["failures"][0]["observed"].clone();
    let observed = of(Kind::NotText(b" a\xff\n".to_vec()));
    let shown = json!({ "text": r"\sa\xff\n", "hex": "2061ff0a", "octets": 4, "truncated": false });
    assert_eq!(observed, shown);
    let observed = of(Kind::NotText(vec![b'7'; 5000]));
    assert_eq!(observed["text"], r"\{7*4096}");
    assert_eq!(observed["hex"].as_str().map(str::len), Some(2 * 4096));
    assert_eq!((&observed["octets"], &observed["truncated"]), (&json!(5000), &json!(true)));
}

#[test]
fn the_schema_is_closed_and_says_what_everything_is() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    assert_eq!(schema["$id"], format!("urn:trueline:report:{SCHEMA_VERSION}"));
    assert_eq!(schema["properties"]["schema"]["const"], SCHEMA_VERSION);
    let mut open = vec![&schema];
    while let Some(part) = open.pop() {
        if part["type"] == "object" {
            assert!(!part["additionalProperties"].is_null(), "{part}");
        }
        if let Some(members) = part["properties"].as_object() {
            assert_eq!(part["additionalProperties"], false, "{part}");
            assert_eq!(part["required"], members.keys().map(String::as_str).collect::<Value>());
            for (name, member) in members {
                assert!(member["description"].is_string(), "{name}");
            }
        }
        match part {
            Value::Object(members) => open.extend(members.values()),
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
}

/// The names under which cases stand are their own.
#[test]
fn no_two_cases_share_a_name() {
    let names: BTreeSet<&str> = case::all().iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), case::all().len());
}

type Start = fn() -> Box<dyn Server>;

fn right() -> Box<dyn Server> {
    Box::new(Responder::of(Service::Calculator))
}

/// Rounds quotients down.
fn floors() -> Box<dyn Server> {
    struct Floor(Service);
    impl Meaning for Floor {
        fn answer<'a>(&mut self, line: Line<'a>) -> Reply<'a> {
            match Meaning::answer(&mut self.0, line) {
                Reply::Calculation(Calculation {
                    request,
                    value: calculator::Value::Quotient(quotient),
                }) => {
                    let value = calculator::Value::Quotient(quotient.floor());
                    Reply::Calculation(Calculation { request, value })
                }
                reply => reply,
            }
        }
    }
    let meaning = Box::new(Floor(Service::Calculator));
    Box::new(Responder::new(Seams { meaning, ..Seams::of(Service::Calculator) }))
}

/// Closes the connection after each of its sends.
fn closes() -> Box<dyn Server> {
    fn close(action: Action) -> Vec<Action> {
        match action {
            Action::Send(connection, _) => vec![action, Action::Close(connection)],
            action => vec![action],
        }
    }
    Box::new(Tampered(Responder::of(Service::Calculator), close))
}

/// Answers from another port.
fn strays() -> Box<dyn Server> {
    fn stray(action: Action) -> Vec<Action> {
        match action {
            Action::Datagram(peer, octets) => vec![Action::Stray(peer, octets)],
            action => vec![action],
        }
    }
    Box::new(Tampered(Responder::of(Service::Calculator), stray))
}

/// Takes everything and does nothing.
fn silent() -> Box<dyn Server> {
    Box::new(Tampered(Responder::of(Service::Calculator), |_| vec![]))
}

/// A right server that does something else instead of what it should.
struct Tampered(Responder, fn(Action) -> Vec<Action>);

impl Server for Tampered {
    fn on(&mut self, now: Duration, event: Event<'_>, actions: &mut Vec<Action>) {
        let mut meant = Vec::new();
        self.0.on(now, event, &mut meant);
        actions.extend(meant.into_iter().flat_map(self.1));
    }
}

fn check(transport: Transport, seed: u64) -> Check {
    Check {
        service: Service::Calculator,
        transport,
        dialect: "line".to_owned(),
        seed,
        cases: 24,
        strict: false,
        isolation: "none".to_owned(),
        command: None,
        address: "simulation".to_owned(),
        notes: vec![],
    }
}

/// The whole suite against a server in simulation.
fn checked(transport: Transport, server: Start) -> Value {
    let host = Simulated::new(transport, server);
    let selection = Selection::new(
        &case::all().iter().collect::<Vec<_>>(),
        Service::Calculator,
        transport,
        &[],
        &[],
    )
    .unwrap();
    let patience = Patience { budget: Duration::MAX, ..Patience::default() };
    let (check, mut unheard) = (check(transport, 1), |_: run::Event<'_>| {});
    let check = run::run(&host, check, patience, &selection, &mut unheard);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    valid(&runtime.block_on(check))
}

/// Every kind of fault, with this in the place of whatever the clock or the system decides.
fn kinds(measured: u16) -> Vec<Kind> {
    let octets = || b"30".to_vec();
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, measured));
    let waited = Duration::from_millis(measured.into());
    vec![
        Kind::Refused,
        Kind::Silence(waited, octets()),
        Kind::Late(octets()),
        Kind::Wrong(octets()),
        Kind::NotText(octets()),
        Kind::Unterminated(octets()),
        Kind::Terminator(octets()),
        Kind::Closed(octets()),
        Kind::Reset(octets()),
        Kind::Extra(octets()),
        Kind::StaysOpen(waited),
        Kind::Stray(address, octets()),
        Kind::NotQuiet(octets()),
        Kind::Stuck(measured.into()),
        Kind::NotRestarted("it is gone".to_owned()),
        Kind::Elsewhere(address),
        Kind::Unable("too many open files".to_owned()),
    ]
}

/// A report whose only case failed in these ways, without a run.
fn made(seed: u64, kinds: Vec<Kind>) -> Report {
    let requirement = Spec::current().find("FRAME-1").unwrap().clone();
    let id = requirement.id;
    let verdict = if kinds.is_empty() { Verdict::Pass } else { Verdict::Fail };
    let failure = |kind| Failure {
        charged: id,
        fault: Fault { step: 1, client: Client::A, kind },
        dialogue: Dialogue::pair("1 2 +", Text::octets("Sum of 1 and 2 is 3")),
        exchange: vec![],
        recurrence: Recurrence::Alone,
        ending: None,
    };
    let case = Outcome {
        name: "made.up".to_owned(),
        covers: vec![id],
        verdict,
        why: None,
        failures: kinds.into_iter().map(failure).collect(),
        notes: vec![],
        held: 0,
        hurried: false,
        planned: 1,
        exchanges: 0,
        elapsed: Duration::from_micros(1500),
    };
    Report {
        check: check(Tcp, seed),
        requirements: vec![Finding { requirement, verdict, why: None }],
        cases: vec![case],
        exchanges: 0,
        elapsed: Duration::from_micros(2500),
        reached: true,
    }
}

/// The report as JSON, once it has been held to the schema and to itself.
fn valid(report: &Report) -> Value {
    let json = report::json(report);
    let schema = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors = validator.iter_errors(&json);
    let errors: Vec<String> =
        errors.map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    agrees(&json);
    json
}

/// What a script takes for granted when it goes from one part of a report to another.
fn agrees(report: &Value) {
    let cases = report["cases"].as_object().unwrap();
    let timed = report["timing"]["cases"].as_object().unwrap();
    assert!(cases.keys().eq(timed.keys()));
    let requirements = report["requirements"].as_array().unwrap();
    let counted = report["counts"].as_object().unwrap().values().map(|it| it.as_u64().unwrap());
    assert_eq!(counted.sum::<u64>(), requirements.len() as u64);
    for requirement in requirements {
        for name in requirement["cases"].as_array().unwrap() {
            assert!(cases.contains_key(name.as_str().unwrap()), "{name}");
        }
        let failures = requirement["failures"].as_array().unwrap();
        assert_eq!(requirement["verdict"] == "fail", !failures.is_empty(), "{requirement}");
        for failure in failures {
            assert!(cases.contains_key(failure["case"].as_str().unwrap()), "{failure}");
            let steps = failure["transcript"].as_str().unwrap();
            let index = failure["step"]["index"].as_u64().unwrap() as usize;
            assert_eq!(failure["step"]["line"], steps.split('\n').nth(index).unwrap());
            let read = transcript::parse("report", &format!("case a\n{steps}")).unwrap();
            assert_eq!(read[0].dialogue.to_string(), steps);
        }
    }
}

/// The words that the schema allows at a place, in its order.
fn words(place: &str) -> Value {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let words = schema.pointer(place).unwrap()["oneOf"].as_array().unwrap();
    words.iter().map(|word| word["const"].clone()).collect()
}

fn failing(report: &Value) -> Vec<&str> {
    let requirements = report["requirements"].as_array().unwrap().iter();
    requirements.filter(|it| it["verdict"] == "fail").filter_map(|it| it["id"].as_str()).collect()
}

fn first_failure(report: &Value) -> &Value {
    let requirements = report["requirements"].as_array().unwrap().iter();
    requirements.flat_map(|it| it["failures"].as_array().unwrap()).next().unwrap()
}
