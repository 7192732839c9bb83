// The echo server's job done with node ws, for ./onefin bench ws: node echo-node.js PORT [deflate | CERTIFICATE KEY]
'use strict';
const { readFileSync } = require('fs');
const { createServer } = require('https');
const { WebSocketServer } = require('ws');

const room = new Set();
const [port, word, key] = process.argv.slice(2);
const place = { host: '127.0.0.1', port: Number(port), backlog: 4096 };
const tls = key && createServer({ cert: readFileSync(word), key: readFileSync(key) });
const server = new WebSocketServer({ ...(tls ? { server: tls } : place), maxPayload: 64 << 20, perMessageDeflate: word === 'deflate' });
const listener = tls ? tls.listen(place) : server;
listener.on('listening', () => console.log(`listening on 127.0.0.1:${listener.address().port}`));
server.on('connection', (socket, request) => {
  if (request.url === '/room') {
    room.add(socket);
    socket.on('close', () => room.delete(socket));
    socket.on('message', (data, binary) => {
      for (const member of room) member.send(data, { binary });
    });
  } else if (request.url === '/echo') {
    socket.on('message', (data, binary) => socket.send(data, { binary }));
  }
});
