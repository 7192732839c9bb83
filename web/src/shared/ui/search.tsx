// The search above a list: what is typed, and a moment later what is looked for.
import { useEffect, useState } from "react"
import { Icon } from "./basics.tsx"

/** What is typed, and what is looked for once nobody has typed for 200 ms. */
export function useSearch(): { typed: string; setTyped: (text: string) => void; search: string } {
  const [typed, setTyped] = useState("")
  const [search, setSearch] = useState("")
  useEffect(() => {
    const timer = setTimeout(() => setSearch(typed.trim()), 200)
    return () => clearTimeout(timer)
  }, [typed])
  return { typed, setTyped, search }
}

interface Props {
  label: string
  value: string
  onChange: (text: string) => void
  testid: string
}
export function SearchField({ label, value, onChange, testid }: Props) {
  return (
    <label className="search admin__search">
      <span className="sr">{label}</span>
      <Icon name="search" />
      <input
        className="input input--soft"
        type="search"
        maxLength={100}
        placeholder={label}
        value={value}
        data-testid={testid}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  )
}
