// What the tests compare with. No package: the pages have no other dependency than React.
const show = (value: unknown) => JSON.stringify(value, (_, v) => v instanceof Map ? [...v] : v, 1)

export function equal<T>(is: T, should: T, what = ""): void {
  if (show(is) !== show(should)) throw new Error(`${what}\n is: ${show(is)}\nnot: ${show(should)}`)
}
export function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}
/** A small generator with a seed, so that a failing random test can be run again. */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
