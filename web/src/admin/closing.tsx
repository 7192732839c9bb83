// A company that leaves: what will end is said first, with figures; the reason stands in the action log. What is kept of it is one signed archive.
import "../people/words.ts"
import { useCallback, useState } from "react"
import { useApp } from "../chat/context.tsx"
import { useAnswer } from "../shared/answer.ts"
import { useT } from "../shared/i18n/index.tsx"
import type { OrganisationRecord } from "../shared/net/api.ts"
import { Icon, Skeleton } from "../shared/ui/basics.tsx"
import { Dialog } from "../shared/ui/dialog.tsx"
import { DownloadButton } from "../shared/ui/download.tsx"
import { Field } from "../shared/ui/field.tsx"
import { FailedNote } from "../shared/ui/list.tsx"
import { bundlePath, closeOrganisation, closing, signsBundles } from "../people/calls.ts"
import { FormDialog } from "./form.tsx"

export default function ClosingDialog(
  { organisation, onClose, onDone }: { organisation: OrganisationRecord; onClose: () => void; onDone: () => void },
) {
  const t = useT()
  const { api } = useApp()
  const load = useCallback(() => closing(api, organisation.id), [api, organisation.id])
  const { value, error, reload } = useAnswer(load)
  const [reason, setReason] = useState("")
  const length = [...reason.trim()].length
  return (
    <FormDialog
      title={t("people.close.title", { name: organisation.name })}
      check={() => ({ reason: length < 3 || length > 500 ? t("field.reason") : undefined })}
      // Nobody closes what they were not told about.
      ready={value !== undefined}
      send={() => closeOrganisation(api, organisation.id, reason.trim())}
      submit={t("people.close.button")}
      danger
      onDone={onDone}
      onClose={onClose}
      testid="closing-form"
    >
      {(errors) => (
        <>
          {error
            ? <FailedNote code={error} again={reload} />
            : !value
            ? <Skeleton rows={2} />
            : (
              <ul className="effects" data-testid="closing-effects">
                {[
                  value.openCases > 0 ? t("people.close.cases", { n: value.openCases }) : "",
                  t("people.close.people", { n: value.memberships }),
                  t("people.close.assignments", { n: value.assignments }),
                  value.invitations > 0 ? t("people.close.invitations", { n: value.invitations }) : "",
                  t("people.close.chat"),
                ].filter(Boolean).map((effect) => (
                  <li key={effect}>
                    <Icon name="right" size={12} />
                    <span>{effect}</span>
                  </li>
                ))}
              </ul>
            )}
          <Bundle organisation={organisation} />
          <Field
            label={t("people.close.reason")}
            value={reason}
            maxLength={500}
            error={errors["reason"]}
            testid="closing-reason"
            onChange={(event) => setReason(event.target.value)}
          />
        </>
      )}
    </FormDialog>
  )
}

/** The archive of a company that has left already, or of any other. */
export function BundleDialog({ organisation, onClose }: { organisation: OrganisationRecord; onClose: () => void }) {
  const t = useT()
  return (
    <Dialog
      title={t("people.bundle.title", { name: organisation.name })}
      onClose={onClose}
      testid="bundle-dialog"
      foot={<button type="button" className="btn" onClick={onClose}>{t("close")}</button>}
    >
      <Bundle organisation={organisation} />
    </Dialog>
  )
}

function Bundle({ organisation }: { organisation: OrganisationRecord }) {
  const t = useT()
  const { api } = useApp()
  const load = useCallback(() => signsBundles(api), [api])
  const { value: signs, error, reload } = useAnswer(load)
  if (error) {
    return <FailedNote code={error} again={reload} />
  }
  if (signs === undefined) return <Skeleton rows={1} />
  return (
    <div className="bundle" data-testid="closing-export">
      <p className="hint">{t("people.bundle.text")}</p>
      {signs
        ? (
          <DownloadButton api={api} path={bundlePath(organisation.id)} className="btn" testid="bundle-download">
            <Icon name="download" />
            {t("people.bundle.download")}
          </DownloadButton>
        )
        : (
          <p className="hint" data-testid="bundle-command">
            {t("people.bundle.unsigned")}{" "}
            <code>{`onefin-cli audit export --organisation ${organisation.id} --key FILE --out FILE`}</code>
          </p>
        )}
    </div>
  )
}
