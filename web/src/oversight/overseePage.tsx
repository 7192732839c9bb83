// The books of oversight: who watched, who was closed over, what was erased, what must not be. For admin and supervisor.
import { useEffect, useRef } from "react"
import { Icon } from "../shared/ui/basics.tsx"
import { Link } from "../shared/ui/link.tsx"
import { ErasuresPage } from "./erasuresPage.tsx"
import { HoldsPage } from "./holdsPage.tsx"
import { LedgerPage } from "./ledgerPage.tsx"
import { ReportPage } from "./reportPage.tsx"
import { UnansweredPage } from "./unansweredPage.tsx"
import { useWords } from "./words.ts"

const pages = ["ledger", "report", "unanswered", "erasures", "holds"] as const
const icons = { ledger: "history", report: "grid", unanswered: "check", erasures: "trash", holds: "lock" }

export default function OverseePage({ page }: { page: string | undefined }) {
  const say = useWords()
  const shown = pages.find((one) => one === page) ?? "ledger"
  const nav = useRef<HTMLElement>(null)
  // On a phone the pages stand in a row that is wider than the screen.
  useEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" })
  }, [shown])
  const link = (to: string, id: string, icon: string, label: string) => (
    <Link
      key={id}
      to={to}
      aria-current={shown === id ? "page" : undefined}
      testid={`oversee-${id}`}
    >
      <Icon name={icon} />
      {label}
    </Link>
  )
  return (
    <main className="shell admin">
      <nav ref={nav} className="nav" aria-label={say("title")}>
        <div className="nav__t">{say("title")}</div>
        {link("/watch", "wall", "ghost", say("wall"))}
        {pages.map((one) => link(`/watch/${one}`, one, icons[one], say(one)))}
      </nav>
      {shown === "ledger"
        ? <LedgerPage />
        : shown === "report"
        ? <ReportPage />
        : shown === "unanswered"
        ? <UnansweredPage />
        : shown === "erasures"
        ? <ErasuresPage />
        : <HoldsPage />}
    </main>
  )
}
