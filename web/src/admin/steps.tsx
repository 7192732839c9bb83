// The way from an empty firm to the first conversation.
import { useT } from "../shared/i18n/index.tsx"
import { go } from "../shared/router.ts"
import { Icon } from "../shared/ui/basics.tsx"
import { type AdminData, type Step, steps } from "./data.ts"

const where: Record<Step, string> = {
  department: "/admin/departments",
  organisation: "/admin/organisations",
  accountant: "/admin/users",
  client: "/admin/users",
  assignment: "/admin/assignments",
}

export function Steps({ data }: { data: AdminData }) {
  const t = useT()
  const all = steps(data)
  const next = all.find((one) => !one.done)?.step
  return (
    <section className="main steps-page" data-testid="steps">
      <div className="steps-in">
        <h1>{t("admin.steps")}</h1>
        <p className="t2">{t("admin.steps.text")}</p>
        <ol className="card todo">
          {all.map(({ step, done }, i) => (
            <li
              key={step}
              data-done={done || undefined}
              data-next={step === next || undefined}
              data-testid={`step-${step}`}
            >
              <span className="todo__n" aria-hidden="true">{done ? <Icon name="check" size={14} /> : i + 1}</span>
              <span className="grow">
                <b className="m">{t(`admin.step.${step}`)}</b>
                <span className="block s12 t3">{t(`admin.step.${step}.text`)}</span>
              </span>
              {done ? null : (
                <button
                  type="button"
                  className={step === next ? "btn btn--primary" : "btn"}
                  onClick={() => go(where[step])}
                >
                  {t("admin.add")}
                </button>
              )}
            </li>
          ))}
        </ol>
      </div>
    </section>
  )
}

/** After each step: what comes next, until somebody can talk. */
export function NextStep({ data, page }: { data: AdminData; page: string }) {
  const t = useT()
  const next = steps(data).find((one) => !one.done)?.step
  if (next === undefined || where[next] === `/admin/${page}`) return null
  return (
    <button type="button" className="nextstep" data-testid="next-step" onClick={() => go(where[next])}>
      <span className="t3">{t("admin.next")}</span>
      <b className="m">{t(`admin.step.${next}`)}</b>
      <Icon name="right" />
    </button>
  )
}
