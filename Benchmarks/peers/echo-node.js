// The echo server's job done with node ws, for ./onefin bench ws: node echo-node.js PORT [deflate]
'use strict';
const { WebSocketServer } = require('ws');

const room = new Set();
const server = new WebSocketServer({
  host: '127.0.0.1', port: Number(process.argv[2]), backlog: 4096, maxPayload: 64 << 20, perMessageDeflate: process.argv[3] === 'deflate',
});
server.on('listening', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
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
