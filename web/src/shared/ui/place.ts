// Where a list stands that belongs to a field: beneath it, or above where there is more room.

/** What of the page is in sight. A phone's keyboard covers the rest, and zooming moves it. */
export interface Sight {
  top: number
  bottom: number
  /** Of the page as it is laid out. */
  height: number
}
interface Box {
  left: number
  width: number
  top: number
  bottom: number
}

const tallest = 264
/** Left free at the edge of what is in sight. */
const edge = 12
const gap = 4

export function sight(): Sight {
  const seen = globalThis.visualViewport
  if (!seen) return { top: 0, bottom: innerHeight, height: innerHeight }
  return { top: seen.offsetTop, bottom: seen.offsetTop + seen.height, height: innerHeight }
}

/** The list's place, for `position: fixed`; undefined where the field is out of sight. */
export function placeOf({ left, width, top, bottom }: Box, seen: Sight): Record<string, number> | undefined {
  if (bottom <= seen.top || top >= seen.bottom) return undefined
  const above = Math.max(0, top - seen.top - edge)
  const below = Math.max(0, seen.bottom - bottom - edge)
  const isBelow = below >= Math.min(tallest, above)
  return {
    left,
    width,
    maxHeight: Math.min(tallest, isBelow ? below : above),
    ...(isBelow ? { top: bottom + gap } : { bottom: seen.height - top + gap }),
  }
}
