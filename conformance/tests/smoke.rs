use trueline_conformance::{case, report::*, run::*, transport::Transport, wire::Simulated};
use trueline_protocol::{responder::*, service::Service};
#[test]
fn smoke() {
    for transport in [Transport::Tcp, Transport::Udp] {
        let host = Simulated::new(transport, || Box::new(Responder::of(Service::Calculator)));
        let check = Check {
            service: Service::Calculator,
            transport,
            dialect: "line".into(),
            seed: 1,
            cases: 256,
            strict: false,
            isolation: "none".into(),
            command: None,
            address: "sim".into(),
            notes: vec![],
        };
        let sel = Selection::new(case::all(), Service::Calculator, transport, &[], &[]).unwrap();
        let rt = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let t = std::time::Instant::now();
        let report = rt.block_on(run(&host, check, Patience::default(), &sel, &mut |_| {}));
        println!(
            "{transport} {:?} {} exchanges {:?}",
            report.conclusion(),
            report.exchanges,
            t.elapsed()
        );
        for f in &report.requirements {
            if f.verdict != Verdict::Pass {
                println!("{} {:?} {:?}", f.requirement.id, f.verdict, f.why);
            }
        }
        for c in &report.cases {
            for f in &c.failures {
                println!(
                    "{} -> {} {:?} {:?}\n{}",
                    c.name,
                    f.charged,
                    f.recurrence,
                    f.fault,
                    f.dialogue.to_string().chars().take(300).collect::<String>()
                );
            }
            if c.verdict != Verdict::Pass {
                println!("  case {} {:?} {:?}", c.name, c.verdict, c.why)
            }
        }
    }
}
