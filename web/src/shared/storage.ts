// localStorage that may be full, forbidden or edited by hand: a page works without it, and reads nothing it can't parse.

export function load<T>(name: string, check: (value: unknown) => value is T): T | undefined {
  try {
    const text = localStorage.getItem(name)
    if (text === null) return undefined
    const value: unknown = JSON.parse(text)
    return check(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** False when it could not be kept. */
export function save(name: string, value: unknown): boolean {
  try {
    if (value === undefined) localStorage.removeItem(name)
    else localStorage.setItem(name, JSON.stringify(value))
    return true
  } catch {
    return false
  }
}

export function names(prefix: string): string[] {
  const found: string[] = []
  try {
    for (let i = 0; i < localStorage.length; i++) {
      const name = localStorage.key(i)
      if (name?.startsWith(prefix)) found.push(name)
    }
  } catch {
    // No storage: nothing was kept.
  }
  return found
}

export const isString = (value: unknown): value is string => typeof value === "string"
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
