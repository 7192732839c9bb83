// What floats over a document that is looked at: how large it is, and of papers which page.
import type { ReactNode } from "react"
import { useT } from "../shared/i18n/index.tsx"
import { IconButton } from "../shared/ui/basics.tsx"
import type { Zoom } from "./zoom.ts"

export function ViewerBar({ zoom, children }: { zoom: Zoom; children?: ReactNode }) {
  const t = useT()
  const button = (icon: string, label: string, by: 1 | -1, testid: string) => (
    <IconButton
      icon={icon}
      label={label}
      iconSize={20}
      data-testid={testid}
      disabled={!zoom.hasStep(by)}
      onClick={() => zoom.step(by)}
    />
  )
  return (
    <div className="viewerbar" role="toolbar" aria-label={t("viewer.title")}>
      {children}
      <span className="viewerbar__zoom">
        {button("minus", t("viewer.smaller"), -1, "viewer-smaller")}
        <button
          type="button"
          className="btn btn--quiet num"
          title={t("viewer.fit")}
          aria-label={t("viewer.fit.now", { n: Math.round(zoom.value * 100) })}
          data-testid="viewer-zoom"
          onClick={() => zoom.set(1)}
        >
          {Math.round(zoom.value * 100)} %
        </button>
        {button("plus", t("viewer.larger"), 1, "viewer-larger")}
      </span>
    </div>
  )
}
