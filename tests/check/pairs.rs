//! Every client with every server: what works, what does not, and who is to blame.

use super::*;

use std::collections::BTreeMap;

/// What clients and servers begin with.
const IMPORTS: &str = "import socket, sys, threading\n";

/// A right server of messages. What `ADDRESS` is bound to stands before it.
const SERVER: &str = "
def converse(connection):
    with connection, connection.makefile('rb') as lines:
        for line in lines:
            print(line)
            connection.sendall(b'Thanks...\\n')

with socket.create_server(ADDRESS) as server:
    while True:
        threading.Thread(target=converse, args=[server.accept()[0]], daemon=True).start()
";

/// A right client of messages. What `ADDRESS` it goes to stands before it.
const CLIENT: &str = "
with socket.create_connection(ADDRESS) as server, server.makefile() as replies:
    for line in sys.stdin:
        server.sendall(line.encode())
        print(replies.readline(), end='')
";

/// Where a program is told that it is, or where it goes.
const TOLD: &str = "ADDRESS = '127.0.0.1', int(sys.argv[1])\n";

/// Programs in folders.
struct Class(tempfile::TempDir);

impl Class {
    /// Files by their paths.
    fn of(files: &[(&str, &[&str])]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, parts) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, parts.concat()).unwrap();
        }
        Self(folder)
    }

    fn paired(&self, service: &str, options: &[&str], [clients, servers]: [&str; 2]) -> Paired {
        let [clients, servers] =
            [clients, servers].map(|name| self.0.path().join(name).to_str().unwrap().to_owned());
        let folders = ["--clients", clients.as_str(), "--servers", servers.as_str()];
        let output =
            trueline(&[&["diff", service], options, &folders[..]].concat()).output().unwrap();
        let told = [output.stdout, output.stderr].map(|it| String::from_utf8(it).unwrap());
        Paired { exit: output.status.code().expect("an exit code"), told: told.concat() }
    }
}

/// What came of it.
struct Paired {
    exit: i32,
    told: String,
}

impl Paired {
    /// What stands in each row of the table.
    fn rows(&self) -> BTreeMap<&str, Vec<&str>> {
        let lines = self.told.lines().skip_while(|line| !line.starts_with("clients \\ servers"));
        let rows = lines.skip(1).take_while(|line| !line.is_empty());
        rows.map(|row| {
            let mut cells = row.split("  ").map(str::trim).filter(|it| !it.is_empty());
            (cells.next().unwrap(), cells.collect())
        })
        .collect()
    }

    fn says(&self, what: &str) {
        // Wherever a line is broken.
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words(&self.told).contains(what), "{what}: {}", self.told);
    }
}

/// Each is told the port of the server.
const PORTS: [&str; 4] = ["--client-arg", "{port}", "--server-arg", "{port}"];

#[test]
fn clients_and_servers_of_one_folder_work_together() {
    let class = Class::of(&[
        ("ada/client.py", &[IMPORTS, TOLD, CLIENT]),
        ("ada/server.py", &[IMPORTS, TOLD, SERVER]),
        // Ports of their own, which are not the same.
        ("bob/client.py", &[IMPORTS, "ADDRESS = 'localhost', 4000\n", CLIENT]),
        ("bob/server.py", &[IMPORTS, "ADDRESS = '', 5000\n", SERVER]),
        ("carl_client.py", &[IMPORTS, "ADDRESS = socket.gethostname(), 30\n", CLIENT]),
        // It serves one request.
        (
            "dora/my_client.py",
            &[
                IMPORTS,
                "with socket.create_connection(('127.0.0.1', 40)) as server:\n",
                "    server.sendall((input('Message: ') + '\\n').encode())\n",
                "    print('Reply:', server.makefile().readline())\n",
            ],
        ),
    ]);
    let paired = class.paired("message", &PORTS, ["", ""]);
    let works = ["✓", "✓", "✓"];
    let names = ["ada", "bob", "carl_client.py", "dora", "reference"];
    assert_eq!(paired.rows(), names.map(|name| (name, works.to_vec())).into(), "{}", paired.told);
    assert_eq!(paired.exit, 0, "{}", paired.told);
    paired.says("8 of 8 pairs work");
}

