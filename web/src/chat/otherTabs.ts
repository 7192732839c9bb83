// Signing out in one tab is signing out in all of them: what the others would send or show of the account goes too.
import { save } from "../shared/storage.ts"

/** Set and removed at once: tells the other tabs which account has signed out. */
const leaving = "1fin:leaving"

export class OtherTabs {
  private readonly account: number
  private readonly onLeft: () => void

  /** `onLeft`: another tab has signed the account out. */
  constructor(account: number, onLeft: () => void) {
    this.account = account
    this.onLeft = onLeft
  }
  start(): void {
    globalThis.addEventListener("storage", this.hear)
  }
  stop(): void {
    globalThis.removeEventListener("storage", this.hear)
  }
  /** Heard by the other tabs, whose items may be on their way and would else be put back. */
  left(): void {
    save(leaving, this.account)
    save(leaving, undefined)
  }
  private readonly hear = (event: StorageEvent): void => {
    if (event.key === leaving && event.newValue === String(this.account)) this.onLeft()
  }
}
