// Where pages stand under each other, in pixels. Pure.

export interface Size {
  width: number
  height: number
}

/** A4 in points: what a page is taken for until it is known. */
export const commonPage: Size = { width: 595, height: 842 }

/** The first of the pages whose lower edge is below `y`: the heights are those of the pages, with `gap` before each. Counted from 1. */
export function pageAt(heights: readonly number[], gap: number, y: number): number {
  let bottom = 0
  for (let i = 0; i < heights.length; i++) {
    bottom += gap + (heights[i] ?? 0)
    if (bottom > y) return i + 1
  }
  return Math.max(1, heights.length)
}

/** How far down page `number` begins, the gap before it not counted. */
export function topOf(heights: readonly number[], gap: number, number: number): number {
  let top = 0
  for (let i = 0; i < number - 1; i++) top += gap + (heights[i] ?? 0)
  return top
}

/** How many pixels of the screen a pixel of a page gets, when a canvas may have `most` of them: phones have little memory for canvases. */
export function sharpness(size: Size, scale: number, ratio: number, most: number): number {
  const area = size.width * size.height * scale * scale
  return Math.max(0.5, Math.min(ratio, 2, Math.sqrt(most / area)))
}

/** How much a picture is shrunk to stand whole in a frame; it isn't blown up. */
export function fit(picture: Size, frame: Size): number {
  return Math.max(0.01, Math.min(frame.width / picture.width, frame.height / picture.height, 1))
}
