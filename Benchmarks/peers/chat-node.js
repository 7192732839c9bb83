// The chat server's job done with node ws and node pg, for ./onefin bench chat: node --expose-gc chat-node.js single|batched
//
// The same wire protocol on the same tables: sessions by the hash of their token, memberships checked when somebody subscribes and again by the statement
// that appends, one gapless log per topic under its row lock, (author, key) once for ever, the answer after the commit, resumption from Postgres.
// `single` commits each message alone, on as many connections as help, and asks for each session and topic alone; `batched` commits what waits in one
// transaction, and asks for what waits in one statement, which is the strongest that this stack does. Every commit is one prepared statement and so one
// round trip. Pages are rendered by Postgres and passed on unread, a row's frame is made once for all its readers, and what a tick has for one socket
// leaves in one write.
//
// It does less than 1fin, all to its own advantage:
// - no hash chain: `hash` and `prev_hash` are zeros, since the tables want 32 bytes there, and bodies have no hash and no random salt;
// - no read marks, typing, presence, inbox, ghosts, clearances, clocks (`waiting_since`); of the verbs only send, subscribe, unsubscribe, history, ping;
// - one process, the only writer: no news from other nodes, no revocation of what is open, no bound on a page's bytes;
// - a revocation that commits while an append waits for the row lock goes unseen by it.
'use strict';
const { createHash } = require('crypto');
const http = require('http');
const { Pool, types } = require('pg');
const { Sender, WebSocketServer } = require('ws');

const batched = process.argv[2] === 'batched';
const MOST_IN_BATCH = 512;
const MOST_LOOKS = batched ? 32 : 1;
const READERS = 4;
const WRITERS = 16;
const MOST_UNSENT = 1 << 20;
const NO_HASH = '0'.repeat(64);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

// Numbers below 2^53 by the protocol.
types.setTypeParser(types.builtins.INT8, Number);

// MARK: What is asked of Postgres

const participates = (topic, account) => `SELECT bool_or(q.staff) AS staff FROM topic_participant q WHERE q.topic_id = ${topic} AND q.account_id = ${account}`;
const isAlive = (session, account) =>
  `EXISTS (SELECT FROM session s WHERE s.id = ${session} AND s.account_id = ${account} AND s.ended_at IS NULL AND s.expires_at > now())`;

// `asked` gives a row for each topic: how many messages it gets, and those as arrays: n, author, staff, key, body. What may not be, or has been before,
// is not among them, so that it burns no number. The update takes the row lock. No joins among what is asked: their sizes are unknown to the planner.
const appends = (asked) => `
  WITH heads AS (
    UPDATE topic t SET head = t.head + c.count, case_number = t.case_number + (NOT t.case_open)::int, case_open = true, last_at = $1::timestamptz
      FROM (${asked}) c WHERE t.id = c.topic
    RETURNING t.id, t.head - c.count AS base, t.case_number, c.ns, c.authors, c.staff, c.keys, c.bodies),
  rows AS MATERIALIZED (
    SELECT h.id AS topic, h.base + u.place AS seq, h.case_number, u.n, u.author, u.staff, u.key, u.body
      FROM heads h CROSS JOIN LATERAL unnest(h.ns, h.authors, h.staff, h.keys, h.bodies) WITH ORDINALITY AS u (n, author, staff, key, body, place)),
  entries AS (
    INSERT INTO topic_entry (topic_id, seq, kind, at, author_id, staff, case_number, message, version, prev_hash, hash)
    SELECT topic, seq, 1, $1, author, staff, case_number, seq, 1, '\\x${NO_HASH}', '\\x${NO_HASH}' FROM rows),
  bodies AS (INSERT INTO topic_body (topic_id, seq, salt, body) SELECT topic, seq, '\\x${NO_HASH.slice(32)}', body FROM rows),
  keys AS (
    INSERT INTO send_key (author_id, key, topic_id, seq, request_hash) SELECT author, key, topic, seq, sha256(convert_to(body, 'UTF8')) FROM rows),
  cases AS (
    INSERT INTO topic_case (topic_id, number, opened_seq, opened_at)
    SELECT h.id, h.case_number, h.base + 1, $1 FROM heads h
     WHERE NOT EXISTS (SELECT FROM topic_case c WHERE c.topic_id = h.id AND c.number = h.case_number))
  SELECT n, seq, case_number, staff FROM rows`;

