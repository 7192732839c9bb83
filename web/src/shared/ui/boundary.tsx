// When a part of the page can't be shown (its code didn't load, or it failed): say so in its place, and offer a way on.
import { Component, type ComponentType, lazy, type ReactNode } from "react"
import { useT } from "../i18n/index.tsx"
import { reloadable } from "../later.ts"
import { Empty, Icon } from "./basics.tsx"

interface Props {
  /** Called before another attempt. */
  renew?: (() => void) | undefined
  /** In the place of what failed; by default a whole page. */
  frame?: ((content: ReactNode) => ReactNode) | undefined
  children: ReactNode
}

export class Boundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true }
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children
    const again = () => {
      this.props.renew?.()
      this.setState({ failed: false })
    }
    const frame = this.props.frame ?? ((content) => <main className="whole">{content}</main>)
    return frame(<Broken again={again} />)
  }
}

function Broken({ again }: { again: () => void }) {
  const t = useT()
  return (
    <Empty icon="alert" kind="danger" title={t("page.broken")} text={t("page.broken.text")} testid="broken">
      <button type="button" className="btn" onClick={again} data-testid="broken-retry">{t("retry")}</button>
      <button type="button" className="btn btn--primary" onClick={() => location.reload()} data-testid="broken-reload">
        <Icon name="sync" />
        {t("page.reload")}
      </button>
    </Empty>
  )
}

/** A component whose code is loaded when it is first shown. `renew` lets a load that failed be tried again. */
export function later<P extends object>(
  load: () => Promise<{ default: ComponentType<P> }>,
): { Part: ComponentType<P>; renew: () => void } {
  const code = reloadable(load, (attempt) => lazy(attempt) as unknown as ComponentType<P>)
  return {
    Part(props: P) {
      const Part = code.current()
      return <Part {...props} />
    },
    renew: code.renew,
  }
}
