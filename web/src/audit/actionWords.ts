// Names of actions for people: a thing and what was done with it. An action that isn't known here is shown by its own name.
import type { Language } from "../shared/i18n/index.tsx"

type Three = readonly [uz: string, ru: string, en: string]

const things: Record<string, Three> = {
  session: ["Seans", "Сеанс", "Session"],
  second_factor: ["Ikkinchi omil", "Второй фактор", "Second factor"],
  access: ["Begona narsaga urinish", "Попытка доступа", "Access"],
  account: ["Foydalanuvchi", "Пользователь", "Account"],
  user: ["Foydalanuvchilar", "Пользователи", "Users"],
  membership: ["Rol", "Роль", "Role"],
  invitation: ["Taklif", "Приглашение", "Invitation"],
  reset_link: ["Parolni tiklash havolasi", "Ссылка сброса пароля", "Reset link"],
  notice: ["Ogohlantirish", "Уведомление о надзоре", "Notice"],
  notification: ["Bildirishnoma", "Уведомление", "Notification"],
  department: ["Boʻlim", "Отдел", "Department"],
  organisation: ["Tashkilot", "Организация", "Organisation"],
  assignment: ["Biriktirish", "Назначение", "Assignment"],
  settings: ["Sozlamalar", "Настройки", "Settings"],
  calendar: ["Ish taqvimi", "Календарь", "Calendar"],
  message: ["Xabar", "Сообщение", "Message"],
  case: ["Ish", "Дело", "Case"],
  topic: ["Mavzu", "Тема", "Topic"],
  document: ["Hujjat", "Документ", "Document"],
  file: ["Fayl", "Файл", "File"],
  erasure: ["Butunlay oʻchirish", "Стирание", "Erasure"],
  legal_hold: ["Huquqiy taqiq", "Запрет стирания", "Legal hold"],
  observation: ["Koʻrinmas kuzatuv", "Скрытый просмотр", "Viewing"],
  action_log: ["Amallar jurnali", "Журнал действий", "Action log"],
  audit: ["Audit", "Аудит", "Audit"],
  root: ["Kunlik ildiz", "Дневной корень", "Daily root"],
  bonus: ["Bonus", "Бонус", "Bonus"],
  salary: ["Oylik maosh", "Оклад", "Salary"],
  kpi: ["KPI", "KPI", "KPI"],
  month: ["Oy", "Месяц", "Month"],
  contest: ["Eʼtiroz", "Возражение", "Contest"],
}

const verbs: Record<string, Three> = {
  start: ["boshlandi", "начало", "started"],
  end: ["tugadi", "конец", "ended"],
  end_all: ["hammasi tugatildi", "завершены все", "all ended"],
  refuse: ["rad etildi", "отказ", "refused"],
  limit: ["chegara", "лимит", "limit"],
  begin: ["boshlandi", "начало", "begun"],
  enable: ["yoqildi", "включение", "enabled"],
  disable: ["oʻchirildi", "отключение", "disabled"],
  recovery: ["zaxira kod", "запасной код", "recovery code"],
  remove: ["olib tashlandi", "снятие", "removed"],
  create: ["yaratildi", "создание", "created"],
  update: ["oʻzgartirildi", "изменение", "changed"],
  delete: ["oʻchirildi", "удаление", "deleted"],
  restore: ["qaytarildi", "возврат", "restored"],
  password: ["parol almashtirildi", "смена пароля", "password changed"],
  use: ["ishlatildi", "использование", "used"],
  acknowledge: ["tanishildi", "ознакомление", "acknowledged"],
  read: ["oʻqildi", "прочтение", "read"],
  close: ["yopildi", "закрытие", "closed"],
  plan: ["rejalashtirildi", "план", "planned"],
  revoke: ["bekor qilindi", "отзыв", "revoked"],
  move: ["koʻchirildi", "перенос", "moved"],
  export: ["eksport", "экспорт", "export"],
  import: ["import", "импорт", "import"],
  edit: ["tahrirlandi", "правка", "edited"],
  redact: ["berkitildi", "сокрытие", "redacted"],
  reopen: ["qayta ochildi", "открыто снова", "reopened"],
  rate: ["baholandi", "оценка", "rated"],
  pause: ["toʻxtatildi", "пауза", "paused"],
  resume: ["davom ettirildi", "продолжение", "resumed"],
  mark: ["holati oʻzgardi", "смена статуса", "state changed"],
  join: ["qoʻshildi", "вступление", "joined"],
  leave: ["chiqdi", "выход", "left"],
  confirm: ["tasdiqlandi", "подтверждение", "confirmed"],
  upload: ["yuklandi", "загрузка", "uploaded"],
  view: ["koʻrildi", "просмотр", "viewed"],
  download: ["yuklab olindi", "скачивание", "downloaded"],
  report: ["hisobot", "отчёт", "report"],
  verify: ["tekshirildi", "проверка", "verified"],
  retire: ["oʻchirishga belgilandi", "помечен к удалению", "marked for removal"],
  make: ["yasaldi", "создание", "made"],
  answer: ["javob berildi", "ответ", "answered"],
}

const index: Record<Language, 0 | 1 | 2> = { uz: 0, ru: 1, en: 2 }

export function actionName(name: string, language: Language): string {
  const [thing = "", verb = ""] = name.split(".")
  const [first, second] = [things[thing], verbs[verb]]
  return first && second ? `${first[index[language]]}: ${second[index[language]]}` : name
}

/** The thing's icon. */
export function actionIcon(name: string): string {
  const [thing = "", verb = ""] = name.split(".")
  if (verb === "refuse") return "alert"
  if (verb === "delete" || verb === "redact") return "trash"
  if (verb === "edit") return "edit"
  if (verb === "download" || verb === "export") return "download"
  if (verb === "view") return "eye"
  if (thing === "observation") return "ghost"
  if (thing === "session" || thing === "second_factor") return "user"
  if (["account", "user", "membership", "invitation", "reset_link", "assignment"].includes(thing)) return "users"
  if (thing === "document") return "file"
  if (thing === "settings" || thing === "calendar" || thing === "bonus") return "sliders"
  return "history"
}

/** Whether it is shown as something seen by overseers only, or as something that failed. */
export const actionKind = (name: string): "ghost" | "bad" | undefined =>
  name.startsWith("observation.") ? "ghost" : name.endsWith(".refuse") ? "bad" : undefined
