// Why a part couldn't be saved: beside its button, tied to the field that is meant, which gets the focus.
import { type RefObject, useEffect, useId, useRef } from "react"
import type { Drafts, Wrong } from "../shared/drafts.ts"
import { ErrorNote } from "../shared/ui/basics.tsx"

export interface WrongHere {
  /** Around the fields of the part. */
  box: RefObject<HTMLFormElement>
  id: string
  text: string | undefined
  /** Whether this field is meant. */
  at: (row: number, field?: string) => boolean
  /** The id of the note, for the field that is meant. */
  describes: (row: number, field?: string) => string | undefined
}

/** What is wrong with a part of a form. */
export function useWrong<P extends object, A>(form: Drafts<P, A>, part: keyof P): WrongHere {
  const id = useId()
  const box = useRef<HTMLFormElement>(null)
  const wrong: Wrong<P> | undefined = form.wrong?.part === part ? form.wrong : undefined
  useEffect(() => {
    if (wrong?.row !== undefined) box.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus()
  }, [wrong])
  const at = (row: number, field?: string) => wrong?.row === row && wrong.field === field
  return { box, id, text: wrong?.text, at, describes: (row, field) => at(row, field) ? id : undefined }
}

export function WrongNote({ wrong, testid }: { wrong: WrongHere; testid: string }) {
  return wrong.text === undefined ? null : (
    <div id={wrong.id}>
      <ErrorNote testid={testid}>{wrong.text}</ErrorNote>
    </div>
  )
}
