// The socket as a pure state machine: an event and the time go in, a new state and actions come out.
// It knows nothing of WebSocket, timers or the chat; socket.ts runs its actions.

export type Phase =
  /** Not started, or stopped for good. */
  | "idle"
  /** Waiting for the next attempt. */
  | "waiting"
  | "connecting"
  | "open"
  /** The browser says that there is no network: nothing is tried until it comes back. */
  | "offline"

export interface ConnectionState {
  readonly phase: Phase
  /** Failed attempts since the last connection that stayed. */
  readonly attempt: number
  /** When the next attempt starts (ms); only in `waiting`. */
  readonly retryAt: number
  /** When something was last heard from the server (ms). */
  readonly heardAt: number
  /** When an unanswered ping was sent (ms), or 0. */
  readonly pingAt: number
  /** When this connection was opened or its attempt started (ms). */
  readonly since: number
  /** Grows with each connection, so that a late event of an old one is recognised. */
  readonly generation: number
}

export type ConnectionEvent =
  | { type: "start" }
  | { type: "stop" }
  | { type: "opened"; generation: number }
  | { type: "heard"; generation: number }
  | { type: "closed"; generation: number; code: number }
  | { type: "offline" }
  | { type: "online" }
  /** The page became visible, or the user asked to try now. */
  | { type: "nudge" }
  | { type: "tick" }

export type ConnectionAction =
  | { type: "connect"; generation: number }
  | { type: "close"; code: number }
  | { type: "ping" }
  /** The connection is gone: whoever waits for an answer must be told. */
  | { type: "lost"; code: number }
  /** The session ended (4001): wipe and go to sign-in. */
  | { type: "ended" }
  /** Several attempts failed: ask REST whether the session still lives, since a refused upgrade tells a page nothing. */
  | { type: "probe" }

export interface Limits {
  /** Silence after which the server is asked for a sign of life. */
  silence: number
  /** How long it has to answer. */
  answer: number
  /** How long an attempt may take. */
  connect: number
  /** First, and longest, delay between attempts. */
  first: number
  longest: number
}
export const limits: Limits = { silence: 20_000, answer: 8_000, connect: 10_000, first: 500, longest: 20_000 }

export const initial: ConnectionState = {
  phase: "idle",
  attempt: 0,
  retryAt: 0,
  heardAt: 0,
  pingAt: 0,
  since: 0,
  generation: 0,
}

export interface Step {
  state: ConnectionState
  actions: ConnectionAction[]
}

/** Full jitter: anything between half of the delay and the whole of it, so that a thousand pages don't return together. */
export function backoff(attempt: number, random: number, limit: Limits = limits): number {
  const delay = Math.min(limit.longest, limit.first * 2 ** Math.min(attempt, 10))
  return Math.round(delay * (0.5 + random / 2))
}

function connect(state: ConnectionState, now: number): Step {
  const generation = state.generation + 1
  return {
    state: { ...state, phase: "connecting", since: now, heardAt: now, pingAt: 0, generation },
    actions: [{ type: "connect", generation }],
  }
}

function wait(state: ConnectionState, now: number, code: number, random: number, limit: Limits): Step {
  // 1012: the server restarts and asks for a return after a random 0–5 s; 1013 and 4029 ask for patience.
  const delay = code === 1012
    ? Math.round(random * 5_000)
    : code === 1013 || code === 4029
    ? backoff(Math.max(state.attempt, 2), random, limit)
    : backoff(state.attempt, random, limit)
  const attempt = state.attempt + 1
  const actions: ConnectionAction[] = [{ type: "lost", code }]
  if (attempt % 2 === 0) actions.push({ type: "probe" })
  return { state: { ...state, phase: "waiting", attempt, retryAt: now + delay, pingAt: 0 }, actions }
}

export function step(
  state: ConnectionState,
  event: ConnectionEvent,
  now: number,
  random: number,
  limit: Limits = limits,
): Step {
  const same: Step = { state, actions: [] }
  switch (event.type) {
    case "start":
      return state.phase === "idle" ? connect({ ...state, attempt: 0 }, now) : same
    case "stop":
      if (state.phase === "idle") return same
      return {
        state: { ...state, phase: "idle", attempt: 0, pingAt: 0 },
        actions: state.phase === "open" || state.phase === "connecting"
          ? [{ type: "close", code: 1000 }, { type: "lost", code: 1000 }]
          : [],
      }
    case "opened":
      if (event.generation !== state.generation || state.phase !== "connecting") return same
      return { state: { ...state, phase: "open", since: now, heardAt: now, pingAt: 0 }, actions: [] }
    case "heard":
      if (event.generation !== state.generation || state.phase !== "open") return same
      return { state: { ...state, heardAt: now, pingAt: 0, attempt: 0 }, actions: [] }
    case "closed":
      if (event.generation !== state.generation) return same
      if (state.phase !== "open" && state.phase !== "connecting") return same
      if (event.code === 4001) {
        return {
          state: { ...state, phase: "idle", attempt: 0, pingAt: 0 },
          actions: [{ type: "lost", code: 4001 }, { type: "ended" }],
        }
      }
      return wait(state, now, event.code, random, limit)
    case "offline":
      if (state.phase === "idle" || state.phase === "offline") return same
      // An open WebSocket survives the loss of its network for minutes: it is closed here and now.
      return {
        state: { ...state, phase: "offline", attempt: 0, pingAt: 0 },
        actions: state.phase === "waiting" ? [] : [{ type: "close", code: 1000 }, { type: "lost", code: 1006 }],
      }
    case "online":
      return state.phase === "offline" || state.phase === "waiting" ? connect({ ...state, attempt: 0 }, now) : same
    case "nudge":
      if (state.phase === "waiting") return connect(state, now)
      if (state.phase === "open" && state.pingAt === 0 && now - state.heardAt > 3_000) {
        return { state: { ...state, pingAt: now }, actions: [{ type: "ping" }] }
      }
      return same
    case "tick":
      return tick(state, now, random, limit)
  }
}

function tick(state: ConnectionState, now: number, random: number, limit: Limits): Step {
  if (state.phase === "waiting" && now >= state.retryAt) return connect(state, now)
  if (state.phase === "connecting" && now - state.since > limit.connect) return abandon(state, now, random, limit)
  if (state.phase === "open") {
    if (state.pingAt > 0 && now - state.pingAt > limit.answer) return abandon(state, now, random, limit)
    if (state.pingAt === 0 && now - state.heardAt > limit.silence) {
      return { state: { ...state, pingAt: now }, actions: [{ type: "ping" }] }
    }
  }
  return { state, actions: [] }
}

function abandon(state: ConnectionState, now: number, random: number, limit: Limits): Step {
  const step = wait(state, now, 1006, random, limit)
  return { state: step.state, actions: [{ type: "close", code: 1000 }, ...step.actions] }
}
