// What the model tells the views: a number that grows. A view reads the model itself; the number says that it must.
import { useSyncExternalStore } from "react"

const dirty = new Set<Signal>()
let scheduled = false

/** Many socket frames in one frame of the screen give one render. Hidden pages get no animation frames, so a timer backs it up. */
function schedule(): void {
  if (scheduled) return
  scheduled = true
  let done = false
  const run = () => {
    if (done) return
    done = true
    flush()
  }
  if (typeof requestAnimationFrame === "function" && !document.hidden) requestAnimationFrame(run)
  setTimeout(run, 100)
}

/** Renders what has changed now: after something that the user did and waits to see. */
export function flush(): void {
  scheduled = false
  const now = [...dirty]
  dirty.clear()
  for (const signal of now) signal.fire()
}

export class Signal {
  private value = 0
  private readonly listeners = new Set<() => void>()

  touch(): void {
    this.value++
    dirty.add(this)
    if (this.listeners.size > 0) schedule()
  }

  fire(): void {
    for (const listener of Array.from(this.listeners)) listener()
  }

  readonly subscribe = (listener: () => void): () => void => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }
  readonly read = (): number => this.value
}

/** Renders again whenever the signal is touched. */
export function useSignal(signal: Signal): number {
  return useSyncExternalStore(signal.subscribe, signal.read)
}

/** A value with a signal of its own. */
export class Cell<T> {
  private readonly signal = new Signal()
  private current: T

  constructor(value: T) {
    this.current = value
  }
  get value(): T {
    return this.current
  }
  set(value: T): void {
    if (Object.is(value, this.current)) return
    this.current = value
    this.signal.touch()
    flush()
  }
  use(): T {
    useSignal(this.signal)
    return this.current
  }
}
