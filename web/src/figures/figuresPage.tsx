// How fast and how well was worked, what is paid for it, by which rules, and the closing of months.
import { useCallback, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { useT } from "../shared/i18n/index.tsx"
import { isoDay } from "../shared/i18n/format.ts"
import { go } from "../shared/router.ts"
import { IconButton } from "../shared/ui/basics.tsx"
import { SideLink, SideNav } from "../shared/ui/sideNav.tsx"
import { BonusPane } from "./bonus.tsx"
import { ClosingPane } from "./closing.tsx"
import { KpiPane } from "./kpi.tsx"
import { RulesPane } from "./rules.tsx"
import { SalariesPane } from "./salaries.tsx"
import { monthName, shifted, useSay } from "./words.ts"

const pages = ["figures", "bonuses", "rules", "salaries", "months"] as const
type PageName = (typeof pages)[number]
const icons: Record<PageName, string> = {
  figures: "chart",
  bonuses: "star",
  rules: "sliders",
  salaries: "bank",
  months: "lock",
}
const isMonth = (text: string | undefined): text is string => text !== undefined && /^\d{4}-(0[1-9]|1[0-2])$/.test(text)

export default function FiguresPage({ page, month: wanted }: { page: string | undefined; month: string | undefined }) {
  const t = useT()
  const words = useSay()
  const { session } = useApp()
  const roles = session.memberships.map((one) => one.role)
  const admin = roles.includes("admin")
  const money = admin || roles.includes("accountant")
  const allowed = pages.filter((one) => one === "figures" || (one === "bonuses" ? money : admin))
  const shown: PageName = allowed.find((one) => one === page) ?? "figures"
  const [now] = useState(() => isoDay(Date.now()).slice(0, 7))
  const month = isMonth(wanted) && wanted <= now ? wanted : now
  const move = useCallback((by: number) => go(`/kpi/${shown}/${shifted(month, by)}${location.search}`), [shown, month])
  const link = (one: PageName) => (
    <SideLink
      key={one}
      to={`/kpi/${one}/${month}`}
      icon={icons[one]}
      label={words(one)}
      current={shown === one}
      testid={`kpi-${one}`}
    />
  )
  const chooser = (
    <span className="row months" data-testid="month" data-month={month}>
      <IconButton icon="left" label={words("earlier")} size="md" onClick={() => move(-1)} />
      <b className="nw">{monthName(month, t.language)}</b>
      <IconButton icon="right" label={words("later")} size="md" disabled={month >= now} onClick={() => move(1)} />
    </span>
  )
  return (
    <main className="shell admin figures">
      <SideNav label={words("title")} shown={shown}>
        <h2>{words("result")}</h2>
        {link("figures")}
        {money ? link("bonuses") : null}
        {admin
          ? (
            <>
              <h2>{words("money")}</h2>
              {link("rules")}
              {link("salaries")}
              {link("months")}
            </>
          )
          : null}
      </SideNav>
      {shown === "figures"
        ? <KpiPane key={month} month={month} chooser={chooser} />
        : shown === "bonuses"
        ? <BonusPane key={month} month={month} chooser={chooser} admin={admin} />
        : shown === "rules"
        ? <RulesPane month={month} chooser={chooser} />
        : shown === "salaries"
        ? <SalariesPane key={month} month={month} chooser={chooser} />
        : <ClosingPane key={month} month={month} chooser={chooser} />}
    </main>
  )
}
