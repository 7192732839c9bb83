// Talks to the engine with node ws: node client.js ADDRESS [deflate|stateless] [AUTHORITY]. Its last line is "whole" when every message came back.
'use strict';
const { randomBytes } = require('crypto');
const { readFileSync } = require('fs');
const WebSocket = require('ws');

const [address, offer, authority] = process.argv.slice(2);
const deflate = { deflate: true, stateless: { serverNoContextTakeover: true, clientNoContextTakeover: true } }[offer] || false;
const sizes = [0, 1, 125, 126, 1024, 65535, 65536, 300000];
const messages = sizes.map((size) => 'шартнома '.repeat(size / 9)).concat(sizes.map((size) => randomBytes(size)));

const socket = new WebSocket(`${address}/echo`, { perMessageDeflate: deflate, ca: authority && readFileSync(authority) });
let next = 0;
const send = () => (next < messages.length ? socket.send(messages[next], { compress: true }) : socket.ping());
socket.on('open', () => {
  if (Boolean(socket.extensions) !== Boolean(deflate)) throw new Error(`negotiated: ${socket.extensions}`);
  send();
});
socket.on('message', (data, binary) => {
  const sent = messages[next++];
  if (binary ? !data.equals(sent) : data.toString() !== sent) throw new Error(`message ${next} came back changed`);
  send();
});
socket.on('pong', () => socket.close(1000));
socket.on('close', (code) => console.log(code === 1000 ? 'whole' : `closed with ${code}`));