const APPEND_MANY = appends(`
  SELECT w.topic, count(*), array_agg(w.n) AS ns, array_agg(w.author) AS authors, array_agg(w.staff) AS staff, array_agg(w.key) AS keys,
         array_agg(w.body) AS bodies
    FROM (SELECT u.*, p.staff
            FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::uuid[], $6::text[]) WITH ORDINALITY AS u (topic, author, session, key, body, n)
           CROSS JOIN LATERAL (${participates('u.topic', 'u.author')}) p
           WHERE p.staff IS NOT NULL AND ${isAlive('u.session', 'u.author')}
             AND NOT EXISTS (SELECT FROM send_key k WHERE k.author_id = u.author AND k.key = u.key)
           ORDER BY u.topic, u.n) w
   GROUP BY w.topic`);

const APPEND_ONE = appends(`
  SELECT $2::bigint AS topic, 1 AS count, ARRAY[1] AS ns, ARRAY[$3::bigint] AS authors, ARRAY[p.staff] AS staff, ARRAY[$5::uuid] AS keys,
         ARRAY[$6::text] AS bodies
    FROM (${participates('$2', '$3')}) p
   WHERE p.staff IS NOT NULL AND ${isAlive('$4::bigint', '$3')} AND NOT EXISTS (SELECT FROM send_key k WHERE k.author_id = $3 AND k.key = $5)`);

const ANSWERED = `
  SELECT e.seq, e.case_number, to_json(e.at) #>> '{}', k.topic_id = $1 AND k.request_hash = sha256(convert_to($5, 'UTF8'))
    FROM send_key k JOIN topic_entry e ON e.topic_id = k.topic_id AND e.seq = k.seq
   WHERE k.author_id = $2 AND k.key = $4 AND (${participates('$1', '$2')}) IS NOT NULL AND ${isAlive('$3', '$2')}`;

const SESSIONS = `
  SELECT u.n, s.id, s.account_id
    FROM unnest($1::bytea[]) WITH ORDINALITY AS u (hash, n)
    JOIN session s ON s.token_hash = u.hash AND s.ended_at IS NULL AND s.expires_at > now()
    JOIN account a ON a.id = s.account_id AND a.disabled_at IS NULL`;

// Only messages are ever written here, and bodies are there as long as nothing is erased.
const entries = (condition) => `
  coalesce((SELECT string_agg('{"seq":' || e.seq || ',"kind":"message","at":' || to_json(e.at) || ',"by":' || e.author_id || ',"staff":' || e.staff
      || ',"case":' || e.case_number || ',"hash":"' || encode(e.hash, 'hex') || '","message":' || e.message || ',"version":' || e.version
      || ',"body":' || to_json(b.body) || '}', ',' ORDER BY e.seq)
    FROM topic_entry e JOIN topic_body b ON b.topic_id = e.topic_id AND b.seq = e.seq
   WHERE e.topic_id = t.id AND ${condition}), '')`;

const STATES = `
  SELECT u.n, t.head, f.first, ${entries('e.seq > f.first AND e.seq <= t.head')},
         (SELECT json_agg(json_build_object('account', a.id, 'name', a.name, 'role', CASE WHEN p.staff THEN 'accountant' ELSE 'client' END, 'staff', p.staff,
                                            'participant', true))::text
            FROM topic_participant p JOIN account a ON a.id = p.account_id WHERE p.topic_id = t.id),
         (SELECT json_build_object('case', c.number, 'state', CASE WHEN t.case_open THEN 'open' ELSE 'closed' END, 'openedAt', c.opened_at,
                                   'closedAt', c.closed_at, 'closedBy', c.closed_by, 'stars', c.stars)::text
            FROM topic_case c WHERE c.topic_id = t.id AND c.number = t.case_number)
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) WITH ORDINALITY AS u (topic, account, session, after, n)
    JOIN topic t ON t.id = u.topic
   CROSS JOIN LATERAL (SELECT CASE WHEN u.after BETWEEN t.head - 500 AND t.head THEN u.after ELSE greatest(t.head - 50, 0) END AS first) f
   WHERE (${participates('u.topic', 'u.account')}) IS NOT NULL AND ${isAlive('u.session', 'u.account')}`;

const HISTORY = `
  SELECT t.head, ${entries('e.seq > $4 AND e.seq <= least($5::bigint, t.head)')}
    FROM topic t WHERE t.id = $1 AND (${participates('$1', '$2')}) IS NOT NULL AND ${isAlive('$3', '$2')}`;

