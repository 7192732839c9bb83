// React's `lazy` keeps a failed load for ever: here a new one takes its place, but only when somebody asks for it. One that
// replaced itself would be tried again by React at once, and again, as long as the server is away.

export function reloadable<M, L>(
  load: () => Promise<M>,
  make: (attempt: () => Promise<M>) => L,
): { current: () => L; renew: () => void } {
  let failed = false
  const attempt = () =>
    load().catch((error: unknown) => {
      failed = true
      throw error
    })
  let made = make(attempt)
  return {
    current: () => made,
    renew() {
      if (!failed) return
      failed = false
      made = make(attempt)
    },
  }
}
