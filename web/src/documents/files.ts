// Small pure things about files: what kind they are, how large, how they may be called.
import type { Language } from "../shared/net/api.ts"

/** The most documents of one message. */
export const mostFiles = 10

export type Kind = "image" | "pdf" | "sheet" | "text" | "other"

const kinds: ReadonlyMap<string, Kind> = new Map([
  ...["jpeg", "jpg", "png", "webp", "heic", "heif", "tif", "tiff"].map((type) => [type, "image"] as const),
  ...["xlsx", "csv"].map((type) => [type, "sheet"] as const),
  ...["docx", "txt"].map((type) => [type, "text"] as const),
  ["pdf", "pdf"] as const,
])

/** By the type that the server found in the content. */
export const kindOf = (type: string): Kind => kinds.get(type) ?? "other"

/** Before the server has looked, the name is all there is. */
export function kindOfName(name: string): Kind {
  const dot = name.lastIndexOf(".")
  return dot < 0 ? "other" : kindOf(name.slice(dot + 1).toLowerCase())
}

export const kindIcon: Readonly<Record<Kind, string>> = {
  image: "image",
  pdf: "receipt",
  sheet: "grid",
  text: "contract",
  other: "file",
}

/** What the file dialog offers; what is taken the server decides, by the content. */
export const accepted =
  "image/jpeg,image/png,image/webp,image/heic,image/tiff,.heic,.tif,.tiff,.pdf,.docx,.xlsx,.txt,.csv,.xml,.p7s"

const units = ["B", "KB", "MB", "GB"] as const
const cyrillicUnits = ["Б", "КБ", "МБ", "ГБ"] as const

/** 214 KB, 2,8 MB: three figures at most, as people read sizes, and in thousands, as phones and the firm's limits count. */
export function sizeText(bytes: number, language: Language): string {
  let unit = 0
  let value = bytes
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 9.95 ? String(Math.round(value)) : value.toFixed(1)
  const name = (language === "ru" ? cyrillicUnits : units)[unit] ?? ""
  return `${language === "en" ? digits : digits.replace(".", ",")}\u00a0${name}`
}

/** How a file is announced to the server, which takes neither paths nor control characters nor more than 255 characters. */
export function cleanName(name: string): string {
  const plain = (name.split(/[/\\]/).pop() ?? "").replace(/\p{Cc}/gu, "").trim()
  const characters = [...plain]
  if (characters.length === 0) return "file"
  if (characters.length <= 255) return plain
  const dot = plain.lastIndexOf(".")
  const ending = dot > 0 && plain.length - dot <= 10 ? plain.slice(dot) : ""
  return characters.slice(0, 255 - [...ending].length).join("") + ending
}

/** A picture from the clipboard or the camera has no name of its own: the time is what tells it apart. */
export function momentName(prefix: string, at: number, type: string): string {
  const ending = type === "image/png" ? "png" : type === "image/webp" ? "webp" : "jpg"
  const tashkent = new Date(at + 5 * 3_600_000).toISOString()
  return `${prefix} ${tashkent.slice(0, 10)} ${tashkent.slice(11, 19).replace(/:/g, "-")}.${ending}`
}
