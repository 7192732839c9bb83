// Assigning many companies at once: first what will happen to each, then it happens.
import "../people/words.ts"
import { useState } from "react"
import { useApp } from "../chat/context.tsx"
import { errorText, fieldError } from "../chat/words.ts"
import { useT } from "../shared/i18n/index.tsx"
import { ApiError, type Named } from "../shared/net/api.ts"
import { fold } from "../shared/text.ts"
import { ErrorNote, Icon } from "../shared/ui/basics.tsx"
import { Dialog } from "../shared/ui/dialog.tsx"
import { Check } from "../shared/ui/field.tsx"
import { Picker } from "../shared/ui/picker.tsx"
import { toast } from "../shared/ui/toast.tsx"
import { carryOut, type Plan, type PlanStep, showPlan } from "../people/calls.ts"
import { spanErrors, SpanFields, spanFields, useSpan } from "./assignmentFields.tsx"
import { type AdminData, companyWords, useAccountants } from "./data.ts"
import type { Errors } from "./form.tsx"

export function PlanDialog({ data, onClose, onDone }: { data: AdminData; onClose: () => void; onDone: () => void }) {
  const t = useT()
  const { api } = useApp()
  const [account, setAccount] = useState<Named>()
  const accountants = useAccountants(data.users)
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set())
  const [search, setSearch] = useState("")
  const [span, setSpan] = useSpan()
  const [replace, setReplace] = useState(true)
  const [errors, setErrors] = useState<Errors>({})
  const [busy, setBusy] = useState(false)
  const [shown, setShown] = useState<{ plan: Plan; steps: PlanStep[]; digest: string }>()
  const open = data.organisations.filter((one) => !one.closedAt)
  const found = open.filter((one) => fold(companyWords(one)).includes(fold(search)))
  const holder = (id: number) =>
    [
      ...new Set(
        data.assignments.filter((one) =>
          (typeof one.organisation === "number" ? one.organisation : one.organisation.id) === id
        ).map((one) => typeof one.account === "number" ? "" : one.account.name),
      ),
    ].filter(Boolean).join(", ")
  const failed = (cause: unknown) => {
    if (!(cause instanceof ApiError)) throw cause
    setBusy(false)
    const fields = Object.fromEntries(
      Object.entries(cause.fields).flatMap(([name, code]) => name === "version" ? [] : [[name, fieldError(t, code)]]),
    )
    setErrors(Object.keys(fields).length > 0 ? fields : { general: errorText(t, cause.code) })
    setShown(undefined)
  }
  const preview = () => {
    const fields = spanFields(span)
    const wrong: Errors = {
      account: account ? undefined : t("field.required"),
      organisations: chosen.size === 0 ? t("people.plan.none") : undefined,
      ...spanErrors(t, span),
    }
    setErrors(wrong)
    if (busy || !fields || !account || Object.values(wrong).some((one) => one !== undefined)) return
    const plan: Plan = {
      account: account.id,
      organisations: [...chosen].sort((a, b) => a - b),
      replace,
      ...fields,
    }
    setBusy(true)
    showPlan(api, plan).then((answer) => {
      setBusy(false)
      setShown({ plan, ...answer })
    }, failed)
  }
  const execute = () => {
    if (!shown || busy) return
    setBusy(true)
    carryOut(api, shown.plan, shown.digest).then((answer) => {
      toast(t("people.plan.done", { n: answer.made }))
      onDone()
    }, failed)
  }
  const effect = (step: PlanStep) => {
    const names = step.others.map((one) => one.name).join(", ")
    return step.effect === "replaces"
      ? t("people.plan.replaces", { names })
      : step.effect === "beside"
      ? t("people.plan.beside", { names })
      : t(step.effect === "same" ? "people.plan.same" : "people.plan.new")
  }
  const changing = shown?.steps.filter((step) => step.effect !== "same").length ?? 0
  return (
    <Dialog
      title={t("people.plan")}
      icon="chain"
      wide
      onClose={onClose}
      held={busy}
      onSubmit={shown ? execute : preview}
      testid="plan-dialog"
      foot={shown
        ? (
          <>
            <button
              type="button"
              className="btn"
              disabled={busy}
              data-testid="plan-back"
              onClick={() => setShown(undefined)}
            >
              {t("back")}
            </button>
            <button
              type="submit"
              className="btn btn--primary"
              disabled={busy || changing === 0}
              aria-busy={busy}
              data-testid="plan-execute"
            >
              {t("people.plan.execute", { n: changing })}
            </button>
          </>
        )
        : (
          <>
            <button type="button" className="btn" disabled={busy} onClick={onClose}>{t("cancel")}</button>
            <button
              type="submit"
              className="btn btn--primary"
              disabled={busy}
              aria-busy={busy}
              data-testid="plan-preview"
            >
              {t("people.plan.preview")}
            </button>
          </>
        )}
    >
      {shown
        ? (
          <ul className="devices plan" data-testid="plan-steps">
            {shown.steps.map((step) => (
              <li key={step.organisation.id} className="row" data-effect={step.effect} data-testid="plan-step">
                <Icon name={step.effect === "same" ? "check" : step.effect === "replaces" ? "sync" : "plus"} />
                <span className="grow">
                  <b className="m">{step.organisation.name}</b>
                  <span className="s12 t3 block">{effect(step)}</span>
                </span>
              </li>
            ))}
          </ul>
        )
        : (
          <>
            <Picker
              label={t("admin.accountant")}
              chosen={account}
              error={errors["account"]}
              testid="plan-account"
              onChoose={setAccount}
              find={accountants}
            />
            <fieldset className="field pick" data-invalid={errors["organisations"] ? true : undefined}>
              <legend className="label">
                {t("admin.organisations")} <span className="t3 num">{chosen.size}/{open.length}</span>
              </legend>
              <div className="row">
                <input
                  className="input grow"
                  type="search"
                  placeholder={t("admin.search")}
                  aria-label={t("admin.search")}
                  value={search}
                  data-testid="plan-search"
                  onChange={(event) => setSearch(event.target.value)}
                />
                <button
                  type="button"
                  className="btn"
                  data-testid="plan-all"
                  onClick={() => {
                    const all = found.every((one) => chosen.has(one.id))
                    const next = new Set(chosen)
                    for (const one of found) all ? next.delete(one.id) : next.add(one.id)
                    setChosen(next)
                  }}
                >
                  {t("people.plan.all")}
                </button>
              </div>
              <div className="pick__list scroll">
                {found.map((one) => (
                  <label key={one.id} className="row">
                    <input
                      type="checkbox"
                      className="check"
                      checked={chosen.has(one.id)}
                      data-testid={`plan-org-${one.id}`}
                      onChange={(event) => {
                        const next = new Set(chosen)
                        if (event.target.checked) next.add(one.id)
                        else next.delete(one.id)
                        setChosen(next)
                      }}
                    />
                    <span className="grow cut">{one.name}</span>
                    <span className="t3 s12 cut">{holder(one.id)}</span>
                  </label>
                ))}
                {found.length === 0 ? <p className="t3">{t("admin.nothing")}</p> : null}
              </div>
              {errors["organisations"] ? <span className="hint" role="alert">{errors["organisations"]}</span> : null}
            </fieldset>
            <SpanFields span={span} onChange={setSpan} errors={errors} name="plan" />
            <Check label={t("people.plan.replace")} checked={replace} testid="plan-replace" onCheck={setReplace} />
          </>
        )}
      {errors["general"] ? <ErrorNote>{errors["general"]}</ErrorNote> : null}
    </Dialog>
  )
}
