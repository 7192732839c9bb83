// Files that are dragged over a topic: the whole pane takes them, and says so.
import { type DragEvent, type ReactNode, useRef, useState } from "react"
import { useT } from "../shared/i18n/index.tsx"
import { Icon } from "../shared/ui/basics.tsx"

/** What to put on the element that takes the files, and what to show over it meanwhile. */
export function useDrop(take: ((files: File[]) => void) | undefined): {
  handlers: {
    onDragEnter?: (event: DragEvent) => void
    onDragOver?: (event: DragEvent) => void
    onDragLeave?: (event: DragEvent) => void
    onDrop?: (event: DragEvent) => void
  }
  overlay: ReactNode
} {
  const t = useT()
  const [over, setOver] = useState(false)
  // Entering a child comes before leaving its parent.
  const depth = useRef(0)
  if (!take) return { handlers: {}, overlay: null }
  const carries = (event: DragEvent) => event.dataTransfer.types.includes("Files")
  return {
    handlers: {
      onDragEnter(event) {
        if (!carries(event)) return
        event.preventDefault()
        depth.current++
        setOver(true)
      },
      onDragOver(event) {
        if (!carries(event)) return
        event.preventDefault()
        event.dataTransfer.dropEffect = "copy"
      },
      onDragLeave(event) {
        if (!carries(event)) return
        depth.current = Math.max(0, depth.current - 1)
        if (depth.current === 0) setOver(false)
      },
      onDrop(event) {
        if (!carries(event)) return
        event.preventDefault()
        depth.current = 0
        setOver(false)
        take([...event.dataTransfer.files])
      },
    },
    overlay: over
      ? (
        <div className="drop" aria-hidden="true">
          <div className="drop__in">
            <Icon name="upload" size={24} />
            <b>{t("upload.drop")}</b>
          </div>
        </div>
      )
      : null,
  }
}
