// What somebody who oversees wished for in a message's menu or a topic's head: asks first, then does it.
import { Confirm } from "../chat/caseDialogs.tsx"
import { useApp } from "../chat/context.tsx"
import { go } from "../shared/router.ts"
import { toast } from "../shared/ui/toast.tsx"
import type { Wish } from "./overseeing.ts"
import { ReasonForm } from "./parts.tsx"
import { useWords } from "./words.ts"

export default function WishDialog({ wish, onClose }: { wish: Wish; onClose: () => void }) {
  const say = useWords()
  const { api, chat } = useApp()
  if (wish.what === "redact") {
    return (
      <ReasonForm
        title={say("redact.title")}
        text={say("redact.text")}
        submit={say("redact")}
        icon="lock"
        danger
        testid="redact-dialog"
        run={(reason, key) => chat.verbs.redact(wish.topic, wish.message, reason, key)}
        onClose={onClose}
      />
    )
  }
  if (wish.what === "erase") {
    return (
      <ReasonForm
        title={say("erase.title")}
        text={say("erase.text")}
        submit={say("erase")}
        icon="minus"
        danger
        testid="erase-dialog"
        run={async (reason) => {
          await api.call("POST", "/erasures", { topic: wish.topic, message: wish.message, reason })
          toast(say("erase.done"))
        }}
        onClose={onClose}
      />
    )
  }
  const joins = wish.what === "join"
  return (
    <Confirm
      title={say(joins ? "join.title" : "leave.title")}
      effects={joins ? [say("join.effect1"), say("join.effect2")] : [say("leave.effect1")]}
      button={joins ? "topic.join" : "topic.leave"}
      testid={`${wish.what}-dialog`}
      run={() =>
        api.call(joins ? "POST" : "DELETE", `/topics/${wish.topic}/join`, joins ? {} : undefined).then(() => {
          // Whoever has joined is taken there by the list, as soon as it says so.
          if (!joins) go("/watch")
        })}
      onClose={onClose}
    />
  )
}
