// One picture, whole or closer: of photos the file itself, of other documents that aren't read page by page the preview.
import { type PointerEvent, useRef, useState } from "react"
import { useT } from "../shared/i18n/index.tsx"
import { fit, type Size } from "./layout.ts"
import type { DocumentRecord } from "./record.ts"
import type { Address } from "./useAddress.ts"
import { ViewerBar } from "./viewerBar.tsx"
import type { Zoom } from "./zoom.ts"

export function Picture(
  { record, name, address, zoom }: { record: DocumentRecord; name: string; address: Address; zoom: Zoom },
) {
  const t = useT()
  const [natural, setNatural] = useState<Size>()
  const [loaded, setLoaded] = useState(false)
  const drag = useRef<{ x: number; y: number }>()
  const known = record.width && record.height ? { width: record.width, height: record.height } : undefined
  const size = natural ?? known
  const room = zoom.room && { width: zoom.room.width - 16, height: zoom.room.height - 16 }
  const scale = size && room ? fit(size, room) * zoom.value : undefined
  const closer = zoom.value > 1.01
  // A mouse moves what is larger than the screen; fingers scroll it.
  const pull = {
    onPointerDown(event: PointerEvent) {
      if (event.pointerType !== "mouse" || event.button !== 0 || !closer) return
      drag.current = { x: event.clientX, y: event.clientY }
      event.currentTarget.setPointerCapture(event.pointerId)
    },
    onPointerMove(event: PointerEvent) {
      const from = drag.current
      if (!from) return
      zoom.element?.scrollBy(from.x - event.clientX, from.y - event.clientY)
      drag.current = { x: event.clientX, y: event.clientY }
    },
    onPointerUp() {
      drag.current = undefined
    },
  }
  return (
    <>
      <div
        ref={zoom.scroller}
        className="viewer__page"
        data-zoomed={closer || undefined}
        tabIndex={0}
        role="group"
        aria-label={name}
      >
        {loaded ? null : <span className="spin spin--lg" role="status" aria-label={t("log.loading")} />}
        {address.address === undefined || !zoom.room ? null : (
          <img
            src={address.address}
            alt={name}
            draggable={false}
            data-testid="viewer-image"
            style={scale !== undefined && size ? { width: size.width * scale, height: size.height * scale } : {}}
            onLoad={(event) => {
              setLoaded(true)
              setNatural({ width: event.currentTarget.naturalWidth, height: event.currentTarget.naturalHeight })
            }}
            onError={address.failed}
            onDoubleClick={(event) => {
              const frame = zoom.element?.getBoundingClientRect()
              zoom.set(closer ? 1 : 2, frame && { x: event.clientX - frame.left, y: event.clientY - frame.top })
            }}
            {...pull}
          />
        )}
      </div>
      <ViewerBar zoom={zoom} />
    </>
  )
}
