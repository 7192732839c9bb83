// The firm's watermark: logo, text, opacity, corner; a sample shows what the worker makes of it before anything is saved.
import { useCallback, useEffect, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { refusalText } from "../documents/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError } from "../shared/net/api.ts"
import { Empty, Icon, Skeleton } from "../shared/ui/basics.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { errorText } from "../chat/words.ts"
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

const longest = 60
const code = (error: unknown): string => {
  if (!(error instanceof ApiError)) throw error
  return error.code
}

export function WatermarkPage() {
  const t = useT()
  const { api } = useApp()
  const [mark, setMark] = useState<Watermark>()
  const [saved, setSaved] = useState<Watermark>()
  const [failed, setFailed] = useState<string>()
  const [error, setError] = useState<string>()
  const [busy, setBusy] = useState(false)
  const [shown, setShown] = useState<{ address?: string; state: "waiting" | "ready" | "failed" | "slow" | "error" }>({
    state: "waiting",
  })
  const [logo, setLogo] = useState(0)

  const load = useCallback(() => {
    setFailed(undefined)
    readWatermark(api).then((found) => {
      setMark(found)
      setSaved(found)
    }, (error: unknown) => setFailed(code(error)))
  }, [api])
  useEffect(load, [load])

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

  if (!mark || !saved) {
    return failed === undefined
      ? (
        <section className="main">
          <Skeleton rows={6} />
        </section>
      )
      : (
        <Empty icon="alert" kind="danger" title={t("admin.failed")} text={errorText(t, failed)}>
          <button type="button" className="btn" onClick={load}>
            <Icon name="sync" />
            {t("retry")}
          </button>
        </Empty>
      )
  }
  const run = async (work: () => Promise<Watermark>, done?: string) => {
    setBusy(true)
    setError(undefined)
    try {
      const next = await work()
      setSaved(next)
      setMark((old) => old ? { ...old, version: next.version, logo: next.logo ?? null } : next)
      if (done) toast(done)
      return next
    } catch (cause) {
      setError(code(cause))
      return undefined
    } finally {
      setBusy(false)
    }
  }
  const changed = mark.text !== saved.text || mark.opacity !== saved.opacity || mark.position !== saved.position
  const save = () => {
    const { logo: _, ...value } = mark
    void run(() => saveWatermark(api, { ...value, text: value.text.trim() }), t("watermark.saved"))
  }
  return (
    <section className="main" data-testid="watermark">
      <header className="bar">
        <h1 className="grow">{t("admin.watermark")}</h1>
        <button
          type="submit"
          form="watermark"
          className="btn btn--primary btn--md"
          disabled={!changed || busy}
          aria-busy={busy}
          data-testid="watermark-save"
        >
          {t("save")}
        </button>
      </header>
      <div className="wmpage">
        <form
          id="watermark"
          className="wmform"
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            save()
          }}
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
                    if (file) {void run(() => saveLogo(api, file), t("watermark.saved")).then((ok) =>
                        ok && setLogo(logo + 1)
                      )}
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
          {error
            ? (
              <div className="note note--danger" role="alert" data-testid="watermark-error">
                <Icon name="alert" />
                <span>
                  {error === "conflict" ? t("watermark.conflict") : refusalText(t, error)} {error === "conflict"
                    ? <button type="button" className="link" onClick={load}>{t("retry")}</button>
                    : null}
                </span>
              </div>
            )
            : null}
        </form>
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
      </div>
    </section>
  )
}
