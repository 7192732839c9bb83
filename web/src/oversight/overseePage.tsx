// The books of oversight: who watched, who was closed over, what was erased, what must not be. For admin and supervisor.
import { SideLink, SideNav } from "../shared/ui/sideNav.tsx"
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
  const link = (to: string, id: string, icon: string, label: string) => (
    <SideLink key={id} to={to} icon={icon} label={label} current={shown === id} testid={`oversee-${id}`} />
  )
  return (
    <main className="shell admin">
      <SideNav label={say("title")} shown={shown}>
        {link("/watch", "wall", "ghost", say("wall"))}
        {pages.map((one) => link(`/watch/${one}`, one, icons[one], say(one)))}
      </SideNav>
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
