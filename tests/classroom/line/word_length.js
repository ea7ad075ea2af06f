// A word-length server for Node, on TCP or UDP.
//
//     node word_length.js tcp|udp [PORT]      PORT is 8041 when omitted, 0 for any free one
//
// Ctrl-C or SIGTERM stops it.

"use strict";

const dgram = require("node:dgram");
const { once } = require("node:events");
const net = require("node:net");
const { setImmediate } = require("node:timers/promises");

const HOST = "127.0.0.1";
const LIMIT = 1023; // octets of text in a request; the terminator does not count
const PIECE = 4096; // octets that are answered at once
const LF = 0x0a;
const CR = 0x0d;

const CONTROL_CHARACTER = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/; // C0 but HTAB, DEL, C1
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }); // a byte order mark is text

// The reply to one message, without a terminator.
function reply(message) {
  if (message.length > LIMIT) return "ERR too-long";
  let text;
  try {
    text = UTF8.decode(message);
  } catch {
    return "ERR encoding";
  }
  if (CONTROL_CHARACTER.test(text)) return "ERR encoding";

  const words = text.match(/[^ \t]+/g); // \s and trim would take every blank that Unicode has
  if (!words) return "ERR empty";
  return words
    .map((word) => [...word]) // scalar values; word.length would count UTF-16 units
    .map((characters) => `${characters.length} ${characters[0]}`)
    .join(", ");
}

// The line without the CR that may stand before its LF.
function withoutCr(line) {
  return line.at(-1) === CR ? line.subarray(0, -1) : line;
}

// Cuts what arrives on one connection into lines, however it was segmented.
class LineReader {
  rest = Buffer.alloc(0); // a line whose LF has not come yet
  discarding = false; // an over-long line is known, its LF has not come yet

  // Takes what arrived; returns the messages that this completes.
  push(octets) {
    const messages = [];
    let line = Buffer.concat([this.rest, octets]);
    for (let end; (end = line.indexOf(LF)) >= 0; line = line.subarray(end + 1)) {
      if (!this.discarding) messages.push(withoutCr(line.subarray(0, end)));
      this.discarding = false;
    }
    if (!this.discarding && withoutCr(line).length > LIMIT) { // a last CR may yet belong to a CRLF
      messages.push(line);
      this.discarding = true;
    }
    this.rest = this.discarding ? Buffer.alloc(0) : line;
    return messages;
  }

  // The client sends no more; an unterminated rest is its last message.
  end() {
    return this.rest.length ? [withoutCr(this.rest)] : [];
  }
}

function serveTcp(port) {
  const connections = new Set();
  // allowHalfOpen: or a client that has ended its side would get no more replies
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (connection) => {
    connections.add(connection);
    connection.on("close", () => connections.delete(connection));
    connection.on("error", () => {}); // the client reset the connection or vanished
    converse(connection).catch(() => connection.destroy());
  });
  server.listen(port, HOST, () => announce(server.address()));

  return () => {
    for (const connection of connections) {
      // Half a reply must not look like a whole one.
      if (connection.writableLength) connection.resetAndDestroy();
    }
  };
}

// Answers one client until it has ended its side.
async function converse(connection) {
  const lines = new LineReader();
  for await (const octets of connection.iterator({ destroyOnReturn: false })) {
    for (let at = 0; at < octets.length; at += PIECE) {
      await sendReplies(connection, lines.push(octets.subarray(at, at + PIECE)));
    }
  }
  await sendReplies(connection, lines.end());
  connection.end();
}

// Sends the replies; waits while the client does not read them.
async function sendReplies(connection, messages) {
  const replies = messages.map((message) => reply(message) + "\n").join("");
  if (!connection.write(replies)) await once(connection, "drain");
  await setImmediate(); // however much this client sends, the others get their turn
}

function serveUdp(port) {
  const server = dgram.createSocket("udp4", (datagram, peer) => {
    const here = server.address();
    if (peer.address === here.address && peer.port === here.port) return; // or we answer ourselves for ever
    if (peer.port === 0) return; // nobody can be reached there
    const message = datagram.at(-1) === LF ? withoutCr(datagram.subarray(0, -1)) : datagram;
    server.send(reply(message), peer.port, peer.address, () => {}); // a peer that is gone harms nobody
  });
  server.bind(port, HOST, () => announce(server.address()));
  return () => {};
}

function announce({ address, port }) {
  process.stdout.on("error", () => {}); // nobody has to read it
  console.log(`listening on ${address}:${port}`);
}

const [transport, port = "8041"] = process.argv.slice(2);
const stop = { tcp: serveTcp, udp: serveUdp }[transport](Number(port));
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    stop();
    process.exit(0);
  });
}
