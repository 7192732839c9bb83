// What is attached to a message that isn't sent yet: in the composer, and in the message that waits for its files.
import { useState } from "react"
import { useApp } from "../chat/context.tsx"
import { useT } from "../shared/i18n/index.tsx"
import { Icon, IconButton } from "../shared/ui/basics.tsx"
import { kindIcon, kindOfName, sizeText } from "./files.ts"
import { Progress } from "./parts.tsx"
import { progress } from "./upload.ts"
import { refusalText } from "./words.ts"

interface Props {
  /** The upload's id, and what is known of the file without it. */
  file: { upload: string; name: string; size: number; document?: number; error?: string }
  /** Takes it away. */
  remove: (() => void) | undefined
  removeLabel: string
}

export function UploadChip({ file, remove, removeLabel }: Props) {
  const t = useT()
  const { chat } = useApp()
  const uploads = chat.papers.uploads
  const upload = uploads.get(file.upload)
  const [broken, setBroken] = useState(false)
  const picture = broken ? undefined : uploads.picture(file.upload)
  const replaced = upload?.replaces === undefined ? undefined : chat.papers.library.get(upload.replaces)?.name
  const error = file.error ?? (upload?.state === "refused" ? upload.error : undefined)
  const done = file.document !== undefined || upload?.state === "done"
  const part = upload ? progress(upload) : done ? 1 : 0
  const resting = upload?.state === "resting"
  const size = sizeText(file.size, t.language)
  const state = error ? "refused" : done ? "done" : resting ? "resting" : "going"
  const line = error
    ? refusalText(t, error, upload?.limit)
    : done
    ? `${size} · ${t("upload.done")}`
    : resting
    ? `${t("upload.resting")} · ${Math.round(part * 100)} %`
    : upload?.state === "waiting"
    ? `${size} · ${t("upload.waiting")}`
    : part >= 1
    ? t("upload.checking")
    : `${sizeText(Math.round(part * file.size), t.language)} / ${size}`
  return (
    <div className="up" data-testid="upload" data-state={state} data-name={file.name}>
      <span className="up__i" aria-hidden="true">
        {picture === undefined
          ? <Icon name={kindIcon[kindOfName(file.name)]} size={20} />
          // What isn't the picture that it is called shows none.
          : <img src={picture} alt="" onError={() => setBroken(true)} />}
      </span>
      <div className="grow">
        <div className="cut up__n" title={file.name}>{file.name}</div>
        {state === "going" || state === "resting"
          ? (
            <Progress
              value={part}
              label={t("upload.progress", { name: file.name })}
              kind={resting ? "warn" : undefined}
            />
          )
          : null}
        {replaced === undefined ? null : <div className="up__m cut">{t("upload.replaces", { name: replaced })}</div>}
        <div className={error ? "up__m danger" : "up__m"} role={error ? "alert" : undefined}>{line}</div>
      </div>
      {remove
        ? (
          <IconButton
            icon="x"
            label={`${removeLabel}: ${file.name}`}
            size="sm"
            iconSize={14}
            title={removeLabel}
            data-testid="upload-remove"
            onClick={remove}
          />
        )
        : null}
    </div>
  )
}
