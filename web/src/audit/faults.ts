// What a check of the database found, in the reader's language. The servers say it in English, as the terminal does; what isn't known
// here is shown as they say it. `web/tests/faults.test.ts` reads the servers' code and holds this list to it.
import type { Language } from "../shared/i18n/index.tsx"

type Sentence = readonly [en: string, uz: string, ru: string]

/** `{a}` stands for a number, a day or a name without spaces, `{text}` for anything, `{reason}` for another of the reasons. */
export const places: readonly Sentence[] = [
  ["absence of account {a} since {b}", "{a}-hisobning {b} dan yoʻqligi", "отсутствие учётной записи {a} с {b}"],
  ["account {a}", "{a}-hisob", "учётная запись {a}"],
  ["action log", "amallar jurnali", "журнал действий"],
  ["action log, link {a}", "amallar jurnali, {a}-halqa", "журнал действий, звено {a}"],
  ["action log, row {a}", "amallar jurnali, {a}-yozuv", "журнал действий, запись {a}"],
  ["answer to contest {a}", "{a}-eʼtirozga javob", "ответ на возражение {a}"],
  ["assignment {a}", "{a}-biriktirish", "назначение {a}"],
  ["bonus rules, version {a}", "bonus qoidalari, {a}-versiya", "правила бонусов, версия {a}"],
  ["cases", "ishlar", "дела"],
  ["clocks", "kutish vaqtlari", "время ожидания"],
  ["closed months", "yopilgan oylar", "закрытые месяцы"],
  ["contest {a}", "{a}-eʼtiroz", "возражение {a}"],
  ["correction of contest {a}", "{a}-eʼtiroz boʻyicha tuzatish", "поправка по возражению {a}"],
  ["department {a}", "{a}-boʻlim", "отдел {a}"],
  ["document {a}", "{a}-hujjat", "документ {a}"],
  ["erasure {a}", "{a}-butunlay oʻchirish", "стирание {a}"],
  ["erasures", "butunlay oʻchirishlar", "стирания"],
  ["file {a}", "{a} fayli", "файл {a}"],
  ["files", "fayllar", "файлы"],
  ["ghost ledger", "kuzatuvlar daftari", "журнал наблюдений"],
  ["ghost ledger, row {a}", "kuzatuvlar daftari, {a}-yozuv", "журнал наблюдений, запись {a}"],
  ["keys", "soʻrov kalitlari", "ключи запросов"],
  ["legal hold {a}", "{a}-huquqiy taqiq", "запрет стирания {a}"],
  ["membership {a}", "{a}-rol", "роль {a}"],
  ["month {a}", "{a} oyi", "месяц {a}"],
  ["organisation {a}", "{a}-tashkilot", "организация {a}"],
  ["read marks", "oʻqish belgilari", "отметки о прочтении"],
  ["response target {a}", "{a}-javob muddati", "срок ответа {a}"],
  ["root file {text}", "{text} ildiz fayli", "файл корня {text}"],
  ["root files", "ildiz fayllari", "файлы корней"],
  ["root folder {text}", "{text} ildizlar papkasi", "папка корней {text}"],
  ["root {a}", "{a}-ildiz", "корень {a}"],
  ["roots", "ildizlar", "корни"],
  ["rows", "qatorlar", "строки"],
  ["salary of account {a}, version {b}", "{a}-hisobning oyligi, {b}-versiya", "оклад учётной записи {a}, версия {b}"],
  ["setting {a}, version {b}", "{a} sozlamasi, {b}-versiya", "настройка {a}, версия {b}"],
  ["stamps", "tamgʻalar", "штампы"],
  ["topic {a}", "{a}-mavzu", "тема {a}"],
  ["topic {a}, case {b}", "{a}-mavzu, {b}-ish", "тема {a}, дело {b}"],
  ["topic {a}, documents", "{a}-mavzu, hujjatlar", "тема {a}, документы"],
  [
    "topic {a}, read mark of account {b}",
    "{a}-mavzu, {b}-hisobning oʻqish belgisi",
    "тема {a}, отметка о прочтении учётной записи {b}",
  ],
  ["topic {a}, row {b}", "{a}-mavzu, {b}-qator", "тема {a}, строка {b}"],
  ["verification of {a}", "{a} kungi tekshiruv", "проверка за {a}"],
  ["written rows", "jurnalda bor yozuvlar", "записи, о которых говорит журнал"],
]

