// The same in a ghost's view, which has no pane of details: a button and a dialog.
import { useState } from "react"
import type { InboxTopic } from "../shared/net/protocol.ts"
import { IconButton } from "../shared/ui/basics.tsx"
import { Dialog } from "../shared/ui/dialog.tsx"
import Assigned from "./assigned.tsx"
import { useWords } from "./words.ts"

export function AssignedButton({ topic }: { topic: InboxTopic }) {
  const w = useWords()
  const [open, setOpen] = useState(false)
  return (
    <>
      <IconButton
        icon="users"
        label={w("assign.title")}
        size="sm"
        title={w("assign.title")}
        data-testid="ghost-assigned"
        onClick={() => setOpen(true)}
      />
      {open
        ? (
          <Dialog title={w("assign.title")} icon="users" onClose={() => setOpen(false)} testid="assigned-dialog">
            <Assigned organisation={topic.organisation} kind={topic.kind} />
          </Dialog>
        )
        : null}
    </>
  )
}
