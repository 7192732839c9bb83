// The address bar. /t/17 is a topic, /watch/17 a topic seen by a ghost, /admin/users a page.
import { Cell } from "./signal.ts"

export const path = new Cell<string>(location.pathname)
globalThis.addEventListener("popstate", () => path.set(location.pathname))

/** `to` may end with a query, which is no part of the path: a page keeps its filters there. */
export function go(to: string, replace = false): void {
  if (to === location.pathname) return
  if (replace) history.replaceState(null, "", to)
  else history.pushState(null, "", to)
  path.set(location.pathname)
}

/** The parts of a path: /t/17 gives ["t", "17"]. */
export const segments = (of: string): string[] => of.split("/").filter(Boolean)