export const reasons: readonly Sentence[] = [
  [
    "it was removed, and no erasure that two people confirmed covers all that it belongs to",
    "olib tashlangan, lekin u tegishli boʻlgan hamma narsani ikki kishi tasdiqlagan oʻchirish qamramaydi",
    "удалён, но стирание, подтверждённое двумя людьми, покрывает не всё, к чему он относится",
  ],
  ["it is missing, the next one is {a}", "yoʻq, keyingisi {a}", "отсутствует, следующая — {a}"],
  ["it is missing", "yoʻq", "отсутствует"],
  [
    "it does not name the hash of the row before",
    "oldingi qatorning xeshini aytmaydi",
    "не называет хеш предыдущей строки",
  ],
  [
    "its hash is another one, or row {a} was changed",
    "xeshi boshqa yoki {a}-yozuv oʻzgartirilgan",
    "хеш другой, или запись {a} изменена",
  ],
  ["its hash is another one", "xeshi boshqa", "хеш другой"],
  ["its body is another one", "matni boshqa", "текст другой"],
  [
    "its body is missing, and no erasure that two people confirmed explains it",
    "matni yoʻq, ikki kishi tasdiqlagan oʻchirish ham yoʻq",
    "текста нет, и нет стирания, подтверждённого двумя людьми",
  ],
  [
    "it says that a message was erased, and nobody confirmed that",
    "xabar oʻchirilgan deydi, lekin buni hech kim tasdiqlamagan",
    "говорит, что сообщение стёрто, но никто этого не подтверждал",
  ],
  ["there is no such topic", "bunday mavzu yoʻq", "такой темы нет"],
  [
    "there are {a} rows of it, and no such topic",
    "{a} ta qatori bor, mavzuning oʻzi yoʻq",
    "её строк: {a}, а самой темы нет",
  ],
  ["the topic's head is another one", "mavzuning oxirgi qatori boshqa", "последняя строка темы другая"],
  ["the log's head is another one", "jurnalning oxirgi halqasi boshqa", "последнее звено журнала другое"],
  ["the ledger's head is another one", "daftarning oxirgi yozuvi boshqa", "последняя запись журнала другая"],
  ["it has a body that was never written", "hech qachon yozilmagan matni bor", "есть текст, которого никто не писал"],
  [
    "a key of account {a} names it, and it isn't that account's",
    "{a}-hisobning kaliti uni koʻrsatadi, lekin qator unga tegishli emas",
    "ключ учётной записи {a} называет её, но строка чужая",
  ],
  [
    "no key of its author names it",
    "muallifining hech bir kaliti uni koʻrsatmaydi",
    "ни один ключ автора её не называет",
  ],
  ["it has {a} keys", "{a} ta kaliti bor", "ключей: {a}"],
  [
    "the step to row {a} begins at {b} and not at {c}",
    "{a}-qatorgacha qadam {c} dan emas, {b} dan boshlanadi",
    "шаг до строки {a} начинается с {b}, а не с {c}",
  ],
  [
    "it stands at {a}, and its steps end at {b}",
    "{a} da turibdi, qadamlari {b} da tugaydi",
    "стоит на {a}, а шаги кончаются на {b}",
  ],
  [
    "it stands at {a}, past the end of the log",
    "{a} da turibdi, bu suhbat oxiridan keyin",
    "стоит на {a}, дальше конца переписки",
  ],
  ["no row of the log opened it", "uni hech bir qator ochmagan", "ни одна строка его не открывала"],
  ["its opening is another one", "ochilishi boshqa", "открытие другое"],
  ["its close is another one", "yopilishi boshqa", "закрытие другое"],
  ["its rating is another one", "bahosi boshqa", "оценка другая"],
  ["its newest case isn't {a}, open", "oxirgi ishi ochiq {a}-ish emas", "последнее дело — не открытое {a}"],
  ["its newest case isn't {a}, closed", "oxirgi ishi yopilgan {a}-ish emas", "последнее дело — не закрытое {a}"],
  [
    "its stamp is on other bytes than those that are handed out",
    "tamgʻasi berilayotgan faylniki emas",
    "штамп стоит не на том файле, который выдаётся",
  ],
  [
    "row {a} of topic {b}, which it names, doesn't carry it",
    "{b}-mavzuning {a}-qatori, garchi hujjat uni koʻrsatsa ham, hujjatni oʻz ichiga olmaydi",
    "строка {a} темы {b}, которую он называет, его не содержит",
  ],
  [
    "row {a} of topic {b} carries another file",
    "{b}-mavzuning {a}-qatorida boshqa fayl",
    "в строке {a} темы {b} другой файл",
  ],
  [
    "row {a} of topic {b} carries it, and it is gone",
    "{b}-mavzuning {a}-qatorida bor, oʻzi yoʻqolgan",
    "есть в строке {a} темы {b}, а сам исчез",
  ],
  [
    "the state of a document that was read off it is another one",
    "undan oʻqilgan hujjat holati boshqa",
    "прочитанное по ней состояние документа другое",
  ],
  [
    "the state of a document that was read off it is gone",
    "undan oʻqilgan hujjat holati yoʻqolgan",
    "прочитанное по ней состояние документа исчезло",
  ],
  [
    "its rows, figures, rules or calendar aren't those that were sealed",
    "qatorlari, raqamlari, qoidalari yoki taqvimi muhrlangani emas",
    "строки, цифры, правила или календарь не те, что были запечатаны",
  ],
  ["it can't be read: {text}", "oʻqib boʻlmaydi: {text}", "не читается: {text}"],
  ["it has no link and doesn't wait for one", "halqasi yoʻq va uni kutmayapti", "нет звена, и она его не ждёт"],
  [
    "it is gone, and the action log says that it was closed",
    "yoʻqolgan, amallar jurnali esa u yopilganini aytadi",
    "исчез, а журнал действий говорит, что он был закрыт",
  ],
  [
    "it isn't the one that was closed, by the action log",
    "amallar jurnaliga koʻra yopilgani bu emas",
    "по журналу действий закрыт был не он",
  ],
  ["it is gone, and waited for its link", "halqasini kutayotib yoʻqolgan", "исчезла, пока ждала своего звена"],
  ["its row {a} is gone", "{a}-yozuvi yoʻqolgan", "её запись {a} исчезла"],
  ["its day {a} isn't after the one before", "{a} kuni oldingisidan keyin emas", "день {a} не позже предыдущего"],
  ["it doesn't name the root before", "oldingi ildizni aytmaydi", "не называет предыдущий корень"],
  [
    "its heads don't make its tree",
    "oxirgi qatorlardan uning daraxti chiqmaydi",
    "из последних строк не получается его дерево",
  ],
  [
    "its root of the ghosts' ledger is another one",
    "kuzatuvlar daftarining ildizi boshqa",
    "корень журнала наблюдений другой",
  ],
  [
    "its hash of the empty log of topic {a} is another one",
    "{a}-mavzuning boʻsh suhbati xeshi boshqa",
    "хеш пустой переписки темы {a} другой",
  ],
  [
    "it is gone, and root {a} of {b} sealed it",
    "yoʻqolgan, uni {b} kungi {a}-ildiz muhrlagan",
    "исчезла, а корень {a} за {b} её запечатал",
  ],
  [
    "it was another one when root {a} of {b} sealed it",
    "{b} kungi {a}-ildiz muhrlaganda boshqa edi",
    "была другой, когда её запечатал корень {a} за {b}",
  ],
  [
    "it is gone, and the root of {a} names it",
    "yoʻqolgan, uni {a} ildizi koʻrsatadi",
    "исчезла, а корень за {a} её называет",
  ],
  ["the root of {a} names another hash", "{a} ildizi boshqa xeshni koʻrsatadi", "корень за {a} называет другой хеш"],
  ["stay {a}: {reason}", "{a}-kuzatuv: {reason}", "наблюдение {a}: {reason}"],
  ["its beginning is not in the ledger", "boshlanishi daftarda yoʻq", "начала нет в журнале"],
  ["its own row is gone", "oʻz yozuvi yoʻqolgan", "собственная запись исчезла"],
  [
    "its own row names another watcher, topic or session",
    "oʻz yozuvida boshqa kuzatuvchi, mavzu yoki seans",
    "в записи другой наблюдатель, тема или сеанс",
  ],
  [
    "its own row gives another reason or time",
    "oʻz yozuvida boshqa sabab yoki vaqt",
    "в записи другая причина или время",
  ],
  ["its end is not the one in the ledger", "tugashi daftardagi emas", "конец не тот, что в журнале"],
  ["its range is not the one in the ledger", "qatorlari daftardagi emas", "строки не те, что в журнале"],
  [
    "since when a client waits isn't what the log says",
    "mijoz qachondan beri kutayotgani suhbatdagi bilan bir xil emas",
    "с какого времени ждёт клиент, по переписке выходит иначе",
  ],
  [
    "the pause that was read off it is another one",
    "undan oʻqilgan mijozni kutish boshqa",
    "прочитанное по ней ожидание клиента другое",
  ],
  [
    "the pause that was read off it is gone",
    "undan oʻqilgan mijozni kutish yoʻqolgan",
    "прочитанное по ней ожидание клиента исчезло",
  ],
  [
    "the action log doesn't say that it was closed",
    "amallar jurnalida uning yopilgani yoʻq",
    "в журнале действий нет, что он был закрыт",
  ],
  [
    "the action log doesn't say that it was asked for",
    "amallar jurnalida uning soʻralgani yoʻq",
    "в журнале действий нет, что о нём просили",
  ],
  [
    "the action log doesn't say that it was confirmed",
    "amallar jurnalida uning tasdiqlangani yoʻq",
    "в журнале действий нет, что его подтвердили",
  ],
  ["it was begun and never ended", "boshlangan, lekin tugamagan", "начата, но так и не закончена"],
  ["it is no root", "bu ildiz emas", "это не корень"],
  ["the database has no such root", "bazada bunday ildiz yoʻq", "в базе нет такого корня"],
  [
    "the database has another root of that day",
    "bazada oʻsha kunning ildizi boshqa",
    "в базе за тот день другой корень",
  ],
  [
    "the action log doesn't say that it was written",
    "amallar jurnalida uning yozilgani yoʻq",
    "в журнале действий нет, что это было записано",
  ],
  [
    "it is gone, and the action log says that it was written",
    "yoʻqolgan, amallar jurnali esa u yozilganini aytadi",
    "исчезло, а журнал действий говорит, что это было записано",
  ],
  ["it isn't what the action log says", "amallar jurnalidagi bilan bir xil emas", "не совпадает с журналом действий"],
  ["it can't be read", "oʻqib boʻlmaydi", "не читается"],
]

/** A sentence as a pattern of its values. */
const pattern = (sentence: string): RegExp =>
  new RegExp(
    `^${
      sentence.replace(/[.*+?^$()|[\]\\]/g, "\\$&")
        .replace(/\{(\w+)\}/g, (_, name: string) => `(?<${name}>${name.length === 1 ? "[^\\s,]+" : ".+"})`)
    }$`,
  )

type Compiled = readonly (readonly [RegExp, Sentence])[]
const compiled = (sentences: readonly Sentence[]): Compiled => sentences.map((one) => [pattern(one[0]), one])
const placePatterns = compiled(places)
const reasonPatterns = compiled(reasons)

function told(said: string, among: Compiled, language: Language): string {
  if (language === "en") return said
  for (const [matches, [, uz, ru]] of among) {
    const found = matches.exec(said)
    if (!found) continue
    return (language === "uz" ? uz : ru).replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = found.groups?.[name] ?? ""
      return name === "reason" ? told(value, among, language) : value
    })
  }
  return said
}

export const faultPlace = (place: string, language: Language): string => told(place, placePatterns, language)
export const faultReason = (reason: string, language: Language): string => told(reason, reasonPatterns, language)
