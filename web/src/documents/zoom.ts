// How large something in a scroller is shown: by buttons and keys, wheel with Ctrl, two fingers, double tap. The place that one
// points at stays where it is.
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react"
import type { Size } from "./layout.ts"

const steps = [0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4] as const
const most = 4

interface Point {
  x: number
  y: number
}

export interface Zoom {
  /** 1: as it fits. */
  value: number
  /** The next step up (1) or down (-1), if there is one. */
  step: (by: 1 | -1) => void
  hasStep: (by: 1 | -1) => boolean
  set: (value: number, at?: Point) => void
  /** Goes on the scroller. */
  scroller: (element: HTMLElement | null) => void
  element: HTMLElement | null
  /** What the scroller has room for; nothing until it is there. */
  room: Size | undefined
}

export function useZoom(least: number): Zoom {
  const [value, setValue] = useState(1)
  const [element, setElement] = useState<HTMLElement | null>(null)
  const [room, setRoom] = useState<Size>()
  const now = useRef(value)
  now.current = value
  /** What part of the content is under which point of the scroller. */
  const anchor = useRef<{ part: Point; at: Point }>()
  const set = useCallback((wanted: number, at?: Point) => {
    const next = Math.max(least, Math.min(most, wanted))
    if (element) {
      const point = at ?? { x: element.clientWidth / 2, y: element.clientHeight / 2 }
      anchor.current = {
        part: {
          x: (element.scrollLeft + point.x) / element.scrollWidth,
          y: (element.scrollTop + point.y) / element.scrollHeight,
        },
        at: point,
      }
    }
    setValue(next)
  }, [element, least])
  useLayoutEffect(() => {
    const held = anchor.current
    anchor.current = undefined
    if (!held || !element) return
    element.scrollLeft = held.part.x * element.scrollWidth - held.at.x
    element.scrollTop = held.part.y * element.scrollHeight - held.at.y
  }, [element, value])
  useEffect(() => {
    if (!element) return
    const measure = () => setRoom({ width: element.clientWidth, height: element.clientHeight })
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [element])
  useEffect(() => element ? gestures(element, now, set) : undefined, [element, set])
  return useMemo(() => {
    const next = (by: 1 | -1) =>
      by > 0
        ? steps.find((step) => step > value + 0.01)
        : steps.filter((step) => step < value - 0.01 && step >= least).pop()
    return {
      value,
      step(by) {
        const to = next(by)
        if (to !== undefined) set(to)
      },
      hasStep: (by) => next(by) !== undefined,
      set,
      scroller: setElement,
      element,
      room,
    }
  }, [value, set, element, room, least])
}

/** Listens on the element itself: React's own listeners may not keep the browser from zooming the whole page. */
function gestures(element: HTMLElement, now: { current: number }, set: Zoom["set"]): () => void {
  const inside = (x: number, y: number): Point => {
    const frame = element.getBoundingClientRect()
    return { x: x - frame.left, y: y - frame.top }
  }
  let pinch: { distance: number; value: number } | undefined
  let tap = { at: 0, x: 0, y: 0 }
  const two = (touches: TouchList) => {
    const [a, b] = [touches[0], touches[1]]
    if (!a || !b || touches.length !== 2) return undefined
    return {
      distance: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY),
      centre: inside((a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2),
    }
  }
  const wheel = (event: WheelEvent) => {
    if (!event.ctrlKey && !event.metaKey) return
    event.preventDefault()
    set(now.current * Math.exp(-event.deltaY / 400), inside(event.clientX, event.clientY))
  }
  const start = (event: TouchEvent) => {
    const fingers = two(event.touches)
    if (fingers) pinch = { distance: fingers.distance, value: now.current }
  }
  const move = (event: TouchEvent) => {
    const fingers = two(event.touches)
    if (!pinch || !fingers) return
    event.preventDefault()
    set(pinch.value * fingers.distance / Math.max(1, pinch.distance), fingers.centre)
  }
  const end = (event: TouchEvent) => {
    const finger = event.changedTouches[0]
    const wasPinch = pinch !== undefined
    if (event.touches.length < 2) pinch = undefined
    if (wasPinch || !finger || event.touches.length > 0) return
    const [x, y, at] = [finger.clientX, finger.clientY, event.timeStamp]
    const isSecond = at - tap.at < 300 && Math.hypot(x - tap.x, y - tap.y) < 24
    tap = { at: isSecond ? 0 : at, x, y }
    if (!isSecond) return
    event.preventDefault()
    set(now.current > 1.01 ? 1 : 2, inside(x, y))
  }
  element.addEventListener("wheel", wheel, { passive: false })
  element.addEventListener("touchstart", start, { passive: true })
  element.addEventListener("touchmove", move, { passive: false })
  element.addEventListener("touchend", end, { passive: false })
  element.addEventListener("touchcancel", end, { passive: false })
  return () => {
    element.removeEventListener("wheel", wheel)
    element.removeEventListener("touchstart", start)
    element.removeEventListener("touchmove", move)
    element.removeEventListener("touchend", end)
    element.removeEventListener("touchcancel", end)
  }
}
