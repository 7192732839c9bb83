// The firm's settings for documents, as REST gives them, and what a form makes of them.
import type { Api } from "../shared/net/api.ts"

export type Corner = "topLeft" | "topRight" | "bottomLeft" | "bottomRight"
export const corners: readonly Corner[] = ["topLeft", "topRight", "bottomLeft", "bottomRight"]

export interface Watermark {
  version: number
  text: string
  opacity: number
  position: Corner
  /** The logo's type; absent or null without one. */
  logo?: string | null
}

export interface FileSettings {
  version: number
  /** The most bytes of a file whose type has no limit of its own. */
  size: number
  sizes: Record<string, number>
  unstamped: string[]
  accountDaily: number
  organisationTotal: number
  types: string[]
}

/** Types that staff cannot have stamped: listed, they go out without. */
export const unstampable = ["xml", "xlsx", "signed_pdf"] as const

export const readWatermark = (api: Api): Promise<Watermark> => api.call("GET", "/settings/watermark")
export const saveWatermark = (api: Api, mark: Omit<Watermark, "logo">): Promise<Watermark> =>
  api.call("PUT", "/settings/watermark", mark)
export const dropLogo = (api: Api): Promise<Watermark> => api.call("DELETE", "/settings/watermark/logo")
export const saveLogo = (api: Api, file: Blob): Promise<Watermark> => api.put("/settings/watermark/logo", file)
export const readFiles = (api: Api): Promise<FileSettings> => api.call("GET", "/settings/documents")
export const saveFiles = (api: Api, value: Omit<FileSettings, "types">): Promise<FileSettings> =>
  api.call("PUT", "/settings/documents", value)

export const megabyte = 1_000_000

/** Whole megabytes and a half for a field; what was typed back as bytes. Undefined when it is no size. */
export const inMegabytes = (bytes: number): string => String(Math.round(bytes / megabyte * 10) / 10)
export function fromMegabytes(text: string): number | undefined {
  const value = Number(text.trim().replace(",", "."))
  return text.trim() !== "" && Number.isFinite(value) && value > 0 ? Math.round(value * megabyte) : undefined
}

/**
 * A page with the stamp as these settings make it: asked for, and fetched once the worker has made it. The picture's bytes, or why there is none.
 */
export async function sample(
  api: Api,
  mark: Omit<Watermark, "logo">,
  signal: AbortSignal,
  pause: (milliseconds: number) => Promise<void> = (milliseconds) =>
    new Promise((resolve) => setTimeout(resolve, milliseconds)),
): Promise<Blob | "failed" | "slow" | undefined> {
  const asked = await api.call<{ sample: number }>("POST", "/settings/watermark/samples", mark)
  for (let round = 0; round < 40; round++) {
    if (signal.aborted) return undefined
    const answer = await api.fetch<{ state: string }>(`/settings/watermark/samples/${asked.sample}`)
    if (answer instanceof Blob) return answer
    if (answer.state === "failed") return "failed"
    await pause(round < 10 ? 250 : 1000)
  }
  return "slow"
}
