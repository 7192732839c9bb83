// What of pdf.js 2.14 (Debian's libjs-pdf, which brings no types) the viewer uses.

export interface Viewport {
  readonly width: number
  readonly height: number
}

export interface RenderTask {
  readonly promise: Promise<void>
  cancel(): void
}

export interface PageProxy {
  getViewport(of: { scale: number }): Viewport
  render(
    of: { canvasContext: CanvasRenderingContext2D; viewport: Viewport; transform?: readonly number[] },
  ): RenderTask
  getTextContent(): Promise<unknown>
  cleanup(): boolean
}

export interface DocumentProxy {
  readonly numPages: number
  getPage(number: number): Promise<PageProxy>
}

export interface LoadingTask {
  readonly promise: Promise<DocumentProxy>
  destroy(): Promise<void>
}

export class PDFDataRangeTransport {
  constructor(length: number, initialData: Uint8Array)
  onDataRange(begin: number, chunk: Uint8Array): void
  requestDataRange(begin: number, end: number): void
  abort(): void
}

export class PDFWorker {
  constructor(of: { name: string })
  readonly destroyed: boolean
}

export const GlobalWorkerOptions: { workerSrc: string }

export function getDocument(of: {
  data?: Uint8Array
  range?: PDFDataRangeTransport
  worker: PDFWorker
  rangeChunkSize: number
  disableAutoFetch: boolean
  disableStream: boolean
  isEvalSupported: boolean
  verbosity: number
}): LoadingTask

export function renderTextLayer(of: {
  textContent: unknown
  container: HTMLElement
  viewport: Viewport
  textDivs: HTMLElement[]
}): RenderTask