#[test]
fn each_fault_has_its_words() {
    let class = Class::of(&[
        ("clients/right.py", &[IMPORTS, TOLD, CLIENT]),
        (
            "clients/octets.py",
            &[
                IMPORTS,
                TOLD,
                &CLIENT.replace("makefile()", "makefile('rb')").replace(", end=''", ""),
            ],
        ),
        ("clients/stays.py", &[IMPORTS, TOLD, CLIENT, "\nthreading.Event().wait()\n"]),
        (
            "clients/silent.py",
            &[IMPORTS, TOLD, &CLIENT.replace("print(", "str(").replace(", end=''", "")],
        ),
        ("clients/nowhere.py", &["input()\n"]),
        ("clients/words/notes.txt", &["no program"]),
        ("servers/my_client.py", &[]),
        ("servers/right.py", &[IMPORTS, TOLD, SERVER]),
        (
            "servers/dies.py",
            &[IMPORTS, TOLD, &SERVER.replace("print(line)", "import os; os._exit(7)")],
        ),
        ("servers/mute.py", &[IMPORTS, TOLD, &SERVER.replace("connection.sendall", "print")]),
        ("servers/other.py", &[IMPORTS, TOLD, &SERVER.replace("Thanks...", "Thanks")]),
        ("servers/ends.py", &["raise SystemExit('no luck')\n"]),
    ]);
    let options = [&PORTS[..], &["--timeout", "2"]].concat();
    let paired = class.paired("message", &options, ["clients", "servers"]);
    let rows = paired.rows();
    // In the order of their names: dies, ends, mute, other, right, reference.
    assert_eq!(
        rows["right.py"],
        ["server ended", "no server", "no reply", "other reply", "✓", "✓"],
        "{}",
        paired.told
    );
    for (client, right, reference) in [
        ("octets.py", "other reply", "other reply"),
        ("stays.py", "runs on", "runs on"),
        ("silent.py", "no reply", "no reply"),
        ("nowhere.py", "no client", "no client"),
        ("words", "no client", "no client"),
        ("reference", "✓", "✓"),
    ] {
        assert_eq!(rows[client][4..], [right, reference], "{client}: {}", paired.told);
    }
    assert_eq!(paired.exit, 1, "{}", paired.told);
    paired.says("the server ended with exit code 7");
    paired.says("ends.py: python3 ends.py 8040 ended with exit code 1 before it listened. Its last words: no luck.");
    paired.says("octets.py: to `Hello Server HBD` the client printed `b'Thanks...\\n'`, and `Thanks...` was due.");
    paired.says("there is no program in");
    paired.says("left out, for they are called client, or a test: my_client.py.");
    paired.says("1 of 30 pairs works");
}

/// They speak a dialect of their own; what is due is the same.
#[test]
fn the_originals_work_with_each_other_and_with_nobody_else() {
    let program = |name: &str| std::fs::read_to_string(classroom(name)).unwrap();
    let class = Class::of(&[
        ("client.py", &[&program("original/calculator_client.py")]),
        ("server.py", &[&program("original/calculator_server.py")]),
    ]);
    let paired = class.paired("calculator", &[], ["", ""]);
    let rows = paired.rows();
    assert_eq!(rows["client.py"], ["✓", "no reply"], "{}", paired.told);
    assert_eq!(rows["reference"], ["server ended", "✓"], "{}", paired.told);
    // The references are no submissions.
    assert_eq!(paired.exit, 0, "{}", paired.told);
}

