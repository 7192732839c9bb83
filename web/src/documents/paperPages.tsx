// The pages of a PDF under each other. The first is there at once, as a picture; the file itself is read in parts, as one scrolls.
import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError } from "../shared/net/api.ts"
import { Icon } from "../shared/ui/basics.tsx"
import { commonPage, pageAt, sharpness, type Size, topOf } from "./layout.ts"
import type { Paper } from "./pdf.ts"
import type { DocumentRecord } from "./record.ts"
import { useAddress } from "./useAddress.ts"
import { ViewerBar } from "./viewerBar.tsx"
import type { Zoom } from "./zoom.ts"

/** Pixels between two pages, and above the first. */
const gap = 12
/** Pixels for a point at the most, when a page is made to fit a wide screen: 920 for A4, as larger ones are hard to read. */
const largest = 920 / commonPage.width
/** Pixels that one page's canvas may have. */
const mostPixels = matchMedia("(pointer: coarse)").matches ? 4_000_000 : 9_000_000

export function PaperPages({ record, name, zoom }: { record: DocumentRecord; name: string; zoom: Zoom }) {
  const t = useT()
  const { paper, error, retry } = usePaper(record.document)
  const [sizes, setSizes] = useState<ReadonlyMap<number, Size>>(new Map())
  const [page, setPage] = useState(1)
  const preview = useAddress(record.document, "preview", true)
  const count = paper?.pages ?? record.pages ?? 1
  const first = sizes.get(1) ?? shape(record)
  const room = Math.max(120, (zoom.room?.width ?? 0) - 16)
  // Each page by itself: one that lies on its side fits too.
  const all = Array.from({ length: count }, (_, i) => {
    const size = sizes.get(i + 1) ?? first
    return { size, fit: Math.min(room / size.width, largest) }
  })
  const heights = all.map(({ size, fit }) => size.height * fit * zoom.value)
  const settled = useSettled(zoom.value)
  const learn = useCallback((number: number, size: Size) => {
    setSizes((old) => {
      const known = old.get(number)
      return known?.width === size.width && known.height === size.height ? old : new Map(old).set(number, size)
    })
  }, [])
  // The pages are there once it is known how wide they can be.
  const near = useNear(zoom.room === undefined ? null : zoom.element, count)

  const element = zoom.element
  useEffect(() => {
    if (!element) return
    const scrolled = () => setPage(pageAt(heights, gap, element.scrollTop + element.clientHeight / 3))
    scrolled()
    element.addEventListener("scroll", scrolled, { passive: true })
    return () => element.removeEventListener("scroll", scrolled)
  }, [element, heights.join()])
  const show = (number: number) => {
    const to = Math.max(1, Math.min(count, number))
    element?.scrollTo({ top: topOf(heights, gap, to) })
  }
  return (
    <>
      <div
        ref={zoom.scroller}
        className="viewer__page viewer__page--papers"
        tabIndex={0}
        role="group"
        aria-label={name}
        data-testid="viewer-papers"
        data-pages={paper ? count : undefined}
      >
        {zoom.room === undefined ? null : all.map(({ size, fit }, i) => (
          <div
            key={i}
            className="paper"
            data-page={i + 1}
            data-testid="viewer-page"
            style={{ width: size.width * fit * zoom.value, height: heights[i], marginTop: gap }}
          >
            {i === 0 && preview.address !== undefined
              ? (
                <img
                  src={preview.address}
                  alt=""
                  data-testid="viewer-preview"
                  onError={preview.failed}
                  onLoad={(event) => {
                    // Until the page itself is known: the picture has its shape.
                    const { naturalWidth, naturalHeight } = event.currentTarget
                    if (!sizes.has(1) && naturalWidth > 0) {
                      learn(1, { width: commonPage.width, height: commonPage.width * naturalHeight / naturalWidth })
                    }
                  }}
                />
              )
              : null}
            {paper && near.has(i + 1)
              ? (
                <Sheet
                  paper={paper}
                  number={i + 1}
                  size={size}
                  scale={fit * zoom.value}
                  settled={fit * settled}
                  name={t("viewer.page.name", { n: i + 1, all: count })}
                  learn={learn}
                />
              )
              : null}
            {!paper && error === undefined && (i > 0 || preview.address === undefined)
              ? <span className="spin spin--lg" role={i === 0 ? "status" : undefined} aria-label={t("log.loading")} />
              : null}
          </div>
        ))}
        {error === undefined ? null : (
          <div className="viewer__rest" role="alert" data-testid="viewer-rest">
            <span>{t("viewer.rest")} {errorText(t, error)}</span>
            <button type="button" className="btn btn--sm" onClick={retry}>
              <Icon name="sync" />
              {t("retry")}
            </button>
          </div>
        )}
      </div>
      <ViewerBar zoom={zoom}>{count > 1 ? <PageField page={page} count={count} show={show} /> : null}</ViewerBar>
    </>
  )
}

/** What the first page is taken for until it is known. */
function shape(record: DocumentRecord): Size {
  if (!record.width || !record.height) return commonPage
  return { width: commonPage.width, height: commonPage.width * record.height / record.width }
}

