// A field in which a department is chosen.
import { useT } from "../shared/i18n/index.tsx"
import type { Named } from "../shared/net/api.ts"
import { Select } from "../shared/ui/field.tsx"

interface Props {
  departments: readonly Named[]
  /** Its id; empty: none yet. */
  value: string
  error: string | undefined
  testid: string
  onChoose: (id: string) => void
}
export function DepartmentSelect({ departments, value, error, testid, onChoose }: Props) {
  const t = useT()
  return (
    <Select
      label={t("admin.department")}
      value={value}
      error={error}
      testid={testid}
      onChange={(event) => onChoose(event.target.value)}
    >
      <option value="">{t("admin.choose")}</option>
      {departments.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
    </Select>
  )
}
