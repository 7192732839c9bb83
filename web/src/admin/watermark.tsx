// The firm's watermark: logo, text, opacity, corner; a sample shows what the worker makes of it before anything is saved.
import { useCallback, useEffect, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError } from "../shared/net/api.ts"
import { Icon } from "../shared/ui/basics.tsx"
import {
  type Corner,
  corners,
  dropLogo,
  readWatermark,
  sample,
  saveLogo,
  saveWatermark,
  type Watermark,
} from "./files.ts"
import { SettingsPage, SettingsWaiting, useSettings } from "./settings.tsx"

const longest = 60

export function WatermarkPage() {
  const t = useT()
  const { api } = useApp()
  const [mark, setMark] = useState<Watermark>()
  const read = useCallback(() => readWatermark(api), [api])
  const settings = useSettings(read, setMark)
  const { saved } = settings
  const [shown, setShown] = useState<{ address?: string; state: "waiting" | "ready" | "failed" | "slow" | "error" }>({
    state: "waiting",
  })
  const [logo, setLogo] = useState(0)

  // A sample for every stand of the form, once it has stood still for a moment.
  const wanted = mark &&
    JSON.stringify({ text: mark.text, opacity: mark.opacity, position: mark.position, logo, version: mark.version })
  useEffect(() => {
    if (!mark) return
    const abort = new AbortController()
    let address: string | undefined
    const timer = setTimeout(() => {
      setShown({ state: "waiting" })
      const { logo: _, ...asked } = mark
      sample(api, asked, abort.signal).then((answer) => {
        if (abort.signal.aborted || answer === undefined) return
        if (!(answer instanceof Blob)) return setShown({ state: answer })
        address = URL.createObjectURL(answer)
        setShown({ address, state: "ready" })
      }, (error: unknown) => {
        if (!(error instanceof ApiError)) throw error
        if (!abort.signal.aborted) setShown({ state: "error" })
      })
    }, 500)
    return () => {
      abort.abort()
      clearTimeout(timer)
      if (address !== undefined) URL.revokeObjectURL(address)
    }
  }, [api, wanted])

  if (!mark || !saved) return <SettingsWaiting settings={settings} />
  const run = async (work: () => Promise<Watermark>, done?: string) => {
    const next = await settings.run(work, done)
    if (next) setMark((old) => old ? { ...old, version: next.version, logo: next.logo ?? null } : next)
    return next
  }
  const changed = mark.text !== saved.text || mark.opacity !== saved.opacity || mark.position !== saved.position
  const save = () => {
    const { logo: _, ...value } = mark
    void run(() => saveWatermark(api, { ...value, text: value.text.trim() }), t("watermark.saved"))
  }
  return (
    <SettingsPage
      settings={settings}
      title={t("admin.watermark")}
      name="watermark"
      testid="watermark"
      ready={changed}
      save={save}
      className="wmform"
      beside={
        <figure
          className="wmsample"
          aria-busy={shown.state === "waiting"}
          data-testid="watermark-sample"
          data-state={shown.state}
        >
          {shown.address === undefined
            ? (
              <div className="wmsample__none t3" role="status">
                {shown.state === "waiting"
                  ? <span className="spin spin--lg" aria-hidden="true" />
                  : <Icon name="alert" size={24} />}
                <p>{t(`watermark.sample.${shown.state}`)}</p>
              </div>
            )
            : <img src={shown.address} alt={t("watermark.sample")} />}
          <figcaption className="s12 t3">{t("watermark.sample.note")}</figcaption>
        </figure>
      }
    >
      <p className="t2">{t("watermark.text.intro")}</p>
      <div className="field">
        <span className="label" id="watermark-logo">{t("watermark.logo")}</span>
        <div className="row">
          {!mark.logo
            ? (
              <span className="wmlogo t3" aria-hidden="true">
                <Icon name="image" size={24} />
              </span>
            )
            : (
              <img
                className="wmlogo"
                src={`/api/v1/settings/watermark/logo?v=${mark.version}-${logo}`}
                alt={t("watermark.logo")}
              />
            )}
          <label className="btn btn--sm">
            {t(!mark.logo ? "watermark.logo.add" : "watermark.logo.change")}
            <input
              type="file"
              className="sr"
              accept="image/png,image/jpeg,image/webp"
              aria-labelledby="watermark-logo"
              data-testid="watermark-logo"
              onChange={(event) => {
                const file = event.target.files?.[0]
                event.target.value = ""
                if (file) {
                  void run(() => saveLogo(api, file), t("watermark.saved")).then((ok) => ok && setLogo(logo + 1))
                }
              }}
            />
          </label>
          {!mark.logo ? null : (
            <button
              type="button"
              className="btn btn--quiet btn--sm"
              data-testid="watermark-logo-drop"
              onClick={() => void run(() => dropLogo(api)).then((ok) => ok && setLogo(logo + 1))}
            >
              {t("watermark.logo.drop")}
            </button>
          )}
        </div>
        <span className="hint">{t("watermark.logo.hint")}</span>
      </div>
      <label className="field">
        <span className="label">{t("watermark.text")}</span>
        <input
          className="input"
          value={mark.text}
          maxLength={longest}
          data-testid="watermark-text"
          onChange={(event) => setMark({ ...mark, text: event.target.value })}
        />
        <span className="hint">{t("watermark.text.hint")}</span>
      </label>
      <label className="field">
        <span className="label">
          {t("watermark.opacity")} <span className="num t3">{Math.round(mark.opacity * 100)} %</span>
        </span>
        <input
          type="range"
          min={2}
          max={60}
          value={Math.round(mark.opacity * 100)}
          data-testid="watermark-opacity"
          onChange={(event) => setMark({ ...mark, opacity: Number(event.target.value) / 100 })}
        />
        <span className="hint">{t("watermark.opacity.hint")}</span>
      </label>
      <fieldset className="field corners">
        <legend className="label">{t("watermark.position")}</legend>
        <div className="cornergrid">
          {corners.map((corner: Corner) => (
            <label key={corner} data-corner={corner} data-on={mark.position === corner || undefined}>
              <input
                type="radio"
                name="corner"
                className="sr"
                checked={mark.position === corner}
                data-testid={`watermark-${corner}`}
                onChange={() =>
                  setMark({ ...mark, position: corner })}
              />
              <span className="cornerbox" aria-hidden="true">
                <i />
              </span>
              {t(`watermark.position.${corner}`)}
            </label>
          ))}
        </div>
      </fieldset>
    </SettingsPage>
  )
}
