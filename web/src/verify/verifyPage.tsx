// What the QR code of a stamp leads to: whose stamp it is, and whether a file is that paper, byte for byte. Open to everybody.
import { useCallback, useEffect, useRef, useState } from "react"
import { errorText } from "../chat/words.ts"
import { useDrop } from "../documents/drop.tsx"
import { Progress } from "../documents/parts.tsx"
import { dateTime } from "../shared/i18n/format.ts"
import { languageNames, languages, setLanguage, useT } from "../shared/i18n/index.tsx"
import { type Api, ApiError } from "../shared/net/api.ts"
import { Icon, Skeleton } from "../shared/ui/basics.tsx"

interface Stamp {
  firm: string
  uploader: { id: number; name: string }
  at: string
  document: number
}
type Compared = { state: "going"; part: number } | { state: "same" | "other" } | { state: "failed"; code: string }

export default function VerifyPage({ api, token }: { api: Api; token: string }) {
  const t = useT()
  const [stamp, setStamp] = useState<Stamp>()
  const [error, setError] = useState<string>()
  const [compared, setCompared] = useState<Compared>()
  const [name, setName] = useState("")
  const input = useRef<HTMLInputElement>(null)
  const request = useRef<XMLHttpRequest>()
  /** The file that was chosen last is the one whose answer is shown. */
  const turn = useRef(0)
  const path = `/verify/${encodeURIComponent(token)}`

  const load = useCallback(() => {
    setError(undefined)
    api.call<Stamp>("GET", path).then(setStamp, (cause: unknown) => {
      if (!(cause instanceof ApiError)) throw cause
      setError(cause.code)
    })
  }, [api, path])
  useEffect(load, [load])
  useEffect(() => {
    document.title = `${t("verify.title")} · 1fin`
  }, [t])
  useEffect(() => () => request.current?.abort(), [])

  const compare = (files: readonly File[]) => {
    const file = files[0]
    if (!file) return
    request.current?.abort()
    request.current = undefined
    setName(file.name)
    setCompared({ state: "going", part: 0 })
    const mine = ++turn.current
    // The server reads no further than the stamped file is long, and hangs up on what is longer: so the size is asked about first.
    api.call<{ possible: boolean }>("GET", `${path}/compare?size=${Math.max(1, file.size)}`).then(({ possible }) => {
      if (mine !== turn.current) return
      if (possible && file.size > 0) send(file)
      else setCompared({ state: "other" })
    }, (cause: unknown) => {
      if (!(cause instanceof ApiError)) throw cause
      if (mine === turn.current) setCompared({ state: "failed", code: cause.code })
    })
  }
  const send = (file: File) => {
    const sending = new XMLHttpRequest()
    request.current = sending
    sending.open("POST", `/api/v1${path}/compare`)
    sending.setRequestHeader("Accept", "application/json")
    sending.setRequestHeader("Content-Type", "application/octet-stream")
    sending.upload.onprogress = (event) =>
      setCompared({ state: "going", part: event.total > 0 ? event.loaded / event.total : 0 })
    sending.onload = () => {
      if (request.current !== sending) return
      try {
        const answer = JSON.parse(sending.responseText) as { same?: boolean; code?: string }
        if (sending.status === 200 && typeof answer.same === "boolean") {
          return setCompared({ state: answer.same ? "same" : "other" })
        }
        setCompared({ state: "failed", code: answer.code ?? "unavailable" })
      } catch {
        setCompared({ state: "failed", code: "unavailable" })
      }
    }
    sending.onerror = () => {
      if (request.current === sending) setCompared({ state: "failed", code: "offline" })
    }
    sending.send(file)
  }
  const drop = useDrop(stamp ? compare : undefined)
  return (
    <main className="verify" data-testid="verify" {...drop.handlers}>
      {drop.overlay}
      <header className="verify__head">
        <svg className="rail__logo" viewBox="0 0 32 32" role="img" aria-label="1fin">
          <use href="#logo" />
        </svg>
        <span className="grow" />
        <div className="seg" role="group" aria-label={t("language")}>
          {languages.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={t.language === one}
              lang={one}
              title={languageNames[one]}
              data-testid={`language-${one}`}
              onClick={() => setLanguage(one)}
            >
              {one.toUpperCase()}
            </button>
          ))}
        </div>
      </header>
      <div className="verify__card">
        {error !== undefined
          ? (
            <>
              <span className="verify__mark danger">
                <Icon name={error === "not_found" ? "x" : "alert"} size={24} />
              </span>
              <h1 data-testid="verify-unknown">{t(error === "not_found" ? "verify.unknown" : "verify.failed")}</h1>
              <p className="t2">{error === "not_found" ? t("verify.unknown.text") : errorText(t, error)}</p>
              {error === "not_found" ? null : (
                <button type="button" className="btn" onClick={load}>
                  <Icon name="sync" />
                  {t("retry")}
                </button>
              )}
            </>
          )
          : !stamp
          ? <Skeleton rows={3} />
          : (
            <>
              <span className="verify__mark ok">
                <Icon name="stamp" size={24} />
              </span>
              <h1 data-testid="verify-known">{t("verify.known")}</h1>
              <dl className="kv">
                <dt>{t("verify.firm")}</dt>
                <dd data-testid="verify-firm">{stamp.firm}</dd>
                <dt>{t("verify.uploader")}</dt>
                <dd data-testid="verify-uploader">{stamp.uploader.name} · ID {stamp.uploader.id}</dd>
                <dt>{t("verify.at")}</dt>
                <dd className="num">{dateTime(Date.parse(stamp.at))}</dd>
                <dt>{t("verify.document")}</dt>
                <dd className="num">№{stamp.document}</dd>
              </dl>
              <p className="t2 s12">{t("verify.limit")}</p>
              <button
                type="button"
                className="verify__drop"
                data-testid="verify-choose"
                onClick={() => input.current?.click()}
              >
                <Icon name="upload" size={20} />
                <b>{t("verify.compare")}</b>
                <span className="t3 s12">{t("verify.compare.text")}</span>
              </button>
              <input
                ref={input}
                type="file"
                hidden
                aria-label={t("verify.compare")}
                data-testid="verify-file"
                onChange={(event) => {
                  compare([...event.target.files ?? []])
                  event.target.value = ""
                }}
              />
              <div className="verify__result" role="status" data-testid="verify-result" data-state={compared?.state}>
                {compared?.state === "going"
                  ? (
                    <>
                      <div className="s12 cut">{t("verify.comparing", { name })}</div>
                      <Progress value={compared.part} label={t("verify.comparing", { name })} />
                    </>
                  )
                  : compared?.state === "same"
                  ? (
                    <div className="note note--ok">
                      <Icon name="check" />
                      <span>
                        <b>{t("verify.same")}</b> {t("verify.same.text", { name })}
                      </span>
                    </div>
                  )
                  : compared?.state === "other"
                  ? (
                    <div className="note note--danger">
                      <Icon name="x" />
                      <span>
                        <b>{t("verify.other")}</b> {t("verify.other.text", { name })}
                      </span>
                    </div>
                  )
                  : compared?.state === "failed"
                  ? (
                    <div className="note note--warn">
                      <Icon name="alert" />
                      <span>{errorText(t, compared.code)}</span>
                    </div>
                  )
                  : null}
              </div>
            </>
          )}
      </div>
    </main>
  )
}
