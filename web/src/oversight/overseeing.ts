// What somebody who oversees is just asked about: set wherever it is wished for, shown by the shell, loaded when it is needed.
import { Cell } from "../shared/signal.ts"

export type Wish =
  | { what: "redact" | "erase"; topic: number; message: number }
  | { what: "join" | "leave"; topic: number }

export const overseeing = new Cell<Wish | undefined>(undefined)