/** The document's file, opened for reading. */
function usePaper(id: number): { paper: Paper | undefined; error: string | undefined; retry: () => void } {
  const { chat } = useApp()
  const library = chat.papers.library
  const [paper, setPaper] = useState<Paper>()
  const [error, setError] = useState<string>()
  const [tries, setTries] = useState(0)
  useEffect(() => {
    const abort = new AbortController()
    let opened: Paper | undefined
    setError(undefined)
    const fail = (cause: unknown) => {
      if (!abort.signal.aborted) setError(cause instanceof ApiError ? cause.code : "unknown")
    }
    import("./pdf.ts").then(async ({ Paper }) => {
      opened = await Paper.open((from, to) => library.part(id, "file", from, to, abort.signal), fail)
      if (abort.signal.aborted) opened.close()
      else setPaper(opened)
    }).catch(fail)
    return () => {
      abort.abort()
      opened?.close()
      setPaper(undefined)
    }
  }, [library, id, tries])
  // Back on the network: what was missing is read again.
  useEffect(() => {
    if (error === undefined) return
    const again = () => setTries((n) => n + 1)
    globalThis.addEventListener("online", again)
    return () => globalThis.removeEventListener("online", again)
  }, [error])
  return { paper, error, retry: () => setTries(tries + 1) }
}

/** The pages that are in view or nearly so: only these are drawn and kept in memory. */
function useNear(element: HTMLElement | null, count: number): ReadonlySet<number> {
  const [near, setNear] = useState<ReadonlySet<number>>(new Set([1]))
  useEffect(() => {
    if (!element) return
    const observer = new IntersectionObserver((entries) => {
      setNear((old) => {
        const next = new Set(old)
        for (const entry of entries) {
          const number = Number((entry.target as HTMLElement).dataset["page"])
          if (entry.isIntersecting) next.add(number)
          else next.delete(number)
        }
        return next
      })
    }, { root: element, rootMargin: "60% 0px" })
    for (const page of element.querySelectorAll("[data-page]")) observer.observe(page)
    return () => observer.disconnect()
  }, [element, count])
  return near
}

/** A value once it has stopped changing: pages are drawn anew when two fingers have let go. */
function useSettled(value: number): number {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), 120)
    return () => clearTimeout(timer)
  }, [value])
  return settled
}

interface SheetProps {
  paper: Paper
  number: number
  size: Size
  scale: number
  /** The scale to draw at; until that is done the drawing is stretched. */
  settled: number
  name: string
  learn: (number: number, size: Size) => void
}

function Sheet({ paper, number, size, scale, settled, name, learn }: SheetProps) {
  const t = useT()
  const host = useRef<HTMLDivElement>(null)
  const drawn = useRef(0)
  const [state, setState] = useState<"drawing" | "drawn" | "failed">("drawing")
  const stretch = () => {
    const sheet = host.current?.firstElementChild
    if (sheet instanceof HTMLElement) sheet.style.transform = `scale(${scale / drawn.current})`
  }
  useLayoutEffect(stretch, [scale])
  const stretched = useRef(stretch)
  stretched.current = stretch
  useEffect(() => {
    let live = true
    paper.size(number).then((found) => live && learn(number, found), () => live && setState("failed"))
    return () => {
      live = false
    }
  }, [paper, number, learn])
  useEffect(() => {
    let live = true
    const drawing = paper.draw(number, settled, sharpness(size, settled, devicePixelRatio, mostPixels), name)
    drawing.sheet.then((sheet) => {
      if (!live) return
      drawn.current = settled
      host.current?.replaceChildren(sheet)
      stretched.current()
      setState("drawn")
    }, () => live && setState((old) => old === "drawn" ? old : "failed"))
    return () => {
      live = false
      drawing.cancel()
    }
  }, [paper, number, settled, size.width, size.height, name])
  return (
    <div className="paperhost" data-testid="viewer-sheet" data-number={number} data-state={state}>
      <div ref={host} />
      {state === "drawing" && number > 1 ? <span className="spin spin--lg" aria-hidden="true" /> : null}
      {state === "failed" ? <p className="paperfailed">{t("viewer.page.failed", { n: number })}</p> : null}
    </div>
  )
}

/** Which page is on the screen; another one can be asked for. */
function PageField({ page, count, show }: { page: number; count: number; show: (page: number) => void }) {
  const t = useT()
  const [text, setText] = useState<string>()
  const go = () => {
    const number = Number(text)
    setText(undefined)
    if (Number.isInteger(number) && number > 0) show(number)
  }
  const keys = (event: KeyboardEvent) => {
    // The viewer's own keys are for whoever isn't writing.
    if (event.key !== "Escape") event.stopPropagation()
    if (event.key === "Enter") {
      event.preventDefault()
      go()
    }
  }
  return (
    <span className="viewerbar__page num">
      <input
        className="input"
        inputMode="numeric"
        aria-label={t("viewer.page")}
        title={t("viewer.page")}
        data-testid="viewer-number"
        maxLength={5}
        size={Math.max(2, String(count).length)}
        value={text ?? String(page)}
        onFocus={(event) => event.target.select()}
        onChange={(event) => setText(event.target.value.replace(/\D/g, ""))}
        onBlur={go}
        onKeyDown={keys}
      />
      <span data-testid="viewer-count">/ {count}</span>
    </span>
  )
}
