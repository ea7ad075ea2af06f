// A greeting server for Node: node greeting.js [PORT]

"use strict";

const net = require("node:net");
const reply = require("./reply");

const server = net.createServer((connection) => {
  connection.on("error", () => {}); // the client has left
  connection.end(reply + "\n");
});
server.listen(Number(process.argv[2] ?? 8043), "127.0.0.1");
