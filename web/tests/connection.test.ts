import {
  backoff,
  type ConnectionEvent,
  type ConnectionState,
  initial,
  limits,
  step,
} from "../src/shared/net/connection.ts"
import { check, equal } from "./assert.ts"

/** Feeds events at given times and collects what was to be done. */
function run(events: [number, ConnectionEvent][], from: ConnectionState = initial, random = 0.5) {
  let state = from
  const done: string[] = []
  for (const [at, event] of events) {
    const next = step(state, event, at, random)
    state = next.state
    done.push(...next.actions.map((action) => action.type))
  }
  return { state, done }
}
const opened: [number, ConnectionEvent][] = [[0, { type: "start" }], [10, { type: "opened", generation: 1 }]]

Deno.test("it connects, and a silent server is asked and then left", () => {
  const { state, done } = run([
    ...opened,
    [limits.silence, { type: "tick" }],
    [limits.silence + 11, { type: "tick" }],
    [limits.silence + 12, { type: "tick" }],
    [limits.silence + limits.answer + 100, { type: "tick" }],
  ])
  equal(done, ["connect", "ping", "close", "lost"])
  equal(state.phase, "waiting")
})

Deno.test("an answer to the ping keeps the connection", () => {
  const { state, done } = run([
    ...opened,
    [limits.silence + 20, { type: "tick" }],
    [limits.silence + 30, { type: "heard", generation: 1 }],
    [limits.silence + limits.answer + 100, { type: "tick" }],
  ])
  equal(done, ["connect", "ping"])
  equal(state.phase, "open")
})

Deno.test("a lost connection is tried again later and later, and REST is asked about the session", () => {
  let { state } = run(opened)
  let now = 100
  const delays: number[] = []
  const probes: boolean[] = []
  for (let i = 0; i < 8; i++) {
    const lost = step(state, { type: "closed", generation: state.generation, code: 1006 }, now, 1)
    delays.push(lost.state.retryAt - now)
    probes.push(lost.actions.some((action) => action.type === "probe"))
    now = lost.state.retryAt
    state = step(lost.state, { type: "tick" }, now, 1).state
    equal(state.phase, "connecting")
  }
  equal(delays, [500, 1000, 2000, 4000, 8000, 16000, 20000, 20000])
  check(probes[1] === true && probes[0] === false, "asked after the second failure")
})

Deno.test("only something heard resets the delay: an upgrade that closes at once doesn't", () => {
  const first = run([...opened, [20, { type: "closed", generation: 1, code: 1006 }]])
  const second = run([[600, { type: "tick" }], [610, { type: "opened", generation: 2 }], [
    620,
    { type: "closed", generation: 2, code: 1006 },
  ]], first.state)
  equal(second.state.attempt, 2)
  const third = run([[9000, { type: "tick" }], [9010, { type: "opened", generation: 3 }], [
    9020,
    { type: "heard", generation: 3 },
  ]], second.state)
  equal(third.state.attempt, 0)
})

Deno.test("offline closes at once and waits for online; nothing is tried in between", () => {
  const { state, done } = run([
    ...opened,
    [50, { type: "offline" }],
    [60_000, { type: "tick" }],
    [90_000, { type: "nudge" }],
  ])
  equal(done, ["connect", "close", "lost"])
  equal(state.phase, "offline")
  equal(run([[90_001, { type: "online" }]], state).done, ["connect"])
})

Deno.test("4001 ends for good", () => {
  const { state, done } = run([...opened, [50, { type: "closed", generation: 1, code: 4001 }], [99_999, {
    type: "tick",
  }]])
  equal(done, ["connect", "lost", "ended"])
  equal(state.phase, "idle")
})

Deno.test("1012 comes back within five seconds, at random", () => {
  for (const random of [0, 0.3, 0.99]) {
    const { state } = run([...opened, [50, { type: "closed", generation: 1, code: 1012 }]], initial, random)
    check(state.retryAt - 50 >= 0 && state.retryAt - 50 <= 5000, "0–5 s")
  }
})

Deno.test("events of an old connection change nothing", () => {
  const { state } = run([...opened, [20, { type: "closed", generation: 1, code: 1006 }], [5_000, { type: "tick" }]])
  equal(state.generation, 2)
  equal(step(state, { type: "closed", generation: 1, code: 4001 }, 5_001, 0).state, state)
  equal(step(state, { type: "opened", generation: 1 }, 5_001, 0).state, state)
})

Deno.test("a hanging attempt is given up", () => {
  const { state, done } = run([[0, { type: "start" }], [limits.connect + 1, { type: "tick" }]])
  equal(done, ["connect", "close", "lost"])
  equal(state.phase, "waiting")
})

Deno.test("a nudge tries now, and asks an open connection that has been silent", () => {
  const waiting = run([...opened, [20, { type: "closed", generation: 1, code: 1006 }]])
  equal(run([[30, { type: "nudge" }]], waiting.state).done, ["connect"])
  equal(run([...opened, [10_000, { type: "nudge" }]]).done, ["connect", "ping"])
})

Deno.test("the delay has jitter and a ceiling", () => {
  equal(backoff(0, 0), 250)
  equal(backoff(0, 1), 500)
  equal(backoff(50, 1), limits.longest)
})
