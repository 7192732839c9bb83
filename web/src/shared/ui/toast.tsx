// Short news that needs no answer, read out politely and gone after a while.
import { Cell } from "../signal.ts"
import { Icon } from "./basics.tsx"

interface Toast {
  id: number
  text: string
  kind: "ok" | "error"
}
const toasts = new Cell<readonly Toast[]>([])
let next = 1

export function toast(text: string, kind: Toast["kind"] = "ok"): void {
  const id = next++
  toasts.set([...toasts.value.filter((one) => one.text !== text).slice(-2), { id, text, kind }])
  setTimeout(() => toasts.set(toasts.value.filter((one) => one.id !== id)), kind === "ok" ? 4000 : 8000)
}

export function Toasts() {
  const all = toasts.use()
  return (
    <div className="toasts" role="status" aria-live="polite" data-testid="toasts">
      {all.map((one) => (
        <div className="toast" data-kind={one.kind} key={one.id}>
          <Icon name={one.kind === "ok" ? "check" : "alert"} />
          <span>{one.text}</span>
        </div>
      ))}
    </div>
  )
}