/// A server that is elsewhere on this machine than where a client looks for it: nobody else can be blamed.
#[test]
fn a_pair_of_which_each_is_right_is_pointed_out() {
    let class = Class::of(&[
        ("clients/right.py", &[IMPORTS, TOLD, CLIENT]),
        ("servers/right.py", &[IMPORTS, TOLD, SERVER]),
        ("servers/strange.py", &[IMPORTS, &TOLD.replace("0.0.1", "0.0.2"), SERVER]),
    ]);
    let paired = class.paired("message", &PORTS, ["clients", "servers"]);
    assert_eq!(paired.rows()["right.py"], ["✓", "client ended", "✓"], "{}", paired.told);
    assert_eq!(paired.rows()["reference"], ["✓", "✓", "✓"], "{}", paired.told);
    paired.says("These fail though each is right with the reference: right.py with strange.py: to");
    assert_eq!(paired.exit, 1);
}

#[test]
fn datagrams_and_announcements_are_passed_on_too() {
    const DATAGRAMS: &str = "import socket, sys
server = socket.socket(type=socket.SOCK_DGRAM)
server.bind(('127.0.0.1', 5000))
while True:
    server.sendto(b'Thank you for connecting', server.recvfrom(9999)[1])
";
    const ASKS: &str = "import socket
client = socket.socket(type=socket.SOCK_DGRAM)
client.sendto(b'', ('localhost', 4000))
print('Received from server: ', client.recv(1024).decode())
";
    let class = Class::of(&[("client.py", &[ASKS]), ("server.py", &[DATAGRAMS])]);
    let paired = class.paired("greeting", &["--transport", "udp"], ["", ""]);
    assert_eq!(paired.exit, 0, "{}", paired.told);

    const GREETS: &str = "
with socket.create_server(ADDRESS) as server:
    while True:
        with server.accept()[0] as client:
            client.sendall(b'Thank you for connecting\\n')
";
    const HEARS: &str = "
with socket.create_connection(ADDRESS) as server:
    print(server.makefile().readline())
";
    let class = Class::of(&[
        ("client.py", &[IMPORTS, "ADDRESS = 'localhost', 4000\n", HEARS]),
        ("server.py", &[IMPORTS, "ADDRESS = 'localhost', 5000\n", GREETS]),
    ]);
    let paired = class.paired("greeting", &[], ["", ""]);
    assert_eq!(paired.exit, 0, "{}", paired.told);
}

#[test]
fn without_isolation_each_is_told_a_port() {
    let class = Class::of(&[
        ("client.py", &[IMPORTS, TOLD, CLIENT]),
        ("server.py", &[IMPORTS, TOLD, SERVER]),
    ]);
    let options = [&PORTS[..], &["--isolation", "none"]].concat();
    let paired = class.paired("message", &options, ["", ""]);
    assert_eq!(paired.exit, 0, "{}", paired.told);
}

#[test]
fn a_request_may_stand_in_the_words_of_a_client() {
    const ONCE: &str = "
with socket.create_connection((sys.argv[1], int(sys.argv[2]))) as server:
    server.sendall(sys.argv[3].encode() + b'\\n')
    print(server.makefile().readline())
";
    let class =
        Class::of(&[("client.py", &[IMPORTS, ONCE]), ("server.py", &[IMPORTS, TOLD, SERVER])]);
    let words = ["{host}", "{port}", "{message}"].map(|word| ["--client-arg", word]).concat();
    let options = [&words[..], &PORTS[2..]].concat();
    let paired = class.paired("message", &options, ["", ""]);
    assert_eq!(paired.exit, 0, "{}", paired.told);
}

#[test]
fn folders_that_hold_nothing_are_a_mistake() {
    let class = Class::of(&[("servers/server.py", &[]), ("none/notes.txt", &[])]);
    for folders in [["none", "servers"], ["servers", "servers"], ["servers", "nothing"]] {
        let paired = class.paired("message", &[], folders);
        assert_eq!(paired.exit, 2, "{}", paired.told);
    }
}
