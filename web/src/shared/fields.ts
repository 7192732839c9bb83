// What the server says of single fields, and whether the form has a place for each of it.

export type Errors = Readonly<Record<string, string | undefined>>

/** Notices which errors a form looks at while it is drawn; what it has no field for must be said elsewhere, or pressing “Save” seems to do nothing. */
export function watched(errors: Errors): { errors: Errors; unseen: () => [name: string, error: string][] } {
  const seen = new Set<string>()
  return {
    errors: new Proxy(errors, {
      get(of, name) {
        if (typeof name !== "string") return undefined
        seen.add(name)
        return of[name]
      },
    }),
    unseen: () =>
      Object.entries(errors).flatMap(([name, error]): [string, string][] =>
        error === undefined || seen.has(name) ? [] : [[name, error]]
      ),
  }
}
