// Light, dark, or what the system says. boot.js has applied the stored choice before the first paint.
import { Cell } from "./signal.ts"
import { isString, load, save } from "./storage.ts"

export type Theme = "system" | "light" | "dark"
const stored = "1fin:theme"
const isTheme = (value: unknown): value is Theme =>
  isString(value) && (value === "system" || value === "light" || value === "dark")

export const theme = new Cell<Theme>(load(stored, isTheme) ?? "system")

export function setTheme(next: Theme): void {
  save(stored, next)
  if (next === "system") delete document.documentElement.dataset["theme"]
  else document.documentElement.dataset["theme"] = next
  theme.set(next)
}

/** Whether the page is dark now. */
export function isDark(): boolean {
  return theme.value === "dark" ||
    (theme.value === "system" && matchMedia("(prefers-color-scheme: dark)").matches)
}
