// What becomes of documents, in words.
import { hasKey, type Translate } from "../shared/i18n/index.tsx"
import { errorText } from "../chat/words.ts"
import { sizeText } from "./files.ts"
import type { Library } from "./library.ts"
import type { DocumentRecord } from "./record.ts"

/** Why a document has no rendition (yet). */
export function reasonText(t: Translate, reason: string | undefined): string {
  const key = `doc.reason.${reason}`
  return hasKey(key) ? t(key) : t("doc.reason.unknown", { code: reason ?? "?" })
}

/** Why a file was not taken. */
export function refusalText(t: Translate, code: string, limit?: number): string {
  const key = `upload.error.${code}`
  if (code === "too_large" && limit !== undefined) {
    return t("upload.error.too_large.limit", { size: sizeText(limit, t.language) })
  }
  return hasKey(key) ? t(key) : errorText(t, code)
}

/** What stands on a card whose file is not there to be looked at. */
export function mediaText(t: Translate, record: DocumentRecord): string | undefined {
  switch (record.media) {
    case "ready":
      return undefined
    case "waiting":
      return t(record.staff && !record.unstamped ? "doc.stamping" : "doc.preparing")
    case "pending":
      return `${t(record.staff ? "doc.pending" : "doc.pending.client")}: ${reasonText(t, record.reason)}`
    case "refused":
      return `${t("doc.refused")}: ${reasonText(t, record.reason)}`
    case "failed":
      return `${t("doc.failed")}: ${reasonText(t, record.reason)}`
  }
}

/** Whether it is a newer version of another one, or there is a newer one of it. */
export function versionText(t: Translate, library: Library, record: DocumentRecord | undefined): string | undefined {
  if (!record) return undefined
  return library.newerThan(record.document)
    ? t("doc.oldVersion")
    : record.replaces === null
    ? undefined
    : t("doc.newVersion")
}
