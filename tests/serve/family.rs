//! Servers of all services in one process.

use super::*;

use trueline::serve::{Listen, Member, MemberError, run_all};
use trueline_protocol::service::Manner;

struct Family {
    bound: Vec<(Service, Vec<Bound>)>,
    stop: oneshot::Sender<()>,
    done: JoinHandle<Result<(), MemberError>>,
}

fn member(service: Service, listen: Listen) -> Member {
    let transports = Transports::Both.of(service).expect("one of them");
    let options = Serve { listen: vec![listen], transports, ..Serve::default() };
    Member { service, options }
}

fn members() -> Vec<Member> {
    let free: Listen = "127.0.0.1:0".parse().expect("an address");
    Service::ALL.iter().map(|&service| member(service, free)).collect()
}

async fn start_all(members: Vec<Member>) -> Family {
    let (stop, stopped) = oneshot::channel::<()>();
    let (ready, bound) = oneshot::channel();
    let done = spawn_local(run_all(
        members,
        |all| {
            let all = all.iter().map(|(service, bound)| (*service, bound.to_vec()));
            ready.send(all.collect()).expect("the test waits");
        },
        async {
            let _ = stopped.await;
        },
    ));
    Family { bound: bound.await.expect("the servers listen"), stop, done }
}

/// Has a server of a service answer something.
async fn answers(service: Service, address: SocketAddr) {
    let stream = TcpStream::connect(address).await.expect("a connection");
    let mut client = Client(stream);
    match service.manner() {
        Manner::Conversation => client.ask("\n", "ERR empty\n").await,
        Manner::Announcement => {
            assert!(client.rest().await.expect("no reset").ends_with(b"\n"));
        }
        Manner::Visit => assert_eq!(client.rest().await.expect("no reset"), b""),
        Manner::Talk => {
            client.send(b"\n").await;
            assert_eq!(client.rest().await.expect("no reset"), b"");
        }
    }
}

#[tokio::test(flavor = "local")]
async fn each_service_has_a_port_of_its_own() {
    let family = start_all(members()).await;
    let services: Vec<Service> = family.bound.iter().map(|(service, _)| *service).collect();
    assert_eq!(services, Service::ALL);
    let mut ports = Vec::new();
    for (service, bound) in &family.bound {
        let tcp = bound[0].address;
        assert_eq!(bound.len(), if service.manner().answers() { 2 } else { 1 });
        assert!(bound.iter().all(|bound| bound.address == tcp), "{bound:?}");
        ports.push(tcp.port());
        answers(*service, tcp).await;
    }
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), Service::ALL.len());
}

#[tokio::test(flavor = "local")]
async fn one_stop_drains_all() {
    let family = start_all(members()).await;
    let mut clients = Vec::new();
    for (service, bound) in &family.bound {
        let stream = TcpStream::connect(bound[0].address).await.expect("a connection");
        let mut client = Client(stream);
        // Accepted, and open.
        if service.manner() == Manner::Conversation {
            client.ask("\n", "ERR empty\n").await;
            clients.push(client);
        }
    }
    family.stop.send(()).expect("it runs");
    for client in &mut clients {
        client.closed().await;
    }
    drop(clients);
    family.done.await.expect("no panic").expect("a clean end");
    for (_, bound) in &family.bound {
        TcpStream::connect(bound[0].address).await.expect_err("nothing listens");
    }
}

#[tokio::test(flavor = "local")]
async fn a_member_without_a_place_is_named_and_nothing_runs() {
    let held = tcp().await;
    let free = tcp().await;
    let place = free.address();
    free.stop().await;
    let (first, second) = (Service::ALL[0], Service::ALL[1]);
    let members =
        vec![member(first, Listen::At(place)), member(second, Listen::At(held.address()))];
    let stop = std::future::pending();
    let error = run_all(members, |_| panic!("not all listen"), stop).await.expect_err("no place");
    assert_eq!(error.service, second);
    let source = std::error::Error::source(&error).expect("a source");
    let told = format!("{error}: {source}; {}", miette::Diagnostic::help(&error).expect("a help"));
    let address = held.address();
    assert!(
        told.starts_with(&format!(
            "{second} cannot be served: cannot listen on {address} (tcp): the address is in use; stop"
        )),
        "{told}"
    );
    TcpStream::connect(place).await.expect_err("nothing listens");
}
