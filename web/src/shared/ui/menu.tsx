// A menu that floats beside what opened it, on a phone at the bottom of the screen.
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react"
import { createPortal } from "react-dom"
import { Icon } from "./basics.tsx"

export interface MenuItem {
  id: string
  icon?: string
  label: string
  keys?: string
  danger?: boolean
  checked?: boolean
  /** A line above this item. */
  apart?: boolean
  run: () => void
}

interface MenuProps {
  label: string
  items: readonly MenuItem[]
  /** What it opens beside. */
  anchor: DOMRect
  onClose: () => void
  head?: ReactNode
  testid?: string
}

export function Menu({ label, items, anchor, onClose, head, testid }: MenuProps) {
  const ref = useRef<HTMLDivElement>(null)
  const [place, setPlace] = useState<{ left: number; top: number }>()
  useLayoutEffect(() => {
    const menu = ref.current
    if (!menu) return
    const { offsetWidth: width, offsetHeight: height } = menu
    // What opens it at the right half of the screen has its menu grow to the left.
    const wanted = anchor.left > innerWidth / 2 ? anchor.right - width : anchor.left
    const left = Math.max(8, Math.min(wanted, innerWidth - width - 8))
    const below = anchor.bottom + 4
    const top = below + height <= innerHeight - 8 ? below : Math.max(8, anchor.top - height - 4)
    setPlace({ left, top })
  }, [anchor])
  useEffect(() => {
    const before = document.activeElement
    const first = ref.current?.querySelector<HTMLElement>("[role^=menuitem]") ?? ref.current
    first?.focus({ preventScroll: true })
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  const move = (by: number) => {
    const all = [...(ref.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])]
    const at = all.indexOf(document.activeElement as HTMLElement)
    all[(at + by + all.length) % all.length]?.focus()
  }
  return createPortal(
    <div className="menu-layer" onPointerDown={(event) => event.target === event.currentTarget && onClose()}>
      <div
        ref={ref}
        className="pop menu"
        role="menu"
        tabIndex={-1}
        aria-label={label}
        data-testid={testid}
        style={place ? { left: place.left, top: place.top } : { left: 0, top: 0, opacity: 0 }}
        onKeyDown={(event) => {
          event.stopPropagation()
          if (event.key === "Escape" || event.key === "Tab") {
            event.preventDefault()
            onClose()
          } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault()
            move(event.key === "ArrowDown" ? 1 : -1)
          }
        }}
      >
        {head}
        {items.map((item) => (
          <div key={item.id} role="none">
            {item.apart ? <div className="menu__sep" role="separator" /> : null}
            <button
              type="button"
              role={item.checked === undefined ? "menuitem" : "menuitemradio"}
              aria-checked={item.checked}
              className={item.danger ? "menu__item menu__item--danger" : "menu__item"}
              data-testid={`menu-${item.id}`}
              onClick={() => {
                onClose()
                item.run()
              }}
            >
              {item.icon ? <Icon name={item.icon} /> : null}
              <span className="grow">{item.label}</span>
              {item.keys ? <span className="kbd">{item.keys}</span> : null}
              {item.checked ? <Icon name="check" size={14} /> : null}
            </button>
          </div>
        ))}
      </div>
    </div>,
    document.body,
  )
}