// Planning takes longer than running, and no plan here hangs on its values.
const settings = { application_name: 'chat-node', options: '-c plan_cache_mode=force_generic_plan -c jit=off' };
const reading = new Pool({ ...settings, max: READERS });
const writing = new Pool({ ...settings, max: batched ? 1 : WRITERS });
// What a lost connection was asked fails by itself, and the pool makes a new one.
for (const pool of [reading, writing]) pool.on('error', () => {});
let epoch;

const ask = async (database, name, text, values) => (await database.query({ name, text, values, rowMode: 'array' })).rows;

// Arrays as Postgres reads them.
const plain = (items, word) => `{${items.map(word).join()}}`;
const quoted = (items, text) => `{${items.map((item) => `"${text(item).replace(/["\\]/g, '\\$&')}"`).join()}}`;

// Asks for one thing; what waits for a connection goes into one statement, whose rows begin with the number of what was asked for.
function gather(name, text, values) {
  const waiting = [];
  let running = 0;
  async function run() {
    while (waiting.length) {
      const batch = waiting.splice(0, MOST_LOOKS);
      try {
        const rows = [];
        for (const row of await ask(reading, name, text, values(batch.map(({ item }) => item)))) rows[row[0] - 1] = row;
        batch.forEach(({ resolve }, at) => resolve(rows[at]));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    running -= 1;
  }
  return (item) => new Promise((resolve, reject) => {
    waiting.push({ item, resolve, reject });
    if (running === READERS) return;
    running += 1;
    setImmediate(run);
  });
}

const findSession = gather('session', SESSIONS, (hashes) => [quoted(hashes, (hash) => `\\x${hash}`)]);
const findState = gather('state', STATES, (looks) => [
  plain(looks, (look) => look.topic), plain(looks, (look) => look.account), plain(looks, (look) => look.session),
  plain(looks, (look) => look.after)]);

// MARK: What goes out

const topics = new Map(); // the subscriptions of each topic
const corked = [];

// Everything that is sent until `flush` leaves a socket in one write.
function cork(connection) {
  if (connection.isCorked) return;
  connection.isCorked = true;
  connection.socket.cork();
  corked.push(connection);
}

function flush() {
  for (const connection of corked) {
    connection.isCorked = false;
    connection.socket.uncork();
  }
  corked.length = 0;
}

const answer = (connection, id, ok) => connection.ws.send(`{"id":${id},"ok":${ok}}`);

const refuse = (connection, id, code, message) =>
  connection.ws.send(`{"id":${id ?? null},"error":{"code":"${code}","message":"${message}","temporary":${code === 'unavailable'}}}`);

function appended(connection, item, seq, at, number) {
  answer(connection, item.id, `{"topic":${item.topic},"message":${seq},"seq":${seq},"at":"${at}","hash":"${NO_HASH}","case":${number}}`);
}

// One frame for all who read the topic.
function broadcast(item, seq, at, number, staff) {
  const members = topics.get(item.topic);
  if (!members) return;
  const text = `{"event":"entry","topic":${item.topic},"entry":{"seq":${seq},"kind":"message","at":"${at}","by":${item.connection.account},"staff":${
    staff},"case":${number},"hash":"${NO_HASH}","message":${seq},"version":1,"body":${JSON.stringify(item.body)}}}`;
  const frame = Buffer.concat(Sender.frame(Buffer.from(text), { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: true }));
  for (const member of members) {
    if (member.waiting) member.waiting.push({ seq, frame });
    else push(member, seq, frame);
  }
}

function push(member, seq, frame) {
  if (seq <= member.seq) return;
  const { connection } = member;
  cork(connection);
  if (connection.socket.writableLength > MOST_UNSENT) {
    connection.ws.send(`{"event":"lag","topic":${member.topic}}`);
    member.seq = Infinity;
    setImmediate(leave, member);
    return;
  }
  member.seq = seq;
  connection.socket.write(frame);
}

// MARK: Appending

let waiting = []; // what the next batch takes
let isWriting = false;
const lines = new Map(); // by topic, what waits for the message that is under way: commits of one topic come in order

function send(connection, { id, topic, key, body }) {
  if (!Number.isSafeInteger(topic) || typeof key !== 'string' || !UUID.test(key) || typeof body !== 'string') {
    return refuse(connection, id, 'malformed', 'topic, key or body');
  }
  if (body.length > 16000) return refuse(connection, id, 'too_large', 'A message has at most 16000 characters.');
  const item = { connection, id, topic, key, body };
  if (batched) {
    waiting.push(item);
    // After this tick's other sockets have been read.
    if (!isWriting) setImmediate(writeBatches);
    isWriting = true;
  } else {
    const line = lines.get(topic);
    if (line) line.push(item);
    else writeLine(topic, item);
  }
}

async function writeBatches() {
  while (waiting.length) {
    const batch = waiting.length > MOST_IN_BATCH ? waiting.splice(0, MOST_IN_BATCH) : waiting;
    if (batch === waiting) waiting = [];
    await append(batch);
  }
  isWriting = false;
}

async function writeLine(topic, first) {
  const line = [];
  lines.set(topic, line);
  for (let item = first; item; item = line.shift()) await append([item]);
  lines.delete(topic);
}

async function append(items) {
  const at = new Date().toISOString().replace('Z', '000Z');
  let rows;
  try {
    rows = batched
      ? await ask(writing, 'append', APPEND_MANY, [
        at, plain(items, (item) => item.topic), plain(items, (item) => item.connection.account),
        plain(items, (item) => item.connection.session), plain(items, (item) => item.key), quoted(items, (item) => item.body)])
      : await ask(writing, 'append', APPEND_ONE, [
        at, items[0].topic, items[0].connection.account, items[0].connection.session, items[0].key, items[0].body]);
  } catch (error) {
    if (items.length > 1) { // One's mistake is nobody else's.
      for (const item of items) await append([item]);
      return;
    }
    if (error.constraint !== 'send_key_pkey') return refuse(items[0].connection, items[0].id, 'unavailable', 'The database does not answer.');
    rows = [];
  }
  for (const [n, seq, number] of rows) {
    const item = items[n - 1];
    item.isDone = true;
    cork(item.connection);
    appended(item.connection, item, seq, at, number);
  }
  for (const [n, seq, number, staff] of rows) broadcast(items[n - 1], seq, at, number, staff);
  flush();
  if (rows.length < items.length) for (const item of items) if (!item.isDone) await answerAgain(item);
}

// The same key again has the first answer; otherwise the topic is not there for its author.
async function answerAgain(item) {
  const { connection, id, topic, key, body } = item;
  try {
    const [row] = await ask(reading, 'answered', ANSWERED, [topic, connection.account, connection.session, key, body]);
    if (!row) refuse(connection, id, 'not_found', 'No such topic.');
    else if (!row[3]) refuse(connection, id, 'conflict', 'The key was used for another request.');
    else appended(connection, item, row[0], row[2], row[1]);
  } catch {
    refuse(connection, id, 'unavailable', 'The database does not answer.');
  }
}

// MARK: Reading

// Registered first and read then: what is committed meanwhile waits, and nothing falls between.
async function subscribe(connection, { id, topic, epoch: known, after }) {
  if (!Number.isSafeInteger(topic)) return refuse(connection, id, 'malformed', 'topic');
  const before = connection.subscriptions.find((subscription) => subscription.topic === topic);
  if (before) leave(before);
  const member = { connection, topic, seq: 0, waiting: [] };
  connection.subscriptions.push(member);
  const members = topics.get(topic);
  if (members) members.push(member);
  else topics.set(topic, [member]);
  const from = known === epoch && Number.isSafeInteger(after) ? after : 'null';
  try {
    const row = await findState({ topic, account: connection.account, session: connection.session, after: from });
    if (!connection.subscriptions.includes(member)) return;
    if (!row) {
      leave(member);
      return refuse(connection, id, 'not_found', 'No such topic.');
    }
    const [, head, first, rows, people, current] = row;
    const reset = after !== undefined && first !== from ? ',"reset":true' : '';
    cork(connection);
    answer(connection, id, `{"topic":${topic},"epoch":"${epoch}","head":${head},"entries":[${rows}],"more":${first > 0}${reset},"people":${people},"case":${
      current},"me":{"participant":true,"write":true}}`);
    member.seq = head;
    for (const { seq, frame } of member.waiting) push(member, seq, frame);
    member.waiting = null;
    flush();
  } catch {
    leave(member);
    refuse(connection, id, 'unavailable', 'The database does not answer.');
  }
}

function leave(member) {
  const own = member.connection.subscriptions;
  const place = own.indexOf(member);
  if (place < 0) return;
  own.splice(place, 1);
  const members = topics.get(member.topic);
  // The last takes the place of whoever goes.
  const last = members.pop();
  if (last !== member) members[members.indexOf(member)] = last;
  if (!members.length) topics.delete(member.topic);
}

async function history(connection, { id, topic, before, after, limit }) {
  const count = Math.min(Math.max(limit ?? 50, 1), 200);
  const low = before === undefined ? Math.max(after ?? 0, 0) : Math.max(before - 1 - count, 0);
  const high = before === undefined ? low + count : before - 1;
  if (![topic, low, high].every(Number.isSafeInteger)) return refuse(connection, id, 'malformed', 'topic, before, after or limit');
  try {
    const [row] = await ask(reading, 'history', HISTORY, [topic, connection.account, connection.session, low, high]);
    if (!row) return refuse(connection, id, 'not_found', 'No such topic.');
    answer(connection, id, `{"topic":${topic},"entries":[${row[1]}],"more":${before === undefined ? row[0] > high : low > 0}}`);
  } catch {
    refuse(connection, id, 'unavailable', 'The database does not answer.');
  }
}

// MARK: Sockets

const server = http.createServer((request, response) => response.writeHead(404).end());
const sockets = new WebSocketServer({ noServer: true, clientTracking: true, perMessageDeflate: false, maxPayload: 65536 });
let heard = 0;

server.on('upgrade', async (request, socket, head) => {
  const turnAway = (status) => socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  socket.on('error', onSocketError);
  const token = /^Bearer ([\w-]{43})$/.exec(request.headers.authorization ?? '')?.[1];
  if (request.url !== '/ws' || !token) return turnAway('401 Unauthorized');
  if (request.headers['sec-websocket-protocol'] !== '1fin.v1') return turnAway('426 Upgrade Required');
  try {
    const hash = createHash('sha256').update(Buffer.from(token, 'base64url')).digest('hex');
    const session = await findSession(hash);
    if (!session) return turnAway('401 Unauthorized');
    socket.removeListener('error', onSocketError);
    sockets.handleUpgrade(request, socket, head, (ws) => {
      ws.chat = { ws, socket, session: session[1], account: session[2], subscriptions: [], isCorked: false, isThere: true };
      ws.on('message', onMessage);
      ws.on('pong', onPong);
      ws.on('close', onClose);
      ws.on('error', onSocketError);
    });
  } catch {
    turnAway('503 Service Unavailable');
  }
});

// The close that follows says all there is to say.
function onSocketError() {}

function onPong() {
  this.chat.isThere = true;
}

function onClose() {
  while (this.chat.subscriptions.length) leave(this.chat.subscriptions[0]);
}

function onMessage(data, isBinary) {
  heard += 1;
  const connection = this.chat;
  connection.isThere = true;
  if (isBinary) return this.close(1003);
  let request;
  try {
    request = JSON.parse(data);
  } catch {
    return this.close(1007);
  }
  if (!Number.isSafeInteger(request?.id) || request.id < 0) return refuse(connection, null, 'malformed', 'id');
  switch (request.do) {
    case 'send': return send(connection, request);
    case 'subscribe': return void subscribe(connection, request);
    case 'history': return void history(connection, request);
    case 'ping': return answer(connection, request.id, '{}');
    case 'unsubscribe': {
      const member = connection.subscriptions.find((subscription) => subscription.topic === request.topic);
      if (member) leave(member);
      return answer(connection, request.id, `{"topic":${Number(request.topic)}}`);
    }
    default: return refuse(connection, request.id, 'unknown_verb', 'No such verb.');
  }
}

setInterval(() => {
  for (const ws of sockets.clients) {
    if (!ws.chat.isThere) {
      ws.terminate();
      continue;
    }
    ws.chat.isThere = false;
    ws.ping();
  }
}, 25000);

// Once nothing is heard any more, garbage goes: an idle connection's memory is what it needs, and not what its beginning has left behind.
const collected = { before: -1, at: -1 };
setInterval(() => {
  if (global.gc && heard === collected.before && collected.at !== heard) {
    global.gc();
    collected.at = heard;
  }
  collected.before = heard;
}, 500);

(async () => {
  epoch = (await reading.query('SELECT epoch FROM chat_epoch')).rows[0].epoch;
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () => console.log(`listening on 127.0.0.1:${server.address().port}`));
})();
