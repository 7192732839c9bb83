// What the details of a logged action are called, and how their values are read. A name that isn't known here is shown as it is.
import { roleName, topicName } from "../chat/words.ts"
import { fromIsoDay } from "../shared/i18n/format.ts"
import { hasKey, type Language, type Translate } from "../shared/i18n/index.tsx"
import { topicKinds } from "../shared/net/protocol.ts"
import type { Detail } from "./data.ts"

type Three = readonly [uz: string, ru: string, en: string]

const names: Record<string, Three> = {
  accepted: ["qabul qilindi", "принято", "accepted"],
  account: ["foydalanuvchi", "пользователь", "account"],
  accountDaily: ["kishi uchun kunlik chegara", "дневной предел на человека", "daily limit of a person"],
  address: ["manzil", "адрес", "address"],
  assignment: ["biriktirish", "назначение", "assignment"],
  assignments: ["biriktirishlar", "назначения", "assignments"],
  bonuses: ["bonuslar", "бонусы", "bonuses"],
  by: ["kim tomonidan", "кем", "by"],
  case: ["ish", "дело", "case"],
  closed: ["yopilgan", "закрыто", "closed"],
  code: ["kod", "код", "code"],
  contest: ["eʼtiroz", "возражение", "contest"],
  count: ["soni", "количество", "count"],
  department: ["boʻlim", "отдел", "department"],
  device: ["qurilma", "устройство", "device"],
  devices: ["qurilmalar", "устройства", "devices"],
  disabled: ["oʻchirilgan", "отключено", "disabled"],
  document: ["hujjat", "документ", "document"],
  due: ["muddat", "срок", "due"],
  erasure: ["butunlay oʻchirish", "стирание", "erasure"],
  faults: ["uzilishlar", "нарушения", "faults"],
  format: ["format", "формат", "format"],
  from: ["dan", "с", "from"],
  hash: ["xesh", "хеш", "hash"],
  hold: ["huquqiy taqiq", "запрет стирания", "legal hold"],
  holder: ["masʼul", "ответственный", "holder"],
  import: ["jadvaldan", "из таблицы", "by import"],
  key: ["kalit", "ключ", "key"],
  kind: ["turi", "вид", "kind"],
  known: ["maʼlum", "известно", "known"],
  language: ["til", "язык", "language"],
  line: ["qator", "строка", "line"],
  link: ["havola", "ссылка", "link"],
  login: ["login", "логин", "login"],
  memberships: ["rollar", "роли", "memberships"],
  message: ["xabar", "сообщение", "message"],
  minutes: ["daqiqa", "минуты", "minutes"],
  month: ["oy", "месяц", "month"],
  name: ["nomi", "название", "name"],
  note: ["izoh", "примечание", "note"],
  notice: ["ogohlantirish", "уведомление", "notice"],
  observation: ["kuzatuv", "наблюдение", "observation"],
  opacityPerMille: ["quyuqligi, ‰", "непрозрачность, ‰", "opacity, ‰"],
  organisation: ["tashkilot", "организация", "organisation"],
  organisationTotal: ["tashkilot chegarasi", "предел организации", "limit of an organisation"],
  organisations: ["tashkilotlar", "организации", "organisations"],
  password: ["parol", "пароль", "password"],
  place: ["joyi", "место", "place"],
  position: ["oʻrni", "положение", "position"],
  reason: ["sabab", "причина", "reason"],
  rendition: ["nusxa turi", "вид копии", "rendition"],
  replaced: ["almashtirilgan", "заменено", "replaced"],
  replaces: ["oʻrniga", "вместо", "replaces"],
  requestedBy: ["kim soʻragan", "кто просил", "asked for by"],
  role: ["rol", "роль", "role"],
  rows: ["qatorlar", "строки", "rows"],
  salaries: ["oyliklar", "оклады", "salaries"],
  session: ["seans", "сеанс", "session"],
  setting: ["sozlama", "настройка", "setting"],
  since: ["qachondan", "с", "since"],
  size: ["hajm", "размер", "size"],
  sizes: ["hajmlar", "размеры", "sizes"],
  stars: ["baho", "оценка", "stars"],
  state: ["holat", "состояние", "state"],
  stir: ["STIR", "СТИР", "STIR"],
  target: ["javob muddati", "срок ответа", "response target"],
  text: ["matn", "текст", "text"],
  to: ["gacha", "по", "to"],
  topic: ["mavzu", "тема", "topic"],
  topics: ["mavzular", "темы", "topics"],
  type: ["turi", "тип", "type"],
  unstamped: ["tamgʻasiz", "без штампа", "unstamped"],
  until: ["gacha", "до", "until"],
  user: ["foydalanuvchi", "пользователь", "user"],
  version: ["versiya", "версия", "version"],
  watcher: ["kuzatuvchi", "наблюдатель", "watcher"],
  week: ["hafta", "неделя", "week"],
  what: ["nima", "что", "what"],
  who: ["kim", "кто", "who"],
  whom: ["kimga nisbatan", "в отношении кого", "whom"],
  year: ["yil", "год", "year"],
}
/** What settings are called in the log. */
const settings: Record<string, Three> = {
  calendar: ["ish taqvimi", "рабочий календарь", "calendar"],
  documents: ["fayllar", "файлы", "files"],
  sessions: ["kirish qoidalari", "правила входа", "sign-in rules"],
  target: ["javob muddati", "срок ответа", "response target"],
  watermark: ["suv belgisi", "водяной знак", "watermark"],
}
const index: Record<Language, 0 | 1 | 2> = { uz: 0, ru: 1, en: 2 }
const yes: Three = ["ha", "да", "yes"]
const no: Three = ["yoʻq", "нет", "no"]

export const detailName = (name: string, language: Language): string =>
  (names[name] ?? settings[name])?.[index[language]] ?? name

/** A value for people, of the detail that is called `name`: truth in words, roles and topics by their names, days as they are written here. */
export function detailValue(value: Detail | undefined, t: Translate, name = ""): string {
  if (value === undefined || value === null) return "—"
  if (typeof value === "boolean") return (value ? yes : no)[index[t.language]]
  if (Array.isArray(value)) return value.map((one) => detailValue(one, t, name)).join(", ")
  if (typeof value === "object") {
    return Object.entries(value).map(([name, inner]) =>
      `${detailName(name, t.language)}: ${detailValue(inner, t, name)}`
    )
      .join(
        ", ",
      )
  }
  const text = String(value)
  const setting = name === "setting" ? settings[text]?.[index[t.language]] : undefined
  if (setting !== undefined) return setting
  const state = `doc.state.${text}`
  if (name === "state" && hasKey(state)) return t(state)
  const kind = topicKinds.find((one) => one === text)
  if (kind) return topicName(t, kind)
  if (hasKey(`role.${text}`)) return roleName(t, text as Parameters<typeof roleName>[1])
  return /^\d{4}-\d\d-\d\d$/.test(text) ? fromIsoDay(text) : text
}
