// Who is online, as far as the server has said.
import type { Presence } from "../shared/net/protocol.ts"
import { Signal } from "../shared/signal.ts"

export class Presences {
  readonly signal = new Signal()
  private readonly known = new Map<number, Presence>()

  of(account: number): Presence | undefined {
    return this.known.get(account)
  }
  hear(presences: readonly Presence[]): void {
    for (const presence of presences) this.known.set(presence.account, presence)
    this.signal.touch()
  }
  clear(): void {
    this.known.clear()
  }
}
