// Draws the pages of a PDF by pdf.js, which comes with this chunk when the first PDF is opened, and its worker with it.
// @ts-types="./pdfjs.d.ts"
import * as pdfjs from "pdfjs-dist/build/pdf.js"
import type { LoadingTask, PageProxy, RenderTask } from "./pdfjs.d.ts"

/** Where build.sh has put the worker. */
declare const PDF_WORKER: string

/** A part of a file, and how long the whole of it is. */
export interface Part {
  bytes: Uint8Array
  size: number
}
/** Reads the bytes from one place to before another. */
export type Read = (from: number, to: number) => Promise<Part>

/** Bytes of one request: a slow phone shows the page that it came for, and reads no further than one scrolls. */
const partBytes = 128 * 1024
/** Shared by all documents: it is a megabyte of code. */
let worker: pdfjs.PDFWorker | undefined

class Parts extends pdfjs.PDFDataRangeTransport {
  private readonly read: Read
  private readonly failed: (cause: unknown) => void
  /** One after another: side by side they would only share the same line. */
  private queue: Promise<unknown> = Promise.resolve()
  private over = false

  constructor(first: Part, read: Read, failed: (cause: unknown) => void) {
    super(first.size, first.bytes)
    this.read = read
    this.failed = failed
  }

  override requestDataRange(begin: number, end: number): void {
    this.queue = this.queue.then(async () => {
      if (this.over) return
      try {
        const part = await this.read(begin, end)
        if (!this.over) this.onDataRange(begin, part.bytes)
      } catch (cause) {
        if (!this.over) this.failed(cause)
      }
    })
  }

  override abort(): void {
    this.over = true
  }
}

/** A drawn page: the picture, and over it its text, to be selected. */
export interface Drawing {
  readonly sheet: Promise<HTMLElement>
  cancel(): void
}

export class Paper {
  readonly pages: number
  private readonly task: LoadingTask
  private readonly load: (number: number) => Promise<PageProxy>

  private constructor(task: LoadingTask, pages: number, load: (number: number) => Promise<PageProxy>) {
    this.task = task
    this.pages = pages
    this.load = load
  }

  /** `failed`: a part that is needed for a page could not be read. */
  static async open(read: Read, failed: (cause: unknown) => void): Promise<Paper> {
    const first = await read(0, partBytes)
    pdfjs.GlobalWorkerOptions.workerSrc = PDF_WORKER
    if (!worker || worker.destroyed) worker = new pdfjs.PDFWorker({ name: "1fin" })
    const whole = first.bytes.length >= first.size
    const task = pdfjs.getDocument({
      ...(whole ? { data: first.bytes } : { range: new Parts(first, read, failed) }),
      worker,
      rangeChunkSize: partBytes,
      disableAutoFetch: true,
      disableStream: true,
      // No code is ever made of what stands in a stranger's file.
      isEvalSupported: false,
      // Errors only: what it warns of is how people's files are written.
      verbosity: 0,
    })
    const known = await task.promise
    return new Paper(task, known.numPages, (number) => known.getPage(number))
  }

  /** Width and height in points, as the page is shown. */
  async size(number: number): Promise<{ width: number; height: number }> {
    const { width, height } = (await this.load(number)).getViewport({ scale: 1 })
    return { width, height }
  }

  /** Draws a page at `scale` pixels of the page for a point, and `sharp` pixels of the screen for each of those. */
  draw(number: number, scale: number, sharp: number, name: string): Drawing {
    let over = false
    const tasks: RenderTask[] = []
    const sheet = async (): Promise<HTMLElement> => {
      const page = await this.load(number)
      if (over) throw new Error("cancelled")
      const viewport = page.getViewport({ scale })
      const canvas = document.createElement("canvas")
      canvas.width = Math.floor(viewport.width * sharp)
      canvas.height = Math.floor(viewport.height * sharp)
      canvas.setAttribute("role", "img")
      canvas.setAttribute("aria-label", name)
      const context = canvas.getContext("2d", { alpha: false })
      if (!context) throw new Error("no memory for a canvas")
      const render = page.render({ canvasContext: context, viewport, transform: [sharp, 0, 0, sharp, 0, 0] })
      tasks.push(render)
      await render.promise
      const text = document.createElement("div")
      text.className = "papertext"
      const content = await page.getTextContent()
      if (over) throw new Error("cancelled")
      const layer = pdfjs.renderTextLayer({ textContent: content, container: text, viewport, textDivs: [] })
      tasks.push(layer)
      await layer.promise
      const sheet = document.createElement("div")
      sheet.className = "papersheet"
      sheet.style.width = `${viewport.width}px`
      sheet.style.height = `${viewport.height}px`
      sheet.append(canvas, text)
      return sheet
    }
    return {
      sheet: sheet(),
      cancel() {
        over = true
        for (const task of tasks) task.cancel()
      },
    }
  }

  /** Gives the memory back. */
  close(): void {
    void this.task.destroy()
  }
}
